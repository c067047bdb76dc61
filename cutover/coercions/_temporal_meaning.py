"""Verify's side of dates and times: the instant in UTC, the clock's reading, the day, the time.

All are what Python's datetime reads from ISO text, which truncates at the microsecond
(https://docs.python.org/3/library/datetime.html#datetime.datetime.fromisoformat). It cannot read
`infinity`, years BC or 10000: such a loaded value means its own text, and equals no stored one.
"""

from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, time

from cutover.abc import Meaning, Options
from cutover.coercions._columns import Instants
from cutover.coercions._temporal_meaning_counts import since_1970
from cutover.coercions._temporal_meaning_zones import in_utc, located, zone_of

_fromisoformat = datetime.fromisoformat


def loaded(options: Options) -> Meaning | None:
    """Return what the server's own text means."""
    kind = options["type"]
    if kind == "date":
        return None
    reading = _reading(time.fromisoformat if kind.startswith("time ") else _fromisoformat)
    return Instants(reading) if kind == "timestamp with time zone" else reading


def stored(options: Options) -> Meaning | None:
    """Return what a stored value means."""
    if options["type"] == "date" and "exact" in options:
        return None
    meaning: Meaning
    match options["type"]:
        case "date":
            meaning = _day
        case "time without time zone":
            meaning = _time
        case "timestamp with time zone":
            meaning = _instants(options)
        case _:
            meaning = _clocks(options)
    if "empty" not in options:
        return meaning
    return lambda value: None if value == "" else meaning(value)


def _reading(parse: Callable[[str], Hashable]) -> Meaning:
    def loaded(text: str) -> Hashable:
        try:
            return parse(text)
        except ValueError:
            return text

    return loaded


def _day(value: object) -> Hashable:
    return date.fromisoformat(_text(value)).isoformat()


def _time(value: object) -> Hashable:
    return time.fromisoformat(_text(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r:.60} means no date or time")


def _instants(options: Options) -> Meaning:
    if "text" not in options["classes"]:
        return since_1970(options.get("unit", ""))
    if options["classes"] != "text" or "unit" in options:
        return lambda value: _instant(value, options)
    if options["text"] == "zoned":
        return Instants(_zoned)
    return _utc if options.get("zone") == "UTC" else lambda value: _instant(value, options)


def _zoned(value: str) -> Hashable:
    moment = _fromisoformat(value)
    return moment if moment.tzinfo is UTC else in_utc(moment)


def _utc(value: str) -> Hashable:
    moment = _fromisoformat(value)
    if moment.tzinfo is None:
        return _fromisoformat(f"{value if len(value) > 10 else moment}+00:00")
    return moment if moment.tzinfo is UTC else in_utc(moment)


def _clocks(options: Options) -> Meaning:
    if options["classes"] == "text" and options["text"] == "naive":
        return _fromisoformat
    return lambda value: _clock(value, options)


def _clock(value: object, options: Options) -> Hashable:
    if isinstance(value, str) and not _counts(value, options):
        moment = _fromisoformat(value)
        if moment.tzinfo is None:
            return moment
    instant, zone = _instant(value, options), zone_of(options)
    try:
        return zone.fromutc(instant.replace(tzinfo=zone)).replace(tzinfo=None, fold=0)
    except OverflowError as error:
        raise ValueError(f"{value!r:.60} is outside the years 1 to 9999") from error


def _instant(value: object, options: Options) -> datetime:
    if not isinstance(value, str) or _counts(value, options):
        return since_1970(options.get("unit", ""))(value)
    moment = _fromisoformat(value)
    return in_utc(moment if moment.tzinfo else located(moment, zone_of(options)))


def _counts(value: str, options: Options) -> bool:
    """Tell whether a text is a number: it has no hyphen where a date has its first."""
    return "unit" in options and value[4:5] != "-"
