"""Numbers: integers in their range, binary numbers to the last bit, decimals digit for digit.

SQLite's INTEGER has 64 bits, its REAL is an IEEE 754 double (https://sqlite.org/datatype3.html).
`smallint`, `integer` and `bigint` take integers, reals without a fraction, and digits in text.
`double precision` takes reals bit by bit, infinities, NaN and -0.0 too, integers up to 2^53, and
of digits in text the nearest double. `real` takes what its four bytes hold exactly. `numeric` takes
a real as the shortest decimal that is this double.

What a fraction in an integer column, a scale or four bytes would cut is refused, or cut by the
setting `fraction`: `round` takes a half away from zero (in four bytes, to the even one), `truncate`
leaves the digits out.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Group, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _numeric_load as load
from cutover.coercions import _numeric_meaning as means
from cutover.coercions._questions import given
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "numeric"
_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
_TYPES = {*_BITS, "real", "double precision", "numeric"}
_LARGER = {"smallint": "bigint", "integer": "bigint", "bigint": "numeric", "real": "numeric"}


class Numeric:
    """The coercion of the number types."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a number type."""
        return base_type(facts.target.type) in _TYPES

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether the type holds it exactly."""
        type_ = facts.target.type
        return Probe(tells=load.tells(type_, given(facts.settings)), plain=_plain(type_))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker, kind = Asker(NAME, facts), base_type(facts.target.type)
        options = {"type": facts.target.type, "exact": "yes"}
        return asker.ruling(options, {}, _unsettled(asker, kind))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is of one class that the type takes as it is."""
        return None if _as_is(options) else load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that are read as another kind of number."""
        return load.alterations(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the number that is stored: for binary numbers, its bytes."""
        return means.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the number that was loaded."""
        return means.loaded(options)


def _as_is(options: Options) -> bool:
    of_doubles = base_type(options["type"]) == "double precision"
    return "exact" in options and options["classes"] == ("real" if of_doubles else "integer")


def _plain(type_: str) -> Callable[[Group], bool]:
    """Return what tells a group that the type takes as it is: by the extent of its values."""
    kind = base_type(type_)
    if kind == "double precision":
        return lambda group: type(group.values[0]) is float
    half = 2 ** (_BITS[kind] - 1) if kind in _BITS else load.whole_limit(type_)

    def plain(group: Group) -> bool:
        values = group.values
        return type(values[0]) is int and -half <= min(values) and max(values) < half

    return plain


def _unsettled(asker: Asker, kind: str) -> Iterator[Finding]:
    column, type_ = asker.column, asker.facts.target.type
    yield from asker.refuse_empty()
    text = f"typeof({column}) IN ('text', 'blob')"
    hint = f"{asker.retype('text')}; or {asker.repair(text)}"
    yield from asker.ask("invalid", f"are no number that {type_} takes", hint)
    larger = asker.retype(_LARGER.get(kind, "numeric"))
    yield from asker.ask("range", f"are outside what {type_} holds exactly", larger, _extent(asker))
    wider = asker.retype("double precision" if kind in {*_BITS, "real"} else "numeric")
    yield from asker.ask("fraction", f"have a fraction that {type_} has no room for", wider)
    detail = "it has 4 bytes, SQLite's REAL has 8"
    yield from asker.ask("precision", f"have more digits than {type_} holds", wider, detail)


def _extent(asker: Asker) -> str:
    profile = asker.facts.profile
    lows = (profile.integer_min, profile.real_min, profile.digits_min)
    highs = (profile.integer_max, profile.real_max, profile.digits_max)
    seen = [end for end in (*lows, *highs) if end is not None]
    return f"the numbers run from {min(seen)} to {max(seen)}" if seen else ""


coercions.register(NAME, Numeric())
