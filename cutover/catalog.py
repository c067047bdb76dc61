"""What a database holds, as found: the same types for SQLite and for PostgreSQL.

A catalog is read once and never written. Facts that only one side has sit in optional fields
(`autoincrement`, `enabled`), so that one comparison can walk both. Everything is a frozen value
made of tuples: two catalogs are equal when they hold the same things, and `fingerprint` is a
SHA-256 over their canonical JSON.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Provider(StrEnum):
    """The two databases, as the application sees them."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class TableKind(StrEnum):
    """What a row of `PRAGMA table_list` (or `pg_class.relkind`) is.

    A virtual table keeps its rows in shadow tables that its module owns; neither is copied. An
    internal table belongs to the engine (`sqlite_sequence`, `sqlite_stat1`); a history table to
    the tool that manages the schema (`alembic_version`).
    """

    TABLE = "table"
    VIRTUAL = "virtual"
    SHADOW = "shadow"
    INTERNAL = "internal"
    HISTORY = "history"


class Identity(StrEnum):
    """Where a column's numbers come from when an INSERT names none.

    ROWID and AUTOINCREMENT are SQLite's two kinds of `INTEGER PRIMARY KEY`; SERIAL, BY_DEFAULT
    and ALWAYS are PostgreSQL's.
    """

    NONE = "none"
    ROWID = "rowid"
    AUTOINCREMENT = "autoincrement"
    SERIAL = "serial"
    BY_DEFAULT = "by default"
    ALWAYS = "always"


class Generated(StrEnum):
    """Whether a column is computed: never, at every read, or at every write."""

    NO = "no"
    VIRTUAL = "virtual"
    STORED = "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    `type` is the declared type in SQLite (may be empty) and `format_type()` in PostgreSQL.
    `default` and `expression` are the engine's own text of them, without outer parentheses.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    identity: Identity = Identity.NONE
    generated: Generated = Generated.NO
    expression: str | None = None
    collation: str | None = None
    sequence: str | None = None
    """How the sequence that it owns counts: step, bounds, whether it goes round (PostgreSQL)."""
    hidden: bool = False
    """A hidden column of a virtual table (SQLite)."""
    labels: tuple[str, ...] = ()
    """The values of an enum, in its order (PostgreSQL)."""
    domain_of: str = ""
    """What a domain is made of, its modifier included (PostgreSQL)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A PRIMARY KEY or UNIQUE constraint. `name` is None where SQLite was given none."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False
    nulls_distinct: bool = True
    conflict: str | None = None
    """SQLite's ON CONFLICT clause (REPLACE, IGNORE …), which PostgreSQL has no DDL for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key. `references` is always filled: SQLite's implicit parent key is resolved.

    Actions are upper case words: NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT.
    """

    name: str | None
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    match: str = "SIMPLE"
    """SIMPLE or FULL: SQLite parses FULL, and treats it as SIMPLE."""
    enforced: bool = True
    """False where the server's own triggers for it are switched off (PostgreSQL)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A CHECK constraint; `expression` is the text between its parentheses."""

    name: str | None
    expression: str
    validated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPart:
    """One key of an index: a column or an expression, never both."""

    column: str | None
    expression: str | None = None
    descending: bool = False
    collation: str | None = None
    nulls_first: bool | None = None
    """None means the engine's default for the direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index that is not the shadow of a key constraint.

    `definition` is the CREATE statement: SQLite's stored text, or `pg_get_indexdef()`.
    """

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    predicate: str | None = None
    method: str = "btree"
    include: tuple[str, ...] = ()
    nulls_distinct: bool = True
    valid: bool = True
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger.

    `timing` is BEFORE, AFTER or INSTEAD OF; `events` a sorted tuple of INSERT, UPDATE, DELETE,
    TRUNCATE; `enabled` is `pg_trigger.tgenabled` (O origin, D disabled, R replica, A always).
    `body` is SQLite's text between BEGIN and END, or the function's definition.
    """

    name: str
    timing: str
    events: tuple[str, ...]
    of_columns: tuple[str, ...] = ()
    row: bool = True
    when: str | None = None
    body: str = ""
    enabled: str = "O"
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A rewrite rule or a row security policy: what changes a statement before it meets a row."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view; `definition` is its SELECT, as the engine tells it.

    `options` are the likes of `check_option=local`.
    """

    name: str
    definition: str
    triggers: tuple[Trigger, ...] = ()
    materialized: bool = False
    options: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with all that hangs on it."""

    name: str
    columns: tuple[Column, ...]
    kind: TableKind = TableKind.TABLE
    primary_key: Key | None = None
    uniques: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    without_rowid: bool = False
    strict: bool = False
    module: str | None = None
    """The module of a virtual table (`fts5`, `rtree` …)."""
    definition: str = ""
    logged: bool = True
    """False for an UNLOGGED table, which a crash of the server empties."""
    row_security: str = "off"
    """`off`, `on`, or `forced` on its owner as well."""
    rewrites: tuple[Rewrite, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column of exactly that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All of one database. `label` names it to a person: a file name, or database and schema."""

    provider: Provider
    label: str
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    revisions: tuple[str, ...] = ()
    """The heads in `alembic_version`; empty where Alembic has never run."""
    problems: tuple[str, ...] = field(default=(), compare=False)
    """What the introspector could not read, in words: a module or a collation that is missing."""

    def table(self, name: str) -> Table | None:
        """Return the table of exactly that name, or None."""
        return next((table for table in self.tables if table.name == name), None)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of what the database holds; label, revisions and problems apart."""
        facts = {
            "provider": self.provider,
            "tables": [asdict(table) for table in sorted(self.tables, key=lambda t: t.name)],
            "views": [asdict(view) for view in sorted(self.views, key=lambda v: v.name)],
        }
        return digest(facts)


def canonical_json(facts: Any) -> str:
    """Return JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(
        facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json
    )


def _as_json(value: Any) -> Any:
    """Return the JSON of what JSON has no word for: bytes as hex, a mapping as an object."""
    return value.hex() if isinstance(value, bytes) else dict(value)


def digest(facts: Any) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of `facts`."""
    return hashlib.sha256(canonical_json(facts).encode("utf-8", "surrogatepass")).hexdigest()


def base_type(type_: str) -> str:
    """Return a PostgreSQL type without its modifier: `numeric(10,2)` gives `numeric`.

    `format_type()` puts the modifier of `timestamp(3) with time zone` in the middle.
    """
    head, _, rest = type_.partition("(")
    _, _, tail = rest.partition(")")
    return (head + tail).strip()
