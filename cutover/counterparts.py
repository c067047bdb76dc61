"""Which object of the target does the work of which object of the source.

Structure decides, names don't: the two migration sets may call one index two names, and SQLite's
keys often have none. Expressions are compared in a canonical form after translation, never as
text, because equal text can mean different rows in the two engines.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    Table,
    Trigger,
    base_type,
)
from cutover.dialect.canonical import canonical
from cutover.dialect.defaults import translate_default
from cutover.dialect.expressions import Translation, Use, translate_expression
from cutover.dialect.triggers import recognise


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for one object: `found` says that the target does its work."""

    kind: str
    name: str
    found: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A source table, its counterpart, and how names are carried between the two."""

    source: Table
    target: Table
    column_name: Callable[[str], str]
    table_name: Callable[[str], str]

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the target's names of some columns."""
        return tuple(self.column_name(column) for column in columns)

    @property
    def types(self) -> dict[str, str]:
        """The target's type of each source column that is carried."""
        names = [column.name for column in self.source.columns]
        found = {name: self.target.column(self.column_name(name)) for name in names}
        return {name: column.type for name, column in found.items() if column}

    @property
    def booleans(self) -> frozenset[str]:
        """The target's boolean columns, for which `flag` and `flag = true` are one."""
        return frozenset(c.name for c in self.target.columns if c.type == "boolean")

    def canonical(self, text: str) -> str | None:
        """Return the canonical form of an expression in the target's words."""
        return canonical(text, Provider.POSTGRES, booleans=self.booleans)


def table_answers(pair: Pair) -> Iterator[Answer]:
    """Answer for every key, default, CHECK, index and trigger of a source table."""
    if pair.source.primary_key:
        yield _key(pair, pair.source.primary_key, "primary key")
    for unique in pair.source.uniques:
        yield _key(pair, unique, "unique")
    for column in pair.source.columns:
        yield from _column(pair, column)
    for foreign_key in pair.source.foreign_keys:
        yield _foreign_key(pair, foreign_key)
    for check in pair.source.checks:
        yield _check(pair, check)
    for index in pair.source.indexes:
        yield _index(pair, index)
    for trigger in pair.source.triggers:
        yield _trigger(pair, trigger)


def view_answers(source: Catalog, target: Catalog, names: Callable[[str], str]) -> Iterator[Answer]:
    """Answer for every view of the source, and for the triggers that make some writable.

    By name, since two dialects write a view differently.
    """
    views = {view.name: view for view in target.views}
    for view in source.views:
        other = views.get(names(view.name))
        note = "by name" if other else _lost("the target has no such view", view.definition)
        yield Answer("view", view.name, found=other is not None, note=note)
        for trigger in view.triggers:
            yield _by_name(trigger, other.triggers if other else ())


def _lost(what: str, text: str) -> str:
    """Return what is missing, with the source's own text of it on one line, cut where it's long."""
    line = " ".join(text.split())
    return f"{what}: {line if len(line) <= _TEXT_MAX else line[:_TEXT_MAX] + ' …'}"


_TEXT_MAX = 200


def _key(pair: Pair, key: Key, kind: str) -> Answer:
    columns = pair.names(key.columns)
    name = f"{pair.source.name}({', '.join(key.columns)})"
    found = any(set(other) == set(columns) for other in unique_columns(pair.target))
    note = "" if found else f"the target has no key on ({', '.join(columns)})"
    if found and (looser := _looser(pair, key)):
        found, note = False, looser
    if found and key.conflict:
        found = False
        note = f"ON CONFLICT {key.conflict} has no counterpart: the application must say it"
    return Answer(kind, name, found=found, note=note)


def _looser(pair: Pair, key: Key) -> str:
    """Return why a key of the target lets in what the source's refuses as equal; or nothing."""
    found = [column for name in key.columns if (column := pair.source.column(name))]
    texts = [c for c in found if base_type(pair.types.get(c.name, "")) == "text" and c.collation]
    collations = {(column.collation or "").upper() for column in texts} - {"BINARY"}
    if unknown := sorted(collations - {"NOCASE"}):
        return f"collation {', '.join(unknown)} has no counterpart"
    if not collations:
        return ""
    parts = tuple(IndexPart(column=c.name, collation=c.collation) for c in found)
    wanted = _source_shape(pair, Index(name="", parts=parts, unique=True))
    shapes = {target_shape(pair, other) for other in pair.target.indexes}
    return "" if wanted in shapes else "COLLATE NOCASE: the target has no unique index over lower()"


def _column(pair: Pair, column: Column) -> Iterator[Answer]:
    """Answer for what SQLite fills a column with by itself; None where it isn't carried at all."""
    target = pair.target.column(pair.column_name(column.name))
    if target is None or column.identity is not Identity.NONE:
        return
    name = f"{pair.source.name}.{column.name}"
    if column.generated is not Generated.NO:
        found = target.generated is not Generated.NO
        note = "" if found else f"the target doesn't compute it: AS ({column.expression})"
        yield Answer("generated column", name, found=found, note=note)
    elif column.default is not None:
        yield from _default(name, column.default, target)


def _default(name: str, default: str, target: Column) -> Iterator[Answer]:
    wanted = translate_default(default, type=target.type).sql
    if wanted == "NULL":
        return
    if target.default is None:
        note = f"the target's column has no default: DEFAULT {default}"
        yield Answer("default", name, found=target.identity is not Identity.NONE, note=note)
        return
    meant = canonical(wanted, Provider.POSTGRES) if wanted else None
    same = _same_default(meant, canonical(target.default, Provider.POSTGRES), target.type)
    note = "" if same else f"{default} in the source, {target.default} in the target"
    yield Answer("default", name, found=same is not False, note=note)


def _same_default(wanted: str | None, found: str | None, type_: str) -> bool | None:
    """Tell whether two defaults are one; None where they are expressions that can't be compared."""
    if wanted is None or found is None:
        return None
    if wanted == found:
        return True
    if not (_CONSTANT.fullmatch(wanted) and _CONSTANT.fullmatch(found)):
        return None
    if base_type(type_) in ("json", "jsonb"):
        return bool(json.loads(wanted[1:-1]) == json.loads(found[1:-1]))
    return False


_CONSTANT = re.compile(r"'(?:[^']|'')*'|-?[\d.]+(?:E-?\d+)?|TRUE|FALSE", re.IGNORECASE)


def unique_columns(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the columns of everything that makes rows of a table unique, all of them."""
    keys = (table.primary_key, *table.uniques)
    yield from (key.columns for key in keys if key)
    yield from (
        tuple(part.column for part in index.parts if part.column)
        for index in table.indexes
        if index.unique and index.predicate is None and not _has_expression(index)
    )


def _has_expression(index: Index) -> bool:
    return any(part.column is None for part in index.parts)


def _foreign_key(pair: Pair, key: ForeignKey) -> Answer:
    name = f"{pair.source.name}({', '.join(key.columns)})"
    link = (pair.names(key.columns), pair.table_name(key.table), pair.names(key.references))
    same = [
        other
        for other in pair.target.foreign_keys
        if (other.columns, other.table, other.references) == link
    ]
    if not same:
        return Answer(
            "foreign key", name, found=False, note=f'the target has none to "{key.table}"'
        )
    wanted, other = _actions(key), _actions(same[0])
    note = "" if wanted == other else f"{wanted} in the source, {other} in the target"
    return Answer("foreign key", name, found=not note, note=note)


def _actions(key: ForeignKey) -> str:
    deferred = " DEFERRABLE" if key.deferrable else ""
    return f"ON DELETE {key.on_delete} ON UPDATE {key.on_update}{deferred}"


def _check(pair: Pair, check: Check) -> Answer:
    name = f"{pair.source.name}.{check.name or check.expression}"
    translation = _translated(pair, check.expression, Use.CHECK)
    if translation.needless:
        return Answer(
            "check", name, found=True, note=translation.problem or "the target's type enforces it"
        )
    if translation.sql is None:
        return Answer("check", name, found=False, note=translation.problem or "")
    wanted = pair.canonical(translation.sql)
    found = any(pair.canonical(c.expression) == wanted for c in pair.target.checks)
    return Answer(
        "check", name, found=found and wanted is not None, note="" if found else check.expression
    )


def _index(pair: Pair, index: Index) -> Answer:
    wanted = _source_shape(pair, index)
    if isinstance(wanted, str):
        return Answer("index", index.name, found=False, note=wanted)
    candidates = {target_shape(pair, other): other.name for other in pair.target.indexes}
    if wanted in candidates:
        other = candidates[wanted]
        note = "" if other == index.name else f'as "{other}"'
        return Answer("index", index.name, found=True, note=note)
    if _is_key(pair, index):
        return Answer("index", index.name, found=True, note="a key of the target does its work")
    return Answer("index", index.name, found=False, note="the target has no index like it")


def _is_key(pair: Pair, index: Index) -> bool:
    """Tell whether a key constraint of the target does all that an index of the source does."""
    if index.predicate is not None or _has_expression(index):
        return False
    columns = pair.names(tuple(part.column for part in index.parts if part.column))
    keys = [key for key in (pair.target.primary_key, *pair.target.uniques) if key]
    return any(key.columns == columns for key in keys)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an index does, whatever it is called."""

    parts: tuple[tuple[str | None, bool], ...]
    unique: bool
    predicate: str | None


def target_shape(pair: Pair, index: Index) -> Shape:
    """Return the shape of an index of the target."""
    parts = tuple((_part_text(pair, part), part.descending) for part in index.parts)
    predicate = index.predicate and pair.canonical(index.predicate)
    return Shape(parts, index.unique, predicate)


def _part_text(pair: Pair, part: IndexPart) -> str | None:
    if part.column is not None:
        return f'"{part.column}"'
    return pair.canonical(part.expression or "")


def _source_shape(pair: Pair, index: Index) -> Shape | str:
    """Return the shape that the target's index must have, or why there is none."""
    parts = []
    for part in index.parts:
        text = _translated_part(pair, part)
        if text is None:
            return f"{part.expression or part.column} can't be translated"
        parts.append((text, part.descending))
    if index.predicate is None:
        return Shape(tuple(parts), index.unique, None)
    translation = _translated(pair, index.predicate, Use.FILTER)
    if translation.sql is None:
        return translation.problem or f"WHERE {index.predicate} can't be translated"
    predicate = pair.canonical(translation.sql)
    return Shape(tuple(parts), index.unique, predicate)


def _translated_part(pair: Pair, part: IndexPart) -> str | None:
    if part.column is not None and not _folds(part):
        return f'"{pair.column_name(part.column)}"'
    text = part.expression or f'"{part.column}" COLLATE {part.collation}'
    translation = _translated(pair, text, Use.INDEX)
    return pair.canonical(translation.sql) if translation.sql else None


def _folds(part: IndexPart) -> bool:
    return part.collation is not None and part.collation.upper() != "BINARY"


def _translated(pair: Pair, text: str, use: Use) -> Translation:
    nocase = {c.name for c in pair.source.columns if (c.collation or "").upper() == "NOCASE"}
    return translate_expression(
        text, types=pair.types, names=pair.column_name, nocase=nocase, use=use
    )


def _trigger(pair: Pair, trigger: Trigger) -> Answer:
    guard = recognise(trigger)
    if guard is not None:
        missing = [event for event in guard.events if not _guarded(pair.target, event)]
        note = f"{', '.join(missing)} is not refused by the target" if missing else "append-only"
        return Answer("trigger", trigger.name, found=not missing, note=note)
    return _by_name(trigger, pair.target.triggers)


def _by_name(trigger: Trigger, triggers: tuple[Trigger, ...]) -> Answer:
    same = [t for t in triggers if t.name == trigger.name]
    found = any((t.timing, t.events) == (trigger.timing, trigger.events) for t in same)
    note = "by name" if found else _lost("the target has no trigger like it", trigger.definition)
    return Answer("trigger", trigger.name, found=found, note=note)


def _guarded(table: Table, event: str) -> bool:
    """Tell whether some enabled trigger raises before that event."""
    return any(
        event in trigger.events
        and trigger.timing == "BEFORE"
        and trigger.enabled in "OA"
        and "RAISE EXCEPTION" in trigger.body.upper()
        for trigger in table.triggers
    )


def guarded_events(table: Table) -> tuple[str, ...]:
    """Return the events that a target table's triggers refuse: UPDATE, DELETE, TRUNCATE."""
    return tuple(e for e in ("UPDATE", "DELETE", "TRUNCATE") if _guarded(table, e))
