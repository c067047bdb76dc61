"""Load's side of dates and times: text is rewritten as text.

A text keeps its date and time, loses digits past the sixth, and gains the offset that it lacks; it
is the server that reads it.
"""

import re
from collections.abc import Callable

from cutover.abc import Converter, Options, Sent
from cutover.coercions._rulings import EMPTY_AS_NULL
from cutover.coercions._temporal_load_counts import micros, spelled
from cutover.coercions._temporal_load_zones import FIRST_DAY, LAST_DAY, Placed, checked, placing

TRUNCATED = "fraction truncated to microseconds"
COUNT_TRUNCATED = "count truncated to microseconds"
MIDNIGHT = "date as midnight"
CLOCK = "instant as its zone's clock"

# Head, further digits, zone. The digits may only go on after six of a fraction.
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6}+)?+)?+)(\d{0,3}+)"
_ZONE = r"(Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?+)?+"
_moment = re.compile(rf"(\d{{4}}-\d\d-\d\d[T ]{_TIME}{_ZONE}", re.ASCII).fullmatch
_time = re.compile(rf"({_TIME}", re.ASCII).fullmatch
# A fraction with more than zeros behind its sixth digit.
_long = re.compile(r".{19}\.\d{6}0{0,2}+[1-9]", re.ASCII).match
_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_number = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch


def converter(options: Options) -> Converter:
    """Return the conversion into one type; ValueError for what is no such date or time."""
    kind, nulled = options["type"], "empty" in options
    if kind == "date":
        part: Converter = _whole_date
    else:
        part = _time_of_day if kind.startswith("time ") else _instant(options)

    def convert(value: object) -> Sent:
        return None if nulled and value == "" else part(value)

    return part if not nulled else convert


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value; where two do, the graver one."""
    unit, on_clock = options.get("unit", ""), options["type"] == "timestamp without time zone"
    of_dates = options["type"] == "date"

    def altered(value: object) -> str | None:
        if value == "":
            return EMPTY_AS_NULL
        if of_dates:
            return None
        if isinstance(value, str):
            return _altered_text(value, unit, on_clock=on_clock)
        if on_clock:
            return CLOCK
        return COUNT_TRUNCATED if micros(value, unit)[1] else None

    return altered


def _altered_text(value: str, unit: str, *, on_clock: bool) -> str | None:
    if value[19:20] == "." and not on_clock:
        return TRUNCATED if _long(value) else None
    match = _moment(value)
    if found := match or _time(value):
        if found[2].strip("0"):
            return TRUNCATED
        return CLOCK if match and match[3] and on_clock else None
    if _date(value):
        return MIDNIGHT
    if on_clock:
        return CLOCK
    return COUNT_TRUNCATED if micros(value, unit)[1] else None


def _instant(options: Options) -> Converter:
    place, unit = placing(options), options.get("unit", "")
    to_instant = options["type"] == "timestamp with time zone"
    # What a text without an offset gains; only UTC gives all of them the same.
    offset = "+00:00" if to_instant and options.get("zone") == "UTC" else None

    def convert(value: object) -> Sent:
        match = _moment(value) if isinstance(value, str) else None
        if match is None:
            return _other(value, place, unit)
        head, more, zone = match[1], match[2], match[3] or offset
        if more and head[-7] != ".":
            raise ValueError(f"{value!r:.60} is no date and time")
        if to_instant and zone and FIRST_DAY < head < LAST_DAY:
            return f"{head}{zone}"
        return place(head, zone)

    return convert


def _other(value: object, place: Placed, unit: str) -> str:
    if isinstance(value, str):
        if _date(value):
            return place(f"{value} 00:00:00", None)
        if not _number(value):
            raise ValueError(f"{value!r:.60} is no date and time")
    return place(spelled(micros(value, unit)[0]), "+00:00")


def _time_of_day(value: object) -> Sent:
    match = _time(value) if isinstance(value, str) else None
    if match is None or (match[2] and match[1][-7] != "."):
        raise ValueError(f"{value!r:.60} is no time of day")
    return match[1]


def _whole_date(value: object) -> Sent:
    if isinstance(value, str) and _date(value):
        return checked(value)
    raise ValueError(f"{value!r:.60} is no date")
