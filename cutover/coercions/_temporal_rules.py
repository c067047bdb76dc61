"""What stays unsettled of dates and times, and what the settings or the ranges settle."""

from collections.abc import Iterator

from cutover.catalog import base_type
from cutover.coercions._rulings import Asker
from cutover.coercions._temporal_units import (
    UNITS,
    in_unit,
    in_years,
    is_number,
    range_of,
    read,
    unit_of,
)
from cutover.coercions._temporal_zones import INSTANTS, is_instant, zones
from cutover.plan import Finding
from cutover.profile import (
    Form,
    Problem,
    fraction_digits,
    is_date,
    is_datetime,
    is_time,
)

_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 6}


def unsettled(asker: Asker) -> Iterator[Finding]:
    """Yield what no rule and no setting settles."""
    type_ = base_type(asker.facts.target.type)
    repair = asker.repair(f"typeof({asker.column}) = 'blob'")
    yield from asker.refuse(asker.stored("blob"), "are stored as BLOB", repair)
    yield from asker.refuse_empty()
    text = asker.retype("text")
    no_such = asker.problem(Problem.NO_SUCH_INSTANT)
    yield from asker.refuse(no_such, "are no date or time that exists", text)
    if type_ in INSTANTS:
        odd = asker.forms(lambda form: not (is_instant(form) or form == Form.EMPTY))
        yield from asker.refuse(odd, "are not dates or times", text)
        yield from zones(asker, type_)
        yield from _numbers(asker)
    else:
        yield from _part(asker, type_)
    yield from _precision(asker)


def _part(asker: Asker, type_: str) -> Iterator[Finding]:
    wanted, whole = (is_date, "timestamp") if type_ == "date" else (is_time, "timestamp")
    numbers = asker.stored("integer", "real")
    yield from asker.refuse(numbers, f"are numbers, not a {type_}", asker.retype("timestamptz"))
    datetimes = asker.forms(is_datetime)
    yield from asker.refuse(datetimes, "have both a date and a time", asker.retype(whole))
    known = (wanted, is_datetime, lambda form: form == Form.EMPTY)
    odd = asker.forms(lambda form: not any(is_known(form) for is_known in known))
    yield from asker.refuse(odd, f"are no {type_}", asker.retype("text"))


def _numbers(asker: Asker) -> Iterator[Finding]:
    profile, unit = asker.facts.profile, unit_of(asker)
    low, high = range_of(profile)
    numbers, digits = asker.stored("integer", "real"), asker.forms(is_number)
    guess = unit or next((u for u in UNITS if in_unit(high, u)), "s")
    hint = f"say what they count (s, ms, us or ns) {asker.setting('unit', guess)}"
    if unit is None:
        detail = (
            f"they run from {low} to {high}; as s that is {read(low, 's')} to {read(high, 's')}"
        )
        yield from asker.refuse(numbers, "are numbers that may count several units", hint, detail)
    elif numbers.count and not all(in_years(value, unit) for value in (low, high)):
        detail = f"as {unit} they run from {low} to {high}"
        yield from asker.refuse_range("are outside the years 1 to 9999", hint, detail)
    if asker.facts.settings.unit is None:
        yield from asker.refuse(digits, "are digits that may count several units", hint)


def _precision(asker: Asker) -> Iterator[Finding]:
    _, found, rest = asker.facts.target.type.partition("(")
    if not found or (kept := int(rest.partition(")")[0])) >= 6:
        return
    hint = asker.retype(base_type(asker.facts.target.type))
    text = asker.forms(lambda form: fraction_digits(form) > kept)
    yield from asker.refuse(text, f"have more than {kept} digits after the second", hint)
    finer = _DIGITS.get(unit_of(asker) or "s", 0) > kept
    numbers = asker.stored("integer", "real") if finer else asker.stored("real")
    yield from asker.refuse(numbers, f"have more than {kept} digits after the second", hint)
