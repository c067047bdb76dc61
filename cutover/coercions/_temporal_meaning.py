"""Verify's side of dates and times: the instant in UTC, the clock's reading, the day, the time.

All are what Python's datetime reads from ISO text, which truncates at the microsecond
(https://docs.python.org/3/library/datetime.html#datetime.datetime.fromisoformat). It cannot read
`infinity`, years BC or 10000: such a loaded value means its own text, and equals no stored one but
a stored `infinity`.
"""

from collections.abc import Hashable
from datetime import UTC, datetime, time
from typing import Any

from cutover.abc import Meaning, Options
from cutover.coercions._answers_meant import or_null
from cutover.coercions._columns import Instants
from cutover.coercions._temporal_meaning_counts import instants
from cutover.coercions._temporal_meaning_loose import read
from cutover.coercions._temporal_meaning_parts import day, reading, time_of_day
from cutover.coercions._temporal_meaning_precision import kept
from cutover.coercions._temporal_meaning_zones import in_utc, located, zone_of

_fromisoformat = datetime.fromisoformat


def loaded(options: Options) -> Meaning | None:
    """Return what the server's own text means."""
    kind = options["type"]
    if kind == "date":
        return None
    read_back = reading(time.fromisoformat if kind.startswith("time ") else _fromisoformat)
    return Instants(read_back) if kind == "timestamp with time zone" else read_back


def stored(options: Options) -> Meaning | None:
    """Return what a stored value means."""
    if options["type"] == "date" and "exact" in options:
        return None
    meaning: Meaning
    match options["type"]:
        case "date":
            meaning = day
        case "time without time zone":
            meaning = time_of_day
        case "timestamp with time zone":
            meaning = _instants(options)
        case _:
            meaning = _clocks(options)
    if "precision" in options and "fraction" in options:
        meaning = kept(meaning, int(options["precision"]), options["fraction"])
    return or_null(meaning, options)


def _instants(options: Options) -> Meaning:
    if "text" not in options["classes"]:
        return instants(options.get("unit", ""))
    if options["classes"] == "text" and "unit" not in options and "invalid" not in options:
        if options["text"] == "zoned":
            return Instants(_zoned)
        if options.get("zone") == "UTC":
            return _utc
    return lambda value: _instant(value, options)


def _zoned(value: str) -> Hashable:
    try:
        moment = _fromisoformat(value)
    except ValueError:
        return _instant(value, {})
    return moment if moment.tzinfo is UTC else in_utc(moment)


def _utc(value: str) -> Hashable:
    try:
        moment = _fromisoformat(value)
    except ValueError:
        return _instant(value, {"zone": "UTC"})
    if moment.tzinfo is None:
        return _fromisoformat(f"{value if len(value) > 10 else moment}+00:00")
    return moment if moment.tzinfo is UTC else in_utc(moment)


def _clocks(options: Options) -> Meaning:
    if options["classes"] == "text" and options["text"] == "naive" and "invalid" not in options:
        return _naive
    return lambda value: _clock(value, options)


def _naive(value: str) -> Hashable:
    try:
        return _fromisoformat(value)
    except ValueError:
        return _clock(value, {})


def _clock(value: object, options: Options) -> Hashable:
    if isinstance(value, str) and not _counts(value, options):
        moment = read(value)
        if isinstance(moment, str) or moment.tzinfo is None:
            return moment
    instant, zone = _instant(value, options), zone_of(options)
    if not isinstance(instant, datetime):
        return instant
    try:
        return zone.fromutc(instant.replace(tzinfo=zone)).replace(tzinfo=None, fold=0)
    except OverflowError as error:
        raise ValueError(f"{value!r:.60} is outside the years 1 to 9999") from error


def _instant(value: Any, options: Options) -> Hashable:
    if not isinstance(value, str) or _counts(value, options):
        return instants(options.get("unit", ""))(value)
    moment = read(value)
    if isinstance(moment, str):
        return moment
    return in_utc(moment if moment.tzinfo else located(moment, zone_of(options)))


def _counts(value: str, options: Options) -> bool:
    """Tell whether a text is a number: it has no hyphen where a date has its first."""
    return "unit" in options and value[4:5] != "-" and value[-1:].isdigit()
