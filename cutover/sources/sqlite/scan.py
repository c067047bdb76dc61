"""One pass over a table: every value of every column, batch by batch.

Memory is bounded by bytes rather than by rows: rows are fetched in small slices, and a batch ends
when a look at some of them says that it is large enough.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from cutover.abc import Probe
from cutover.catalog import Table
from cutover.profile import TableProfile
from cutover.sources.sqlite.columns import ColumnScan
from cutover.sources.sqlite.connect import any_bytes, is_invalid_utf8
from cutover.sources.sqlite.jsons import JsonScanner
from cutover.sources.sqlite.rows import RowQuery, count, cursor_of, select, told_by
from cutover.sources.sqlite.samples import Batch

_BATCH_ROWS = 1_000
_BATCH_BYTES = 8 << 20
_SLICE_ROWS = 125
_NO_PROBES: Mapping[str, Probe] = {}


def scan(  # noqa: PLR0913 - what to look for is three things
    connection: sqlite3.Connection,
    table: Table,
    *,
    where: str | None,
    json_columns: frozenset[str],
    emit: Callable[[int], None],
    probes: Mapping[str, Probe] = _NO_PROBES,
) -> TableProfile:
    """Profile a table in one pass; `emit` hears how many rows are done.

    `probes` are asked of the values of their columns.

    JSON is looked for in `json_columns` and where the declared type says JSON. That a text is not
    UTF-8 shows only when it is read: the table is then scanned from its start again, with such
    bytes let through. UsageError for a filter that SQLite refuses; sqlite3.Error as it comes.
    """
    scans = partial(_scans, table, json_columns, probes)
    excluded = 0
    if where is not None:
        excluded = count(connection, table.name) - count(connection, table.name, where=where)
    try:
        run = _read(connection, table, where, scans(), emit)
    except sqlite3.OperationalError as error:
        if not is_invalid_utf8(error):
            raise
        with any_bytes(connection):
            run = _read(connection, table, where, scans(), emit)
    rows, columns = run
    return TableProfile(
        table=table.name,
        rows=rows,
        excluded_rows=excluded,
        columns=tuple(column.profile() for column in columns),
        bytes=sum(column.bytes for column in columns),
    )


def _scans(
    table: Table, json_columns: frozenset[str], probes: Mapping[str, Probe]
) -> list[ColumnScan]:
    json = JsonScanner()
    return [
        ColumnScan(
            name,
            json if name in json_columns or _says_json(table, name) else None,
            probes.get(name),
        )
        for name in (column.name for column in table.columns if not column.hidden)
    ]


def _read(
    connection: sqlite3.Connection,
    table: Table,
    where: str | None,
    columns: list[ColumnScan],
    emit: Callable[[int], None],
) -> tuple[int, list[ColumnScan]]:
    names = tuple(column.name for column in columns)
    key = cursor_of(table)
    places = tuple(len(key) + names.index(name) for name in told_by(table) if name in names)
    query = RowQuery(table=table.name, columns=names, order=key, where=where)
    done = 0
    for rows in _batches(connection.execute(*select(query))):
        values = list(zip(*rows, strict=True))[len(key) :]
        for column, column_values in zip(columns, values, strict=True):
            column.add(Batch(rows, len(key), column_values, places))
        done += len(rows)
        emit(done)
    return done, columns


def _says_json(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is not None and "JSON" in column.type.upper()


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    size = 0
    wanted = _SLICE_ROWS
    while piece := cursor.fetchmany(wanted):
        rows += piece
        bytes_ = _guess_bytes(piece)
        size += bytes_
        wanted = max(1, min(_SLICE_ROWS, _BATCH_BYTES * len(piece) // max(1, bytes_)))
        if size >= _BATCH_BYTES or len(rows) >= _BATCH_ROWS:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _guess_bytes(rows: list[tuple[Any, ...]]) -> int:
    some = rows[:: max(1, len(rows) // 4)]
    seen = sum(len(value) for row in some for value in row if isinstance(value, str | bytes))
    return seen * len(rows) // len(some)
