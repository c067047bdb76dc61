"""Step: copy one table from the source into the target, batch by batch.

The load walks the source's own order (the rowid, or the key of a WITHOUT ROWID table), so a batch
is a key range and its last key is the watermark. Rows travel by COPY; each batch is one
transaction that holds the rows, the ledger's entries and the watermark. A real key is not needed
in the target for that: what has committed is never sent again.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from psycopg import Connection
from psycopg.rows import TupleRow

from cutover.converting import Chunk, Conversion, conversion_of, loaded_columns
from cutover.events import Emit, StepProgress
from cutover.journal import Journal, Watermark
from cutover.ledger import Key, Page, merged
from cutover.plan import LoadTable, TablePlan
from cutover.sending import copy_statement, send, send_what_is_taken
from cutover.sources.sqlite.connect import source_errors
from cutover.sources.sqlite.long_values import stream_rows
from cutover.sources.sqlite.rows import RowQuery
from cutover.targets.postgres.connect import target_errors

BATCH_CHUNKS = 200
CHUNK_ROWS = 250
CHUNK_BYTES = 1024 * 1024
"""A chunk is read, converted and sent while the server still works on the one before; it ends at
either limit, so that wide rows don't outgrow memory."""

PAGES_MAX = 8 * 1024 * 1024
"""Characters that the ledger of a batch may have: they wait in memory for the end of its COPY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What a load works with."""

    run: int
    schema: str
    source: sqlite3.Connection
    journal: Journal
    emit: Emit
    rejecting: bool = False
    """Whether a row that can't be taken is left out instead of ending the load."""


def load(step: LoadTable, table: TablePlan, loading: Loading) -> int:
    """Copy what is not yet there of one table; return how many of its rows the target now has.

    SourceError for a value that its coercion does not take, with table, column and key: that
    batch is undone and the table's watermark stays where it was.
    """
    journal, run = loading.journal, loading.run
    known = journal.watermark(run, table.target)
    mark = known or Watermark((), 0)
    conversion = conversion_of(table, rejecting=loading.rejecting)
    if known and not table.cursor:
        # Nothing to walk by, so all of it was one batch, and that batch has committed.
        chunks: Iterator[Chunk] = iter(())
    else:
        chunks = _chunks(conversion, loading.source, mark.key)
    most = BATCH_CHUNKS - 1 if table.cursor else None
    subject = f'table "{table.target}"'
    with target_errors(subject):
        while first := next(chunks, None):
            with journal.transaction(subject) as connection:
                # A batch lost in a crash is lost with its watermark: durable at the end is enough.
                connection.execute("SET LOCAL synchronous_commit = off")
                batch = chain([first], islice(chunks, most))
                mark, pages = _copy(connection, loading, conversion, (mark, batch))
                journal.enter(run, merged(pages))
                journal.advance(run, table.target, mark)
            loading.emit(StepProgress(step=step.id, done=mark.rows))
        with journal.transaction():
            journal.finish_step(run, step.id, rows=mark.rows)
    return mark.rows


def _chunks(conversion: Conversion, source: sqlite3.Connection, after: Key) -> Iterator[Chunk]:
    table = conversion.table
    query = RowQuery(
        table=table.source,
        columns=tuple(column.source for column in loaded_columns(table)),
        order=table.cursor,
        where=table.where,
        after=after or None,
        batch_rows=_chunk_rows(table),
        aside=conversion.aside,
    )
    with source_errors(table.database):
        yield from map(conversion.chunk, stream_rows(source, query, table.database))


def _chunk_rows(table: TablePlan) -> int:
    """Return how many rows make a chunk of about CHUNK_BYTES, from the profile's average."""
    row_bytes = max(1, table.bytes // max(1, table.rows))
    return max(1, min(CHUNK_ROWS, CHUNK_BYTES // row_bytes))


def _copy(
    connection: Connection[TupleRow],
    loading: Loading,
    conversion: Conversion,
    batch: tuple[Watermark, Iterable[Chunk]],
) -> tuple[Watermark, list[Page]]:
    """Send the chunks of a batch; return the watermark they reach, and the ledger's pages.

    The batch ends early where its pages would fill the memory.
    """
    mark, chunks = batch
    table, statement = conversion.table, copy_statement(loading.schema, conversion.table)
    bounded = _until_full(chunks) if table.cursor else chunks
    if conversion.rejecting:
        sent = send_what_is_taken(connection, statement, conversion, bounded)
    else:
        sent = send(connection, statement, conversion, bounded)
    pages: list[Page] = []
    for chunk in sent:
        pages += (*chunk.pages, *chunk.rejected)
        mark = Watermark(chunk.last, mark.rows + len(chunk.rows))
    return mark, pages


def _until_full(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    size = 0
    for chunk in chunks:
        yield chunk
        size += sum(len(page.text) for page in chunk.pages)
        if size > PAGES_MAX:
            return
