"""What the values really are, per column: the evidence behind every decision of a plan.

SQLite lets any column hold any storage class, whatever its declared type says
(https://sqlite.org/datatype3.html), so nothing is decided from a declaration alone. The profile
comes from one full scan; a sample of the first thousand rows is how tools lose row 1,001.

A *form* is how a text value looks. Datetimes are named by their pattern, digit for digit:
`YYYY-MM-DDTHH:MM:SS.fffffff+HH:MM`. The other forms are the words of `Form`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

Stored = int | float | str | bytes | None
"""A value as SQLite stores it; its Python type is its storage class."""


class Form(StrEnum):
    """The forms of text that are not datetimes."""

    EMPTY = "empty"
    INTEGER = "integer digits"
    REAL = "decimal digits"
    UUID = "uuid"
    BOOLEAN = "boolean word"
    OTHER = "other"


class Problem(StrEnum):
    """What can be wrong with a stored value whatever its target type is."""

    NUL = "NUL character in text"
    INVALID_UTF8 = "text that is not UTF-8"
    NOT_JSON = "not JSON"
    JSON_NUL = "\\u0000 in JSON"
    JSON_SURROGATE = "lone surrogate in JSON"
    JSON_NUMBER = "JSON number beyond numeric"
    NO_SUCH_INSTANT = "no such date or time"
    LOST_FRACTION = "fraction beyond microseconds"
    """Digits past the sixth that are not zero: what timestamptz cannot hold."""


UNTOLD = "a secret"
"""What stands where a value must not."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value and where it stands; `key` is the row's key in the source, in key order."""

    key: tuple[Stored, ...]
    value: str
    """At most 60 characters, quoted as SQL would quote it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many values, and the first few of them."""

    count: int = 0
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """Every value of one column, counted.

    `classes` is keyed by storage class (`null`, `integer`, `real`, `text`, `blob`), `forms` by the
    form of text values, `problems` by `Problem`, `questions` by what the column's coercion asked
    (`cutover.abc.Probe`). Minimum and maximum are None where no value of that class was seen; those
    of `digits` are of numbers in text. Lengths are of the longest value: characters of text, bytes
    of either.
    """

    column: str
    classes: Mapping[str, Tally] = field(default_factory=dict)
    forms: Mapping[str, Tally] = field(default_factory=dict)
    problems: Mapping[str, Tally] = field(default_factory=dict)
    questions: Mapping[str, Tally] = field(default_factory=dict)
    integer_min: int | None = None
    integer_max: int | None = None
    real_min: float | None = None
    real_max: float | None = None
    digits_min: float | None = None
    digits_max: float | None = None
    integral_reals: int = 0
    """REAL values without a fraction that an 8-byte integer holds exactly."""
    characters_max: int = 0
    bytes_max: int = 0
    json_checked: bool = False
    """Whether NOT_JSON and its kin were looked for at all."""

    def count(self, storage_class: str) -> int:
        """Return how many values have that storage class."""
        return self.classes[storage_class].count if storage_class in self.classes else 0

    def problem(self, problem: Problem) -> Tally:
        """Return the tally of one problem, empty where it was not seen."""
        return self.problems.get(problem, Tally())

    def question(self, question: str) -> Tally:
        """Return the tally of one question, empty where no value raised it."""
        return self.questions.get(question, Tally())

    @property
    def rows(self) -> int:
        """Rows scanned."""
        return sum(tally.count for tally in self.classes.values())

    @property
    def values(self) -> int:
        """Values that are not NULL."""
        return self.rows - self.count("null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Source rows that a constraint of the target would refuse.

    `constraint` names it to a person; `kind` is `orphan` (no parent row), `duplicate` (equal
    under a key or unique index) or `null key`. `name` is what the target calls it, if it is a
    foreign key.
    """

    kind: str
    constraint: str
    count: int
    samples: tuple[Sample, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProfile:
    """One table, scanned once under the settings' row filter."""

    table: str
    rows: int
    excluded_rows: int = 0
    """Rows that a `[rows]` filter leaves out."""
    columns: tuple[ColumnProfile, ...] = ()
    clashes: tuple[Clash, ...] = ()
    bytes: int = 0
    """Bytes of text and blobs; numbers count eight."""
    too_long: tuple[Clash, ...] = ()
    """Rows that an index of the target would refuse for their length."""

    def column(self, name: str) -> ColumnProfile:
        """Return that column's profile; an empty one for a column that was not scanned."""
        found = next((column for column in self.columns if column.column == name), None)
        return found or ColumnProfile(column=name)


# A shape is a text with every digit turned to 9: one value in a hundred forms, a hundred values
# in one shape. Recognising shapes instead of values keeps the scan at C speed.
_DIGITS = str.maketrans("012345678", "9" * 9)
_DATETIME = re.compile(
    r"(?P<date>9999-99-99)"
    r"(?:(?P<sep>[T ])(?P<minute>99:99)(?P<second>:99(?:\.(?P<fraction>9{1,9}))?)?"
    r"(?P<zone>Z|[+-]99(?::?99)?)?)?"
)
_TIME = re.compile(r"99:99(?::99(?:\.(?P<fraction>9{1,9}))?)?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?9+")
_REAL = re.compile(r"[+-]?(?:9+\.9*|\.9+)(?:[eE][+-]?9+)?|[+-]?9+[eE][+-]?9+")
_BOOLEAN_WORDS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "on", "off"})

FORM_CHARACTERS_MAX = 40
"""No form is longer; a longer text is OTHER without being looked at."""


def shape_of(text: str) -> str:
    """Return `text` with every ASCII digit turned to 9."""
    return text.translate(_DIGITS)


def form_of(text: str) -> str:
    """Return the form of one text value.

    >>> form_of("2026-03-22 00:30:19"), form_of("17"), form_of("")
    ('YYYY-MM-DD HH:MM:SS', 'integer digits', 'empty')
    """
    if len(text) > FORM_CHARACTERS_MAX:
        return Form.OTHER
    form = form_of_shape(shape_of(text))
    return Form.UUID if form is Form.OTHER and _UUID.fullmatch(text) else form


@lru_cache(maxsize=4096)
def form_of_shape(shape: str) -> str:
    """Return the form that all texts of one shape have (a UUID has no one shape: see form_of)."""
    if not shape:
        return Form.EMPTY
    if match := _DATETIME.fullmatch(shape):
        return _datetime_form(match)
    if match := _TIME.fullmatch(shape):
        return "HH:MM" + (":SS" if len(shape) > 5 else "") + _fraction(match["fraction"])
    if _INTEGER.fullmatch(shape):
        return Form.INTEGER
    if _REAL.fullmatch(shape):
        return Form.REAL
    return Form.BOOLEAN if shape.lower() in _BOOLEAN_WORDS else Form.OTHER


def _datetime_form(match: re.Match[str]) -> str:
    if match["sep"] is None:
        return "YYYY-MM-DD"
    seconds = ":SS" if match["second"] else ""
    zone = match["zone"] or ""
    zone = zone if zone in ("", "Z") else "+" + zone[1:].replace("99", "HH", 1).replace("99", "MM")
    return f"YYYY-MM-DD{match['sep']}HH:MM{seconds}{_fraction(match['fraction'])}{zone}"


def _fraction(digits: str | None) -> str:
    return "." + "f" * len(digits) if digits else ""


def is_datetime(form: str) -> bool:
    """Tell whether a form is a date with a time of day."""
    return form.startswith("YYYY-MM-DD") and len(form) > 10


def is_date(form: str) -> bool:
    """Tell whether a form is a bare date."""
    return form == "YYYY-MM-DD"


def is_time(form: str) -> bool:
    """Tell whether a form is a bare time of day."""
    return form.startswith("HH:MM")


def has_zone(form: str) -> bool:
    """Tell whether a datetime form says which instant it means: a Z or a numeric offset."""
    return is_datetime(form) and (form.endswith("Z") or "+" in form)


def fraction_digits(form: str) -> int:
    """Return how many digits stand after the decimal point of the seconds."""
    return form.count("f") if is_datetime(form) or is_time(form) else 0
