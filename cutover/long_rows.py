r"""Rows with long values, written into a COPY in slices.

The format is COPY's text, as psycopg writes it for all other rows: a backslash before what would
end a value or a row, `\N` for NULL (https://www.postgresql.org/docs/current/sql-copy.html), a blob
in hex (https://www.postgresql.org/docs/current/datatype-binary.html).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Copy, adapt
from psycopg.abc import Transformer

from cutover.long_values import LongValue, is_long, slices

# The backslash is first: the others bring backslashes of their own.
_ESCAPES = ((b"\\", rb"\\"), (b"\t", rb"\t"), (b"\n", rb"\n"), (b"\r", rb"\r"))


def write_row(copy: Copy, row: Sequence[Any], places: Sequence[int]) -> None:
    """Write a row whose values at some places may be long.

    UnicodeEncodeError for text in memory that is not UTF-8; of text that is read the server tells.
    """
    if not any(is_long(row[place]) for place in places):
        copy.write_row(row)
        return
    # What psycopg still holds back are whole rows: their place among the others means nothing.
    transformer = adapt.Transformer(copy.connection)
    separator = b""
    for value in row:
        copy.write(separator)
        for part in _field(value, transformer):
            copy.write(part)
        separator = b"\t"
    copy.write(b"\n")


def _field(value: Any, transformer: Transformer) -> Iterator[bytes]:
    if is_long(value):
        yield from _long_field(value)
        return
    dumped = None
    if value is not None:
        dumped = transformer.get_dumper(value, adapt.PyFormat.TEXT).dump(value)
    yield rb"\N" if dumped is None else _escaped(bytes(dumped))


def _long_field(value: LongValue | str | bytes) -> Iterator[bytes]:
    is_blob = isinstance(value, bytes) or (
        isinstance(value, LongValue) and value.storage_class == "blob"
    )
    if is_blob:
        yield _escaped(rb"\x")
    for part in slices(value):
        yield part.hex().encode() if is_blob else _escaped(part)


def _escaped(part: bytes) -> bytes:
    # No byte of a longer character of UTF-8 looks like one of these, so any slice will do.
    for plain, escaped in _ESCAPES:
        part = part.replace(plain, escaped)
    return part
