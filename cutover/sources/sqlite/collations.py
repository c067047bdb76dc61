"""Stand-ins for the collations of an application, without which SQLite opens none of its indexes.

Even `SELECT count(*)` walks an index, and asks for its collation by name
(https://sqlite.org/c3ref/collation_needed.html). A stand-in compares bytes. Rows and keys are read
in orders of our own, which name BINARY; a condition on such a column is another matter, because
it may look its value up in an index that is sorted otherwise.
"""

import sqlite3

from cutover.catalog import Catalog, Table

_BUILT_IN = frozenset({"BINARY", "NOCASE", "RTRIM"})


def stand_in(connection: sqlite3.Connection, catalog: Catalog) -> None:
    """Let a connection read the tables and indexes whose collations nobody here has."""
    for table in catalog.tables:
        for name in strange_columns(table).values():
            connection.create_collation(name, _bytewise)


def strange_columns(table: Table) -> dict[str, str]:
    """Return the collations that only the application has, by the columns that they sort."""
    found = {column.name: column.collation for column in table.columns if column.collation}
    parts = [part for index in table.indexes for part in index.parts if part.collation]
    found |= {part.column or part.expression or "": part.collation or "" for part in parts}
    return {name: each for name, each in found.items() if each.upper() not in _BUILT_IN}


def _bytewise(one: str, other: str) -> int:
    return (one > other) - (one < other)
