"""Load's side of dates and times: text is rewritten as text.

A text keeps its date and time, loses digits past the sixth, and gains the offset that it lacks; it
is the server that reads it. Whether its day exists is looked at where a setting asks for it.
"""

from typing import Any

from cutover.abc import Converter, Options, Sent
from cutover.coercions import _temporal_load_loose as loose
from cutover.coercions._questions import Raised, answering, null_answers
from cutover.coercions._temporal_load_counts import micros, spelled
from cutover.coercions._temporal_load_many import Instants
from cutover.coercions._temporal_load_parts import (
    checked_date,
    checked_time,
    is_date,
    is_number,
    moment_match,
    time_of_day,
    whole_date,
)
from cutover.coercions._temporal_load_precision import cutting
from cutover.coercions._temporal_load_zones import FIRST_DAY, LAST_DAY, Placed, placing


def converter(options: Options) -> Converter:
    """Return the conversion into one type; ValueError for what is no such date or time."""
    checking = options.get("invalid") == "null"
    read = reader(options, options.get("fraction", ""), checking=checking)
    if options["type"] == "timestamp with time zone" and "precision" not in options:
        read = Instants(read, _common_offset(options))
    return answering(read, null_answers(options))


def reader(options: Options, way: str = "", *, checking: bool) -> Converter:
    """Return what reads a value of one type strictly, but for fractions that are cut by `way`.

    Without `checking`, a day that no calendar has is left to the server, which refuses it.
    """
    kind = options["type"]
    if kind == "date":
        part: Converter = checked_date if checking else whole_date
    elif kind.startswith("time "):
        part = checked_time if checking else time_of_day
    else:
        part = _instant(options, checking=checking)
    return cutting(_not_empty(part), int(options.get("precision", "6")), way)


def _not_empty(read: Converter) -> Converter:
    def convert(value: Any) -> Sent:
        if value == "":
            raise Raised("empty", "'' is no date or time")
        return read(value)

    return convert


def _instant(options: Options, *, checking: bool) -> Converter:
    place, unit = placing(options), options.get("unit", "")
    to_instant = options["type"] == "timestamp with time zone"
    offset = _common_offset(options) if to_instant else None

    def convert(value: object) -> Sent:
        match = moment_match(value) if isinstance(value, str) else None
        if match is None:
            return _other(value, place, unit, convert)
        head, more, zone = match[1], match[2], match[3] or offset
        if more and head[-7] != ".":
            raise Raised("invalid", f"{value!r:.60} is no date and time")
        if checking:
            loose.moment_exists(head)
        if to_instant and zone and FIRST_DAY < head < LAST_DAY:
            return f"{head}{zone}"
        return place(head, zone)

    return convert


def _common_offset(options: Options) -> str | None:
    """Return what a text without an offset gains; only UTC gives all of them the same."""
    return "+00:00" if options.get("zone") == "UTC" else None


def _other(value: object, place: Placed, unit: str, convert: Converter) -> Sent:
    if isinstance(value, str):
        if is_date(value):
            loose.day_exists(value)
            return place(f"{value} 00:00:00", None)
        if not is_number(value):
            return loose.infinite(value) or convert(_respelled(value))
    return place(spelled(micros(value, unit)[0]), "+00:00")


def _respelled(value: str) -> str:
    text = loose.usual(value)
    if moment_match(text) is None:
        raise Raised("absent", f"{value!r:.60} does not exist")
    return text
