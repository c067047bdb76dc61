"""Load's side of counts since 1970: divided into days and seconds, and spelled as text.

A real counts what its shortest decimal says, which is what SQLite and Python print of it.
"""

from datetime import date
from fractions import Fraction
from functools import lru_cache

_DAY = 86_400_000_000
_PLACES = {"s": 6, "ms": 3, "us": 0, "ns": -3}


def micros(value: object, unit: str) -> tuple[int, bool]:
    """Return a count in microseconds, floored, and whether that lost anything.

    ValueError where the unit is not known, or the value is no finite number.
    """
    places = _PLACES.get(unit)
    if places is None or isinstance(value, bytes):
        raise ValueError(f"{value!r:.60} counts no known unit")
    if isinstance(value, int) and places >= 0:
        return value * 10**places, False
    text = repr(value) if isinstance(value, float) else str(value)
    whole, _, fraction = text.partition(".")
    kept, rest = fraction[:places], fraction[places:].rstrip("0")
    if places < 0 or not whole.isdigit() or not fraction.isdigit():
        exact = Fraction(text) * Fraction(10) ** places
        return exact.__floor__(), exact.denominator != 1
    return int(whole + kept.ljust(places, "0")), rest != ""


def spelled(count: int) -> str:
    """Return microseconds since 1970 as a date and time in UTC. ValueError past year 9999."""
    days, rest = divmod(count, _DAY)
    seconds, fraction = divmod(rest, 1_000_000)
    return f"{_day(days)} {_second(seconds)}.{fraction:06d}"


@lru_cache(maxsize=4096)
def _day(since_1970: int) -> str:
    ordinal = since_1970 + 719_163
    if not 1 <= ordinal <= 3_652_059:
        raise ValueError(f"day {since_1970} since 1970 is outside the years 1 to 9999")
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=86_400)
def _second(of_day: int) -> str:
    minutes, seconds = divmod(of_day, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
