"""Intervals: months, days and microseconds, from the spellings that say which is which.

Taken are ISO 8601 (`P1Y2M3DT4H5M6.5S`), PostgreSQL's own words (`1 year 2 mons -3 days
04:05:06.5`), Python's `str(timedelta)` (`1 day, 2:03:04`), and numbers whose unit the settings
name (`unit = "us"`, as Django stores a DurationField). PostgreSQL keeps months, days and
microseconds apart (https://www.postgresql.org/docs/current/datatype-datetime.html): a day is not
24 hours, and both sides of verify keep them apart too.

What reads two ways is refused: `10:20` is ten hours or ten minutes, `1-2` a year or a day, `5m`
months or minutes, `1.5 days` a half of something. Digits past the sixth are truncated and counted.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _interval_load as load
from cutover.coercions import _interval_meaning as means
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "interval"


class Interval:
    """The coercion of `interval` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is an interval of all fields: `interval(3)` would round."""
        return base_type(facts.target.type) == facts.target.type == "interval"

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is an interval that reads one way."""
        unit = facts.settings.unit or ""
        read, answers = load.reader(unit), questions.null_answers(questions.given(facts.settings))
        convert = questions.answering(read, answers)
        return Probe(tells=questions.telling(read, convert, load.alterations(unit)))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker, unit = Asker(NAME, facts), facts.settings.unit
        return asker.ruling({"unit": unit} if unit else {}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return what spells months, days and seconds."""
        read = load.reader(options.get("unit", ""))
        return questions.answering(read, questions.null_answers(options))

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that lose digits, or that a setting makes NULL."""
        unit = options.get("unit", "")
        return questions.naming(load.reader(unit), options, load.alterations(unit))

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the months, days and microseconds that are stored."""
        return or_null(means.stored(options.get("unit", "")), options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return the months, days and microseconds that were loaded."""
        return means.loaded


def _unsettled(asker: Asker) -> Iterator[Finding]:
    yield from asker.refuse_empty()
    text = asker.retype("text")
    hint = f"say what they count (s, ms, us or ns) {asker.setting('unit', 'us')}; or {text}"
    yield from asker.ask("unit", "count no known unit", hint)
    yield from asker.ask("invalid", "are no interval that reads only one way", text)


coercions.register(NAME, Interval())
