"""Long values of a SQLite table, left where they are stored and read in slices.

SQLite reads a value of a row by itself, and a part of it at a time
(https://sqlite.org/c3ref/blob_open.html), on the connection of the walk and so in its read
transaction. That takes a rowid, a column that is stored, and text in the encoding that is wanted.
Without them, values are read whole.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cutover import long_values
from cutover.long_values import LongValue
from cutover.sources.sqlite.connect import source_errors
from cutover.sources.sqlite.rows import RowQuery, qualified, quote, stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a long value is stored."""

    connection: sqlite3.Connection
    database: str
    table: str
    column: str
    rowid: int

    def slices(self) -> Iterator[bytes]:
        """Yield its bytes. SourceError where SQLite can't read them."""
        with source_errors(self.database), _opened(self) as blob:
            while part := blob.read(long_values.SLICE_BYTES):
                yield part


def stream_rows(
    connection: sqlite3.Connection, query: RowQuery, database: str
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield what `stream` does, with a LongValue for each long value of the `aside` columns.

    Of these columns, those are read whole that can't be read in slices. Raises as `stream` does.
    """
    aside = tuple(
        column
        for column in query.aside
        if _in_utf8(connection) and _can_be_sliced(connection, query, column)
    )
    # Nothing here holds on to a list that was handed out, as in `stream`.
    batches = stream(connection, replace(query, aside=aside))
    if aside:
        first = Place(
            connection=connection, database=database, table=query.table, column="", rowid=0
        )
        columns = {len(query.order) + query.columns.index(name): name for name in aside}
        batches = map(partial(_set_aside, first, columns), batches)
    yield from batches


def _set_aside(
    somewhere: Place, columns: Mapping[int, str], rows: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Return rows with a LongValue where one was left out; `columns` are those that had any.

    A row begins with its rowid, and ends with the storage classes of these columns.
    """
    width = len(rows[0]) - len(columns)
    return [_found(somewhere, columns, row) if None in row[:width] else row[:width] for row in rows]


def _found(somewhere: Place, columns: Mapping[int, str], row: tuple[Any, ...]) -> tuple[Any, ...]:
    values, classes = list(row[: -len(columns)]), row[-len(columns) :]
    for (place, column), class_ in zip(columns.items(), classes, strict=True):
        if values[place] is None and class_ != "null":
            stored = replace(somewhere, column=column, rowid=row[0])
            values[place] = LongValue(class_, stored.slices)
    return tuple(values)


def _in_utf8(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA encoding").fetchone() == ("UTF-8",))


def _can_be_sliced(connection: sqlite3.Connection, query: RowQuery, column: str) -> bool:
    """Ask SQLite, by opening one value: it refuses for the table or the column, not for the row."""
    if len(query.order) != 1:
        return False
    name, rowid = qualified(query.table, column), qualified(query.table, query.order[0])
    one = connection.execute(
        f"SELECT {rowid} FROM {quote(query.table)} WHERE typeof({name}) IN ('text', 'blob') LIMIT 1"  # noqa: S608 - quoted
    ).fetchone()
    if one is None or not isinstance(one[0], int):
        return False
    place = Place(
        connection=connection, database="", table=query.table, column=column, rowid=one[0]
    )
    try:
        _opened(place).close()
    except sqlite3.OperationalError:
        return False
    return True


def _opened(place: Place) -> sqlite3.Blob:
    return place.connection.blobopen(place.table, place.column, place.rowid, readonly=True)
