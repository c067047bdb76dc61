"""Read the rows of a target table, in the order of its key, a batch at a time.

Text is ordered by its bytes (COLLATE "C"), as SQLite's BINARY does, and NULL comes first, as it
does there. Neither is asked for where the column sorts that way by itself: an index serves an
ORDER BY only if their collations are the same. The rows of one query are taken a chunk at a time
while the server is already at the next, and memory stays constant; a libpq before version 17 hands
them over one by one (https://www.postgresql.org/docs/current/libpq-single-row-mode.html).
Values travel in binary form where all their types are known to arrive the same either way; it
saves a client a quarter of its time on a row of text, jsonb, timestamptz and float8.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import psycopg
from psycopg import sql

from cutover.errors import TargetError
from cutover.targets.postgres.connect import Connection
from cutover.targets.postgres.errors import target_errors
from cutover.targets.postgres.sqlfile import read_blocks

_SQL = read_blocks("cutover.targets.postgres", "rows.sql")

# Binary and text form give the same Python value. float4 is not among them: 0.1 arrives as
# 0.10000000149011612 in binary form.
_AS_IT_IS = frozenset(
    {"smallint", "integer", "bigint", "double precision", "boolean", "bytea", "text"}
    | {"character varying", "character"}
)
# A cast to text is what the type's output function says. Not so for inet, which gains a mask.
_AS_TEXT = frozenset(
    {"timestamp with time zone", "timestamp without time zone", "date", "json", "jsonb", "uuid"}
    | {"time with time zone", "time without time zone", "numeric", "interval"}
)


Row = tuple[Any, ...]
_Rows = Generator[Row, None, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetQuery:
    """Which columns of which table, in which order; no `order` means as they come."""

    schema: str
    table: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str
    not_null: bool
    bytewise: bool


def stream(
    connection: Connection, query: TargetQuery, *, batch_rows: int
) -> Generator[list[Row], None, None]:
    """Yield the rows in lists of at most `batch_rows`, none of them empty.

    The connection must be in a transaction, or begin one by itself (not autocommit); it serves
    nobody else until the stream has ended or been closed. TargetError where the table or a column
    does not exist.
    """
    with target_errors(f'reading "{query.table}"'):
        known = _columns(connection, query)
        binary = all(known[name].type in _AS_IT_IS | _AS_TEXT for name in query.columns)
        statement = _statement(query, known, binary=binary)
        size = batch_rows if psycopg.capabilities.has_stream_chunked() else 1
        # A walk that is given up cancels its query, and only this savepoint is lost with it.
        with connection.transaction(), connection.cursor() as cursor:
            rows = cast("_Rows", cursor.stream(statement, binary=binary, size=size))
            with closing(rows):
                while batch := list(islice(rows, batch_rows)):
                    yield batch


def count(connection: Connection, schema: str, table: str) -> int:
    """Return how many rows a table has."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
    with target_errors(f'counting "{table}"'):
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def selected(
    connection: Connection, schema: str, table: str, columns: tuple[str, ...], where: str
) -> frozenset[Row] | None:
    """Return the keys of the rows that a condition selects; None where it can't be asked."""
    if not columns:
        return None
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    # The condition is the server's own text, from its catalog.
    query = sql.SQL("SELECT {} FROM {} WHERE ").format(names, sql.Identifier(schema, table))
    try:
        return frozenset(connection.execute(query.as_bytes(connection) + where.encode()))
    except psycopg.Error:
        return None


def _columns(connection: Connection, query: TargetQuery) -> dict[str, _Column]:
    parameters = {"schema": query.schema, "table": query.table}
    rows = connection.execute(_SQL["columns"], parameters).fetchall()
    known = {row[0]: _Column(*row) for row in rows}
    for name in (*query.columns, *query.order):
        if name not in known:
            message = f'the target has no column "{query.table}"."{name}"'
            raise TargetError(message, hint="bring it to head: cutover plan, then cutover apply")
    return known


def _statement(query: TargetQuery, known: dict[str, _Column], *, binary: bool) -> sql.Composed:
    selected = [_selected(known[name], binary=binary) for name in query.columns]
    statement = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(selected), sql.Identifier(query.schema, query.table)
    )
    if not query.order:
        return statement
    order = sql.SQL(", ").join(_ordered(known[name], query.table) for name in query.order)
    return sql.SQL("{} ORDER BY {}").format(statement, order)


def _selected(column: _Column, *, binary: bool) -> sql.Composable:
    name = sql.Identifier(column.name)
    if binary and column.type in _AS_TEXT:
        return sql.SQL("{}::text").format(name)
    return name


def _ordered(column: _Column, table: str) -> sql.Composed:
    # Qualified: an unqualified name would mean the result's column, which may be a text of it.
    parts: list[sql.Composable] = [sql.Identifier(table, column.name)]
    if not column.bytewise:
        parts.append(sql.SQL('COLLATE pg_catalog."C"'))
    if not column.not_null:
        parts.append(sql.SQL("NULLS FIRST"))
    return sql.SQL(" ").join(parts)
