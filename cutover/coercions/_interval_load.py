"""Load's side of intervals: a text of months, days and seconds, which the server reads one way."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cutover.abc import Converter, Sent
from cutover.coercions._questions import Raised

TRUNCATED = "fraction truncated to microseconds"

_ISO = re.compile(
    r"P(?=.)(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?"
    r"(?:T(?=.)(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_WORDS = re.compile(r"([+-]?\d+) (year|mon|month|week|day|hour|minute|min|second|sec)s?,?(?: |$)")
_CLOCK = re.compile(r"([+-]?)(\d+):([0-5]\d):([0-5]\d(?:\.\d+)?)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)

_MONTHS = {"year": 12, "mon": 1, "month": 1}
_DAYS = {"week": 7, "day": 1}
_SECONDS = {"hour": 3600, "minute": 60, "min": 60, "second": 1, "sec": 1}
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MONTHS_MAX, _DAYS_MAX, _MICROS_MAX = 2**31, 2**31, 2**63

Parts = tuple[int, int, Fraction]
"""Months, days, seconds."""


def reader(unit: str) -> Converter:
    """Return what spells an interval; numbers count `unit`."""

    def convert(value: Any) -> Sent:
        months, days, seconds = _parts(value, unit)
        micros = int(seconds * 10**6)
        if max(abs(months), abs(days)) >= _DAYS_MAX or abs(micros) >= _MICROS_MAX:
            raise Raised("invalid", f"{value!r:.60} is longer than any interval")
        sign, (whole, rest) = "-" if micros < 0 else "", divmod(abs(micros), 10**6)
        return f"{months} mons {days} days {sign}{whole}.{rest:06d} secs"

    return convert


def alterations(unit: str) -> Callable[[Any], str | None]:
    """Return what names the rule by which an interval loses digits."""

    def altered(value: Any) -> str | None:
        micros = _parts(value, unit)[2] * 10**6
        return TRUNCATED if micros.denominator != 1 else None

    return altered


def _parts(value: object, unit: str) -> Parts:
    if isinstance(value, str):
        return _of_text(value, unit)
    if isinstance(value, int | float):
        return _counted(repr(value), unit)
    raise Raised("invalid", f"{value!r:.60} is no interval")


def _of_text(text: str, unit: str) -> Parts:
    if not text:
        raise Raised("empty", "'' is no interval")
    if _NUMBER.fullmatch(text):
        return _counted(text, unit)
    if found := _ISO.fullmatch(text):
        years, months, weeks, days, hours, minutes, seconds = (
            Fraction(g or 0) for g in found.groups()
        )
        return (
            int(12 * years + months),
            int(7 * weeks + days),
            3600 * hours + 60 * minutes + seconds,
        )
    return _of_words(text)


def _counted(text: str, unit: str) -> Parts:
    if unit not in _UNITS:
        raise Raised("unit", f"{text:.60} is a number of no known unit")
    try:
        return 0, 0, Fraction(text) / _UNITS[unit]
    except ValueError as error:
        raise Raised("invalid", f"{text:.60} is no interval") from error


def _of_words(text: str) -> Parts:
    months, days, seconds, at = 0, 0, Fraction(0), 0
    seen: set[str] = set()
    while found := _WORDS.match(text, at):
        number, word, at = int(found[1]), found[2], found.end()
        if word[:2] in seen:
            raise Raised("invalid", f"{text!r:.60} says {word} twice")
        seen.add(word[:2])
        months += number * _MONTHS.get(word, 0)
        days += number * _DAYS.get(word, 0)
        seconds += number * _SECONDS.get(word, 0)
    clock = _CLOCK.fullmatch(text, at)
    if clock is None and (at < len(text) or not seen):
        raise Raised("invalid", f"{text!r:.60} is no interval that reads only one way")
    if clock:
        sign = -1 if clock[1] == "-" else 1
        seconds += sign * (int(clock[2]) * 3600 + int(clock[3]) * 60 + Fraction(clock[4]))
    return months, days, seconds
