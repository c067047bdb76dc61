"""Standard output and standard error as rich sees them, with two habits of our own.

A name of a database may hold control characters, and a terminal would obey them: each is shown as
its picture. And a reader that has gone away (`| head`) is no reason to stop: rich would exit with
1, in the middle of a load.
"""

import os
import re
from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Terminal(Console):
    """A console that obeys nobody's names, and outlives its reader."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield segments without control characters other than rich's own."""
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROL.search(segment.text):
                yield segment
            else:
                yield segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Go on in silence."""
        self.quiet = True
        silence(self.file)


def visible(text: str) -> str:
    r"""Return a text with a picture in the place of every control character but tab and newline.

    >>> visible("a\x1b[31m")
    'a␛[31m'
    """
    return _CONTROL.sub(lambda found: _picture(ord(found[0])), text)


def _picture(code: int) -> str:
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"


def silence(stream: IO[str]) -> None:
    """Let a stream end nowhere, also what it still holds: or Python would complain at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
