"""Columns of the target: type, identity, default, and what a computed column becomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cutover.catalog import Column, Generated, Identity
from cutover.dialect.defaults import translate_default
from cutover.dialect.expressions import Translation, Use, translate_expression
from cutover.dialect.types import Choice
from cutover.plan import ObjectPlan
from cutover.profile import ColumnProfile
from cutover.scaffolding.choices import Place
from cutover.scaffolding.model import NewColumn
from cutover.scaffolding.objects import Judge
from cutover.settings import Settings


@dataclass(frozen=True, slots=True)
class Draft:
    """One table being drafted: where it comes from, its types, and the objects judged so far.

    `types` has the columns that are carried.
    """

    place: Place
    types: Mapping[str, Choice]
    judge: Judge
    objects: list[ObjectPlan] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings, as the table's source sees them."""
        return self.judge.settings.for_source(self.place.label)

    @property
    def name(self) -> str:
        """The table's name in the target."""
        return self.settings.target_name(self.place.table.name)

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the target's names of some columns."""
        return tuple(self.settings.column_name(column) for column in columns)

    def lost(self, columns: tuple[str, ...]) -> str | None:
        """Return the first of some columns that is not carried, None where all are."""
        return next((column for column in columns if column not in self.types), None)

    def translate(self, sql: str, use: Use) -> Translation:
        """Translate an expression over this table's columns."""
        table = self.place.table
        return translate_expression(
            sql,
            types={name: choice.type for name, choice in self.types.items()},
            names=self.settings.column_name,
            collations={column.name: column.collation for column in table.columns},
            use=use,
        )

    def settle(self, kind: str, name: str, *, note: str = "", remark: str = "") -> None:
        """Note an object that the target has, perhaps with a remark; or doesn't need, by a note."""
        label = self.place.label
        self.objects.append(
            self.judge.carried(label, kind, name, remark=remark)
            if remark
            else self.judge.settled(label, kind, name, note=note)
        )

    def open(self, kind: str, name: str, note: str) -> None:
        """Note an object that a person must decide on."""
        self.objects.append(self.judge.open(self.place.label, kind, name, note=note))

    def judged(self, kind: str, name: str, problem: str | None, remark: str = "") -> bool:
        """Note whether an object is carried; False where a problem or the server forbids it."""
        said = problem or self.judge.refusal(kind, name)
        if said:
            self.open(kind, name, said)
        else:
            self.settle(kind, name, remark=remark)
        return not said


def draft_columns(draft: Draft) -> Iterator[NewColumn]:
    """Yield the columns that are carried, in the source's order."""
    for column in draft.place.table.columns:
        pattern = draft.settings.excludes(f"{draft.place.table.name}.{column.name}")
        if pattern:
            note = f'[tables] exclude = ["{pattern}"]'
            name = f"{draft.place.table.name}.{column.name}"
            draft.objects.append(draft.judge.excluded(draft.place.label, "column", name, note=note))
        elif not column.hidden:
            yield _column(draft, column)


def _column(draft: Draft, column: Column) -> NewColumn:
    generated = _generated(draft, column)
    identity = column.identity is not Identity.NONE
    plain = generated is None and not identity
    return NewColumn(
        source=column.name,
        name=draft.settings.column_name(column.name),
        choice=draft.types[column.name],
        nullable=_nullable(draft, column),
        identity=identity,
        default=_default(draft, column) if plain and column.default else None,
        generated=generated,
        collation="C" if _is_ordered_text(draft, column) else None,
    )


def _is_ordered_text(draft: Draft, column: Column) -> bool:
    table = draft.place.table
    keys = [key for key in (table.primary_key, *table.uniques, *table.foreign_keys) if key]
    named = {name for key in keys for name in key.columns}
    named |= {part.column for index in table.indexes for part in index.parts if part.column}
    return column.name in named and draft.types[column.name].type == "text"


def _nullable(draft: Draft, column: Column) -> bool:
    key = draft.place.table.primary_key
    in_key = key is not None and column.name in key.columns
    if in_key:
        return has_nulls(draft, column.name)
    return column.nullable


def has_nulls(draft: Draft, column: str) -> bool:
    """Tell whether a column holds NULL: SQLite's PRIMARY KEY lets it in, the rowid apart."""
    profile: ColumnProfile = draft.place.profile.column(column)
    found = draft.place.table.column(column)
    rowid = found is not None and found.identity is not Identity.NONE
    return profile.count("null") > 0 and not rowid


def _generated(draft: Draft, column: Column) -> str | None:
    if column.generated is Generated.NO or column.expression is None:
        return None
    name = f"{draft.place.table.name}.{column.name}"
    translation = draft.translate(column.expression, Use.VALUE)
    problem = translation.problem and f"{translation.problem}: AS ({column.expression})"
    carried = draft.judged("generated column", name, problem, translation.remark)
    return translation.sql if carried else None


def _default(draft: Draft, column: Column) -> str | None:
    choice, text = draft.types[column.name], column.default or ""
    zone = choice.zone or "UTC"
    translation = translate_default(text, type=choice.type, zone=zone)
    if translation.sql == "NULL":
        return None
    name = f"{draft.place.table.name}.{column.name}"
    return translation.sql if draft.judged("default", name, translation.problem) else None
