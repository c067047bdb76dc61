"""Columns, keys, indexes and tables in a few words, as their DDL would say them.

All that decides what an object does is in its words: a baseline accepts a difference by them.
"""

from cutover.catalog import Column, ForeignKey, Generated, Identity, Index, IndexPart, Key, Table


def column_words(column: Column) -> str:
    """Return a column as a line of CREATE TABLE."""
    parts = [column.name, column.type]
    parts += [f"COLLATE {column.collation}"] if column.collation else []
    parts += [] if column.nullable else ["NOT NULL"]
    parts += [f"{column.identity} numbers"] if column.identity is not Identity.NONE else []
    parts += [f"DEFAULT {column.default}"] if column.default is not None else []
    parts += [computed_words(column)] if column.generated is not Generated.NO else []
    return " ".join(part for part in parts if part)


def computed_words(column: Column) -> str:
    """Return how a column is computed; empty where it isn't."""
    return f"AS ({column.expression})" if column.expression is not None else ""


def key_words(key: Key, kind: str) -> str:
    """Return a primary or unique key."""
    deferred = " DEFERRABLE" if key.deferrable else ""
    distinct = "" if key.nulls_distinct else " NULLS NOT DISTINCT"
    return f"{kind.upper()}{distinct} ({', '.join(key.columns)}){deferred}"


def reference_words(key: ForeignKey) -> str:
    """Return a foreign key."""
    columns, references = ", ".join(key.columns), ", ".join(key.references)
    return f"({columns}) REFERENCES {key.table} ({references}) {action_words(key)}"


def action_words(key: ForeignKey) -> str:
    """Return what a foreign key does when its parent goes, and when it is checked."""
    deferred = " DEFERRABLE" if key.deferrable else ""
    initially = " INITIALLY DEFERRED" if key.initially_deferred else ""
    return f"ON DELETE {key.on_delete} ON UPDATE {key.on_update}{deferred}{initially}"


def index_words(index: Index) -> str:
    """Return an index."""
    unique = "UNIQUE " if index.unique else ""
    where = f" WHERE {index.predicate}" if index.predicate else ""
    return f"{unique}({', '.join(map(_part_words, index.parts))}){where}"


def _part_words(part: IndexPart) -> str:
    collation = f" COLLATE {part.collation}" if part.collation else ""
    return f"{part.column or part.expression}{collation}{' DESC' if part.descending else ''}"


def table_words(table: Table) -> str:
    """Return a table with all that hangs on it."""
    parts = [column_words(column) for column in table.columns]
    parts += [key_words(table.primary_key, "primary key")] if table.primary_key else []
    parts += [key_words(key, "unique") for key in table.uniques]
    parts += [f"FOREIGN KEY {reference_words(key)}" for key in table.foreign_keys]
    parts += [f"CHECK ({check.expression})" for check in table.checks]
    parts += [f"INDEX {index_words(index)}" for index in table.indexes]
    parts += [trigger.definition for trigger in table.triggers]
    return ", ".join(parts)
