r"""JSON: for jsonb the same document, for json the same text.

jsonb keeps a document, not its text: no spaces, keys in its own order, the last of equal keys,
numbers as numeric (https://www.postgresql.org/docs/current/datatype-json.html). It refuses
`\u0000`, lone surrogates, and numbers beyond numeric, which json takes: json checks the grammar
only. A column that SQLite's declared type JSON makes NUMERIC has turned '1' into 1 and '1.50'
into 1.5; these arrive as JSON numbers. BLOBs of UTF-8 JSON text are taken, SQLite's own binary
format JSONB is not. '' is no document in either database.

What is no JSON has the setting `json`: `null`, or `string` for a JSON string of the text. What
jsonb can't hold in a string has `nul`: `escape` writes the six characters that spell it, `strip`
leaves it out, `null` gives up the document.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _json_load as load
from cutover.coercions import _json_meaning
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.profile import Form, Problem, Tally
from cutover.registry import coercions

NAME = "json"
_MORE_THAN_JSONB = {Problem.JSON_NUL, Problem.JSON_SURROGATE}


class Json:
    """The coercion of `json` and `jsonb` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is json or jsonb."""
        return base_type(facts.target.type) in ("json", "jsonb")

    def probe(self, facts: ColumnFacts) -> Probe | None:
        """Count what the setting `nul` alters; the scan itself looks for what is no JSON."""
        answer = facts.settings.nul
        if facts.target.type != "jsonb" or answer not in load.RULES["nul"]:
            return None
        return Probe(
            tells=load.telling(answer, judged=facts.settings.json_ != "refuse"),
            plain=lambda group: not group.problems & _MORE_THAN_JSONB,
        )

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        options = {"type": facts.target.type, "exact": "yes"}
        changes = {load.NUMBER: facts.profile.count("integer") + facts.profile.count("real")}
        for question, tally in _questions(asker).items():
            if answer := asker.answer(question):
                options[question] = answer
                if question == "json":
                    changes[load.RULES[question][answer]] = tally.count
        return asker.ruling(options, changes, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is text: the server reads it itself."""
        as_is = "exact" in options and options["classes"] == "text"
        return None if as_is else load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells numbers, '' and what the policies touch from documents."""
        return load.alterations(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the document that is stored, or its text for json."""
        return _json_meaning.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the document that was loaded, or its text for json."""
        return _json_meaning.Whole() if options["type"] == "jsonb" else None


def _questions(asker: Asker) -> dict[str, Tally]:
    """Return what has a setting, where there is any of it."""
    found = {"json": _not_json(asker)}
    if asker.facts.target.type == "jsonb":
        found["nul"] = asker.problem(Problem.JSON_NUL, Problem.JSON_SURROGATE)
    return {question: tally for question, tally in found.items() if tally.count}


def _unsettled(asker: Asker) -> Iterator[Finding]:
    profile, column = asker.facts.profile, asker.column
    text = asker.stored("text", "blob")
    if not profile.json_checked:
        hint = "profile the column as JSON: make a new plan, or " + asker.retype("text")
        yield from asker.refuse(text, "have not been checked to be JSON", hint)
    yield from asker.refuse_empty()
    repair = f"{asker.repair(f'NOT json_valid({column})')}; or {asker.retype('text')}"
    yield from asker.ask("json", "are not JSON", repair, tally=_not_json(asker))
    if asker.answer("json") == "string":
        odd = asker.problem(Problem.NUL, Problem.INVALID_UTF8)
        hint = f"{asker.retype('text')}; or {asker.setting('json', 'null')}"
        yield from asker.refuse(odd, "hold a NUL or are not UTF-8, and no JSON string", hint)
    if profile.real_max == float("inf") or profile.real_min == -float("inf"):
        detail = f"they run from {profile.real_min} to {profile.real_max}"
        yield from asker.refuse_range("are infinite, which no JSON number is", repair, detail)
    if asker.facts.target.type == "jsonb":
        keep = asker.retype("json")
        nul, half = asker.problem(Problem.JSON_NUL), asker.problem(Problem.JSON_SURROGATE)
        yield from asker.ask("nul", r"hold \u0000, which jsonb refuses", keep, tally=nul)
        words = "hold a lone surrogate, which jsonb refuses"
        yield from asker.ask("nul", words, keep, tally=half)
        number = asker.problem(Problem.JSON_NUMBER)
        yield from asker.refuse(number, "hold a number beyond numeric", keep)


def _not_json(asker: Asker) -> Tally:
    """Return what is not JSON, without '', which has a finding and a setting of its own."""
    found, empty = asker.problem(Problem.NOT_JSON), asker.forms(lambda form: form == Form.EMPTY)
    samples = tuple(sample for sample in found.samples if sample.value != "''")
    return Tally(max(0, found.count - empty.count), samples)


coercions.register(NAME, Json())
