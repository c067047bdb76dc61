"""Source rows that a constraint of the target would refuse: orphans, duplicates, NULLs in a key.

SQLite checks foreign keys only where a connection asks (https://sqlite.org/foreignkeys.html), lets
NULL into most primary keys (https://sqlite.org/lang_createtable.html#the_primary_key), and compares
text by a collation that the target may not have. `PRAGMA foreign_key_check` fails where the parent
is missing or its key not unique, and knows of no row filter: the questions are asked as queries.
A foreign key with a NULL in it refers to nothing (MATCH SIMPLE, in both engines).
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cutover.abc import Meaning
from cutover.catalog import ForeignKey, Table
from cutover.dialect.literals import literal
from cutover.profile import Clash, Sample
from cutover.sources.sqlite.connect import any_bytes
from cutover.sources.sqlite.meant import repeated
from cutover.sources.sqlite.rows import cursor_of, fold, qualified, quote, told_by, where_clause
from cutover.sources.sqlite.samples import SAMPLES_MAX

_PARENT = "cutover_parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKey:
    """A key or a unique index of the target, said of the source's columns."""

    constraint: str
    columns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    """SQLite expressions that are part of the key, such as `lower("email")`."""
    predicate: str | None = None
    """The condition of a partial index, in SQLite's words."""
    required: bool = False
    """Whether the key refuses NULL, as a primary key does."""
    nulls_distinct: bool = True
    meanings: tuple[Meaning | None, ...] = ()
    """What the target takes each part for, where that is not what is stored; empty if it is."""

    @property
    def of_index(self) -> bool:
        """Tell whether it is more than a matter of columns."""
        return self.predicate is not None or bool(self.expressions)


def find_clashes(
    connection: sqlite3.Connection,
    table: Table,
    *,
    keys: Iterable[TargetKey] = (),
    filters: Mapping[str, str] | None = None,
) -> tuple[Clash, ...]:
    """Return what clashes with the table's own foreign keys and with `keys` of the target.

    `filters` are the conditions of `[rows]` by table: a child whose parent stays behind is an
    orphan. Values are compared as SQLite stores them, text byte by byte, unless a key says what
    they mean. An index that SQLite can't ask about is left to the server. Raises sqlite3.Error.
    """
    filters = filters or {}
    finder = _Finder(connection, table, filters)
    with any_bytes(connection):
        found = [finder.orphans(foreign_key) for foreign_key in table.foreign_keys]
        for key in keys:
            found += [finder.duplicates(key), finder.nulls(key)]
    return tuple(clash for clash in found if clash is not None)


class _Finder:
    def __init__(
        self, connection: sqlite3.Connection, table: Table, filters: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._table = table.name
        self._filters = filters
        self._where = filters.get(table.name)
        self._cursor = [qualified(table.name, name) for name in cursor_of(table)]
        self._key = [qualified(table.name, name) for name in told_by(table)]

    def orphans(self, foreign_key: ForeignKey) -> Clash | None:
        """Find the rows whose parent is not there."""
        columns = [qualified(self._table, column) for column in foreign_key.columns]
        conditions = [_present(column) for column in columns]
        if self._can_ask(foreign_key):
            conditions.append(self._no_parent(foreign_key, columns))
        clause = where_clause(self._where, *conditions)
        try:
            clash = self._clash("orphan", _name_of(foreign_key), columns, clause)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_ERROR_MISSING_COLLSEQ":
                raise
            return None  # the server proves the key when it is put back
        return replace(clash, name=foreign_key.name or "") if clash else None

    def duplicates(self, key: TargetKey) -> Clash | None:
        """Find the rows whose key an earlier row has already."""
        try:
            return self._meant(key) if key.meanings else self._stored(key)
        except sqlite3.OperationalError as error:
            # A predicate or an expression may need a function that only the application has.
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR or not key.of_index:
                raise
            return None

    def _meant(self, key: TargetKey) -> Clash | None:
        """Find the rows whose key means what an earlier row's means."""
        parts = self._parts(key)
        clause = where_clause(self._where, key.predicate)
        selected = ", ".join([*self._cursor, *self._key, *parts])
        sql = f"SELECT {selected} FROM {quote(self._table)}{clause}"  # noqa: S608 - quoted
        total, rows = repeated(self._connection, sql, key.meanings, SAMPLES_MAX)
        return self._duplicate(key, total, [self._sample(row) for row in rows])

    def _stored(self, key: TargetKey) -> Clash | None:
        """Find the rows whose key is stored as an earlier row's is."""
        parts = self._parts(key)
        present = [_present(part) for part in parts] if key.nulls_distinct else []
        clause = where_clause(self._where, key.predicate, *present)
        groups = ", ".join(f"{part} COLLATE BINARY" for part in parts)
        # With one max(), bare columns come from its row: https://sqlite.org/lang_select.html#bareagg
        names = [f"max({self._cursor[0]})", *self._cursor[1:]] if self._cursor else []
        selected = ", ".join([*names, *self._key, *parts, "count(*) - 1"])
        sql = (
            f"SELECT {selected} FROM {quote(self._table)}{clause}"  # noqa: S608 - quoted
            f" GROUP BY {groups} HAVING count(*) > 1"
        )
        total = 0
        samples: list[Sample] = []
        for row in self._connection.execute(sql):
            total += row[-1]
            if len(samples) < SAMPLES_MAX:
                samples.append(self._sample(row[:-1]))
        return self._duplicate(key, total, samples)

    def _duplicate(self, key: TargetKey, total: int, samples: list[Sample]) -> Clash | None:
        if not total:
            return None
        return Clash(
            kind="duplicate", constraint=key.constraint, count=total, samples=tuple(samples)
        )

    def nulls(self, key: TargetKey) -> Clash | None:
        """Find the rows with a NULL where the key refuses one."""
        if not key.required:
            return None
        parts = self._parts(key)
        missing = " OR ".join(f"{part} COLLATE BINARY IS NULL" for part in parts)
        clause = where_clause(self._where, key.predicate, missing)
        return self._clash("null key", key.constraint, parts, clause)

    def _clash(self, kind: str, constraint: str, values: list[str], clause: str) -> Clash | None:
        table = quote(self._table)
        counted = f"SELECT count(*) FROM {table}{clause}"  # noqa: S608 - quoted
        (total,) = self._connection.execute(counted).fetchone()
        if not total:
            return None
        order = f" ORDER BY {', '.join(self._cursor)}" if self._cursor else ""
        selected = ", ".join([*self._cursor, *self._key, *values])
        sql = f"SELECT {selected} FROM {table}{clause}{order} LIMIT ?"  # noqa: S608 - quoted
        rows = self._connection.execute(sql, [SAMPLES_MAX])
        samples = tuple(map(self._sample, rows))
        return Clash(kind=kind, constraint=constraint, count=total, samples=samples)

    def _sample(self, row: tuple[object, ...]) -> Sample:
        start, end = len(self._cursor), len(self._cursor) + len(self._key)
        cursor, key, values = row[:start], row[start:end], row[end:]
        return Sample(cursor if None in key else key, ", ".join(map(literal, values)))  # type: ignore[arg-type]

    def _parts(self, key: TargetKey) -> list[str]:
        columns = [qualified(self._table, column) for column in key.columns]
        return [*columns, *(f"({expression})" for expression in key.expressions)]

    def _no_parent(self, foreign_key: ForeignKey, columns: list[str]) -> str:
        clause = where_clause(self._filters.get(foreign_key.table))
        rows = f"(SELECT * FROM {quote(foreign_key.table)}{clause})" if clause else ""  # noqa: S608 - quoted
        # The parent stands left: its affinity and collation decide, as in SQLite's own check.
        pairs = zip(foreign_key.references, columns, strict=True)
        same = " AND ".join(f"{qualified(_PARENT, name)} = {column}" for name, column in pairs)
        return (
            f"NOT EXISTS (SELECT 1 FROM {rows or quote(foreign_key.table)}"  # noqa: S608 - quoted
            f" AS {_PARENT} WHERE {same})"
        )

    def _can_ask(self, foreign_key: ForeignKey) -> bool:
        """Tell whether the parent and its key are there; without them every child is an orphan."""
        pragma = f"PRAGMA table_xinfo({quote(foreign_key.table)})"
        known = {fold(row[1]) for row in self._connection.execute(pragma)}
        wanted = [fold(name) for name in foreign_key.references]
        return len(wanted) == len(foreign_key.columns) and known.issuperset(wanted)


def _present(part: str) -> str:
    # By itself, IS NOT NULL may read an index whose collation only the application has.
    return f"{part} COLLATE BINARY IS NOT NULL"


def _name_of(foreign_key: ForeignKey) -> str:
    columns = ", ".join(foreign_key.columns)
    references = ", ".join(foreign_key.references)
    shape = f"({columns}) -> {foreign_key.table} ({references})"
    return f"{foreign_key.name} {shape}" if foreign_key.name else shape
