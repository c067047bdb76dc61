"""Arrays: from the text of a JSON array, or of an array literal as PostgreSQL writes one.

`["a", null]` and `{a,NULL}` become one array. Its elements must be of the array's type: strings for
text and uuid, numbers without a fraction for integers, true and false for boolean. Neither form is
counted as a change: what is meant is the list. An array within an array is refused, because
PostgreSQL knows no lists of different lengths there
(https://www.postgresql.org/docs/current/arrays.html).
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.coercions import _array_load as load
from cutover.coercions import _array_meaning as means
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._array_load_elements import ELEMENTS
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "array"


class Array:
    """The coercion of arrays of text, numbers, booleans and uuids."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is an array whose elements are of a simple type."""
        type_ = facts.target.type
        return type_.endswith("[]") and type_.removesuffix("[]") in ELEMENTS

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is an array of such elements."""
        read = load.reader(facts.target.type.removesuffix("[]"))
        answers = questions.null_answers(questions.given(facts.settings))
        convert = questions.answering(read, answers)
        return Probe(tells=questions.telling(read, convert, lambda _value: None))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        return asker.ruling({"element": facts.target.type[:-2]}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return what spells an array literal."""
        read = load.reader(options["element"])
        return questions.answering(read, questions.null_answers(options))

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that a setting makes NULL."""
        return questions.naming(load.reader(options["element"]), options, lambda _value: None)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return what the elements mean that are stored."""
        return or_null(means.stored(options["element"]), options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return what the elements mean that were loaded."""
        return means.loaded(options["element"])


def _unsettled(asker: Asker) -> Iterator[Finding]:
    yield from asker.refuse_empty()
    type_ = asker.facts.target.type
    hint = f"{asker.retype('jsonb')}; or {asker.retype('text')}"
    detail = "neither a JSON array of such elements nor an array literal; nested ones are not taken"
    yield from asker.ask("invalid", f"are no {type_}", hint, detail)


coercions.register(NAME, Array())
