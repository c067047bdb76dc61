"""Dates and times: ISO text in every spelling SQLite takes, and counts since 1970.

PostgreSQL keeps microseconds and rounds what it parses
(https://www.postgresql.org/docs/current/datatype-datetime.html). Here digits past the sixth are
truncated, as the applications themselves do, and counted. A real is cut as text is: the shortest
decimal of the double, floored at the microsecond. A text without an offset is in the zone that
the settings declare, a bare date is midnight there. A local time that a zone has twice or
not at all (https://www.rfc-editor.org/rfc/rfc9557) is listed by the plan.

What a number counts is told from its range, of digits in text too: seconds, milli-, micro- and
nanoseconds of the years 1973 to 2286 don't overlap, and neither do Julian days of 1858 to 2132 in
a column with reals. Text and numbers in one column are told apart value by value. Years are 1 to
9999, those of SQLite's date functions less the year 0.

24:00 is the next day's midnight, and counted; in a time it stays. `infinity` is taken. A leap
second, an impossible day, 0000-00-00 and years BC are refused, or NULL by the setting `invalid`.
"""

from collections.abc import Callable

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _temporal_load as load
from cutover.coercions import _temporal_load_rules as made
from cutover.coercions import _temporal_meaning as means
from cutover.coercions import _temporal_rules as rules
from cutover.coercions import _temporal_units as units
from cutover.coercions import _temporal_zones as zones
from cutover.coercions._rulings import Asker
from cutover.coercions._temporal_probe import precision_option, probe
from cutover.profile import Problem, fraction_digits, is_date
from cutover.registry import coercions

NAME = "temporal"

_TYPES = {*zones.INSTANTS, "date", "time without time zone"}


class Temporal:
    """The coercion of `timestamptz`, `timestamp`, `date` and `time` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a date or time type (`time with time zone` is not)."""
        return base_type(facts.target.type) in _TYPES

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value that is not as usual what it is."""
        return probe(facts)

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence; a zone's name is looked up in the system's database."""
        asker, type_ = Asker(NAME, facts), base_type(facts.target.type)
        options = {"type": type_, "text": zones.spelling(asker)}
        options |= precision_option(facts.target.type)
        if type_ in zones.INSTANTS:
            options |= zones.zone_option(facts) | units.unit_options(asker)
        if _is_exact(asker, options):
            options["exact"] = "yes"
        return asker.ruling(options, _changes(asker, options), rules.unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where the server reads every text as it is meant."""
        return None if "exact" in options else load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that lose a fraction or gain a time of day."""
        return made.alterations(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the instant, the clock's reading, the day or the time that is stored."""
        return means.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the same of the server's own text; what Python can't read equals nothing."""
        return means.loaded(options)


def _is_exact(asker: Asker, options: Options) -> bool:
    classes = asker.facts.profile.classes.items()
    only_text = all(tally.count == 0 or name in ("null", "text") for name, tally in classes)
    long = asker.forms(lambda form: fraction_digits(form) > 6).count
    spellings = {"timestamp with time zone": "zoned", "timestamp without time zone": "naive"}
    wanted = spellings.get(options["type"], options["text"])
    return only_text and not long and options["text"] == wanted


def _changes(asker: Asker, options: Options) -> dict[str, int]:
    """Count what forms and classes alone decide; the rest was told one by one."""
    profile = asker.facts.profile
    if "precision" in options:
        return {}
    changes = {made.TRUNCATED: profile.problem(Problem.LOST_FRACTION).count}
    if options["type"] not in zones.INSTANTS:
        return changes
    if options["type"] == "timestamp without time zone":
        counted = asker.stored("integer", "real").count + asker.forms(units.is_number).count
        changes[made.CLOCK] = counted
    absent = profile.question("absent day").count
    changes[made.MIDNIGHT] = asker.forms(is_date).count - absent
    return changes


coercions.register(NAME, Temporal())
