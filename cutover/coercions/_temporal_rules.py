"""What stays unsettled of dates and times, and what the settings or the ranges settle."""

from collections.abc import Iterator

from cutover.catalog import base_type
from cutover.coercions._rulings import Asker
from cutover.coercions._temporal_load_precision import kept_of
from cutover.coercions._temporal_units import (
    UNITS,
    in_unit,
    in_years,
    is_number,
    range_of,
    read,
    unit_of,
)
from cutover.coercions._temporal_zones import INSTANTS, zones
from cutover.plan import Finding


def unsettled(asker: Asker) -> Iterator[Finding]:
    """Yield what no rule and no setting settles."""
    type_, text = base_type(asker.facts.target.type), asker.retype("text")
    yield from asker.refuse_empty()
    absent = "are no date or time that exists"
    yield from asker.ask("absent", absent, text)
    yield from asker.ask("absent day", absent, text)
    yield from asker.ask("invalid", f"are no {_family(type_)}", text)
    if type_ in INSTANTS:
        yield from zones(asker, type_)
        yield from _numbers(asker)
    words = "have both a date and a time" if type_ == "date" else "have a date"
    yield from asker.ask("part", words, asker.retype("timestamp"))
    places = asker.facts.settings.zone
    repair = asker.repair(f"{asker.column} = '...'")
    detail = "clocks are put back over it, or forward past it"
    yield from asker.ask(
        "ambiguous", f"are in an hour that {places} has twice or not at all", repair, detail
    )
    yield from asker.ask("range", "are outside the years 1 to 9999", text)
    kept, whole = kept_of(asker.facts.target.type), asker.retype(type_)
    yield from asker.ask("fraction", f"have more than {kept} digits after the second", whole)


def _family(type_: str) -> str:
    return "date or time" if type_ in INSTANTS else "date" if type_ == "date" else "time of day"


def _numbers(asker: Asker) -> Iterator[Finding]:
    profile, unit = asker.facts.profile, unit_of(asker)
    low, high = range_of(profile)
    numbers, digits = asker.stored("integer", "real"), asker.forms(is_number)
    if not (numbers.count or digits.count):
        return
    if unit is None:
        guess = next((u for u in UNITS if in_unit(high, u)), "s")
        hint = f"say what they count (s, ms, us, ns or julian) {asker.setting('unit', guess)}"
        detail = (
            f"they run from {low} to {high}; as s that is {read(low, 's')} to {read(high, 's')}"
        )
        yield from asker.refuse(numbers, "may count several units", hint, detail)
        yield from asker.refuse(digits, "may count several units", hint, detail)
    elif not all(in_years(value, unit) for value in (low, high)):
        hint = f"say what they count (s, ms, us, ns or julian) {asker.setting('unit', 's')}"
        detail = f"as {unit} they run from {low} to {high}"
        yield from asker.refuse_range("are outside the years 1 to 9999", hint, detail)
