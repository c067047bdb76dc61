"""Rows whose keys are one to the target, though SQLite stores them as two.

Two texts can be one instant, one UUID or one number. What a key's values mean is what verify takes
them for; digests of the meanings are sorted by a temporary database on disk, so that memory does
not grow with the table.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from cutover.abc import Meaning

_REPEATED = """
SELECT count(*) - 1, max(rowid) FROM seen GROUP BY digest HAVING count(*) > 1 ORDER BY max(rowid)
"""
# What a meaning raises for a value that has none; the plan has a finding about it already.
_NO_MEANING = (ValueError, TypeError, AttributeError, ArithmeticError)

Row = tuple[Any, ...]


def repeated(
    connection: sqlite3.Connection, query: str, meanings: Sequence[Meaning | None], most: int
) -> tuple[int, list[Row]]:
    """Return how many rows repeat an earlier one's key, and the first of them, up to `most`.

    The last columns of the query are the key's, one for each of `meanings`. A key with a part that
    means NULL, or nothing, repeats none.
    """
    # An empty name is a temporary database on disk that SQLite deletes when it is closed.
    with closing(sqlite3.connect("")) as work:
        work.execute("CREATE TABLE seen (digest BLOB)")
        digests = ((_digest(row, meanings),) for row in connection.execute(query))
        work.executemany("INSERT INTO seen VALUES (?)", digests)
        work.execute("DELETE FROM seen WHERE digest IS NULL")
        found = work.execute(_REPEATED).fetchall()
    places = [place for _, place in found[:most]]
    return sum(count for count, _ in found), list(_rows_at(connection, query, places))


def _digest(row: Row, meanings: Sequence[Meaning | None]) -> bytes | None:
    try:
        parts = [_spelled(m, v) for m, v in zip(meanings, row[-len(meanings) :], strict=True)]
    except _NO_MEANING:
        return None
    if None in parts:
        return None
    text = "\0".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _spelled(meaning: Meaning | None, value: Any) -> str | None:
    """Return one text of all meanings that are equal; None for NULL."""
    meant = value if meaning is None or value is None else meaning(value)
    if meant is None:
        return None
    return repr(int(meant) if isinstance(meant, bool) else meant)


def _rows_at(connection: sqlite3.Connection, query: str, places: list[int]) -> Iterator[Row]:
    """Yield the rows at some places of a query, counted from 1, in their order."""
    if not places:
        return
    wanted = set(places)
    for place, row in enumerate(connection.execute(query), start=1):
        if place in wanted:
            yield row
        if place == max(places):
            return
