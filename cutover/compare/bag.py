"""Compare by digests joined on disk: for any key, and for tables without one.

Each side's rows are reduced to a digest of the key and one of the row, in a temporary SQLite file.
Slower than a merge, and asks nothing of the order of either side.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from cutover.abc import Meaning
from cutover.compare.values import (
    Difference,
    Row,
    Rows,
    Sides,
    Tally,
    meanings,
    read_column,
    source_blocks,
    target_blocks,
)
from cutover.plan import TablePlan

_JOIN = """
CREATE TABLE source (key BLOB, row BLOB, locator TEXT);
CREATE TABLE target (key BLOB, row BLOB);
"""
_MISSING = """
SELECT locator FROM (
    SELECT key, locator, row_number() OVER (PARTITION BY key) AS nth FROM source
) AS s
WHERE nth > (SELECT count(*) FROM target AS t WHERE t.key = s.key)
"""
_EXTRANEOUS = """
SELECT hex(key) FROM (
    SELECT key, row_number() OVER (PARTITION BY key) AS nth FROM target
) AS t
WHERE nth > (SELECT count(*) FROM source AS s WHERE s.key = t.key)
"""
_MISMATCHING = """
SELECT s.locator FROM source AS s JOIN target AS t ON t.key = s.key WHERE t.row <> s.row
"""


def joined(table: TablePlan, sides: Sides, tally: Tally) -> Iterator[Difference | None]:
    """Yield the differences of two bags of rows; equal rows may stand in them more than once."""
    # An empty name is a temporary database on disk that SQLite deletes when it is closed.
    with closing(sqlite3.connect("")) as work:
        work.executescript(_JOIN)
        for rows in source_blocks(table, sides, table.cursor):
            tally.source_rows += len(rows)
            work.executemany("INSERT INTO source VALUES (?, ?, ?)", _source_digests(table, rows))
            yield None
        for rows in target_blocks(table, sides, ()):
            tally.target_rows += len(rows)
            work.executemany("INSERT INTO target VALUES (?, ?)", _target_digests(table, rows))
        work.execute("CREATE INDEX source_key ON source (key)")
        work.execute("CREATE INDEX target_key ON target (key)")
        yield from _differences_of(table, work)


def _differences_of(table: TablePlan, work: sqlite3.Connection) -> Iterator[Difference]:
    for kind, query in (("missing", _MISSING), ("extraneous", _EXTRANEOUS)):
        for (locator,) in work.execute(query):
            yield Difference(table.target, kind, (("row", locator),))
    if table.match:
        for (locator,) in work.execute(_MISMATCHING):
            yield Difference(table.target, "mismatching", (("row", locator),))


def _source_digests(table: TablePlan, rows: Rows) -> Iterator[tuple[bytes, bytes, str]]:
    width = len(table.cursor)
    columns = list(zip(*rows, strict=True))[width:]
    names = [source for source, _ in table.match]
    own = [column.source for column in table.columns]
    digests = _digests(columns, meanings(table)[0], [own.index(name) for name in names])
    for row, (key, whole) in zip(rows, digests, strict=True):
        pairs = zip(table.cursor, row[:width], strict=True)
        yield key, whole, ", ".join(f"{name}={value!r}" for name, value in pairs)


def _target_digests(table: TablePlan, rows: Rows) -> Iterator[tuple[bytes, bytes]]:
    names = [target for _, target in table.match]
    own = [column.target for column in table.columns]
    columns = list(zip(*rows, strict=True))
    return _digests(columns, meanings(table)[1], [own.index(name) for name in names])


def _digests(
    columns: Sequence[Sequence[Any]], meaning: Sequence[Meaning | None], places: Sequence[int]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the digest of each row's key (of the whole row where there is none), and of the row."""
    read = [read_column(m, values) for m, values in zip(meaning, columns, strict=True)]
    for row in zip(*read, strict=True):
        whole = _digest(row)
        yield (_digest(tuple(row[place] for place in places)) if places else whole), whole


def _digest(row: Row) -> bytes:
    text = repr(tuple(_plain(value) for value in row))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _plain(value: Any) -> Any:
    """Return one spelling of equal numbers: `True`, `1.0` and `1` agree, so must their digests."""
    if isinstance(value, bool | float | Decimal) and value == value // 1:
        return int(value)
    return value
