"""Long values: what is too much to be held in memory, or to be copied there.

A value of 100 MB is there several times before it is sent: as SQLite reads it, as Python's object,
converted, escaped. One that may stay where it is stored is a `LongValue`, read in slices by each
who needs it; any other is cut into slices when it is sent.
"""

import hashlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LONG_BYTES = 1024 * 1024
"""A text or a blob with more bytes is long; of text in memory its characters are counted."""

SLICE_BYTES = 256 * 1024

_utf8 = getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class LongValue:
    """A text or a blob that nobody holds.

    `storage_class` is `text` or `blob`. `read` gives its bytes from the beginning, each time it is
    called; a slice of text (UTF-8) may end within a character.
    """

    storage_class: str
    read: Callable[[], Iterator[bytes]]

    def pieces(self) -> Iterator[str | bytes]:
        """Yield the value in parts of its own kind; bytes that are not UTF-8 as surrogates."""
        if self.storage_class == "blob":
            yield from self.read()
            return
        decoder = _utf8("surrogateescape")
        for part in self.read():
            yield decoder.decode(part)
        yield decoder.decode(b"", final=True)

    def summary(self, most: int) -> tuple[str | bytes, int, str]:
        """Return the first `most` characters or bytes, how many there are, and the SHA-256 (hex).

        The digest is that of the bytes, as stored.
        """
        beginning: Any = b"" if self.storage_class == "blob" else ""
        length, found = 0, hashlib.sha256()
        for piece in self.pieces():
            beginning += piece[: most - len(beginning)]
            length += len(piece)
            found.update(as_bytes(piece, errors="surrogateescape"))
        return beginning, length, found.hexdigest()


def as_bytes(piece: str | bytes, *, errors: str = "strict") -> bytes:
    """Return a blob, or a text in UTF-8. UnicodeEncodeError for text that is none."""
    return piece.encode(errors=errors) if isinstance(piece, str) else piece


def is_many(count: int) -> bool:
    """Tell whether a value with so many bytes is long."""
    return count > LONG_BYTES


def is_long(value: object) -> bool:
    """Tell whether a value is long, be it in memory or not."""
    if isinstance(value, LongValue):
        return True
    return isinstance(value, str | bytes) and is_many(len(value))


def held(value: str | bytes) -> LongValue:
    """Return a value in memory as one that is read in slices; surrogates are the bytes stored."""
    storage_class = "text" if isinstance(value, str) else "blob"
    return LongValue(storage_class, lambda: _cut(value, "surrogateescape"))


def slices(value: LongValue | str | bytes) -> Iterator[bytes]:
    """Yield the bytes of a text (UTF-8) or a blob, some at a time. UnicodeEncodeError as above."""
    return value.read() if isinstance(value, LongValue) else _cut(value, "strict")


def _cut(value: str | bytes, errors: str) -> Iterator[bytes]:
    for start in range(0, len(value), SLICE_BYTES):
        yield as_bytes(value[start : start + SLICE_BYTES], errors=errors)
