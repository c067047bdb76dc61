"""One table as its pragmas tell it, and what follows from that without another question."""

from dataclasses import dataclass, field
from typing import Any

from cutover.catalog import Column, Generated, Identity, IndexPart, Key, TableKind
from cutover.sources.sqlite import ddl, kinds
from cutover.sources.sqlite.rows import fold

PragmaRow = tuple[Any, ...]
_GENERATED = {2: Generated.VIRTUAL, 3: Generated.STORED}
_BUILT_IN_COLLATIONS = frozenset({"NOCASE", "RTRIM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A table before its names are resolved against other tables; rows are those of pragmas."""

    name: str
    kind: TableKind
    sql: str
    without_rowid: bool
    strict: bool
    module: str | None
    columns: tuple[PragmaRow, ...] = ()
    indexes: tuple[PragmaRow, ...] = ()
    facts: ddl.TableFacts = field(default_factory=ddl.TableFacts)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order."""
        return tuple(row[1] for row in sorted(self.columns, key=lambda row: row[5]) if row[5])

    def spelled(self, name: str) -> str:
        """Return a column's name as its table declares it."""
        return next((row[1] for row in self.columns if fold(row[1]) == fold(name)), name)


def kind_of(name: str, type_: str, columns: list[str], shadows: frozenset[str]) -> TableKind:
    """Return what a table is, from its name, its row of `table_list` and its columns."""
    if type_ == "virtual":
        return TableKind.VIRTUAL
    if type_ == "shadow" or fold(name) in shadows:
        return TableKind.SHADOW
    if kinds.is_internal(name):
        return TableKind.INTERNAL
    return TableKind.HISTORY if kinds.is_history(name, columns) else TableKind.TABLE


def column_of(found: Found, row: PragmaRow) -> Column:
    """Return a column from its row of `table_xinfo`."""
    _, name, type_, not_null, default, _, hidden = row
    facts = _column_facts(found, name)
    identity = _identity(found, row, facts)
    return Column(
        name=name,
        type=type_,
        nullable=not not_null and identity is Identity.NONE,
        default=default,
        identity=identity,
        generated=_GENERATED.get(hidden, Generated.NO),
        expression=facts.expression,
        collation=collation_of(facts.collation),
        hidden=hidden == 1,
    )


def _column_facts(found: Found, name: str) -> ddl.ColumnFacts:
    facts = (facts for facts in found.facts.columns if fold(facts.name) == fold(name))
    return next(facts, ddl.ColumnFacts(name=name))


def _identity(found: Found, row: PragmaRow, facts: ddl.ColumnFacts) -> Identity:
    """Tell whether a column is the rowid: SQLite then makes no index for the primary key.

    `INTEGER PRIMARY KEY DESC` gets one, `PRIMARY KEY (x DESC)` doesn't
    (https://sqlite.org/lang_createtable.html#rowid).
    """
    indexed = any(origin == "pk" for _, _, _, origin, _ in found.indexes)
    if found.without_rowid or indexed or found.key != (row[1],) or row[2].upper() != "INTEGER":
        return Identity.NONE
    return Identity.AUTOINCREMENT if facts.autoincrement else Identity.ROWID


def primary_key_of(found: Found) -> Key | None:
    """Return the primary key, None where there is none."""
    if not found.key:
        return None
    facts = next((key for key in found.facts.keys if key.primary), None)
    return Key(
        name=facts.name if facts else None,
        columns=found.key,
        conflict=facts.conflict if facts else None,
    )


def unique_of(found: Found, columns: tuple[str, ...]) -> Key:
    """Return the UNIQUE constraint on these columns."""
    wanted = [fold(column) for column in columns]
    same = [
        key
        for key in found.facts.keys
        if not key.primary and [fold(column) for column in key.columns] == wanted
    ]
    # The same columns may be written twice; SQLite keeps one index, and the first name is ours.
    return Key(
        name=next((key.name for key in same if key.name), None),
        columns=columns,
        conflict=next((key.conflict for key in same if key.conflict), None),
    )


def expression_of(part: IndexPart, text: str | None) -> IndexPart:
    """Return an index part with the text of its expression."""
    return IndexPart(
        column=None,
        expression=text or "",
        descending=part.descending,
        collation=part.collation,
    )


def collation_of(name: str | None) -> str | None:
    """Return a collation; None for BINARY, which is SQLite's own default."""
    if name is None or name.upper() == "BINARY":
        return None
    return name.upper() if name.upper() in _BUILT_IN_COLLATIONS else name
