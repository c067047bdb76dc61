"""UUIDs: canonical text in any case, 32 hex digits, or 16 bytes.

PostgreSQL stores 128 bits and prints them in lower case with hyphens
(https://www.postgresql.org/docs/current/datatype-uuid.html), so a spelling is not carried, only
the value; where an application compares spellings, its column is text. A uuid declared without a
TEXT word has NUMERIC affinity in SQLite, which turns some hex digits into numbers: such a value is
lost in the source already.
"""

import re
from collections.abc import Callable, Hashable, Iterator

from cutover.abc import ColumnFacts, Converter, Group, Meaning, Options, Probe, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._questions import Raised
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.profile import Form, Tally
from cutover.registry import coercions

NAME = "uuid"

_HEX, _BYTES = "32 hex digits as uuid", "16 bytes as uuid"
_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")


class Uuid:
    """The coercion of `uuid` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a uuid."""
        return base_type(facts.target.type) == "uuid"

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is 128 bits."""
        convert = _converter(questions.given(facts.settings))
        return Probe(tells=questions.telling(_strict, convert, _altered), plain=_is_canonical)

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        return asker.ruling({"exact": "yes"}, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is canonical text, which PostgreSQL reads in any case."""
        return None if "exact" in options else _converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the other spellings from the canonical one."""
        return questions.naming(_strict, options, _altered)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the 16 bytes that are stored or spelled."""
        return or_null(_meaning, options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return the 16 bytes that the server spells."""
        return _meaning


def _is_canonical(group: Group) -> bool:
    return group.forms == {Form.UUID}


def _unsettled(asker: Asker) -> Iterator[Finding]:
    hint = asker.retype("text")
    repair = asker.repair(f"typeof({asker.column}) IN ('integer', 'real')")
    detail = "SQLite's numeric affinity has destroyed the digits: look for them elsewhere"
    numbers = asker.stored("integer", "real")
    yield from asker.ask("invalid", "are numbers, not uuids", repair, detail, numbers)
    yield from asker.refuse_empty()
    invalid = asker.facts.profile.question("invalid")
    samples = tuple(s for s in invalid.samples if s.value.startswith(("'", "x'", "CAST")))
    others = Tally(invalid.count - numbers.count, samples)
    yield from asker.ask("invalid", "are no uuid", hint, tally=others)


def _strict(value: object) -> Sent:
    if isinstance(value, bytes) and len(value) == 16:
        return value.hex()
    if isinstance(value, str) and _TEXT.fullmatch(value):
        return value
    raise Raised("empty" if value == "" else "invalid", f"{value!r:.60} is no uuid")


def _converter(options: Options) -> Converter:
    return questions.answering(_strict, questions.null_answers(options))


def _altered(value: object) -> str | None:
    if isinstance(value, bytes):
        return _BYTES
    return _HEX if isinstance(value, str) and len(value) == 32 else None


def _meaning(value: object) -> Hashable:
    match value:
        case bytes() if len(value) == 16:
            return value
        case str() if len(value) in (32, 36) and value.isascii() and " " not in value:
            return bytes.fromhex(value.replace("-", ""))
    raise ValueError(f"{value!r:.60} does not mean a uuid")


coercions.register(NAME, Uuid())
