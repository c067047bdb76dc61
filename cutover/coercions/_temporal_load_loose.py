"""Load's side of dates and times in a spelling that is seldom, and of those that don't exist.

The last moment of a day may be written 24:00, which is the next day's midnight to PostgreSQL too.
A leap second, 23:59:60, is none that either PostgreSQL or Python keeps, and neither has a year 0.
"""

import re
from datetime import date, datetime, time, timedelta

from cutover.coercions._questions import Raised

NEXT_DAY = "24:00 as the next day"

_DAY_END = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ]24:00(?::00(?:[.,]0+)?)?(.*)", re.ASCII)
_LOOSE = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:(?<=:\d\d:\d\d)[.,](\d+))?"
    r" ?([Zz]|UTC|GMT|[+-](?:0\d|1[0-5])(?::?[0-5]\d(?::?[0-5]\d)?)?(?: UTC| GMT)?)?",
    re.ASCII,
)
_INFINITY = re.compile(r"([+-]?)infinity", re.ASCII | re.IGNORECASE)
_ZONELESS = {"Z": "+00:00", "z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}


def infinite(text: str) -> str | None:
    """Return `infinity` or `-infinity`, which the types of dates know; None for anything else."""
    found = _INFINITY.fullmatch(text)
    return found and ("-infinity" if found[1] == "-" else "infinity")


def is_day_end(text: str) -> bool:
    """Tell whether a text ends its day at 24:00."""
    return text[11:16] == "24:00" and _DAY_END.fullmatch(text) is not None


def usual(text: str) -> str:
    """Return a seldom spelling as the usual one. Raises a question for what is none."""
    if end := _DAY_END.fullmatch(text):
        text = f"{_next_day(end[1])} 00:00:00{end[2]}"
    found = _LOOSE.fullmatch(text)
    if found is None:
        raise Raised("invalid", f"{text!r:.60} is no date and time")
    clock = found[2] if found[3] is None else f"{found[2]}.{found[3][:9]}"
    zone = found[4] or ""
    return f"{found[1]} {clock}{_ZONELESS.get(zone, zone.partition(' ')[0])}"


def moment_exists(head: str) -> None:
    """Raise a question where a date and time is none of any calendar or clock."""
    try:
        datetime.fromisoformat(head)
    except ValueError as error:
        raise Raised("absent", f"{head!r} does not exist") from error


def day_exists(day: str) -> None:
    """Raise a question where a date is in no calendar."""
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise Raised("absent day", f"{day!r} does not exist") from error


def time_exists(clock: str) -> None:
    """Raise a question where a time is on no clock."""
    try:
        time.fromisoformat(clock)
    except ValueError as error:
        raise Raised("absent", f"{clock!r} does not exist") from error


def _next_day(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError) as error:
        raise Raised("absent", f"{day!r} has no day after it") from error
