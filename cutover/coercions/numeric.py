"""Numbers: integers in their range, doubles to the last bit, decimals digit for digit.

SQLite's INTEGER has 64 bits, its REAL is an IEEE 754 double (https://sqlite.org/datatype3.html).
`smallint`, `integer` and `bigint` take integers, reals without a fraction, and digits in text.
`double precision` takes reals bit by bit, infinities and -0.0 too, and integers up to 2^53. `real`
has four bytes, and the profile cannot tell whether they suffice: it takes nothing. `numeric` takes
a real as the shortest decimal that is this double; `convert` refuses what a scale would round.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Ruling
from cutover.catalog import base_type
from cutover.coercions import _numeric_load as load
from cutover.coercions import _numeric_meaning as means
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.profile import Form
from cutover.registry import coercions

NAME = "numeric"
_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
_TYPES = {*_BITS, "real", "double precision", "numeric"}
_NOT_ALL_DOUBLES = (-(2**53) - 1, 2**53 + 1)


class Numeric:
    """The coercion of the number types."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a number type."""
        return base_type(facts.target.type) in _TYPES

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker, kind = Asker(NAME, facts), base_type(facts.target.type)
        reals, digits = facts.profile.count("real"), asker.forms(_is_digits(kind)).count
        changes = {
            load.INTEGRAL: facts.profile.integral_reals if kind in _BITS else 0,
            load.SHORTEST: reals if kind == "numeric" else 0,
            load.DIGITS: digits,
        }
        options = {"type": facts.target.type, "exact": "yes"}
        return asker.ruling(options, changes, _unsettled(asker, kind))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is of one class that the type takes as it is."""
        return None if _as_is(options) else load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that are read as another kind of number."""
        return load.alterations(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the number that is stored: for double precision, its eight bytes."""
        return means.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the number that was loaded."""
        return means.loaded(options)


def _as_is(options: Options) -> bool:
    of_doubles = base_type(options["type"]) == "double precision"
    return "exact" in options and options["classes"] == ("real" if of_doubles else "integer")


def _is_digits(kind: str) -> Callable[[str], bool]:
    forms = {"numeric": (Form.INTEGER, Form.REAL), "double precision": (), "real": ()}
    return lambda form: form in forms.get(kind, (Form.INTEGER,))


def _unsettled(asker: Asker, kind: str) -> Iterator[Finding]:
    column, type_ = asker.column, asker.facts.target.type
    yield from asker.refuse_empty()
    repair = asker.repair(f"typeof({column}) IN ('text', 'blob')")
    yield from asker.refuse(asker.stored("blob"), "are stored as BLOB", repair)
    hint = f"{asker.retype('text')}; or {repair}"
    digits = _is_digits(kind)
    words = asker.forms(lambda form: form != Form.EMPTY and not digits(form))
    yield from asker.refuse(words, f"are text that no {type_} is", hint)
    if kind == "real":
        numbers, hint = asker.stored("integer", "real"), asker.retype("double precision")
        detail = "it has 4 bytes, SQLite's REAL has 8"
        yield from asker.refuse(numbers, "are numbers that a real may round", hint, detail)
    elif kind == "double precision":
        hint = asker.retype("numeric")
        yield from _outside(asker, _NOT_ALL_DOUBLES, hint)
    elif kind == "numeric":
        limit = 10 ** load.whole_digits_limit(type_)
        yield from _outside(asker, (-limit, limit), asker.retype("numeric"))
    else:
        yield from _not_whole(asker, kind)


def _not_whole(asker: Asker, kind: str) -> Iterator[Finding]:
    profile, half = asker.facts.profile, 2 ** (_BITS[kind] - 1)
    broken = profile.count("real") - profile.integral_reals
    if broken:
        detail = f"{broken:,} have a fraction, or more than 64 bits"
        uneven = f"{asker.column} <> CAST({asker.column} AS INTEGER)"
        hint = f"{asker.retype('double precision')}; or {asker.repair(uneven)}"
        yield from asker.refuse_range(f"are reals that no {kind} is", hint, detail)
    larger = "numeric" if kind == "bigint" else "bigint"
    yield from _outside(asker, (-half - 1, half), asker.retype(larger))


def _outside(asker: Asker, bounds: tuple[int, int], hint: str) -> Iterator[Finding]:
    profile, type_ = asker.facts.profile, asker.facts.target.type
    reals = (profile.real_min, profile.real_max)
    ranges = [(profile.integer_min, profile.integer_max), reals]
    for low, high in ranges[:1] if type_ == "double precision" else ranges:
        if low is not None and high is not None and not (bounds[0] < low and high < bounds[1]):
            detail = f"they run from {low} to {high}"
            yield from asker.refuse_range(f"are outside what {type_} holds exactly", hint, detail)


coercions.register(NAME, Numeric())
