"""Types for every column at once: a foreign key's columns follow the key that they reference.

PostgreSQL can't compare bigint with text in a foreign key, where SQLite does it by affinity. A
child's type becomes its parent's if all that the child stores fits; else the key is left to a
person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cutover.catalog import ForeignKey, Table, base_type
from cutover.dialect.types import Choice, choose_type
from cutover.profile import ColumnProfile, Form, TableProfile
from cutover.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """A source table that gets one in the target; `label` names its database."""

    label: str
    table: Table
    profile: TableProfile


Choices = Mapping[tuple[str, str], Mapping[str, Choice]]
"""By label and source table, then by source column."""

_FITS = {
    "bigint": {"integer"},
    "text": {"text"},
    "numeric": {"integer", "real"},
    "double precision": {"integer", "real"},
    "bytea": {"blob"},
}


def choose_all(places: Sequence[Place], settings: Settings) -> Choices:
    """Choose the type of every column; foreign keys are followed until nothing changes."""
    choices = {(p.label, p.table.name): _choose(p, settings) for p in places}
    by_name = {(p.label, p.table.name): p for p in places}
    for _ in places:
        changed = [
            _follow(choices, place, key, settings)
            for place in by_name.values()
            for key in place.table.foreign_keys
            if (place.label, key.table) in by_name
        ]
        if not any(changed):
            break
    return choices


def _choose(place: Place, settings: Settings) -> dict[str, Choice]:
    settings = settings.for_source(place.label)
    return {
        column.name: choose_type(
            column,
            place.profile.column(column.name),
            settings=settings.column(place.table.name, column.name),
            table=place.table,
        )
        for column in place.table.columns
    }


def _follow(
    choices: dict[tuple[str, str], dict[str, Choice]],
    place: Place,
    key: ForeignKey,
    settings: Settings,
) -> bool:
    child, parent = choices[place.label, place.table.name], choices[place.label, key.table]
    changed = False
    for name, referenced in zip(key.columns, key.references, strict=False):
        wanted = parent.get(referenced)
        if wanted is None or name not in child or child[name].type == wanted.type:
            continue
        fits = _fits(place.profile.column(name), wanted.type)
        given = settings.for_source(place.label).column(place.table.name, name)
        if fits and given.type is None:
            reason = f'as "{key.table}"."{referenced}", which it references'
            child[name] = replace(wanted, reason=reason)
            changed = True
    return changed


def _fits(profile: ColumnProfile, type_: str) -> bool:
    classes = {name for name in profile.classes if name != "null" and profile.count(name)}
    forms = {form for form, tally in profile.forms.items() if tally.count}
    if base_type(type_) == "bigint" and forms == {Form.INTEGER}:
        classes.discard("text")  # to an integer parent, SQLite compares '7' as 7
    return classes <= _FITS.get(base_type(type_), set())


def comparable(choices: Choices, place: Place, key: ForeignKey) -> str | None:
    """Return why two ends of a foreign key can't be compared, None where they can."""
    child, parent = choices[place.label, place.table.name], choices[place.label, key.table]
    for name, referenced in zip(key.columns, key.references, strict=True):
        if base_type(child[name].type) != base_type(parent[referenced].type):
            return (
                f'"{name}" is {child[name].type}, '
                f'"{key.table}"."{referenced}" is {parent[referenced].type}'
            )
    return None
