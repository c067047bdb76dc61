r"""JSON: for jsonb the same document, for json the same text.

jsonb keeps a document, not its text: no spaces, keys in its own order, the last of equal keys,
numbers as numeric (https://www.postgresql.org/docs/current/datatype-json.html). It refuses
`\u0000`, lone surrogates, and numbers beyond numeric, which json takes: json checks the grammar
only. A column that SQLite's declared type JSON makes NUMERIC has turned '1' into 1 and '1.50'
into 1.5; these arrive as JSON numbers. BLOBs of UTF-8 JSON text are taken, SQLite's own binary
format JSONB is not. '' is no document in either database.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions import _json_meaning
from cutover.coercions._rulings import EMPTY_AS_NULL, Asker
from cutover.plan import Finding
from cutover.profile import Form, Problem, Tally
from cutover.registry import coercions

NAME = "json"

_NUMBER = "number as JSON"


class Json:
    """The coercion of `json` and `jsonb` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is json or jsonb."""
        return base_type(facts.target.type) in ("json", "jsonb")

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        numbers = facts.profile.count("integer") + facts.profile.count("real")
        options = {"type": facts.target.type, "exact": "yes"}
        return asker.ruling(options, {_NUMBER: numbers}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is text: the server reads it itself."""
        as_is = "exact" in options and options["classes"] == "text"
        return None if as_is else _converter(nulled="empty" in options)

    def alters(self, options: Options) -> Callable[[object], str | None]:  # noqa: ARG002 - the protocol's
        """Return what tells numbers and '' from documents."""
        return _altered

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the document that is stored, or its text for json."""
        return _json_meaning.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the document that was loaded, or its text for json."""
        return _json_meaning.Whole() if options["type"] == "jsonb" else None


def _unsettled(asker: Asker) -> Iterator[Finding]:
    profile, column = asker.facts.profile, asker.column
    text = asker.stored("text", "blob")
    if not profile.json_checked:
        hint = "profile the column as JSON: make a new plan, or " + asker.retype("text")
        yield from asker.refuse(text, "have not been checked to be JSON", hint)
    yield from asker.refuse_empty()
    repair = f"{asker.repair(f'NOT json_valid({column})')}; or {asker.retype('text')}"
    yield from asker.refuse(_not_json(asker), "are not JSON", repair)
    hint = asker.retype("text")
    odd = asker.problem(Problem.NUL, Problem.INVALID_UTF8)
    yield from asker.refuse(odd, "hold a NUL character or are not UTF-8", hint)
    if profile.real_max == float("inf") or profile.real_min == -float("inf"):
        detail = f"they run from {profile.real_min} to {profile.real_max}"
        yield from asker.refuse_range("are infinite, which no JSON number is", repair, detail)
    if asker.facts.target.type == "jsonb":
        keep = asker.retype("json")
        nul = asker.problem(Problem.JSON_NUL)
        yield from asker.refuse(nul, r"hold \u0000, which jsonb refuses", keep)
        surrogate = asker.problem(Problem.JSON_SURROGATE)
        yield from asker.refuse(surrogate, "hold a lone surrogate, which jsonb refuses", keep)
        number = asker.problem(Problem.JSON_NUMBER)
        yield from asker.refuse(number, "hold a number beyond numeric", keep)


def _not_json(asker: Asker) -> Tally:
    """Return what is not JSON, without '', which has a finding and a setting of its own."""
    found, empty = asker.problem(Problem.NOT_JSON), asker.forms(lambda form: form == Form.EMPTY)
    samples = tuple(sample for sample in found.samples if sample.value != "''")
    return Tally(max(0, found.count - empty.count), samples)


def _converter(*, nulled: bool) -> Converter:
    def convert(value: object) -> Sent:
        if nulled and value == "":
            return None
        if isinstance(value, str | bytes):
            return _checked(value if isinstance(value, str) else value.decode())
        if isinstance(value, int | float) and abs(value) != float("inf"):
            return repr(value)
        raise ValueError(f"{value!r:.60} is no JSON")

    return convert


def _checked(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError(f"{text!r:.60} is no JSON")
    text.encode()
    return text


def _altered(value: object) -> str | None:
    if value == "":
        return EMPTY_AS_NULL
    return _NUMBER if isinstance(value, int | float) else None


coercions.register(NAME, Json())
