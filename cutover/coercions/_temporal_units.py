"""What a column's numbers count: by the setting, else by their range."""

from datetime import UTC, datetime, timedelta

from cutover.coercions._rulings import Asker
from cutover.profile import ColumnProfile, Form

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many make a second."""

_JULIAN = (2_400_000, 2_500_000)
"""Julian days from 1858 to 2132, which no count since 1970 is likely to be."""
_JULIAN_1970 = 2_440_587.5
_PLAUSIBLE = (10**8, 10**10)
"""Seconds, from 1973 to 2286: a thousand times as many are no plausible seconds."""
_YEARS = (-62_135_596_800, 253_402_300_800)
"""Seconds since 1970 of the years 1 and 10000."""


def is_number(form: str) -> bool:
    """Tell whether a form is a number in digits."""
    return form in (Form.INTEGER, Form.REAL)


def unit_options(asker: Asker) -> dict[str, str]:
    """Return what numbers count, and from when to when that makes them."""
    unit = unit_of(asker)
    if unit is None:
        return {}
    low, high = range_of(asker.facts.profile)
    return {"unit": unit, "range": f"{read(low, unit)} to {read(high, unit)}"}


def unit_of(asker: Asker) -> str | None:
    """Return the unit that is stated, else the only one that makes all numbers plausible."""
    profile, stated = asker.facts.profile, asker.facts.settings.unit
    if not (asker.stored("integer", "real").count or asker.forms(is_number).count):
        return None
    low, high = range_of(profile)
    inferred = (unit for unit in UNITS if in_unit(low, unit) and in_unit(high, unit))
    julian = "julian" if _is_julian(low) and _is_julian(high) and _has_fractions(profile) else None
    return stated or next(inferred, julian)


def likely_unit(value: float) -> str | None:
    """Return what a single number counts by its size; None where that can't be told."""
    found = (unit for unit in UNITS if in_unit(value, unit))
    return next(found, "julian" if _is_julian(value) else None)


def _is_julian(value: float) -> bool:
    return _JULIAN[0] <= value < _JULIAN[1]


def _has_fractions(profile: ColumnProfile) -> bool:
    """Tell whether some number is a real: a Julian day of whole days only may be anything."""
    return profile.count("real") > 0 or Form.REAL in profile.forms


def range_of(profile: ColumnProfile) -> tuple[float, float]:
    """Return the least and the greatest number of a column, in digits or not."""
    lows = (profile.integer_min, profile.real_min, profile.digits_min)
    highs = (profile.integer_max, profile.real_max, profile.digits_max)
    seen = [end for end in (*lows, *highs) if end is not None]
    return (min(seen), max(seen)) if seen else (0, 0)


def in_unit(value: float, unit: str) -> bool:
    """Tell whether a number is plausible as a count of that unit since 1970."""
    return _PLAUSIBLE[0] * UNITS[unit] <= value < _PLAUSIBLE[1] * UNITS[unit]


def in_years(value: float, unit: str) -> bool:
    """Tell whether a count lies in the years 1 to 9999."""
    return _YEARS[0] <= _seconds(value, unit) < _YEARS[1]


def _seconds(value: float, unit: str) -> float:
    if unit == "julian":
        return (value - _JULIAN_1970) * 86_400
    return value / UNITS[unit]


def read(value: float, unit: str) -> str:
    """Return a count as a date and time, for a person."""
    if not in_years(value, unit):
        return f"{value} {unit}"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(_seconds(value, unit)))
    return moment.replace(tzinfo=None).isoformat(" ")
