"""The ledger's lines: every value that does not arrive exactly as stored, every row left behind.

Written in pages, one for the values of a batch, column and rule: the server keeps a page as one
JSON array and unfolds it when asked (`cutover.ledger`), far cheaper for a load than rows.
`before` is the stored value as SQLite writes it, so that it can be told from every other; `after`
is the text that was sent. Of a column whose setting is `secret` the ledger knows only that.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any

from cutover.abc import Sent
from cutover.long_values import LongValue, held
from cutover.profile import Stored
from cutover.stored_json import as_json

Key = tuple[Stored, ...]

VALUE_MAX = 10_000
"""Characters of text, or bytes, that are written; of more the beginning and a digest of all."""
_BEGINNING = 1_000
_CLASSES = {int: "integer", float: "real", str: "text", bytes: "blob", type(None): "null"}


# Keys and values are made anew for each line, so no line can hold itself.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Lines about one column of one table, by one rule.

    `kind` is `changed` or `rejected`; a line about a whole row names no column. `key_columns` name
    the parts of the keys: the target's columns, or SQLite's rowid where there are none. `text` is
    a JSON array of the `count` lines in ASCII, each of them [key, storage class, before, after].
    """

    kind: str
    table: str
    column: str
    rule: str
    key_columns: tuple[str, ...]
    count: int
    text: str


def array(
    keys: Sequence[Key], stored: Sequence[Any], sent: Sequence[Any], *, secret: bool = False
) -> str:
    """Return the lines of some values as a page has them; one call costs less than one for each.

    Each stored value is a `Stored` or a `LongValue`. One that was rejected was never sent, which
    reads as NULL.
    """
    classes = [_CLASSES.get(type(value)) or value.storage_class for value in stored]
    before: Iterable[str | None] = repeat(None)
    after: Iterable[str | None] = repeat(None)
    if not secret:
        plain = _are_plain(stored)
        before = [f"'{v!s}'" for v in stored] if plain else [_told(v, sql_text) for v in stored]
        after = sent if _are_plain(sent) else [_told(v, sent_text) for v in sent]
    return _encode(list(zip(_keys(keys), classes, before, after, strict=False)))


def array_of_rows(keys: Iterable[Sequence[object]]) -> str:
    """Return the lines of rows that were left out as a whole; their keys are JSON values."""
    return _encode([(key, None, None, None) for key in keys])


def merged(pages: Iterable[Page]) -> Iterator[Page]:
    """Join the pages of a batch that are about the same."""
    gathered: dict[tuple[str, ...], list[Page]] = {}
    for page in pages:
        gathered.setdefault((page.kind, page.table, page.column, page.rule), []).append(page)
    for alike in gathered.values():
        text = ",".join(page.text[1:-1] for page in alike)
        yield replace(alike[0], count=sum(page.count for page in alike), text=f"[{text}]")


def _keys(keys: Sequence[Key]) -> Sequence[Sequence[Any]]:
    parts = list(chain.from_iterable(keys))
    if set(map(type, parts)) == {int} or _are_plain(parts):
        return keys
    return [[as_json(part) for part in key] for key in keys]


def _are_plain(values: Sequence[Any]) -> bool:
    """Tell whether all are short texts that SQL writes as they are: most lines tell of such."""
    if set(map(type, values)) != {str}:
        return False
    joined = "".join(values)
    plain = joined.isascii() and joined.isprintable() and "'" not in joined
    return plain and max(map(len, values)) <= VALUE_MAX


def _told(value: Any, words: Callable[[Any], str | None]) -> str | None:
    """Return a value's `words`; of a long one never all of them at once."""
    if isinstance(value, str | bytes) and len(value) > VALUE_MAX:
        value = held(value)
    if not isinstance(value, LongValue):
        return words(value)
    beginning, length, digest = value.summary(_BEGINNING)
    unit = "bytes" if value.storage_class == "blob" else "characters"
    return f"{words(beginning)}… ({length:,} {unit}, SHA-256 {digest})"


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
