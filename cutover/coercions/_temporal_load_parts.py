"""Load's side of bare dates and times of day, and the patterns of all that is usual."""

import re

from cutover.abc import Sent
from cutover.coercions import _temporal_load_loose as loose
from cutover.coercions._questions import Raised
from cutover.coercions._temporal_load_zones import checked

# Head, further digits, zone. The digits may only go on after six of a fraction.
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6}+)?+)?+)(\d{0,3}+)"
_ZONE = r"(Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d(?::?[0-5]\d)?+)?+)?+"
moment_match = re.compile(rf"(\d{{4}}-\d\d-\d\d[T ]{_TIME}{_ZONE}", re.ASCII).fullmatch
time_match = re.compile(rf"({_TIME}", re.ASCII).fullmatch
is_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
is_number = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch


def time_of_day(value: object) -> Sent:
    """Return a time of day, its digits past the sixth left out."""
    match = time_match(value) if isinstance(value, str) else None
    if match is not None and not (match[2] and match[1][-7] != "."):
        return match[1]
    if isinstance(value, str) and re.fullmatch(r"24:00(?::00(?:\.0{1,6})?)?", value):
        return value
    raise Raised(_why_no_time(value), f"{value!r:.60} is no time of day")


def _why_no_time(value: object) -> str:
    if not isinstance(value, str):
        return "invalid"
    if moment_match(value) or is_date(value):
        return "part"
    return "absent" if re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d+)?)?", value, re.ASCII) else "invalid"


def checked_time(value: object) -> Sent:
    """Return a time of day that some clock reads."""
    sent = time_of_day(value)
    if not str(sent).startswith("24"):
        loose.time_exists(str(sent))
    return sent


def whole_date(value: object) -> Sent:
    """Return a date, or an infinity."""
    if isinstance(value, str) and is_date(value):
        return checked(value)
    if isinstance(value, str) and (infinite := loose.infinite(value)):
        return infinite
    both = isinstance(value, str) and moment_match(value)
    raise Raised("part" if both else "invalid", f"{value!r:.60} is no date")


def checked_date(value: object) -> Sent:
    """Return a date that is in the calendar."""
    sent = whole_date(value)
    if not str(sent).endswith("infinity"):
        loose.day_exists(str(sent))
    return sent
