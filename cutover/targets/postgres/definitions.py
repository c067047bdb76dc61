"""Say how to take down what slows a bulk load, and how to put it back exactly as it was.

The statements are the server's own (`pg_get_constraintdef`, `pg_get_indexdef`,
`pg_get_triggerdef`), deparsed with nothing but `pg_catalog` in the search path, so that every
name in them is qualified and they mean the same on any connection. What those functions leave out
is in `after`: the enabled state of a trigger, comments, and an index's storage parameters,
tablespace and statistics targets.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cutover.targets.postgres.connect import Connection
from cutover.targets.postgres.errors import target_errors
from cutover.targets.postgres.sqlfile import read_blocks

_SQL = read_blocks("cutover.targets.postgres", "definitions.sql")
_CONSTRAINTS = {"p": "primary key", "u": "unique", "x": "exclusion"}

_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One object that can be dropped and recreated; each text is one complete SQL statement.

    `kind` is trigger, foreign key, primary key, unique, exclusion or index. `after` runs once
    `create` has.
    """

    kind: str
    schema: str
    table: str
    name: str
    drop: str
    create: str
    after: tuple[str, ...] = ()


def definitions(
    connection: Connection, schema: str, tables: tuple[str, ...]
) -> tuple[Definition, ...]:
    """Return what stands in a load's way, in the order in which it can be dropped.

    Reversed, it is the order in which it can be recreated; foreign keys then fire in the order
    that they had. Foreign keys of other tables that reference these are among them. What is not
    restored exactly by its definition is not.
    """
    subject = f'reading the definitions of schema "{schema}"'
    with target_errors(subject), connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        return tuple(_read(connection, schema, tables))


def _read(connection: Connection, schema: str, tables: tuple[str, ...]) -> Iterator[Definition]:
    parameters: dict[str, Any] = {"schema": schema, "tables": list(tables)}
    for row in connection.execute(_SQL["triggers"], parameters):
        yield _definition("trigger", row)
    foreign_keys = connection.execute(_SQL["foreign_keys"], parameters).fetchall()
    for row in foreign_keys:
        yield _definition("foreign key", row[:-1])
    parameters["foreign_keys"] = [oid for *_, oid in foreign_keys]
    for row in connection.execute(_SQL["indexes"], parameters):
        yield _definition(_CONSTRAINTS.get(row[-1], "index"), row[:-1])


def _definition(kind: str, row: _Row) -> Definition:
    schema, table, name, drop, create, after = row
    return Definition(
        kind=kind,
        schema=schema,
        table=table,
        name=name,
        drop=drop,
        create=create,
        after=tuple(json.loads(after)),
    )
