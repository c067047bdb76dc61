"""The text of `cutover.toml`: what was given, the sets that were written, and what was assumed.

An assumption is a setting with a comment: a person can read on what count it rests, and change it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cutover.dialect.types import choose_type
from cutover.profile import ColumnProfile, has_zone, is_date, is_datetime
from cutover.scaffolding.choices import Choices, Place
from cutover.settings import ColumnSettings, Settings


def assumptions(
    places: Sequence[Place], choices: Choices, settings: Settings
) -> dict[str, tuple[ColumnSettings, str]]:
    """Return the settings that were assumed, each with the count it rests on.

    A type that the declared one alone would not give is among them: without the values, which a
    comparison of two sets doesn't have, nobody could tell why it was chosen.
    """
    found: dict[str, tuple[ColumnSettings, str]] = {}
    tables = Counter(place.table.name for place in places)
    for place in places:
        for name, choice in choices[place.label, place.table.name].items():
            given = settings.for_source(place.label).column(place.table.name, name)
            changes, comments = {}, []
            if choice.zone and given.zone is None:
                changes["zone"] = choice.zone
                comments.append(_comment(place, name, choice.zone))
            if given.type is None and choice.type != _by_declaration(place, name, given):
                changes["type"] = choice.type
                comments.append(choice.reason)
            if changes:
                changed = given.model_copy(update=changes)
                key, own = f"{place.table.name}.{name}", f"{place.label}:{place.table.name}.{name}"
                alone = tables[place.table.name] == 1 and own not in settings.columns
                found[key if alone else own] = (changed, "; ".join(comments))
    return found


def _by_declaration(place: Place, column: str, given: ColumnSettings) -> str | None:
    declared = place.table.column(column)
    if declared is None:
        return None
    empty = ColumnProfile(column=column)
    return choose_type(declared, empty, settings=given, table=place.table).type


def _comment(place: Place, column: str, zone: str) -> str:
    profile = place.profile.column(column)
    naive = sum(
        tally.count
        for form, tally in profile.forms.items()
        if is_date(form) or (is_datetime(form) and not has_zone(form))
    )
    return f"assumed: {naive:,} of {profile.values:,} values name no zone, and mean {zone}"


def settings_text(
    settings: Settings,
    databases: Sequence[str],
    sets: Mapping[str, Sequence[str] | str],
    assumed: Mapping[str, tuple[ColumnSettings, str]],
) -> str:
    """Return the file; secrets are never in it."""
    sections = [
        "[source]\n" + _pair("databases", list(databases)),
        "[sets]\n" + "".join(_pair(key, value) for key, value in sets.items()),
        *_given(settings),
        _columns(settings, assumed),
    ]
    return "\n".join(section for section in sections if section)


def _given(settings: Settings) -> Iterator[str]:
    if settings.target.schema_ != "public":
        yield "[target]\n" + _pair("schema", settings.target.schema_)
    if settings.names.case != "exact":
        yield "[names]\n" + _pair("case", settings.names.case)
    if settings.tables.exclude or settings.tables.rename:
        rename = dict(settings.tables.rename)
        text = _pair("exclude", list(settings.tables.exclude)) if settings.tables.exclude else ""
        yield "[tables]\n" + text + (_pair("rename", rename) if rename else "")
    if settings.rows:
        rows = {key: row.model_dump(exclude_defaults=True) for key, row in settings.rows.items()}
        yield "[rows]\n" + "".join(_pair(key, row) for key, row in rows.items())
    if settings.waive:
        yield "[waive]\n" + "".join(_pair(key, why) for key, why in settings.waive.items())
    if settings.flag.store != type(settings.flag)().store:
        yield "[flag]\n" + _pair("store", settings.flag.store)
    if settings.verify.level != "values":
        yield "[verify]\n" + _pair("level", settings.verify.level)


def _columns(settings: Settings, assumed: Mapping[str, tuple[ColumnSettings, str]]) -> str:
    lines = [f"# {comment}\n{_column(key, value)}" for key, (value, comment) in assumed.items()]
    lines += [_column(key, value) for key, value in settings.columns.items() if key not in assumed]
    return "[columns]\n" + "".join(lines) if lines else ""


def _column(key: str, value: ColumnSettings) -> str:
    return _pair(key, value.model_dump(exclude_defaults=True, by_alias=True))


def _pair(key: str, value: object) -> str:
    bare = key.isascii() and key.replace("_", "").isalnum()
    return f"{key if bare else json.dumps(key)} = {_toml(value)}\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(_pair(str(k), v).rstrip() for k, v in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
