"""Step: copy one table from the source into the target, batch by batch.

The load walks the source's own order (the rowid, or the key of a WITHOUT ROWID table), so a batch
is a key range and its last key is the watermark. Rows travel by COPY; each batch is one
transaction that holds the rows, the ledger's entries and the watermark. A real key is not needed
in the target for that: what has committed is never sent again.

Conversion is done a column at a time over a batch, so that a column which needs none costs none.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from psycopg import Connection, sql

from cutover.abc import Converter
from cutover.errors import SourceError
from cutover.events import Emit, StepProgress
from cutover.journal import Journal, Key, LedgerEntry, Watermark
from cutover.plan import ColumnPlan, LoadTable, TablePlan
from cutover.registry import coercions
from cutover.sources.sqlite.connect import source_errors
from cutover.sources.sqlite.rows import RowQuery, stream
from cutover.targets.postgres.connect import target_errors

BATCH_CHUNKS = 200
CHUNK_ROWS = 250
CHUNK_BYTES = 1024 * 1024
"""A chunk is read, converted and sent while the server still works on the one before; it ends at
either limit, so that wide rows don't outgrow memory."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What a load works with."""

    run: int
    schema: str
    source: sqlite3.Connection
    journal: Journal
    emit: Emit


def load(step: LoadTable, table: TablePlan, loading: Loading) -> int:
    """Copy what is not yet there of one table; return how many of its rows the target now has.

    SourceError for a value that its coercion does not take, with table, column and key: that
    batch is undone and the table's watermark stays where it was.
    """
    journal, run = loading.journal, loading.run
    known = journal.watermark(run, table.target)
    mark = known or Watermark((), 0)
    if known and not table.cursor:
        # Nothing to walk by, so all of it was one batch, and that batch has committed.
        chunks: Iterator[Chunk] = iter(())
    else:
        chunks = _chunks(table, loading.source, mark.key)
    most = BATCH_CHUNKS - 1 if table.cursor else None
    subject = f'table "{table.target}"'
    with target_errors(subject):
        while first := next(chunks, None):
            with journal.transaction(subject) as connection:
                # A batch lost in a crash is lost with its watermark: durable at the end is enough.
                connection.execute("SET LOCAL synchronous_commit = off")
                batch = chain([first], islice(chunks, most))
                mark, entries = _copy(connection, loading.schema, table, (mark, batch))
                journal.enter_changes(run, merged_entries(entries))
                journal.advance(run, table.target, mark)
            loading.emit(StepProgress(step=step.id, done=mark.rows))
        with journal.transaction():
            journal.finish_step(run, step.id, rows=mark.rows)
    return mark.rows


@dataclass(frozen=True, slots=True)
class Chunk:
    """Converted rows, the last key they reach, and what changed on the way."""

    rows: Sequence[Row]
    last: Key
    changes: tuple[LedgerEntry, ...]


def loaded_columns(table: TablePlan) -> tuple[ColumnPlan, ...]:
    """Return the columns that COPY fills: all but those that the target computes."""
    return tuple(column for column in table.columns if not column.generated)


def _chunks(table: TablePlan, source: sqlite3.Connection, after: Key) -> Iterator[Chunk]:
    columns = loaded_columns(table)
    query = RowQuery(
        table=table.source,
        columns=tuple(column.source for column in columns),
        order=table.cursor,
        where=table.where,
        after=after or None,
        batch_rows=_chunk_rows(table),
    )
    converters = [coercions.get(c.coercion).convert(c.options) for c in columns]
    with source_errors(table.database):
        for rows in stream(source, query):
            yield _convert(table, columns, converters, rows)


def _chunk_rows(table: TablePlan) -> int:
    """Return how many rows make a chunk of about CHUNK_BYTES, from the profile's average."""
    row_bytes = max(1, table.bytes // max(1, table.rows))
    return max(1, min(CHUNK_ROWS, CHUNK_BYTES // row_bytes))


def _convert(
    table: TablePlan,
    columns: Sequence[ColumnPlan],
    converters: Sequence[Converter | None],
    rows: list[Row],
) -> Chunk:
    width = len(table.cursor)
    stored = list(zip(*rows, strict=True))
    keys = list(zip(*stored[:width], strict=True)) if width else [()] * len(rows)
    converted: list[Sequence[Any]] = []
    changes: list[LedgerEntry] = []
    for column, convert, values in zip(columns, converters, stored[width:], strict=True):
        if convert is None:
            converted.append(values)
            continue
        converted.append(_convert_column(table, column, convert, (keys, values)))
        if column.changes:
            changes += _changes(table, column, keys, values)
    return Chunk(list(zip(*converted, strict=True)), keys[-1], tuple(changes))


def _convert_column(
    table: TablePlan,
    column: ColumnPlan,
    convert: Converter,
    cells: tuple[Sequence[Key], Sequence[Any]],
) -> list[Any]:
    keys, values = cells
    try:
        return [None if value is None else convert(value) for value in values]
    except ValueError:
        key, error = next(_refusals(convert, keys, values))
        where = ", ".join(f"{n}={v!r}" for n, v in zip(table.cursor, key, strict=True))
        raise SourceError(
            f'a value of "{table.source}"."{column.source}" cannot become {column.type}',
            detail=f"key {where}: {error}",
            hint="make a new plan, which lists every such value: cutover plan",
        ) from error


def _refusals(
    convert: Converter, keys: Sequence[Key], values: Sequence[Any]
) -> Iterator[tuple[Key, ValueError]]:
    for key, value in zip(keys, values, strict=True):
        try:
            None if value is None else convert(value)
        except ValueError as error:
            yield key, error


def _changes(
    table: TablePlan, column: ColumnPlan, keys: Sequence[Key], values: Sequence[Any]
) -> Iterator[LedgerEntry]:
    """Enter what does not arrive as stored, for a column whose plan says that some will not.

    One entry covers the values that one rule altered in a batch; which of the rows between its
    two keys they are can be read back from the source, which is never changed.
    """
    rule_of = coercions.get(column.coercion).alters(column.options)
    rules = [None if value is None else rule_of(value) for value in values]
    for rule in sorted(set(filter(None, rules))):
        first, last = rules.index(rule), len(rules) - 1 - rules[::-1].index(rule)
        yield LedgerEntry(
            table=table.target,
            column=column.target,
            rule=rule,
            first=keys[first],
            last=keys[last],
            count=rules.count(rule),
        )


def merged_entries(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Join the entries of a batch: one for each column and rule, from first to last key."""
    merged: dict[tuple[str, str], LedgerEntry] = {}
    for entry in entries:
        known = merged.get((entry.column, entry.rule))
        joined = (
            replace(known, last=entry.last, count=known.count + entry.count) if known else entry
        )
        merged[entry.column, entry.rule] = joined
    return list(merged.values())


def _copy(
    connection: Connection[Any],
    schema: str,
    table: TablePlan,
    batch: tuple[Watermark, Iterable[Chunk]],
) -> tuple[Watermark, list[LedgerEntry]]:
    """Send the chunks of a batch as one COPY; return the watermark they reach, and the changes."""
    mark, chunks = batch
    names = [sql.Identifier(column.target) for column in loaded_columns(table)]
    statement = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
        sql.Identifier(schema), sql.Identifier(table.target), sql.SQL(", ").join(names)
    )
    entries: list[LedgerEntry] = []
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            for row in chunk.rows:
                copy.write_row(row)
            entries += chunk.changes
            mark = Watermark(chunk.last, mark.rows + len(chunk.rows))
    return mark, entries
