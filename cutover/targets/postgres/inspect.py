"""Read a schema from `pg_catalog` into a Catalog.

The search path is pinned while the server deparses, so that a definition reads the same in every
database that was built alike; two server versions may still write one expression in two ways.
A NOT NULL constraint that PostgreSQL 18 lists among the constraints is a property of its column
here. A partition is a part of its parent, and an exclusion constraint shows as its index.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from cutover.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexPart,
    Key,
    Provider,
    Rewrite,
    Table,
    TableKind,
    Trigger,
    View,
)
from cutover.errors import Refused, TargetError
from cutover.targets.postgres.connect import Connection
from cutover.targets.postgres.errors import target_errors
from cutover.targets.postgres.sqlfile import read_blocks

OWN_SCHEMA = "cutover"
"""Where the journal lives: never inspected."""

_SQL = read_blocks("cutover.targets.postgres", "postgres.sql")
_HISTORY = "alembic_version"
_ACTIONS = {
    "a": "NO ACTION",
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}
_IDENTITIES = {"a": Identity.ALWAYS, "d": Identity.BY_DEFAULT}
_GENERATED = {"s": Generated.STORED, "v": Generated.VIRTUAL}
# Bits of pg_trigger.tgtype, as in the server's catalog/pg_trigger.h.
_ROW, _BEFORE, _INSTEAD = 1, 2, 64
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
_QUOTED_OR_PARENTHESIS = re.compile(r"'[^']*'|\"[^\"]*\"|[()]")
_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE (?:FUNCTION|PROCEDURE) ", re.DOTALL)

_Row = tuple[Any, ...]
_Facts = dict[int, list[_Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A sequence that a column owns, and where it stands.

    The next number is `last_value` itself until `is_called`, then `last_value + increment`.
    """

    table: str
    column: str
    schema: str
    name: str
    last_value: int
    is_called: bool
    increment: int


def inspect(connection: Connection, schema: str) -> Catalog:
    """Return what a schema holds: tables, views, and Alembic's heads.

    Nothing, where the schema does not exist: the set's upgrade makes it. The connection's
    transaction is left as it was.
    """
    if schema == OWN_SCHEMA:
        message = f'schema "{OWN_SCHEMA}" holds the journal, and is not a target'
        raise Refused(message, hint="name the application's schema in [target] schema")
    with target_errors(f'reading schema "{schema}"'), connection.transaction(force_rollback=True):
        label = f"{connection.info.dbname}.{schema}"
        known = connection.execute("SELECT to_regnamespace(%s)::text", (_regnamespace(schema),))
        if known.fetchall() == [(None,)]:
            return Catalog(provider=Provider.POSTGRES, label=label)
        _pin_search_path(connection, schema)
        tables = _tables(connection, schema)
        return Catalog(
            provider=Provider.POSTGRES,
            label=label,
            tables=tables,
            views=_views(connection, schema),
            revisions=_revisions(connection, schema, tables),
        )


def sequences(connection: Connection, schema: str) -> tuple[Sequence, ...]:
    """Return every sequence that a column of the schema owns, by table and column."""
    with target_errors(f'reading the sequences of schema "{schema}"'):
        found = connection.execute(_SQL["sequences"], {"schema": _regnamespace(schema)}).fetchall()
        return tuple(_sequence(connection, row) for row in found)


def nonempty_tables(
    connection: Connection, schema: str, tables: tuple[str, ...]
) -> tuple[str, ...]:
    """Return those of the tables that hold at least one row."""
    with target_errors(f'looking for rows in schema "{schema}"'):
        return tuple(name for name in tables if _has_rows(connection, schema, name))


def _has_rows(connection: Connection, schema: str, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, table))
    return bool(_one(connection, query)[0])


def _sequence(connection: Connection, row: _Row) -> Sequence:
    table, column, schema, name, increment = row
    query = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(schema, name))
    last_value, is_called = _one(connection, query)
    return Sequence(
        table=table,
        column=column,
        schema=schema,
        name=name,
        last_value=last_value,
        is_called=is_called,
        increment=increment,
    )


def _one(connection: Connection, query: sql.Composed) -> _Row:
    row = connection.execute(query).fetchone()
    if row is None:
        raise TargetError("the target answered a question with no row")
    return row


def _regnamespace(schema: str) -> str:
    return sql.Identifier(schema).as_string()


def _pin_search_path(connection: Connection, schema: str) -> None:
    connection.execute("SELECT set_config('search_path', %s, true)", (_regnamespace(schema),))


def _tables(connection: Connection, schema: str) -> tuple[Table, ...]:
    found = connection.execute(_SQL["tables"], {"schema": _regnamespace(schema)}).fetchall()
    reader = _Reader(connection, schema, [oid for oid, *_ in found])
    columns, keys = reader.facts("columns"), reader.facts("keys")
    foreign_keys, checks = reader.facts("foreign_keys"), reader.facts("checks")
    indexes, triggers = reader.facts("indexes"), reader.facts("triggers")
    parts, rewrites = reader.facts("index_parts"), reader.facts("rewrites")
    return tuple(
        Table(
            name=name,
            kind=TableKind.HISTORY if name == _HISTORY else TableKind.TABLE,
            columns=tuple(_column(*row) for row in columns[oid]),
            primary_key=next((_key(row) for row in keys[oid] if row[0] == "p"), None),
            uniques=tuple(_key(row) for row in keys[oid] if row[0] == "u"),
            foreign_keys=tuple(_foreign_key(*row) for row in foreign_keys[oid]),
            checks=tuple(_check(*row) for row in checks[oid]),
            indexes=tuple(_index(row, parts[row[0]]) for row in indexes[oid]),
            triggers=tuple(_trigger(*row) for row in triggers[oid]),
            logged=logged,
            row_security=row_security,
            rewrites=_rewrites(rewrites[oid]),
        )
        for oid, name, logged, row_security in found
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks one question about many tables at once."""

    connection: Connection
    schema: str
    tables: list[int]

    def facts(self, block: str) -> _Facts:
        """Return the rows of a block by their first column, which is cut off."""
        facts: _Facts = defaultdict(list)
        parameters = {"schema": _regnamespace(self.schema), "tables": self.tables}
        for oid, *row in self.connection.execute(_SQL[block], parameters):
            facts[oid].append(tuple(row))
        return facts


def _bare(expression: str | None) -> str | None:
    """Return an expression without an outer pair of parentheses, which is seldom but possible."""
    if not expression or not expression.startswith("("):
        return expression
    depth = 0
    for found in _QUOTED_OR_PARENTHESIS.finditer(expression):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return expression[1:-1] if found.end() == len(expression) else expression
    return expression


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _column(*row: Any) -> Column:
    name, type_, nullable, expression, identity, generated, serial, collation, *more = row
    labels, domain_of, sequence = more
    return Column(
        name=name,
        type=type_,
        nullable=nullable,
        default=None if generated else _bare(expression),
        identity=_IDENTITIES.get(identity, Identity.SERIAL if serial else Identity.NONE),
        generated=_GENERATED.get(generated, Generated.NO),
        expression=_bare(expression) if generated else None,
        collation=collation,
        labels=_names(labels),
        domain_of=domain_of or "",
        sequence=sequence,
    )


def _key(row: _Row) -> Key:
    _, name, columns, deferrable, deferred, nulls_equal = row
    return Key(
        name=name,
        columns=_names(columns),
        deferrable=deferrable,
        initially_deferred=deferred,
        nulls_distinct=not nulls_equal,
    )


def _foreign_key(*row: Any) -> ForeignKey:
    name, columns, table, references, on_delete, on_update, deferrable, deferred, *state = row
    validated, match, enforced = state
    return ForeignKey(
        name=name,
        columns=_names(columns),
        table=table,
        references=_names(references),
        on_delete=_ACTIONS[on_delete],
        on_update=_ACTIONS[on_update],
        deferrable=deferrable,
        initially_deferred=deferred,
        validated=validated,
        match=match,
        enforced=enforced,
    )


def _check(name: str, expression: str, validated: bool) -> Check:  # noqa: FBT001 - one row
    return Check(name=name, expression=_bare(expression) or "", validated=validated)


def _index(row: _Row, parts: list[_Row]) -> Index:
    _, name, unique, predicate, method, nulls_equal, valid, definition = row
    return Index(
        name=name,
        parts=tuple(_part(*part) for is_key, *part in parts if is_key),
        include=tuple(column for is_key, column, *_ in parts if not is_key),
        unique=unique,
        predicate=_bare(predicate),
        method=method,
        nulls_distinct=not nulls_equal,
        valid=valid,
        definition=definition,
    )


def _part(*row: Any) -> IndexPart:
    column, expression, descending, nulls_first, collation = row
    return IndexPart(
        column=column,
        expression=_bare(expression),
        descending=descending,
        collation=collation,
        nulls_first=None if nulls_first == descending else nulls_first,
    )


def _trigger(*row: Any) -> Trigger:
    name, bits, of_columns, body, enabled, definition = row
    when = _WHEN.search(definition)
    return Trigger(
        name=name,
        timing="BEFORE" if bits & _BEFORE else "INSTEAD OF" if bits & _INSTEAD else "AFTER",
        events=tuple(sorted(event for event, bit in _EVENTS.items() if bits & bit)),
        of_columns=_names(of_columns),
        row=bool(bits & _ROW),
        when=when[1] if when else None,
        body=body,
        enabled=enabled,
        definition=definition,
    )


def _views(connection: Connection, schema: str) -> tuple[View, ...]:
    found = connection.execute(_SQL["views"], {"schema": _regnamespace(schema)}).fetchall()
    reader = _Reader(connection, schema, [oid for oid, *_ in found])
    triggers, rewrites = reader.facts("triggers"), reader.facts("rewrites")
    return tuple(
        View(
            name=name,
            definition=definition.strip(),
            triggers=tuple(_trigger(*row) for row in triggers[oid]),
            materialized=materialized,
            options=_names(options),
            rewrites=_rewrites(rewrites[oid]),
        )
        for oid, name, definition, materialized, options in found
    )


def _rewrites(rows: list[_Row]) -> tuple[Rewrite, ...]:
    return tuple(Rewrite(name=name, definition=definition) for name, definition in rows)


def _revisions(connection: Connection, schema: str, tables: tuple[Table, ...]) -> tuple[str, ...]:
    history = next((table for table in tables if table.name == _HISTORY), None)
    if history is None or history.column("version_num") is None:
        return ()
    query = sql.SQL("SELECT version_num FROM {} ORDER BY 1")
    rows = connection.execute(query.format(sql.Identifier(schema, _HISTORY)))
    return tuple(str(version) for (version,) in rows)
