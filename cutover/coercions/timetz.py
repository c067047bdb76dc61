"""Times of day with an offset: `time with time zone`, which keeps the offset that it is given.

A text without one is refused unless the setting `zone` is UTC: no other zone has one offset the
whole year. Digits past the sixth are truncated, and counted
(https://www.postgresql.org/docs/current/datatype-datetime.html).
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import time

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _questions as questions
from cutover.coercions import _timetz_load as load
from cutover.coercions._answers_meant import or_null
from cutover.coercions._rulings import Asker
from cutover.coercions._temporal_load_precision import kept_of
from cutover.coercions._temporal_meaning_precision import kept
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "timetz"


class TimeTz:
    """The coercion of `time with time zone` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a time of day with an offset."""
        return base_type(facts.target.type) == "time with time zone"

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is a time with an offset."""
        options = {**questions.given(facts.settings), **_stated(facts)}
        strict, convert = load.reader(options), load.converter(options)
        return Probe(tells=questions.telling(strict, convert, load.altered))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        return asker.ruling(_stated(facts), {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return what spells a time with six digits at most, and its offset."""
        return load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that lose digits."""
        return questions.naming(load.reader(options), options, load.altered)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the time and the offset that are stored."""
        meaning: Meaning = _in_utc if "zone" in options else _meaning
        if "fraction" in options:
            meaning = kept(meaning, int(options["precision"]), options["fraction"])
        return or_null(lambda value: _told(meaning(value)), options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return the time and the offset that were loaded; 24:00 is its own text."""
        return lambda text: text if text[:2] == "24" else _told(_meaning(text))


def _stated(facts: ColumnFacts) -> dict[str, str]:
    zone = {"zone": "UTC"} if (facts.settings.zone or "").upper() == "UTC" else {}
    return {"precision": str(kept_of(facts.target.type)), **zone}


def _unsettled(asker: Asker) -> Iterator[Finding]:
    text = asker.retype("text")
    yield from asker.refuse_empty()
    yield from asker.ask("invalid", "are no time of day", text)
    utc = f"If they are UTC, say so {asker.setting('zone', 'UTC')}; or {asker.retype('time')}"
    yield from asker.ask("zone", "carry no offset", utc)
    kept_ = kept_of(asker.facts.target.type)
    yield from asker.ask("fraction", f"have more than {kept_} digits after the second", text)


def _meaning(value: object) -> time:
    if not isinstance(value, str) or value[2:3] != ":":
        raise ValueError(f"{value!r:.60} means no time of day")
    return time.fromisoformat(value.upper().replace(" ", ""))


def _in_utc(value: object) -> time:
    read = _meaning(value)
    return read if read.tzinfo else time.fromisoformat(f"{read.isoformat()}+00:00")


def _told(moment: Hashable) -> Hashable:
    """Return the clock's reading with its offset: Python takes equal instants for equal."""
    if not isinstance(moment, time) or moment.utcoffset() is None:
        raise ValueError(f"{moment} carries no offset")
    return moment.replace(tzinfo=None), moment.utcoffset()


coercions.register(NAME, TimeTz())
