"""The ledger's lines: every value that does not arrive exactly as stored, every row left behind.

Written in pages, one for the values of a batch, column and rule: the server keeps a page as one
JSON array and unfolds it when asked (`cutover.ledger`), which costs a load a tenth of a line each.
`before` is the stored value as SQLite writes it, so that it can be told from every other; `after`
is the text that was sent. Of a column whose setting is `secret` the ledger knows only that.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

from cutover.abc import Sent
from cutover.profile import Stored
from cutover.stored_json import as_json

Key = tuple[Stored, ...]

VALUE_MAX = 10_000
"""Characters of text, or bytes, that are written; of more the beginning and a digest of all."""
_BEGINNING = 1_000
_SLICE = 1024 * 1024
_CLASSES = {int: "integer", float: "real", str: "text", bytes: "blob", type(None): "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Lines about one column of one table, by one rule: see `line`.

    `kind` is `changed` or `rejected`; a line about a whole row names no column. `key_columns` name
    the parts of the keys: the target's columns, or SQLite's rowid where there are none.
    """

    kind: str
    table: str
    column: str
    rule: str
    key_columns: tuple[str, ...]
    lines: list[str]

    @property
    def size(self) -> int:
        """How many characters it holds."""
        return sum(map(len, self.lines))


def line(key: Key, stored: Stored, sent: Sent, *, secret: bool = False) -> str:
    """Return the line of one value: the JSON text of [key, storage class, before, after].

    A rejected value was never sent, which reads as NULL. Half of all values may need a line: it is
    put together from parts, which takes a third of the time of one call to `json.dumps`.
    """
    class_ = _CLASSES[type(stored)]
    if secret:
        return f'[{_key_text(key)},"{class_}",null,null]'
    before, after = _told(stored, sql_text), _told(sent, sent_text)
    return f'[{_key_text(key)},"{class_}",{before},{after}]'


def line_of_row(key: Sequence[object]) -> str:
    """Return the line of a row that was left out as a whole; its key is JSON values."""
    return json.dumps([key, None, None, None])


def merged(pages: Sequence[Page]) -> Iterator[Page]:
    """Join the pages of a batch that are about the same."""
    gathered: dict[tuple[str, ...], Page] = {}
    for page in pages:
        place = (page.kind, page.table, page.column, page.rule)
        if known := gathered.get(place):
            known.lines.extend(page.lines)
        else:
            gathered[place] = page
    yield from gathered.values()


def encoded(page: Page) -> str:
    """Return the lines of a page as the journal keeps them: a JSON array, in ASCII."""
    return f"[{','.join(page.lines)}]"


def _key_text(key: Key) -> str:
    if len(key) == 1 and type(key[0]) is int:
        return f"[{key[0]}]"
    return json.dumps([as_json(part) for part in key])


def _told(value: Any, words: Callable[[Any], str | None]) -> str:
    """Return the JSON text of a value's `words`; of a long one never all of them at once."""
    if isinstance(value, str | bytes) and len(value) > VALUE_MAX:
        unit = "characters" if isinstance(value, str) else "bytes"
        told = f"… ({len(value):,} {unit}, SHA-256 {_digest(value)})"
        return encode_basestring_ascii(f"{words(value[:_BEGINNING])}{told}")
    text = words(value)
    return "null" if text is None else encode_basestring_ascii(text)


def _digest(value: str | bytes) -> str:
    """Return the digest of a value's bytes as they are stored."""
    found = hashlib.sha256()
    for start in range(0, len(value), _SLICE):
        part = value[start : start + _SLICE]
        found.update(part.encode(errors="surrogateescape") if isinstance(part, str) else part)
    return found.hexdigest()


def sql_text(value: Stored) -> str | None:
    r"""Return a stored value as SQLite writes it, whole; None for NULL.

    Text that PostgreSQL can't hold, and none but that, is written as the bytes it is stored in.

    >>> sql_text("it's"), sql_text(b"\x00"), sql_text(1.5), sql_text("a\0b")
    ("'it''s'", "x'00'", '1.5', "CAST(x'610062' AS TEXT)")
    """
    if isinstance(value, str):
        if "\0" not in value and value.isascii():
            return "'" + value.replace("'", "''") + "'"
        return _wide(value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    return None if value is None else repr(value)


def _wide(value: str) -> str:
    stored = value.encode(errors="surrogateescape")
    if "\0" in value or stored.decode(errors="replace") != value:
        return f"CAST(x'{stored.hex()}' AS TEXT)"
    return "'" + value.replace("'", "''") + "'"


def sent_text(value: Sent) -> str | None:
    """Return a value as COPY sent it, None for NULL."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            return "\\x" + value.hex()
    return str(value)
