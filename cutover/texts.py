"""The text files that a command line or the settings name: an error says which it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cutover.errors import UsageError


def read_text(path: Path, what: str, *, hint: str) -> str:
    """Return the text of a file; `what` says what it is to hold. UsageError for none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f'{what} "{path}" cannot be read', detail=detail, hint=hint) from error


def write_text(path: Path, text: str, what: str) -> None:
    """Write a file; `what` says what it is to hold. UsageError where that can't be done."""
    with open_text(path, what) as file:
        file.write(text)


@contextmanager
def open_text(path: Path, what: str) -> Iterator[TextIO]:
    """Open a file that is to be written. UsageError as in `write_text`."""
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise UsageError(
            f'{what} "{path}" cannot be written',
            detail=error.strerror or "",
            hint="name a file in a folder that is there and may be written to",
        ) from error
