"""Chooses the PostgreSQL type of a column from what is stored in it.

A declared type is a hint: SQLite derives an affinity from a substring of it, and STRING, UUID,
JSON and DATETIME all mean NUMERIC (https://sqlite.org/datatype3.html#determination_of_column_affinity).
So the declaration proposes, the profile decides, and what the declaration says nothing about is
judged by the storage classes. Where classes are mixed, the type is the one that loses least;
values it can't take are the plan's to list, never a reason to guess.

Text that looks like a datetime only becomes one if nothing compares it as text: a key, an index
predicate, a CHECK or a default such as '' would change its meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cutover.catalog import Column, Identity, Provider, Table
from cutover.dialect.canonical import canonical
from cutover.dialect.defaults import translate_default
from cutover.dialect.tokens import tokenize
from cutover.profile import (
    ColumnProfile,
    Form,
    Problem,
    has_zone,
    is_date,
    is_datetime,
)
from cutover.settings import ColumnSettings


@dataclass(frozen=True, slots=True)
class Choice:
    """A PostgreSQL type, why, and the zone that is assumed of datetimes that name none."""

    type: str
    reason: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    column: Column
    profile: ColumnProfile
    settings: ColumnSettings
    table: Table

    @property
    def declared(self) -> str:
        return self.column.type.upper()

    @property
    def only(self) -> str | None:
        """The one storage class of all values, None where there are several or no values."""
        classes = self.classes
        return classes[0] if len(classes) == 1 else None

    @property
    def classes(self) -> list[str]:
        return [name for name in _STORED if self.profile.count(name)]

    @property
    def forms(self) -> list[str]:
        return [form for form, tally in self.profile.forms.items() if tally.count]


_STORED = ("integer", "real", "text", "blob")
_BY_CLASS = {
    "integer": "bigint",
    "real": "double precision",
    "text": "text",
    "blob": "bytea",
}


def choose_type(
    column: Column, profile: ColumnProfile, *, settings: ColumnSettings, table: Table
) -> Choice:
    """Choose a type from evidence; the setting `type` wins over all of it."""
    facts = _Facts(column, profile, settings, table)
    return next(choice for rule in _RULES if (choice := rule(facts)))


_FULL_NAMES = {
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
    "bool": "boolean",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "decimal": "numeric",
    "varchar": "character varying",
    "char": "character",
}


def full_type(type_: str) -> str:
    """Return a type's name as PostgreSQL tells it back, length or precision kept.

    >>> full_type("varchar(10)"), full_type("timestamptz")
    ('character varying(10)', 'timestamp with time zone')
    """
    head, paren, rest = type_.strip().lower().partition("(")
    name = _FULL_NAMES.get(head.strip(), head.strip())
    return f"{name}{paren}{rest}"


def affinity(declared: str) -> str:
    """Return SQLite's affinity of a declared type: INTEGER, TEXT, BLOB, REAL or NUMERIC."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(word in upper for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if not upper or "BLOB" in upper:
        return "BLOB"
    return "REAL" if any(word in upper for word in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def _set(facts: _Facts) -> Choice | None:
    chosen = facts.settings.type
    return Choice(chosen, "set in [columns]", facts.settings.zone) if chosen else None


def _bytes(facts: _Facts) -> Choice | None:
    nuls = facts.profile.problem(Problem.NUL).count
    if facts.settings.nul != "bytea" or not nuls:
        return None
    return Choice("bytea", f'nul = "bytea" is set in [columns], {nuls:,} values hold a NUL')


def _rowid(facts: _Facts) -> Choice | None:
    if facts.column.identity is Identity.NONE:
        return None
    return Choice("bigint", "INTEGER PRIMARY KEY is the 64-bit rowid")


def _boolean(facts: _Facts) -> Choice | None:
    declared = "BOOL" in facts.declared
    if not declared and not _checked_flag(facts):
        return None
    why = f"declared {facts.column.type}" if declared else "CHECK says 0 or 1"
    if facts.classes in ([], ["integer"]) and _within(facts.profile, 0, 1):
        return Choice("boolean", f"{why}, {facts.profile.values:,} values are all 0 or 1")
    if declared and facts.only == "text" and facts.forms == [Form.BOOLEAN]:
        return Choice("boolean", f"{why}, and every value is a boolean word")
    if declared and facts.only == "integer":
        low, high = facts.profile.integer_min, facts.profile.integer_max
        return Choice("bigint", f"{why}, but the values run from {low} to {high}")
    return None


def _within(profile: ColumnProfile, low: int, high: int) -> bool:
    if profile.integer_min is None or profile.integer_max is None:
        return True
    return low <= profile.integer_min and profile.integer_max <= high


def _checked_flag(facts: _Facts) -> bool:
    name = f'"{facts.column.name}"'
    meant = {f"{name} IN (0, 1)", f"{name} <= 1 AND {name} >= 0"}
    meant |= {f"{name} IN (0, 1) OR {name} IS NULL", f"{name} = 0 OR {name} = 1"}
    integer = affinity(facts.column.type) in ("INTEGER", "NUMERIC")
    checks = (canonical(check.expression, Provider.SQLITE) for check in facts.table.checks)
    return integer and any(check in meant for check in checks)


_JSON_PROBLEMS = (
    Problem.NOT_JSON,
    Problem.JSON_NUL,
    Problem.JSON_SURROGATE,
    Problem.JSON_NUMBER,
    Problem.NUL,
    Problem.INVALID_UTF8,
)


def _json(facts: _Facts) -> Choice | None:
    if "JSON" not in facts.declared:
        return None
    profile, declared = facts.profile, f"declared {facts.column.type}"
    if not profile.values:
        return _json_by_default(facts, declared)
    if "blob" in facts.classes:
        return None
    bad = [(p, profile.problem(p).count) for p in _JSON_PROBLEMS if profile.problem(p).count]
    if bad:
        return Choice("text", f"{declared}, but {bad[0][1]:,} values are {bad[0][0]}")
    if not profile.json_checked:
        return Choice("text", f"{declared}, but the values were not checked")
    return Choice("jsonb", f"{declared}, {profile.values:,} values are all valid")


def _json_by_default(facts: _Facts, declared: str) -> Choice:
    default = facts.column.default
    if default is not None and translate_default(default, type="jsonb").problem:
        return Choice("text", f"{declared}, but its default {default} is no JSON")
    return Choice("jsonb", f"{declared}, no values yet")


def _datetime(facts: _Facts) -> Choice | None:
    """Judge a column declared DATETIME, TIMESTAMP or DATE."""
    declared = facts.declared
    if declared == "DATE":
        return _bare_dates(facts) or _instants(facts)
    return _instants(facts) if "DATETIME" in declared or "TIMESTAMP" in declared else None


def _bare_dates(facts: _Facts) -> Choice | None:
    if facts.profile.values and not (facts.only == "text" and all(map(is_date, facts.forms))):
        return None
    return Choice("date", f"declared {facts.column.type}, every value is a bare date")


def _instants(facts: _Facts) -> Choice | None:
    why, known = f"declared {facts.column.type}", [f for f in facts.forms if _dated(f)]
    numbers = [name for name in facts.classes if name in ("integer", "real")]
    if numbers and not _plausible_epochs(facts):
        return Choice(_mixed(facts), f"{why}, but its numbers are no plausible epochs")
    if facts.profile.values and not known and not numbers:
        return Choice(_mixed(facts), f"{why}, but no value is a date and time")
    zones = {has_zone(form) for form in known}
    if zones == {True, False}:
        return Choice("timestamptz", f"{why}; some values name a zone and some don't")
    naive = "UTC" if zones == {False} else None
    count = sum(facts.profile.forms[form].count for form in known)
    reason = f"{why}, {count:,} of {facts.profile.values:,} values are dates and times"
    if numbers:
        reason = f"{why}; its numbers are epochs"
    return Choice("timestamptz", reason, facts.settings.zone or naive)


def _dated(form: str) -> bool:
    return is_datetime(form) or is_date(form)


_EPOCH_BANDS = ((10**8, 10**10), (10**11, 10**13), (10**14, 10**16), (10**17, 10**19))
"""Seconds, milliseconds, microseconds and nanoseconds since 1970, in the years 1973 to 2286."""


def _plausible_epochs(facts: _Facts) -> bool:
    profile = facts.profile
    if facts.settings.unit:
        return True
    ends = (profile.integer_min, profile.integer_max, profile.real_min, profile.real_max)
    known = [end for end in ends if end is not None]
    return any(all(low <= end < high for end in known) for low, high in _EPOCH_BANDS)


def _text_datetime(facts: _Facts) -> Choice | None:
    """Judge a column declared as text, or not at all, that holds nothing but datetimes."""
    undeclared = affinity(facts.column.type) == "TEXT" or not facts.column.type
    if not undeclared or facts.only != "text" or not facts.forms:
        return None
    count = f"{facts.profile.values:,}"
    if all(map(is_date, facts.forms)):
        return _unless_text(facts, Choice("date", f"all {count} values are bare dates"))
    if not all(map(is_datetime, facts.forms)):
        return None
    zones = {has_zone(form) for form in facts.forms}
    if len(zones) > 1:
        return Choice("text", f"all {count} values are datetimes, but only some name a zone")
    zone = facts.settings.zone or (None if zones == {True} else "UTC")
    return _unless_text(facts, Choice("timestamptz", f"all {count} values are datetimes", zone))


def _unless_text(facts: _Facts, choice: Choice) -> Choice:
    default = facts.column.default
    if facts.profile.problem(Problem.NO_SUCH_INSTANT).count:
        return Choice("text", f"{choice.reason}, but some name no real one")
    if default is not None and translate_default(default, type=choice.type).problem:
        return Choice("text", f"{choice.reason}, but its default {default} isn't one")
    if _compared_as_text(facts.column.name, facts.table):
        return Choice("text", f"{choice.reason}, but a key or an expression compares them as text")
    return choice


def _compared_as_text(name: str, table: Table) -> bool:
    keys = [table.primary_key, *table.uniques, *table.foreign_keys]
    if any(key and name in key.columns for key in keys):
        return True
    if any(part.column == name for i in table.indexes if i.unique for part in i.parts):
        return True
    return any(name.lower() in _words(text) for text in _expressions(table))


def _expressions(table: Table) -> list[str]:
    texts = [check.expression for check in table.checks]
    texts += [column.expression for column in table.columns if column.expression]
    texts += [index.predicate for index in table.indexes if index.predicate]
    texts += [part.expression for i in table.indexes for part in i.parts if part.expression]
    return texts


def _words(sql: str) -> set[str]:
    return {token.value.lower() for token in tokenize(sql)}


def _numeric(facts: _Facts) -> Choice | None:
    if not any(word in facts.declared for word in ("NUMERIC", "DECIMAL", "NUMBER", "MONEY")):
        return None
    if facts.only in ("text", "blob") or _infinite(facts.profile):
        return None
    why = f"declared {facts.column.type}"
    if {"text", "blob"} & set(facts.classes):
        return Choice("numeric", f"{why}; not all of its values are numbers")
    return Choice("numeric", f"{why}; SQLite never held it to a precision")


def _infinite(profile: ColumnProfile) -> bool:
    return float("inf") in (profile.real_max, -(profile.real_min or 0.0))


def _stored(facts: _Facts) -> Choice:
    declared = f"declared {facts.column.type}" if facts.column.type else "no declared type"
    if facts.only:
        count = facts.profile.values
        return Choice(_BY_CLASS[facts.only], f"{declared}, {count:,} values are all {facts.only}")
    if not facts.classes:
        return Choice(_empty(facts), f"{declared}, no values yet")
    return Choice(_mixed(facts), f"{declared}, stored as {' and '.join(facts.classes)}")


_BY_AFFINITY = {"INTEGER": "bigint", "REAL": "double precision", "TEXT": "text"}


def _empty(facts: _Facts) -> str:
    if "BLOB" in facts.declared:
        return "bytea"
    return _BY_AFFINITY.get(affinity(facts.column.type), "text")


def _mixed(facts: _Facts) -> str:
    """Return what loses least: text takes every number's text, bytea every text's bytes."""
    by_affinity = _BY_AFFINITY.get(affinity(facts.column.type))
    if facts.only:
        return _BY_CLASS[facts.only]
    if by_affinity:
        return by_affinity
    if "blob" in facts.classes:
        return "bytea"
    return "text" if "text" in facts.classes else "double precision"


_RULES: tuple[Callable[[_Facts], Choice | None], ...] = (
    _set,
    _bytes,
    _rowid,
    _boolean,
    _json,
    _datetime,
    _text_datetime,
    _numeric,
    _stored,
)
