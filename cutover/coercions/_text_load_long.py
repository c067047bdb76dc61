r"""Load's side of long text that nobody holds: the NUL policy, slice by slice.

Each byte is escaped by itself, but whether any is depends on all: the value is read once for that,
and again when it is sent. Everything else, a limit or bytes that are not UTF-8, takes a whole
value.
"""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import replace

from cutover.abc import ForLong, Options
from cutover.catalog import base_type
from cutover.coercions._questions import QUESTIONS, Raised
from cutover.coercions._text_load import limit_of
from cutover.long_values import LongValue

_UNBOUND = {"text", "character varying", "citext"}
_utf8 = getincrementaldecoder("utf-8")


def for_long(options: Options) -> ForLong | None:
    """Return how text becomes text without a limit under no policy but that for NUL."""
    type_ = options["type"]
    unbound = limit_of(type_) is None and base_type(type_).rpartition(".")[2] in _UNBOUND
    if not unbound or options["classes"] != "text" or "utf8" in options:
        return None
    nul = options.get("nul", "")
    rule = QUESTIONS["nul"].rules.get(nul)

    def convert(value: LongValue) -> LongValue | None:
        if not _touched(value, nul):
            return value
        if nul not in _EACH:
            return None
        change = _EACH[nul]
        return replace(value, read=lambda: map(change, value.read()))

    return ForLong(convert, lambda value: rule if _touched(value, nul) else None)


def _touched(value: LongValue, nul: str) -> bool:
    r"""Tell whether a text holds a NUL, or reads `\0` where NULs will. Raises its question."""
    found = False
    before = b""
    for part in _checked(value):
        if b"\0" in part and nul not in QUESTIONS["nul"].rules:
            raise Raised("nul", "a long text holds a NUL character")
        found = found or b"\0" in part or (nul == "escape" and rb"\0" in before + part)
        before = part[-1:]
    return found


def _checked(value: LongValue) -> Iterator[bytes]:
    decoder = _utf8()
    try:
        for part in value.read():
            decoder.decode(part)
            yield part
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Raised("utf8", "a long text is not UTF-8") from error


_EACH: dict[str, Callable[[bytes], bytes]] = {
    "escape": lambda part: part.replace(b"\\", rb"\\").replace(b"\0", rb"\0"),
    "strip": lambda part: part.replace(b"\0", b""),
}
