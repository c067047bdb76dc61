"""What a column's numbers count since 1970: by the setting, else by their range."""

from datetime import UTC, datetime, timedelta

from cutover.coercions._rulings import Asker
from cutover.profile import ColumnProfile, Form

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many make a second."""

_PLAUSIBLE = (10**8, 10**10)
"""Seconds, from 1973 to 2286: a thousand times as many are no plausible seconds."""
_YEARS = (-62_135_596_800, 253_402_300_800)
"""Seconds since 1970 of the years 1 and 10000."""


def is_number(form: str) -> bool:
    """Tell whether a form is a number in digits."""
    return form in (Form.INTEGER, Form.REAL)


def unit_options(asker: Asker) -> dict[str, str]:
    """Return what numbers count, and from when to when that makes them."""
    profile, unit = asker.facts.profile, unit_of(asker)
    if unit is None:
        return {}
    if not asker.stored("integer", "real").count:
        return {"unit": unit}
    low, high = range_of(profile)
    return {"unit": unit, "range": f"{read(low, unit)} to {read(high, unit)}"}


def unit_of(asker: Asker) -> str | None:
    """Return the unit that is stated, else the only one that makes all numbers plausible."""
    profile, stated = asker.facts.profile, asker.facts.settings.unit
    if not (asker.stored("integer", "real").count or asker.forms(is_number).count):
        return None
    low, high = range_of(profile)
    inferred = (unit for unit in UNITS if in_unit(low, unit) and in_unit(high, unit))
    return stated or next(inferred, None)


def range_of(profile: ColumnProfile) -> tuple[float, float]:
    """Return the least and the greatest number of a column."""
    ends = (profile.integer_min, profile.real_min, profile.integer_max, profile.real_max)
    seen = [end for end in ends if end is not None]
    return (min(seen), max(seen)) if seen else (0, 0)


def in_unit(value: float, unit: str) -> bool:
    """Tell whether a number is plausible as a count of that unit."""
    return _PLAUSIBLE[0] * UNITS[unit] <= value < _PLAUSIBLE[1] * UNITS[unit]


def in_years(value: float, unit: str) -> bool:
    """Tell whether a count lies in the years 1 to 9999."""
    return _YEARS[0] * UNITS[unit] <= value < _YEARS[1] * UNITS[unit]


def read(value: float, unit: str) -> str:
    """Return a count as a date and time, for a person."""
    if not in_years(value, unit):
        return f"{value} {unit}"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(value / UNITS[unit]))
    return moment.replace(tzinfo=None).isoformat(" ")
