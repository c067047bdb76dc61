r"""Text: the characters as they are.

PostgreSQL's text holds every character but NUL, and only UTF-8
(https://www.postgresql.org/docs/current/datatype-character.html); SQLite stores any bytes. What
becomes of a value with a NUL is the setting `nul`:

- `escape`: the value gets `\0` for NUL and `\\` for a backslash. So does a value that already reads
  `\0`, else it would look like an escaped one; no other value changes. A loaded value is an
  escaped one exactly if it reads `\0`, and verify turns it back.
- `strip` leaves NULs out, `null` makes the value NULL, `bytea` asks for a column of that type.

Bytes that are not UTF-8 have the setting `utf8`: `escape` writes each as `\xhh`, as above, and
`replace` puts U+FFFD in its place. Text that is too long has `overlong`: `truncate` keeps its
beginning.

A number in a text column arrives as SQLite's own text of it; a real as SQLite's 15 digits where
they read back as the same double, else with as many as it takes. Trailing blanks mean nothing in
`character(n)`: neither side of verify sees them. `name` and `"char"` would be cut in silence.
"""

from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, ForLong, Meaning, Options, Probe, Ruling
from cutover.catalog import base_type
from cutover.coercions import _questions as questions
from cutover.coercions import _text_load, _text_load_long, _text_meaning
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

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether the type holds its characters."""
        given = questions.given(facts.settings)
        tells = _text_load.tells(facts.target.type, given)
        return Probe(tells=tells, plain=_text_load.plain(facts.target.type, given))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts, takes_empty=True)
        return asker.ruling({"type": facts.target.type, "exact": "yes"}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is text without a NUL."""
        return None if "exact" in options else _text_load.converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells numbers, and text that the NUL policy touches."""
        return _text_load.alterations(options)

    def for_long(self, options: Options) -> ForLong | None:
        """Return how the NUL policy is kept slice by slice, None where there is more to it."""
        return _text_load_long.for_long(options)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the characters that are stored."""
        return None if "exact" in options else _text_meaning.stored(options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return the characters that were loaded, escapes undone."""
        return None if "exact" in options else _text_meaning.loaded(options)


def _unsettled(asker: Asker) -> Iterator[Finding]:
    facts, column = asker.facts, asker.column
    bytea, type_ = asker.retype("bytea"), base_type(asker.facts.target.type)
    yield from _nul(asker)
    odd = asker.problem(Problem.INVALID_UTF8)
    yield from asker.ask("utf8", "are not UTF-8", bytea, tally=odd)
    yield from asker.ask("invalid", "are stored as BLOB", bytea, tally=asker.stored("blob"))
    limit = _text_load.limit_of(facts.target.type)
    detail = f"the longest has {facts.profile.characters_max:,} characters"
    hint = f"{asker.retype('text')}; or {asker.repair(f'length({column}) > {limit}')}"
    yield from asker.ask("overlong", f"have more than {limit} characters", hint, detail)
    yield from asker.ask("range", "have no room once they are escaped", asker.retype("text"))
    width = _BYTES_MAX.get(type_)
    if width is not None and facts.profile.bytes_max > width:
        detail = f"the longest has {facts.profile.bytes_max:,} bytes"
        yield from asker.refuse_range(f"exceed {width} bytes", asker.retype("text"), detail)


def _nul(asker: Asker) -> Iterator[Finding]:
    tally, bytea = asker.problem(Problem.NUL), asker.retype("bytea")
    if asker.facts.settings.nul == "null" and not asker.facts.target.nullable:
        hint = f"let the target column take NULL, or {asker.setting('nul', 'escape')}"
        yield from asker.refuse(tally, "hold a NUL, and the target takes no NULL", hint)
    else:
        yield from asker.ask("nul", "hold a NUL character", bytea, tally=tally)


coercions.register(NAME, Text())
