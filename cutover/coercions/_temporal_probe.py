"""What is asked of single dates and times while they are scanned: of those that are not as usual.

What a form alone decides, a missing zone or a bare date, is counted by forms. A local time where
clocks are put forward and back, a day that may not exist, an odd spelling, a real and a
type of fewer digits are asked about one by one.
"""

from collections.abc import Callable
from typing import Any

from cutover.abc import ColumnFacts, Options, Probe
from cutover.catalog import base_type
from cutover.coercions import _temporal_load_rules as rules
from cutover.coercions._questions import given
from cutover.coercions._temporal_load_loose import is_day_end
from cutover.coercions._temporal_load_precision import kept_of
from cutover.coercions._temporal_plain import plain_of
from cutover.coercions._temporal_units import is_number, likely_unit
from cutover.coercions._temporal_zones import INSTANTS, zone_option
from cutover.profile import form_of, has_zone, is_date, is_datetime, is_time

Tells = Callable[[Any], str | None]


def precision_option(type_: str) -> dict[str, str]:
    """Return how many digits of a second a type keeps, where they are fewer than six."""
    kept = kept_of(type_)
    return {"precision": str(kept)} if kept < 6 else {}


def probe(facts: ColumnFacts) -> Probe:
    """Return what is asked of the values of one column."""
    type_ = base_type(facts.target.type)
    options = {**given(facts.settings), "type": type_, **precision_option(facts.target.type)}
    if type_ in INSTANTS:
        options |= zone_option(facts)
    return Probe(tells=_tells(options, facts.settings.unit), plain=plain_of(options))


def _tells(options: Options, unit: str | None) -> Tells:
    by_unit: dict[str, Tells] = {}

    def tells(value: Any) -> str | None:
        counted = ""
        if options["type"] in INSTANTS and _is_count(value):
            counted = unit or likely_unit(float(value)) or ""
            if not counted:
                return None  # the range of all numbers is a finding of its own
        if counted not in by_unit:
            by_unit[counted] = _tells_in({**options, "unit": counted})
        return by_unit[counted](value)

    return tells


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return is_number(form_of(value))
    return isinstance(value, int | float)


def _tells_in(options: Options) -> Tells:
    asked, altered = rules.questioning(options), rules.altering(options)
    by_form = "precision" not in options
    on_clock = options["type"] == "timestamp without time zone"

    def tells(value: Any) -> str | None:
        form = form_of(value) if isinstance(value, str) else ""
        usual = is_datetime(form) or is_date(form) or is_number(form) or is_time(form)
        question = asked(value)
        if question is not None:
            return None if question == "zone" and (usual or not form) else question
        counted = (usual and (on_clock or not is_number(form))) or (on_clock and not form)
        if not (by_form and counted) or (form and is_day_end(value)):
            return altered(value)
        # What is on another clock, and lost no digits, is all that its form does not tell.
        rule = altered(value) if has_zone(form) else None
        return rule if rule == rules.CLOCK else None

    return tells
