"""Keys, CHECKs, indexes, foreign keys and triggers of one table, each judged once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cutover.catalog import Check, ForeignKey, Index, IndexPart, Key, Table
from cutover.dialect.clauses import ABORTS, foreign_key_matches, not_null_conflicts
from cutover.dialect.expressions import Use
from cutover.dialect.names import Namespace, generated_name
from cutover.dialect.render import quoted
from cutover.dialect.triggers import recognise
from cutover.scaffolding.choices import Choices, Place, comparable
from cutover.scaffolding.columns import Draft, draft_columns, has_nulls
from cutover.scaffolding.model import (
    NewCheck,
    NewColumn,
    NewForeignKey,
    NewIndex,
    NewKey,
    NewPart,
    NewTable,
)
from cutover.scaffolding.triggers import TriggerNames, draft_triggers

_CHANGING = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


@dataclass(frozen=True, slots=True)
class Spaces:
    """The namespaces of a schema, and the names that the source's indexes have been given."""

    relations: Namespace = field(default_factory=Namespace)
    triggers: TriggerNames = field(default_factory=lambda: TriggerNames(Namespace(), Namespace()))
    indexes: dict[tuple[str, str], str] = field(default_factory=dict)


def draft_table(
    draft: Draft, spaces: Spaces, choices: Choices, places: Sequence[Place]
) -> NewTable:
    """Draft one table; what can't be had is left to a person, in `draft.objects`."""
    table, constraints = draft.place.table, Namespace()
    draft.settle("table", table.name)
    columns = tuple(draft_columns(draft))
    _clauses(draft)
    primary_key, uniques = _keys(draft, spaces, constraints)
    folding = tuple(_folding_indexes(draft, spaces, (primary_key, *uniques)))
    triggers = draft_triggers(draft, spaces.triggers)
    return NewTable(
        source=table.name,
        name=draft.name,
        columns=columns,
        primary_key=primary_key,
        uniques=tuple(uniques),
        checks=tuple(_checks(draft, columns, constraints)),
        indexes=(*folding, *_indexes(draft, spaces)),
        foreign_keys=tuple(_foreign_keys(draft, constraints, choices, places)),
        triggers=triggers.carried,
        proposals=triggers.proposals,
    )


def _clauses(draft: Draft) -> None:
    """Note what a column says that PostgreSQL has no words for."""
    table = draft.place.table
    for name, word in not_null_conflicts(table.definition).items():
        note = f"NOT NULL ON CONFLICT {word} has no counterpart: the application must say it"
        draft.open("conflict clause", f"{table.name}.{name}", note)
    keys = [key for key in (table.primary_key, *table.uniques) if key]
    in_keys = {name for key in keys for name in key.columns}
    for column in table.columns:
        choice, name = draft.types.get(column.name), f"{table.name}.{column.name}"
        if choice is None or choice.type != "text" or column.collation is None:
            continue
        if column.collation != "NOCASE" and column.name in in_keys:
            continue  # the key says it
        if column.collation != "NOCASE":
            draft.open("collation", name, f"collation {column.collation} has no counterpart")
            continue
        folded = _folded(draft.settings.column_name(column.name))
        remark = f"the column itself heeds case now: queries compare and sort {folded}"
        draft.settle("collation", name, remark=remark)


def _keys(
    draft: Draft, spaces: Spaces, constraints: Namespace
) -> tuple[NewKey | None, list[NewKey]]:
    table = draft.place.table
    primary, uniques = table.primary_key, list[NewKey]()
    if primary is None or _left_out(draft, "primary key", primary):
        primary = None
    elif nulls := [name for name in primary.columns if has_nulls(draft, name)]:
        note = f"NULL in {', '.join(nulls)}: UNIQUE in the target, which has no NULL in a key"
        draft.open("primary key", key_name(table, primary), note)
        uniques.append(_key(draft, primary, spaces, "key"))
        primary = None
    found = _key(draft, primary, spaces, "pkey") if primary else None
    if primary:
        _judge_key(draft, primary, "primary key")
    for unique in table.uniques:
        if _left_out(draft, "unique", unique):
            continue
        _judge_key(draft, unique, "unique")
        uniques.append(_key(draft, unique, spaces, "key"))
    for key in (found, *uniques):
        constraints.take(key.name if key else "")
    return found, uniques


def key_name(table: Table, key: Key | ForeignKey) -> str:
    """Return how a key is named to a person: `orders(user_id)`."""
    return f"{table.name}({', '.join(key.columns)})"


def _left_out(draft: Draft, kind: str, key: Key) -> bool:
    """Note a key that has lost a column to `[tables] exclude`."""
    lost = draft.lost(key.columns)
    if lost:
        draft.open(kind, key_name(draft.place.table, key), f'"{lost}" is excluded')
    return lost is not None


def _judge_key(draft: Draft, key: Key, kind: str) -> None:
    name = key_name(draft.place.table, key)
    if foreign := _foreign_collation(draft, key):
        draft.open(kind, name, f"collation {foreign} has no counterpart")
    elif key.conflict not in (None, ABORTS):
        note = f"ON CONFLICT {key.conflict} has no counterpart: the application must say it"
        draft.open(kind, name, note)
    else:
        draft.settle(kind, name)


def _foreign_collation(draft: Draft, key: Key) -> str | None:
    """Return the collation of a key's text that is neither BINARY nor NOCASE."""
    found = [c for c in draft.place.table.columns if c.name in key.columns]
    texts = [c for c in found if draft.types[c.name].type == "text"]
    return next((c.collation for c in texts if c.collation not in (None, "NOCASE")), None)


def _key(draft: Draft, key: Key, spaces: Spaces, kind: str) -> NewKey:
    columns = draft.names(key.columns)
    named = draft.settings.column_name(key.name) if key.name else None
    middle = () if kind == "pkey" else columns
    return NewKey(
        name=spaces.relations.take(named or generated_name(draft.name, middle, kind)),
        columns=columns,
        deferrable=key.deferrable,
        initially_deferred=key.initially_deferred,
    )


def _folding_indexes(
    draft: Draft, spaces: Spaces, keys: Sequence[NewKey | None]
) -> Iterator[NewIndex]:
    """Yield what keeps a key over NOCASE columns as strict as it was."""
    nocase = {
        draft.settings.column_name(c.name): c.name
        for c in draft.place.table.columns
        if c.collation == "NOCASE" and c.name in draft.types and draft.types[c.name].type == "text"
    }
    for key in keys:
        if key is None or not set(key.columns) & set(nocase):
            continue
        name = spaces.relations.take(generated_name(draft.name, key.columns, "nocase"))
        parts = [
            NewPart(expression=_folded(column)) if column in nocase else NewPart(column=column)
            for column in key.columns
        ]
        object_ = f"index:{name}"
        yield NewIndex(object=object_, name=name, parts=tuple(parts), unique=True)


def _folded(column: str) -> str:
    return f'lower({quoted(column)} COLLATE "C")'


def _checks(
    draft: Draft, columns: Sequence[NewColumn], constraints: Namespace
) -> Iterator[NewCheck]:
    table = draft.place.table
    required = {f"{quoted(column.name)} IS NOT NULL" for column in columns if not column.nullable}
    for check in table.checks:
        name = f"{table.name}.{check.name or check.expression}"
        translation = draft.translate(check.expression, Use.CHECK)
        if translation.needless or translation.sql in required:
            seen_to = "; ".join(filter(None, ["the target's types see to it", translation.remark]))
            draft.settle("check", name, note=seen_to)
            continue
        problem = translation.problem and f"{translation.problem}: CHECK ({check.expression})"
        if draft.judged("check", name, problem, translation.remark) and translation.sql:
            given = _check_name(draft, check)
            yield NewCheck(
                object=f"check:{name}", name=constraints.take(given), sql=translation.sql
            )


def _check_name(draft: Draft, check: Check) -> str:
    if check.name:
        return draft.settings.column_name(check.name)
    words = [c.name for c in draft.place.table.columns if c.name in check.expression]
    return generated_name(draft.name, draft.names(tuple(words)) if len(words) == 1 else (), "check")


def _indexes(draft: Draft, spaces: Spaces) -> Iterator[NewIndex]:
    for index in draft.place.table.indexes:
        parts, problem = _parts(draft, index)
        predicate = draft.translate(index.predicate, Use.FILTER) if index.predicate else None
        if predicate and predicate.problem and problem is None:
            problem = f"{predicate.problem}: WHERE {index.predicate}"
        remarks = [part.remark for part in parts] + ([predicate.remark] if predicate else [])
        remark = "; ".join(dict.fromkeys(filter(None, remarks)))
        if draft.judged("index", index.name, problem, remark):
            yield NewIndex(
                object=f"index:{index.name}",
                name=spaces.indexes[draft.place.label, index.name],
                parts=parts,
                unique=index.unique,
                predicate=predicate.sql if predicate and not predicate.needless else None,
            )


def _parts(draft: Draft, index: Index) -> tuple[tuple[NewPart, ...], str | None]:
    parts = []
    for part in index.parts:
        found = _part(draft, part)
        if isinstance(found, str):
            return (), found
        parts.append(found)
    return tuple(parts), None


def _part(draft: Draft, part: IndexPart) -> NewPart | str:
    """Return a key of an index, or why there is none.

    A descending key says NULLS LAST where there can be NULLs: SQLite sorts them as the smallest
    values, PostgreSQL as the greatest. An ascending one is left plain, because only that serves an
    ORDER BY that says nothing of NULLs.
    """
    order = _order(draft, part)
    text = part.expression
    if part.column is not None and (lost := draft.lost((part.column,))):
        return f'"{lost}" is excluded'
    if part.column is not None:
        nocase = part.collation == "NOCASE" and draft.types[part.column].type == "text"
        if part.collation not in (None, "NOCASE", "BINARY"):
            return f"collation {part.collation} has no counterpart"
        if not nocase:
            return NewPart(column=draft.settings.column_name(part.column), order=order)
        return NewPart(expression=_folded(draft.settings.column_name(part.column)), order=order)
    if text is None:
        return "an expression of it could not be read"
    if part.collation not in (None, "BINARY"):
        text = f"{text} COLLATE {part.collation}"
    translation = draft.translate(text, Use.INDEX)
    if translation.sql is None:
        return f"{translation.problem}: {part.expression}"
    return NewPart(expression=translation.sql, order=order, remark=translation.remark)


def _order(draft: Draft, part: IndexPart) -> str:
    if not part.descending:
        return ""
    column = draft.place.table.column(part.column or "")
    key = draft.place.table.primary_key
    never_null = column is not None and (
        not column.nullable or (key is not None and column.name in key.columns)
    )
    return " DESC" if never_null else " DESC NULLS LAST"


def _foreign_keys(
    draft: Draft, constraints: Namespace, choices: Choices, places: Sequence[Place]
) -> Iterator[NewForeignKey]:
    table = draft.place.table
    parents = {p.table.name: p for p in places if p.label == draft.place.label}
    for key, match in zip(table.foreign_keys, _matches(table), strict=True):
        name = key_name(table, key)
        problem = f'"{lost}" is excluded' if (lost := draft.lost(key.columns)) else None
        problem = problem or _unreferenceable(key, parents.get(key.table))
        problem = problem or comparable(choices, draft.place, key)
        if not draft.judged("foreign key", name, problem, _remark(table, key, match)):
            continue
        columns = draft.names(key.columns)
        named = draft.settings.column_name(key.name) if key.name else None
        yield NewForeignKey(
            object=f"foreign key:{name}",
            name=constraints.take(named or generated_name(draft.name, columns, "fkey")),
            columns=columns,
            table=draft.settings.target_name(key.table),
            references=draft.names(key.references),
            source=key,
        )


def _matches(table: Table) -> tuple[str, ...]:
    """Return how each foreign key matches; SIMPLE where the text doesn't tell them apart."""
    found = foreign_key_matches(table.definition)
    known = len(found) == len(table.foreign_keys)
    return found if known else ("SIMPLE",) * len(table.foreign_keys)


def _remark(table: Table, key: ForeignKey, match: str) -> str:
    """Return what a reader should know: that nothing is lost, and what was never possible."""
    remarks = [] if match == "SIMPLE" else [f"MATCH {match} is left out: SQLite never enforced it"]
    for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
        needs = "DELETE" if (event, action) == ("DELETE", "CASCADE") else "UPDATE"
        if action in _CHANGING and (guard := _always_refusing(table, needs)):
            refused = (
                f'"{guard}" refuses what ON {event} {action} does: a row of "{key.table}" that'
            )
            remarks.append(f"{refused} has any here can't be changed so, in either engine")
    return "; ".join(remarks)


def _always_refusing(table: Table, event: str) -> str | None:
    """Return the trigger that refuses an event of every row."""
    found = ((trigger.name, recognise(trigger, table)) for trigger in table.triggers)
    return next((n for n, r in found if r and not r.when and event in r.events), None)


def _unreferenceable(key: ForeignKey, parent: Place | None) -> str | None:
    if parent is None:
        return f'there is no table "{key.table}" to reference'
    if len(key.references) != len(key.columns):
        return f'"{key.table}" has no key to reference'
    table = parent.table
    keys: list[set[str | None]] = [set(k.columns) for k in (table.primary_key, *table.uniques) if k]
    keys += [
        {part.column for part in index.parts}
        for index in table.indexes
        if index.unique and index.predicate is None and all(p.column for p in index.parts)
    ]
    if set(key.references) not in keys:
        return f'"{key.table}" is not unique by ({", ".join(key.references)})'
    return None
