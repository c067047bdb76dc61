"""Booleans: 0 and 1, and the words that stand for them.

PostgreSQL's boolean reads the digits 0 and 1, and the words true, false, t, f, yes, no, y, n, on,
off in any case (https://www.postgresql.org/docs/current/datatype-boolean.html). SQLite has no
boolean class; its keywords TRUE and FALSE are 1 and 0. Another number has no one meaning: 2 is
true to C and false to an application that compares with 1. It is refused, or anything but 0 is true
by the setting `boolean = "nonzero"`.
"""

import re
from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Group, Meaning, Options, Probe, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._boolean_meaning import nonzero, truth
from cutover.coercions._questions import Raised
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "boolean"

_WORD, _REAL = "word as boolean", "real as boolean"
_READ: dict[object, bool] = {
    **dict.fromkeys((1, "true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys((0, "false", "f", "no", "n", "off", "0"), False),
}


class Boolean:
    """The coercion of `boolean` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a boolean."""
        return base_type(facts.target.type) == "boolean"

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is a truth."""
        convert = _converter(questions.given(facts.settings))
        return Probe(tells=questions.telling(_strict, convert, _altered), plain=_is_bits)

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        return asker.ruling({"exact": "yes"}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is 0 or 1: PostgreSQL's own input reads those digits."""
        return None if "exact" in options else _converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells words, reals, other numbers and '' from 0 and 1."""
        return questions.naming(_strict, options, _altered)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the truth that is stored; 0 and 1 equal False and True as they are."""
        if "exact" in options:
            return None
        return or_null(nonzero if "boolean" in options else truth, options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return None: a boolean is read back as one."""
        return None


def _is_bits(group: Group) -> bool:
    values = group.values
    return type(values[0]) is int and min(values) >= 0 and max(values) <= 1


def _unsettled(asker: Asker) -> Iterator[Finding]:
    profile, hint = asker.facts.profile, asker.repair(f"{asker.column} NOT IN (0, 1)")
    ends = (profile.integer_min, profile.real_min, profile.integer_max, profile.real_max)
    seen = [end for end in ends if end is not None]
    detail = f"the numbers run from {min(seen)} to {max(seen)}" if seen else ""
    yield from asker.ask("boolean", "are neither 0 nor 1", hint, detail)
    yield from asker.refuse_empty()
    yield from asker.ask("invalid", "are no boolean", hint)


def _strict(value: object) -> Sent:
    word = value.lower() if isinstance(value, str) else value
    if word in _READ:
        return _READ[word]
    if word == "":
        raise Raised("empty", "'' is no boolean")
    if isinstance(word, int | float) or (isinstance(word, str) and _is_digits(word)):
        raise Raised("boolean", f"{value!r:.60} is no boolean, neither 0 nor 1")
    raise Raised("invalid", f"{value!r:.60} is no boolean")


def _is_digits(word: str) -> bool:
    return re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)", word, re.ASCII) is not None


def _converter(options: Options) -> Converter:
    answers = questions.null_answers(options)
    if options.get("boolean") == "nonzero":
        answers["boolean"] = lambda number: float(number) != 0
    return questions.answering(_strict, answers)


def _altered(value: object) -> str | None:
    if isinstance(value, str):
        return _WORD
    return _REAL if isinstance(value, float) else None


coercions.register(NAME, Boolean())
