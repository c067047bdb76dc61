"""All sources together become one schema: names in a fixed order, every object judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cutover.catalog import Catalog, Identity, Table, TableKind, View
from cutover.dialect.names import Namespace, generated_name
from cutover.dialect.types import Choice
from cutover.dialect.views import Opaque, Spellings, ordered, translate_view
from cutover.limits import COLUMNS_MAX
from cutover.plan import ObjectPlan
from cutover.profile import TableProfile
from cutover.scaffolding.choices import Choices, Place, choose_all
from cutover.scaffolding.columns import Draft
from cutover.scaffolding.model import NewProposal, NewSchema, NewTable, NewView
from cutover.scaffolding.objects import Judge
from cutover.scaffolding.tables import Spaces, draft_table
from cutover.scaffolding.triggers import decision_note, propose, reason
from cutover.settings import Settings

Profiles = Mapping[str, Mapping[str, TableProfile]]
_UNCARRIED = {
    TableKind.INTERNAL: "belongs to SQLite",
    TableKind.HISTORY: "belongs to the tool that manages the schema",
    TableKind.SHADOW: "belongs to a virtual table",
}
_UNFINISHED = "_alembic_tmp_"
"""Alembic's batch mode copies a table under such a name, drops the old one and renames the new
(https://alembic.sqlalchemy.org/en/latest/batch.html)."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A schema, the types it was built with, and where every object of the sources ends."""

    schema: NewSchema
    places: tuple[Place, ...]
    choices: Choices
    objects: tuple[ObjectPlan, ...]


def draft_schema(sources: Mapping[str, Catalog], profiles: Profiles, judge: Judge) -> Drafted:
    """Draft the target of all sources."""
    objects: list[ObjectPlan] = []
    places = tuple(_places(sources, profiles, judge, objects))
    choices = choose_all(places, judge.settings)
    spaces = _spaces(sources, places, judge.settings)
    tables = []
    for place in places:
        draft = Draft(place, _carried(place, choices, judge.settings), judge)
        tables.append(draft_table(draft, spaces, choices, places))
        objects += draft.objects
    # The server names the sequence of an identity itself, and looks for a name that is free.
    sequences = set(_sequences(places, judge.settings))
    tables.sort(key=lambda table: table.name not in sequences)
    views = _views(sources, tables, (judge, spaces), objects)
    return Drafted(NewSchema(tables=tuple(tables), views=views), places, choices, tuple(objects))


def _carried(place: Place, choices: Choices, settings: Settings) -> dict[str, Choice]:
    table = place.table.name
    chosen = choices[place.label, table].items()
    seen = settings.for_source(place.label)
    return {name: c for name, c in chosen if seen.excludes(f"{table}.{name}") is None}


def _places(
    sources: Mapping[str, Catalog], profiles: Profiles, judge: Judge, objects: list[ObjectPlan]
) -> list[Place]:
    places: list[Place] = []
    taken: dict[str, str] = {}
    for label, catalog in sources.items():
        settings = judge.settings.for_source(label)
        for table in catalog.tables:
            left_out = _left_out(label, table, judge)
            name = settings.target_name(table.name)
            if left_out is None and name in taken:
                note = f'"{name}" is a table of {taken[name]} already: [tables] rename = '
                note += f'{{ "{label}:{table.name}" = "…" }}'
                left_out = judge.open(label, "table", table.name, note=note)
            if left_out is not None:
                objects.append(left_out)
                continue
            taken[name] = label
            found = profiles.get(label, {}).get(table.name)
            profile = found or TableProfile(table=table.name, rows=0)
            places.append(Place(label, table, profile))
    return places


def _left_out(label: str, table: Table, judge: Judge) -> ObjectPlan | None:
    if table.kind in _UNCARRIED:
        return judge.excluded(label, "table", table.name, note=_UNCARRIED[table.kind])
    if pattern := judge.settings.for_source(label).excludes(table.name):
        note = f'[tables] exclude = ["{pattern}"]'
        return judge.excluded(label, "table", table.name, note=note)
    if table.name.startswith(_UNFINISHED):
        note = (
            f"an interrupted batch migration left it, perhaps with the only rows of "
            f'"{table.name.removeprefix(_UNFINISHED)}": look, finish the migration, then init again'
        )
        return judge.open(label, "table", table.name, note=note)
    if table.kind is TableKind.VIRTUAL:
        note = f"virtual table ({table.module}): its rows live in its module"
        return judge.open(label, "virtual table", table.name, note=note)
    seen = judge.settings.for_source(label)
    columns = [c for c in table.columns if not seen.excludes_column(table.name, c.name)]
    if len(columns) > COLUMNS_MAX:
        note = f"{len(columns):,} columns, and a table of PostgreSQL has {COLUMNS_MAX:,} at most: "
        note += f'leave some out with [tables] exclude = ["{table.name}.…"]'
        return judge.open(label, "table", table.name, note=note)
    return None


def _spaces(sources: Mapping[str, Catalog], places: Sequence[Place], settings: Settings) -> Spaces:
    spaces = Spaces()
    for place in places:
        seen = settings.for_source(place.label)
        spaces.relations.take(seen.target_name(place.table.name))
    for label, catalog in sources.items():
        for view in catalog.views:
            spaces.relations.take(settings.for_source(label).target_name(view.name))
    for sequence in _sequences(places, settings):
        spaces.relations.take(sequence)
    for place in places:
        for index in place.table.indexes:
            name = settings.column_name(index.name)
            if name.startswith("sqlite_autoindex_"):
                columns = tuple(part.column for part in index.parts if part.column)
                table = settings.for_source(place.label).target_name(place.table.name)
                name = generated_name(table, columns, "key")
            spaces.indexes[place.label, index.name] = spaces.relations.take(name)
    return spaces


def _sequences(places: Sequence[Place], settings: Settings) -> Iterator[str]:
    for place in places:
        for column in place.table.columns:
            if column.identity is not Identity.NONE:
                names = (settings.column_name(column.name),)
                table = settings.for_source(place.label).target_name(place.table.name)
                yield generated_name(table, names, "seq")


def _views(
    sources: Mapping[str, Catalog],
    tables: Sequence[NewTable],
    judged: tuple[Judge, Spaces],
    objects: list[ObjectPlan],
) -> tuple[NewView, ...]:
    views, (judge, spaces) = [], judged
    for label, catalog in sources.items():
        settings = judge.settings.for_source(label)
        spellings = _spellings(catalog, tables, settings)
        for view in ordered(catalog.views):
            sql, problem = _translated(view, spellings, judge)
            objects.append(_view_object(label, view, problem, judge))
            proposals = tuple(_writing(label, view, (judge, spaces), objects, made=sql is not None))
            if sql is not None:
                name = settings.target_name(view.name)
                made = NewView(object=f"view:{view.name}", name=name, sql=sql, proposals=proposals)
                views.append(made)
    return tuple(views)


def _translated(view: View, spellings: Spellings, judge: Judge) -> tuple[str | None, str]:
    if refusal := judge.refusal("view", view.name):
        return None, refusal
    try:
        return translate_view(view.definition, spellings), ""
    except Opaque as opaque:
        return None, str(opaque)


def _view_object(label: str, view: View, problem: str, judge: Judge) -> ObjectPlan:
    if not problem:
        return judge.settled(label, "view", view.name)
    return judge.open(label, "view", view.name, note=f"{problem}: {view.definition}")


def _writing(
    label: str,
    view: View,
    judged: tuple[Judge, Spaces],
    objects: list[ObjectPlan],
    *,
    made: bool,
) -> Iterator[NewProposal]:
    """Yield the proposals of the triggers that make a view writable; without the view, none."""
    (judge, spaces), own = judged, Namespace()
    for trigger in view.triggers:
        why = reason(trigger)
        table = judge.settings.target_name(view.name)
        name = own.take(judge.settings.column_name(trigger.name))
        proposal = propose(trigger, table, why, (name, spaces.triggers))
        carried = made and judge.refusal("proposal", trigger.name) is None
        note = decision_note(trigger, why, proposal, carried=carried)
        objects.append(judge.open(label, "trigger", trigger.name, note=note))
        if carried:
            yield proposal


def _spellings(catalog: Catalog, tables: Sequence[NewTable], settings: Settings) -> Spellings:
    known = {view.name.lower(): settings.target_name(view.name) for view in catalog.views}
    known |= {t.name.lower(): settings.target_name(t.name) for t in catalog.tables}
    columns = [column for table in tables for column in table.columns]
    flags = {c.name for c in columns if c.choice.type == "boolean"}
    flags -= {c.name for c in columns if c.choice.type != "boolean"}
    return Spellings(
        known,
        {c.source.lower(): c.name for c in columns},
        flags,
        texts={c.name for c in columns if c.choice.type == "text"},
        collated={
            settings.column_name(c.name) for t in catalog.tables for c in t.columns if c.collation
        },
    )
