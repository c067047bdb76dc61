"""Which dates and times are as usual, told by their forms and extents for many at once."""

import re
from collections.abc import Callable
from operator import itemgetter

from cutover.abc import Group, Options
from cutover.coercions._temporal_load_zones import FIRST_DAY, LAST_DAY
from cutover.coercions._temporal_zones import INSTANTS
from cutover.profile import Form, Problem, has_zone, is_date, is_datetime, is_time

_NANOSECONDS = 10**17
"""No less can be nanoseconds since 1973."""

_TAIL = itemgetter(slice(-len("+HH:MM"), None))
"""An offset of any form that is usual, and no more: there are few of them among many values."""
_FAR = re.compile(r"[+-](?:1[6-9]|[2-9]\d)(?::?\d\d)?$", re.ASCII)


def plain_of(options: Options) -> Callable[[Group], bool]:
    """Return what tells that no value of a group raises a question, or is altered unseen."""
    of_instants, zone = options["type"] in INSTANTS, options.get("zone")
    on_clock = options["type"] == "timestamp without time zone"
    places = of_instants and not on_clock and zone not in (None, "UTC")

    def usual(form: str) -> bool:
        if places and not (has_zone(form) or form == Form.EMPTY):
            return False
        if on_clock and has_zone(form):
            return False
        if of_instants:
            return is_datetime(form) or is_date(form) or form == Form.EMPTY
        wanted = is_date if options["type"] == "date" else is_time
        return wanted(form) or form == Form.EMPTY

    def plain(group: Group) -> bool:
        first = group.values[0]
        if "precision" in options or isinstance(first, bytes):
            return False
        if isinstance(first, str):
            absent = Problem.NO_SUCH_INSTANT in group.problems
            return not absent and all(map(usual, group.forms)) and not _may_be_far(group)
        return of_instants and (on_clock or _is_exact(group))

    return plain


def _may_be_far(group: Group) -> bool:
    """Tell whether an offset may lead out of the years 1 to 9999, or be none that there is."""
    values = [value for value in group.values if value]
    zoned = any("+" in form for form in group.forms)
    if not (values and zoned):
        return False
    tails = set(map(_TAIL, values))
    return min(values) < FIRST_DAY or max(values) > LAST_DAY or any(map(_FAR.search, tails))


def _is_exact(group: Group) -> bool:
    values = group.values
    return type(values[0]) is int and max(values) < _NANOSECONDS
