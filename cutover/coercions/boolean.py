"""Booleans: 0 and 1, and the words that stand for them.

SQLite has no boolean; applications store INTEGER 0 and 1, and affinity lets anything else in
beside them (https://sqlite.org/datatype3.html). The words are those that PostgreSQL reads
(https://www.postgresql.org/docs/current/datatype-boolean.html). A 2 is truth to `WHERE flag` and
not to `WHERE flag = 1`, so only a person can say which it is. Digits in text are judged by the
profile's samples; `convert` raises ValueError for those that are neither '0' nor '1'.
"""

from collections.abc import Callable, Hashable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions._rulings import EMPTY_AS_NULL, Asker
from cutover.plan import Finding
from cutover.profile import Form
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

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        words = asker.forms(lambda form: form in (Form.BOOLEAN, Form.INTEGER))
        changes = {_WORD: words.count, _REAL: facts.profile.count("real")}
        return asker.ruling({"exact": "yes"}, changes, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is 0 or 1: PostgreSQL's own input reads those digits."""
        return None if "exact" in options else _converter(nulled="empty" in options)

    def alters(self, options: Options) -> Callable[[object], str | None]:  # noqa: ARG002 - the protocol's
        """Return what tells words, reals and '' from 0 and 1."""
        return _altered

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the truth that is stored; 0 and 1 equal False and True as they are."""
        return None if "exact" in options else _meaning(nulled="empty" in options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return None: a boolean is read back as one."""
        return None


def _unsettled(asker: Asker) -> Iterator[Finding]:
    profile, hint = asker.facts.profile, asker.repair(f"{asker.column} NOT IN (0, 1)")
    reals = (profile.real_min, profile.real_max)
    for low, high in ((profile.integer_min, profile.integer_max), reals):
        if low is not None and high is not None and not (low >= 0 and high <= 1):
            detail = f"they run from {low} to {high}"
            yield from asker.refuse_range("are neither 0 nor 1", hint, detail)
    broken = profile.count("real") - profile.integral_reals
    if broken and profile.real_min is not None and profile.real_min >= 0:
        yield from asker.refuse_range("lie between 0 and 1", hint, f"{broken:,} have a fraction")
    yield from asker.refuse_empty()
    yield from asker.refuse_other_than("integer", "real", "text", hint=hint)
    known = (Form.BOOLEAN, Form.EMPTY, Form.INTEGER)
    yield from asker.refuse(asker.forms(lambda f: f not in known), "are no boolean word", hint)
    digits = asker.forms(lambda form: form == Form.INTEGER)
    if not {sample.value for sample in digits.samples} <= {"'0'", "'1'"}:
        yield from asker.refuse(digits, "are digits, and not all of them 0 or 1", hint)


def _converter(*, nulled: bool) -> Converter:
    def convert(value: object) -> Sent:
        if nulled and value == "":
            return None
        word = value.lower() if isinstance(value, str) else value
        if word in _READ:
            return _READ[word]
        raise ValueError(f"{value!r:.60} is no boolean")

    return convert


def _altered(value: object) -> str | None:
    if isinstance(value, str):
        return _WORD if value else EMPTY_AS_NULL
    return _REAL if isinstance(value, float) else None


def _meaning(*, nulled: bool) -> Meaning:
    def meaning(value: object) -> Hashable:
        match value:
            case "" if nulled:
                return None
            case 0 | 1:
                return value == 1
            case str():
                return _truth(value.casefold())
        raise ValueError(f"{value!r:.60} does not mean a boolean")

    return meaning


def _truth(word: str) -> bool:
    if word in {"0", "f", "false", "n", "no", "off"}:
        return False
    if word in {"1", "t", "true", "y", "yes", "on"}:
        return True
    raise ValueError(f"{word!r:.60} does not mean a boolean")


coercions.register(NAME, Boolean())
