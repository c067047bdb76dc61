"""Send chunks of rows by COPY; where rows may be rejected, find the ones that the server refuses.

A COPY is refused as a whole, and says of which line at most. Rows that may be rejected are sent a
chunk at a time inside a savepoint, and a chunk that is refused is halved until the row is alone:
one bad row costs one row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import psycopg
from psycopg import Connection, Copy, sql

from cutover.converting import Chunk, Conversion, Refusal, Row, loaded_columns
from cutover.ledger import Page
from cutover.long_rows import write_row
from cutover.plan import ColumnPlan, TablePlan

_NOT_THIS_ROW = (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError)


def copy_statement(schema: str, table: TablePlan) -> sql.Composed:
    """Return the COPY that takes a table's rows."""
    names = [sql.Identifier(column.target) for column in loaded_columns(table)]
    return sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
        sql.Identifier(schema), sql.Identifier(table.target), sql.SQL(", ").join(names)
    )


def send(
    connection: Connection[Any],
    statement: sql.Composed,
    conversion: Conversion,
    chunks: Iterable[Chunk],
) -> Iterator[Chunk]:
    """Send chunks as one COPY, and yield each as soon as it is on its way."""
    write = _writer(conversion)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            for row in chunk.rows:
                write(copy, row)
            yield chunk


def _writer(conversion: Conversion) -> Callable[[Copy, Row], None]:
    """Return what writes a row; to look for long values costs the rows that have none."""
    return partial(write_row, places=conversion.long) if conversion.long else Copy.write_row


def _copy(
    connection: Connection[Any],
    statement: sql.Composed,
    conversion: Conversion,
    rows: Sequence[Row],
) -> None:
    write = _writer(conversion)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            write(copy, row)


def send_what_is_taken(
    connection: Connection[Any],
    statement: sql.Composed,
    conversion: Conversion,
    chunks: Iterable[Chunk],
) -> Iterator[Chunk]:
    """Send each chunk by itself, and yield it without the rows that the server refused."""
    for chunk in chunks:
        copy = partial(_copy, connection, statement, conversion)
        refused = dict(_refused(connection, copy, chunk.rows, 0))
        yield _without(conversion, chunk, refused) if refused else chunk


def _refused(
    connection: Connection[Any],
    copy: Callable[[Sequence[Row]], None],
    rows: Sequence[Row],
    first: int,
) -> Iterator[tuple[int, Exception]]:
    """Send rows, and yield the places and errors of those that are refused."""
    if not rows:
        return
    try:
        with connection.transaction():
            copy(rows)
    except _NOT_THIS_ROW as error:
        if len(rows) == 1:
            yield first, error
            return
        half = len(rows) // 2
        yield from chain(
            _refused(connection, copy, rows[:half], first),
            _refused(connection, copy, rows[half:], first + half),
        )


def _without(conversion: Conversion, chunk: Chunk, refused: dict[int, Exception]) -> Chunk:
    """Return what is left of a chunk, and of what was to be written about it."""
    pages = [_told(conversion, chunk, place, error) for place, error in refused.items()]
    kept = [row for place, row in enumerate(chunk.stored) if place not in refused]
    rest = conversion.chunk(kept) if kept else Chunk(rows=[], stored=[], keys=[], last=chunk.last)
    return replace(rest, last=chunk.last, rejected=(*chunk.rejected, *pages))


def _told(conversion: Conversion, chunk: Chunk, place: int, error: Exception) -> Page:
    plans = [column.plan for column in conversion.columns]
    name = error.diag.column_name if isinstance(error, psycopg.Error) else None
    column = next((plan for plan in plans if plan.target == name), None)
    value = None
    if column is not None:
        value = chunk.stored[place][conversion.width + plans.index(column)]
    reason = _reason(error, plans)
    refusal = Refusal(key=chunk.keys[place], reason=reason, column=column, value=value)
    return conversion.page_of(refusal)


def _reason(error: Exception, plans: Sequence[ColumnPlan]) -> str:
    """Return the server's words, or their code alone where they could tell a secret."""
    if not isinstance(error, psycopg.Error):
        return "no UTF-8"
    if any(plan.secret for plan in plans):
        return f"the server says {error.sqlstate}"
    return error.diag.message_primary or str(error).partition("\n")[0]
