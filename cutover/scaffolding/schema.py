"""All sources together become one schema: names in a fixed order, every object judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cutover.catalog import Catalog, Table, TableKind, View
from cutover.dialect.names import generated_name
from cutover.dialect.types import Choice
from cutover.dialect.views import Opaque, Spellings, ordered, translate_view
from cutover.limits import COLUMNS_MAX
from cutover.plan import ObjectPlan
from cutover.profile import TableProfile
from cutover.scaffolding.choices import Choices, Place, choose_all
from cutover.scaffolding.columns import Draft
from cutover.scaffolding.model import NewSchema, NewTable, NewView
from cutover.scaffolding.objects import Judge
from cutover.scaffolding.tables import Spaces, draft_table
from cutover.settings import Settings

Profiles = Mapping[str, Mapping[str, TableProfile]]
_UNCARRIED = {
    TableKind.INTERNAL: "belongs to SQLite",
    TableKind.HISTORY: "belongs to the tool that manages the schema",
    TableKind.SHADOW: "belongs to a virtual table",
}


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
    views = _views(sources, tables, judge, objects)
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
    for place in places:
        for index in place.table.indexes:
            name = settings.column_name(index.name)
            if name.startswith("sqlite_autoindex_"):
                columns = tuple(part.column for part in index.parts if part.column)
                table = settings.for_source(place.label).target_name(place.table.name)
                name = generated_name(table, columns, "key")
            spaces.indexes[place.label, index.name] = spaces.relations.take(name)
    return spaces


def _views(
    sources: Mapping[str, Catalog],
    tables: Sequence[NewTable],
    judge: Judge,
    objects: list[ObjectPlan],
) -> tuple[NewView, ...]:
    views = []
    for label, catalog in sources.items():
        settings = judge.settings.for_source(label)
        spellings = _spellings(catalog, tables, settings)
        for view in ordered(catalog.views):
            sql, problem = _translated(view, spellings, judge)
            if sql is not None:
                name = settings.target_name(view.name)
                views.append(NewView(object=f"view:{view.name}", name=name, sql=sql))
            objects += _view_objects(label, view, problem, judge)
    return tuple(views)


def _translated(view: View, spellings: Spellings, judge: Judge) -> tuple[str | None, str]:
    if refusal := judge.refusal("view", view.name):
        return None, refusal
    try:
        return translate_view(view.definition, spellings), ""
    except Opaque as opaque:
        return None, str(opaque)


def _view_objects(label: str, view: View, problem: str, judge: Judge) -> list[ObjectPlan]:
    note = f"{problem}: {view.definition}"
    found = (
        judge.open(label, "view", view.name, note=note)
        if problem
        else judge.settled(label, "view", view.name)
    )
    triggers = [
        judge.open(label, "trigger", t.name, note=f"a trigger on a view: {t.definition}")
        for t in view.triggers
    ]
    return [found, *triggers]


def _spellings(catalog: Catalog, tables: Sequence[NewTable], settings: Settings) -> Spellings:
    known = {view.name.lower(): settings.target_name(view.name) for view in catalog.views}
    known |= {t.name.lower(): settings.target_name(t.name) for t in catalog.tables}
    columns = [column for table in tables for column in table.columns]
    flags = {c.name for c in columns if c.choice.type == "boolean"}
    flags -= {c.name for c in columns if c.choice.type != "boolean"}
    return Spellings(known, {c.source.lower(): c.name for c in columns}, flags)
