"""Compare by digests joined on disk: for any key, and for tables without one.

Each side's rows are reduced to a digest of the key and one of the row, in a temporary SQLite file.
Slower than a merge, and asks nothing of the order of either side.
"""

import hashlib
import pickle
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
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
CREATE TABLE source (key BLOB, row BLOB, name BLOB);
CREATE TABLE target (key BLOB, row BLOB, name BLOB);
"""
_MISSING = """
SELECT name FROM (
    SELECT key, name, row_number() OVER (PARTITION BY key) AS nth FROM source
) AS s
WHERE nth > (SELECT count(*) FROM target AS t WHERE t.key = s.key)
"""
_EXTRANEOUS = """
SELECT name FROM (
    SELECT key, name, row_number() OVER (PARTITION BY key) AS nth FROM target
) AS t
WHERE nth > (SELECT count(*) FROM source AS s WHERE s.key = t.key)
"""
# A key that should stand once may stand more often in a damaged target: those are extraneous.
_MISMATCHING = """
SELECT name FROM source AS s
WHERE EXISTS (SELECT 1 FROM target AS t WHERE t.key = s.key)
  AND NOT EXISTS (SELECT 1 FROM target AS t WHERE t.key = s.key AND t.row = s.row)
"""

_Digests = Iterator[tuple[bytes, bytes, bytes]]


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
            work.executemany("INSERT INTO target VALUES (?, ?, ?)", _target_digests(table, rows))
        work.execute("CREATE INDEX source_key ON source (key)")
        work.execute("CREATE INDEX target_key ON target (key)")
        yield from _differences_of(table, work)


def _differences_of(table: TablePlan, work: sqlite3.Connection) -> Iterator[Difference]:
    queries = {"missing": _MISSING, "extraneous": _EXTRANEOUS}
    if table.match:
        queries["mismatching"] = _MISMATCHING
    for kind, query in queries.items():
        for (name,) in work.execute(query):
            key = pickle.loads(name)  # noqa: S301 - written below, to a file without a name
            yield Difference(table.target, kind, key)


def _source_digests(table: TablePlan, rows: Rows) -> _Digests:
    width = len(table.cursor)
    columns = list(zip(*rows, strict=True))[width:]
    own = [column.source for column in table.columns]
    places = [own.index(name) for name, _ in table.match]
    digests = _digests(columns, meanings(table)[0], places, side="source")
    for row, (key, whole) in zip(rows, digests, strict=True):
        name = _key(table, row[width:], places) or zip(table.cursor, row[:width], strict=True)
        yield key, whole, pickle.dumps(tuple(name))


def _target_digests(table: TablePlan, rows: Rows) -> _Digests:
    own = [column.target for column in table.columns]
    places = [own.index(name) for _, name in table.match]
    columns = list(zip(*rows, strict=True))
    digests = _digests(columns, meanings(table)[1], places, side="target")
    for row, (key, whole) in zip(rows, digests, strict=True):
        yield key, whole, pickle.dumps(_key(table, row, places))


def _key(table: TablePlan, row: Row, places: Sequence[int]) -> tuple[tuple[str, Any], ...]:
    """Return the names and values by which a row finds its twin: none in a table without a key."""
    pairs = zip(table.match, places, strict=True)
    return tuple((target, row[place]) for (_, target), place in pairs)


def _digests(
    columns: Sequence[Sequence[Any]],
    meaning: Sequence[Meaning | None],
    places: Sequence[int],
    *,
    side: str,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the digest of each row's key (of the whole row where there is none), and of the row."""
    read = [
        [_spelled(value, side) for value in read_column(m, values)]
        for m, values in zip(meaning, columns, strict=True)
    ]
    for row in zip(*read, strict=True):
        whole = _digest(row)
        yield (_digest([row[place] for place in places]) if places else whole), whole


def _digest(spelled: Sequence[str]) -> bytes:
    # repr and JSON both escape a NUL, so it ends a value.
    text = "\0".join(spelled)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _spelled(value: Any, side: str) -> str:
    """Return one text of all meanings that are equal, and of none that is not.

    Equal numbers agree, so must their texts: `True`, `1.0` and `1`. An object that has no text but
    its address equals none of the other side: a later one may be given the same address.
    """
    if isinstance(value, bool | float) and float(value).is_integer():
        return repr(int(value))
    text = repr(value)
    return f"<of the {side}>" if text.startswith("<") else text
