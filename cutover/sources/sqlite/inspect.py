"""Reads all that a SQLite file declares: the pragmas first, the stored SQL for what they leave out.

A file may name modules, collations and functions that this process doesn't have; what can't be read
for that reason is a problem in words, never the end. The pragmas are those of
https://sqlite.org/pragma.html; `table_list` needs SQLite 3.37.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from cutover.catalog import (
    Catalog,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Provider,
    Table,
    TableKind,
    Trigger,
    View,
)
from cutover.errors import SourceError
from cutover.sources.sqlite import ddl, kinds
from cutover.sources.sqlite.connect import open_source, source_errors
from cutover.sources.sqlite.found import (
    Found,
    PragmaRow,
    collation_of,
    column_of,
    expression_of,
    kind_of,
    primary_key_of,
    unique_of,
)
from cutover.sources.sqlite.rows import fold, quote

_Parsed = TypeVar("_Parsed")
_ORDINARY: PragmaRow = ("main", "", "table", 0, 0, 0)


def inspect(source: Path | sqlite3.Connection, label: str = "") -> Catalog:
    """Return the catalog of a SQLite file, or of an open connection.

    `label` names it; a path names itself. SourceError where the file can't be read.
    """
    if isinstance(source, Path):
        with closing(open_source(source)) as connection:
            return inspect(connection, label or source.name)
    if sqlite3.sqlite_version_info < (3, 37):
        raise SourceError(
            f"SQLite {sqlite3.sqlite_version} is too old to inspect a file",
            hint="use a Python whose sqlite3 module has SQLite 3.37 or newer",
        )
    with source_errors(label), _any_text(source):
        return _Inspector(source).catalog(label)


def sequence_values(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the highest number that each AUTOINCREMENT table ever had, by table.

    https://sqlite.org/autoinc.html: the table is an ordinary one, and may hold anything.
    """
    exists = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
    if connection.execute(exists).fetchone() is None:
        return {}
    query = (
        "SELECT name, max(seq) FROM sqlite_sequence"
        " WHERE typeof(name) = 'text' AND typeof(seq) = 'integer' GROUP BY name"
    )
    return dict(connection.execute(query).fetchall())


@contextmanager
def _any_text(connection: sqlite3.Connection) -> Iterator[None]:
    # A comment in the stored SQL may be in any encoding; names that are not UTF-8 show as such.
    factory = connection.text_factory
    connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
    try:
        yield
    finally:
        connection.text_factory = factory


@dataclass(frozen=True, slots=True)
class _Stored:
    """One row of sqlite_master."""

    type: str
    name: str
    table: str
    sql: str


class _Inspector:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._problems: list[str] = []
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"
        self._stored = [
            _Stored(type_, name, table, sql or "") for type_, name, table, sql in self._rows(query)
        ]
        self._found: dict[str, Found] = {}

    def catalog(self, label: str) -> Catalog:
        """Read everything once."""
        found = list(self._tables())
        self._found = {fold(table.name): table for table in found}
        tables = tuple(self._table(table) for table in found)
        views = tuple(self._view(stored) for stored in self._stored if stored.type == "view")
        return Catalog(
            provider=Provider.SQLITE,
            label=label,
            tables=tables,
            views=views,
            revisions=self._revisions(),
            problems=tuple(dict.fromkeys(self._problems)),
        )

    def _rows(self, sql: str) -> list[PragmaRow]:
        return self._connection.execute(sql).fetchall()

    def _ask(self, pragma: str, name: str) -> tuple[PragmaRow, ...]:
        try:
            return tuple(self._rows(f"PRAGMA {pragma}({quote(name)})"))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR:
                raise
            self._problems.append(f'"{name}": {error}')
            return ()

    def _parse(self, parse: Callable[[str], _Parsed], stored: _Stored) -> _Parsed | None:
        try:
            return parse(stored.sql)
        except (ValueError, LookupError) as error:
            self._problems.append(f'the SQL of {stored.type} "{stored.name}": {error}')
            return None

    def _tables(self) -> Iterator[Found]:
        listed = {row[1]: row for row in self._rows("PRAGMA main.table_list")}
        modules = {
            stored.name: self._parse(ddl.parse_module, stored)
            for stored in self._stored
            if stored.type == "table" and listed.get(stored.name, _ORDINARY)[2] == "virtual"
        }
        shadows = frozenset[str]().union(
            *(kinds.shadow_names(name, module or "") for name, module in modules.items())
        )
        for stored in self._stored:
            if stored.type == "table":
                row = listed.get(stored.name, _ORDINARY)
                yield self._one_found(stored, row, shadows, modules.get(stored.name))

    def _one_found(
        self, stored: _Stored, row: PragmaRow, shadows: frozenset[str], module: str | None
    ) -> Found:
        columns = self._ask("table_xinfo", stored.name)
        kind = kind_of(stored.name, row[2], [column[1] for column in columns], shadows)
        virtual = kind is TableKind.VIRTUAL
        facts = None if virtual or not stored.sql else self._parse(ddl.parse_table, stored)
        return Found(
            name=stored.name,
            kind=kind,
            sql=stored.sql,
            without_rowid=bool(row[4]) and not virtual,
            strict=bool(row[5]),
            module=module,
            columns=columns,
            # The newest index comes first.
            indexes=() if virtual else self._ask("index_list", stored.name)[::-1],
            facts=facts or ddl.TableFacts(),
        )

    def _table(self, found: Found) -> Table:
        columns = tuple(column_of(found, row) for row in found.columns)
        collations = {column.name: column.collation for column in columns}
        keys, indexes = self._indexes(found, collations)
        return Table(
            name=found.name,
            columns=columns,
            kind=found.kind,
            primary_key=primary_key_of(found),
            uniques=keys,
            foreign_keys=self._foreign_keys(found),
            checks=found.facts.checks,
            indexes=indexes,
            triggers=self._triggers(found.name),
            without_rowid=found.without_rowid,
            strict=found.strict,
            module=found.module,
            definition=found.sql,
        )

    def _indexes(
        self, found: Found, collations: dict[str, str | None]
    ) -> tuple[tuple[Key, ...], tuple[Index, ...]]:
        keys: list[Key] = []
        indexes: list[Index] = []
        for _, name, unique, origin, _partial in found.indexes:
            parts = self._parts(name)
            index = self._index(name, parts, unique=bool(unique))
            own_collation = any(collations.get(p.column or "") != p.collation for p in parts)
            if origin == "c" or own_collation:
                # A key may say COLLATE where its column doesn't: only an index can hold that.
                indexes.append(index)
            elif origin == "u":
                keys.append(unique_of(found, tuple(part.column or "" for part in parts)))
        return tuple(keys), tuple(indexes)

    def _parts(self, name: str) -> tuple[IndexPart, ...]:
        rows = [row for row in self._ask("index_xinfo", name) if row[5]]
        return tuple(
            IndexPart(column=row[2], descending=bool(row[3]), collation=collation_of(row[4]))
            for row in rows
        )

    def _index(self, name: str, parts: tuple[IndexPart, ...], *, unique: bool) -> Index:
        # The index of a WITHOUT ROWID table's primary key is the table, and not in sqlite_master.
        same = (s for s in self._stored if s.type == "index" and s.name == name)
        stored = next(same, _Stored("index", name, "", ""))
        facts = self._parse(ddl.parse_index, stored) if stored.sql else None
        facts = facts or ddl.IndexFacts()
        texts = facts.parts + (None,) * (len(parts) - len(facts.parts))
        return Index(
            name=name,
            parts=tuple(
                part if part.column is not None else expression_of(part, text)
                for part, text in zip(parts, texts, strict=True)
            ),
            unique=unique,
            predicate=facts.predicate,
            definition=stored.sql,
        )

    def _foreign_keys(self, found: Found) -> tuple[ForeignKey, ...]:
        by_id: dict[int, list[PragmaRow]] = {}
        for row in self._ask("foreign_key_list", found.name):
            by_id.setdefault(row[0], []).append(row)
        # The newest comes first, so that the highest id is the first one written.
        written = [sorted(by_id[id_], key=lambda row: row[1]) for id_ in sorted(by_id)[::-1]]
        facts: list[ddl.ForeignKeyFacts] = list(found.facts.foreign_keys)
        if len(facts) != len(written):
            if written:
                self._problems.append(f'"{found.name}": names of foreign keys are not known')
            facts = [ddl.ForeignKeyFacts(name=None, columns=()) for _ in written]
        return tuple(
            self._foreign_key(found, rows, fact) for rows, fact in zip(written, facts, strict=True)
        )

    def _foreign_key(
        self, found: Found, rows: list[PragmaRow], facts: ddl.ForeignKeyFacts
    ) -> ForeignKey:
        _, _, table, _, _, on_update, on_delete, _ = rows[0]
        parent = self._found.get(fold(table))
        if rows[0][4] is None:
            references = parent.key if parent else ()
        else:
            references = tuple(parent.spelled(row[4]) if parent else row[4] for row in rows)
        if len(references) != len(rows):
            self._problems.append(f'"{found.name}": no key of "{table}" to reference')
        return ForeignKey(
            name=facts.name,
            columns=tuple(found.spelled(row[3]) for row in rows),
            table=parent.name if parent else table,
            references=references,
            on_delete=on_delete,
            on_update=on_update,
            deferrable=facts.deferrable,
            initially_deferred=facts.initially_deferred,
        )

    def _triggers(self, table: str) -> tuple[Trigger, ...]:
        triggers = (
            self._parse(partial(ddl.parse_trigger, stored.name), stored)
            for stored in self._stored
            if stored.type == "trigger" and fold(stored.table) == fold(table)
        )
        return tuple(trigger for trigger in triggers if trigger is not None)

    def _view(self, stored: _Stored) -> View:
        columns, select = self._parse(ddl.parse_view, stored) or ((), stored.sql)
        if columns:
            # Both engines read this alike, and a view of our catalog is one SELECT.
            names = ", ".join(quote(column) for column in columns)
            view = quote(stored.name)
            select = f"WITH {view}({names}) AS ({select}) SELECT * FROM {view}"  # noqa: S608
        return View(name=stored.name, definition=select, triggers=self._triggers(stored.name))

    def _revisions(self) -> tuple[str, ...]:
        table = self._found.get("alembic_version")
        if table is None or table.kind is not TableKind.HISTORY:
            return ()
        rows = self._rows("SELECT version_num FROM alembic_version ORDER BY 1")
        return tuple(str(row[0]) for row in rows if row[0] is not None)
