"""Invalid indexes: what a CREATE INDEX CONCURRENTLY that did not come to its end leaves behind.

It runs in several transactions, so the server can't roll it back: the index stays, is kept up with
every write, is used by no query, and the next attempt fails on its name
(https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY).
An index of a partitioned table that waits for its partitions' is invalid too, and is left alone;
so is one that is just being built. DROP INDEX CONCURRENTLY keeps no query of the table waiting.
"""

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from cutover.events import Emit, StepFinished, StepStarted
from cutover.targets.postgres.connect import Connection, connect, target_errors
from cutover.targets.postgres.sqlfile import read_blocks

_SQL = read_blocks("cutover", "leftovers.sql")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, order=True)
class InvalidIndex:
    """An index that no query uses, and the table that bears it."""

    name: str
    table: str


def invalid_indexes(url: str, schema: str, directory: Path) -> tuple[InvalidIndex, ...]:
    """Return the invalid indexes on tables that the revisions of a set name."""
    words = _words_of(directory)
    opened = closing(connect(url, schema=schema, autocommit=True))
    with opened as connection, target_errors("looking for invalid indexes"):
        rows = connection.execute(_SQL["invalid"], {"schema": schema}).fetchall()
    return tuple(InvalidIndex(*row) for row in rows if set(_WORD.findall(row[1])) <= words)


def drop(
    indexes: tuple[InvalidIndex, ...], url: str, schema: str, *, emit: Emit
) -> tuple[str, ...]:
    """Drop invalid indexes, and tell of each; return their names. TryAgain for one in use."""
    if indexes:
        with closing(connect(url, schema=schema, autocommit=True)) as connection:
            for index in indexes:
                _drop(connection, index, schema, emit=emit)
    return tuple(index.name for index in indexes)


def drop_statement(index: InvalidIndex, schema: str) -> sql.Composed:
    """Return the statement that takes one down."""
    name = sql.Identifier(schema, index.name)
    return sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name)


def _drop(connection: Connection, index: InvalidIndex, schema: str, *, emit: Emit) -> None:
    title = f"drop invalid index {index.name}"
    emit(StepStarted(step=title, title=title))
    with target_errors(f'dropping invalid index "{index.name}"'):
        connection.execute(drop_statement(index, schema))
    note = f"an unfinished CREATE INDEX CONCURRENTLY left it on {index.table}"
    emit(StepFinished(step=title, title=title, note=note))


def _words_of(directory: Path) -> set[str]:
    """Return every word in a set's files: a table of the set is named in one of its revisions."""
    texts = (path.read_text("utf-8", "replace") for path in directory.rglob("*.py"))
    return {word for text in texts for word in _WORD.findall(text)}
