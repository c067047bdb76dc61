"""Stand-ins for the collations of an application, without which SQLite opens none of its indexes.

Even `SELECT count(*)` walks an index, and asks for its collation by name
(https://sqlite.org/c3ref/collation_needed.html). A stand-in compares bytes. Rows and keys are read
in orders of our own, which name BINARY; a condition on such a column is another matter, because
it may look its value up in an index that is sorted otherwise.
"""

import sqlite3

from cutover.catalog import Catalog, Table
from cutover.dialect.tokens import tokenize
from cutover.errors import UsageError
from cutover.sources.sqlite.rows import fold

_BUILT_IN = frozenset({"BINARY", "NOCASE", "RTRIM"})


def stand_in(connection: sqlite3.Connection, catalog: Catalog) -> None:
    """Let a connection read the tables and indexes whose collations nobody here has."""
    for table in catalog.tables:
        for name in strange_columns(table).values():
            connection.create_collation(name, _bytewise)


def assert_comparable(table: Table, where: str) -> None:
    """Refuse a condition on a column that a collation of the application sorts. UsageError."""
    named = {fold(token.value) for token in tokenize(where)}
    for column, collation in strange_columns(table).items():
        if fold(column) in named:
            raise UsageError(
                f'[rows] "{table.name}" asks about "{column}", which is sorted by "{collation}"',
                detail="that collation is the application's own, and is not known here",
                hint="ask about another column, or about the rowid",
            )


def strange_columns(table: Table) -> dict[str, str]:
    """Return the collations that only the application has, by the columns that they sort."""
    found = {column.name: column.collation for column in table.columns if column.collation}
    parts = [part for index in table.indexes for part in index.parts if part.collation]
    found |= {part.column or part.expression or "": part.collation or "" for part in parts}
    return {name: each for name, each in found.items() if each.upper() not in _BUILT_IN}


def _bytewise(one: str, other: str) -> int:
    return (one > other) - (one < other)
