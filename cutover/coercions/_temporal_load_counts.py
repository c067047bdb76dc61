"""Load's side of counts: since 1970, divided into days and seconds, and spelled as text.

A real counts what its shortest decimal says, which is what SQLite and Python print of it. A Julian
day is read as SQLite's date functions read it, to the nearest millisecond
(https://sqlite.org/lang_datefunc.html): a double that large has no finer digits than 40 us.
"""

from datetime import date
from fractions import Fraction
from functools import lru_cache

from cutover.coercions._questions import Raised

_DAY = 86_400_000_000
_PLACES = {"s": 6, "ms": 3, "us": 0, "ns": -3}
_JULIAN_1970 = Fraction(4881175, 2)
"""The Julian day at which 1970 begins: 2440587.5."""


def micros(value: object, unit: str) -> tuple[int, bool]:
    """Return a count in microseconds, floored, and whether that lost anything.

    ValueError where the unit is not known, or the value is no finite number.
    """
    if unit == "julian" and not isinstance(value, bytes):
        return _of_julian(value)
    places = _PLACES.get(unit)
    if places is None or isinstance(value, bytes):
        raise Raised("invalid", f"{value!r:.60} counts no known unit")
    if isinstance(value, int) and places >= 0:
        return value * 10**places, False
    text = repr(value) if isinstance(value, float) else str(value)
    whole, _, fraction = text.partition(".")
    kept, rest = fraction[:places], fraction[places:].rstrip("0")
    if places < 0 or not whole.isdigit() or not fraction.isdigit():
        exact = _exact(text) * Fraction(10) ** places
        return exact.__floor__(), exact.denominator != 1
    return int(whole + kept.ljust(places, "0")), rest != ""


def _of_julian(value: object) -> tuple[int, bool]:
    try:
        number = Fraction(value) if isinstance(value, int | float) else Fraction(str(value))
    except (ValueError, OverflowError) as error:
        raise Raised("invalid", f"{value!r:.60} is no Julian day") from error
    exact = (number - _JULIAN_1970) * 86_400_000
    millis = (2 * exact + 1).__floor__() // 2
    return millis * 1000, exact != millis


def _exact(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ValueError as error:
        raise Raised("invalid", f"{text:.60} counts nothing") from error


def spelled(count: int) -> str:
    """Return microseconds since 1970 as a date and time in UTC. ValueError past year 9999."""
    days, rest = divmod(count, _DAY)
    seconds, fraction = divmod(rest, 1_000_000)
    return f"{_day(days)} {_second(seconds)}.{fraction:06d}"


@lru_cache(maxsize=4096)
def _day(since_1970: int) -> str:
    ordinal = since_1970 + 719_163
    if not 1 <= ordinal <= 3_652_059:
        raise Raised("range", f"day {since_1970} since 1970 is outside the years 1 to 9999")
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=86_400)
def _second(of_day: int) -> str:
    minutes, seconds = divmod(of_day, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
