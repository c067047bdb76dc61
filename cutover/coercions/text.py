r"""Text: the characters as they are.

PostgreSQL's text holds every character but NUL, and only UTF-8
(https://www.postgresql.org/docs/current/datatype-character.html); SQLite stores any bytes. What
becomes of a value with a NUL is the setting `nul`:

- `escape`: the value gets `\0` for NUL and `\\` for a backslash. So does a value that already reads
  `\0`, else it would look like an escaped one; no other value changes. A loaded value is an
  escaped one exactly if it reads `\0`, and verify turns it back.
- `strip` leaves NULs out, `null` makes the value NULL, `bytea` asks for a column of that type.

A number in a text column arrives as SQLite's own text of it; a real as SQLite's 15 digits where
they read back as the same double, else with as many as it takes. Trailing blanks mean nothing in
`character(n)`: neither side of verify sees them. `name` and `"char"` would be cut in silence.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Ruling
from cutover.catalog import base_type
from cutover.coercions import _text_load, _text_meaning
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.profile import Problem
from cutover.registry import coercions

NAME = "text"

_TYPES = {"text", "character varying", "character", "name", '"char"'}
_BYTES_MAX = {"name": 63, '"char"': 1}


class Text:
    """The coercion of the character types, and of `citext`."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a character type; citext lies in any schema."""
        type_ = base_type(facts.target.type)
        return type_ in _TYPES or type_.rpartition(".")[2] == "citext"

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker, type_ = Asker(NAME, facts), facts.target.type
        nul = facts.profile.problem(Problem.NUL).count
        options = {"type": type_, "exact": "yes"}
        padded = base_type(type_) == "character"
        changes = {
            _text_load.NUMBER: facts.profile.count("integer") + facts.profile.count("real"),
            _text_load.PADDED: facts.profile.count("text") if padded else 0,
        }
        policy = facts.settings.nul
        if nul and policy in _text_load.NUL_RULES:
            options["nul"] = policy
            changes[_text_load.NUL_RULES[policy]] = nul
        return asker.ruling(options, changes, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is text without a NUL."""
        return None if "exact" in options else _text_load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells numbers, and text that the NUL policy touches."""
        return _text_load.alterations(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the characters that are stored."""
        return None if "exact" in options else _text_meaning.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the characters that were loaded, escapes undone."""
        return None if "exact" in options else _text_meaning.loaded(options)


def _unsettled(asker: Asker) -> Iterator[Finding]:
    facts, column = asker.facts, asker.column
    yield from _nul(asker)
    bytea = asker.retype("bytea")
    yield from asker.refuse(asker.problem(Problem.INVALID_UTF8), "are not UTF-8", bytea)
    yield from asker.refuse(asker.stored("blob"), "are stored as BLOB", bytea)
    limit = _length(facts.target.type)
    if limit is not None and facts.profile.characters_max > limit:
        detail = f"the longest has {facts.profile.characters_max:,} characters"
        hint = f"{asker.retype('text')}; or {asker.repair(f'length({column}) > {limit}')}"
        yield from asker.refuse_range(f"are longer than {limit:,} characters", hint, detail)
    width = _BYTES_MAX.get(base_type(facts.target.type))
    if width is not None and facts.profile.bytes_max > width:
        detail = f"the longest has {facts.profile.bytes_max:,} bytes"
        yield from asker.refuse_range(f"exceed {width} bytes", asker.retype("text"), detail)


def _nul(asker: Asker) -> Iterator[Finding]:
    tally = asker.problem(Problem.NUL)
    match asker.facts.settings.nul:
        case "refuse":
            policies = '"escape", "strip" or "null"'
            hint = f"choose {policies} {asker.setting('nul', 'escape')}; or {asker.retype('bytea')}"
            yield from asker.refuse(tally, "hold a NUL character", hint)
        case "bytea":
            yield from asker.refuse(tally, "hold a NUL character", asker.retype("bytea"))
        case "null" if not asker.facts.target.nullable:
            hint = f"let the target column take NULL, or {asker.setting('nul', 'escape')}"
            yield from asker.refuse(tally, "hold a NUL, and the target takes no NULL", hint)


def _length(type_: str) -> int | None:
    _, found, rest = type_.partition("(")
    return int(rest.rstrip(")")) if found else None


coercions.register(NAME, Text())
