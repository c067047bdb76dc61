"""Load's side of what dates and times lose or gain: the rule by which a value is altered."""

import re
from collections.abc import Callable
from typing import Any

from cutover.abc import Options
from cutover.coercions import _temporal_load as load
from cutover.coercions import _temporal_load_parts as parts
from cutover.coercions._questions import naming, raised_by
from cutover.coercions._temporal_load_counts import micros
from cutover.coercions._temporal_load_loose import NEXT_DAY, infinite, is_day_end, usual
from cutover.coercions._temporal_load_many import Truncations

TRUNCATED = "fraction truncated to microseconds"
COUNT_TRUNCATED = "count truncated to microseconds"
JULIAN = "Julian day rounded to milliseconds"
MIDNIGHT = "date as midnight"
CLOCK = "instant as its zone's clock"

# A fraction with more than zeros behind its sixth digit.
_long = re.compile(r".{19}\.\d{6}0{0,2}+[1-9]", re.ASCII).match
_beyond = re.compile(r".*\.\d{6}\d*[1-9]", re.ASCII).match


def alterations(options: Options) -> Callable[[Any], str | None]:
    """Return what names the rule that alters a value; where two do, the graver one."""
    altered = altering(options)
    if options["type"] == "timestamp with time zone" and "precision" not in options:
        altered = Truncations(altered, TRUNCATED)
    return naming(load.reader(options, checking=True), options, altered)


def questioning(options: Options) -> Callable[[Any], str | None]:
    """Return what names the question of a value under the settings, and what they cut it by."""
    asked = raised_by(load.reader(options, checking=True))
    if "precision" not in options or "fraction" not in options:
        return asked  # nothing is cut, which might raise another question
    taken = raised_by(load.reader(options, options["fraction"], checking=True))
    return lambda value: taken(value) or asked(value)


def altering(options: Options) -> Callable[[Any], str | None]:
    """Return what names the rule that alters a value that raises no question."""
    unit, on_clock = options.get("unit", ""), options["type"] == "timestamp without time zone"
    of_instants = options["type"].startswith("timestamp")

    def altered(value: object) -> str | None:
        if isinstance(value, str):
            return _altered_text(value, unit, on_clock=on_clock) if of_instants else _cut(value)
        return CLOCK if on_clock else _counted(value, unit)

    return altered


def _cut(value: str) -> str | None:
    return TRUNCATED if _beyond(value) else None


def _counted(value: object, unit: str) -> str | None:
    if not micros(value, unit)[1]:
        return None
    return JULIAN if unit == "julian" else COUNT_TRUNCATED


def _altered_text(value: str, unit: str, *, on_clock: bool) -> str | None:
    if value[19:20] == "." and not on_clock:
        return TRUNCATED if _long(value) else _loosely(value, on_clock=False)
    if match := parts.moment_match(value):
        if match[2].strip("0"):
            return TRUNCATED
        return CLOCK if match[3] and on_clock else None
    if parts.is_date(value):
        return MIDNIGHT
    if not parts.is_number(value):
        return None if infinite(value) else _loosely(value, on_clock=on_clock)
    return CLOCK if on_clock else _counted(value, unit)


def _loosely(value: str, *, on_clock: bool) -> str | None:
    if is_day_end(value):
        return NEXT_DAY
    if parts.moment_match(value):
        return None
    if _beyond(value.replace(",", ".")):
        return TRUNCATED
    match = parts.moment_match(usual(value))
    return CLOCK if match and match[3] and on_clock else None
