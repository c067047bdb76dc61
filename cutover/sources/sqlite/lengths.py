"""Rows of a SQLite table that are long: the candidates for what a target can't hold.

`length()` counts characters and ends at a NUL; the length in bytes is that of the value as a BLOB
(https://sqlite.org/lang_corefunc.html#length), in the encoding of the file. In UTF-16 that may be
half of what it is in UTF-8 (https://sqlite.org/lang_expr.html#castexpr), so SQLite is asked for
half the length, and Python counts.
"""

import sqlite3
from collections.abc import Iterator

from cutover.catalog import Table
from cutover.profile import Stored
from cutover.sources.sqlite.connect import any_bytes
from cutover.sources.sqlite.rows import qualified, quote, told_by, where_clause

Long = tuple[tuple[Stored, ...], tuple[bytes | None, ...]]
"""The key of a row, and its values in UTF-8."""


def long_rows(
    connection: sqlite3.Connection,
    table: Table,
    columns: tuple[str, ...],
    *,
    over: int,
    where: str | None = None,
) -> Iterator[Long]:
    """Yield the rows whose `columns` together have more than `over` bytes. Raises sqlite3.Error."""
    key = [qualified(table.name, name) for name in told_by(table)]
    names = [qualified(table.name, name) for name in columns]
    total = " + ".join(f"coalesce(length(CAST({name} AS BLOB)), 0)" for name in names)
    clause = where_clause(where, f"{total} > {over // 2}")
    sql = f"SELECT {', '.join([*key, *names])} FROM {quote(table.name)}{clause}"  # noqa: S608 - quoted
    with any_bytes(connection):
        for row in connection.execute(sql):
            values = tuple(map(_as_bytes, row[len(key) :]))
            if sum(len(value) for value in values if value is not None) > over:
                yield row[: len(key)], values


def _as_bytes(value: Stored) -> bytes | None:
    match value:
        case None:
            return None
        case bytes():
            return value
        case _:
            return str(value).encode("utf-8", "surrogateescape")
