"""Addresses: `inet`, `cidr`, `macaddr` and `macaddr8`, from their usual text.

An inet keeps its mask; an address without one has the whole of it. A cidr has no bits beyond its
mask (https://www.postgresql.org/docs/current/datatype-net-types.html). PostgreSQL would read short
forms too, `10.1` as 10.1.0.0/16 in a cidr, where others read 10.0.0.1: they are refused, and so are
leading zeros, zones (`%eth0`), and numbers. Spellings are not carried, only the address.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _network_load as load
from cutover.coercions import _network_meaning as means
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "network"


class Network:
    """The coercion of the address types."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is an address."""
        return base_type(facts.target.type) in load.READERS

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is an address."""
        read = load.READERS[facts.target.type]
        answers = questions.null_answers(questions.given(facts.settings))
        convert = questions.answering(read, answers)
        return Probe(tells=questions.telling(read, convert, lambda _value: None))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        return asker.ruling({"type": facts.target.type, "exact": "yes"}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is text that PostgreSQL reads the same way."""
        if "exact" in options:
            return None
        read = load.READERS[options["type"]]
        return questions.answering(read, questions.null_answers(options))

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that a setting makes NULL."""
        return questions.naming(load.READERS[options["type"]], options, lambda _value: None)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the bytes of the address that is stored, and its mask."""
        return or_null(means.stored(options["type"]), options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the bytes of the address that was loaded, and its mask."""
        return means.loaded(options["type"])


def _unsettled(asker: Asker) -> Iterator[Finding]:
    yield from asker.refuse_empty()
    hint = asker.retype("text")
    yield from asker.ask("invalid", f"are no {asker.facts.target.type}", hint)


coercions.register(NAME, Network())
