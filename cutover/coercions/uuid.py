"""UUIDs: canonical text in any case, 32 hex digits, or 16 bytes.

PostgreSQL stores 128 bits and prints them in lower case with hyphens
(https://www.postgresql.org/docs/current/datatype-uuid.html), so a spelling is not carried, only
the value; where an application compares spellings, its column is text. A uuid declared without a
TEXT word has NUMERIC affinity in SQLite, which turns some hex digits into numbers: such a value is
lost in the source already. The profile has no form for 32 hex digits, nor the shortest blob:
those are judged by its samples, and `convert` raises ValueError for others.
"""

import re
from collections.abc import Callable, Hashable, Iterator

from cutover.abc import ColumnFacts, Converter, Meaning, Options, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions._rulings import EMPTY_AS_NULL, Asker
from cutover.plan import Finding
from cutover.profile import Form
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

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts)
        digits = asker.forms(_may_be_hex)
        changes = {_HEX: digits.count, _BYTES: facts.profile.count("blob")}
        return asker.ruling({"exact": "yes"}, changes, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where all is canonical text, which PostgreSQL reads in any case."""
        return None if "exact" in options else _converter(nulled="empty" in options)

    def alters(self, options: Options) -> Callable[[object], str | None]:  # noqa: ARG002 - the protocol's
        """Return what tells the other spellings from the canonical one."""
        return _altered

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the 16 bytes that are stored or spelled."""
        return _meaning if "empty" not in options else lambda v: None if v == "" else _meaning(v)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return the 16 bytes that the server spells."""
        return _meaning


def _may_be_hex(form: str) -> bool:
    return form in (Form.OTHER, Form.INTEGER, Form.REAL)


def _unsettled(asker: Asker) -> Iterator[Finding]:
    profile, hint = asker.facts.profile, asker.retype("text")
    repair = asker.repair(f"typeof({asker.column}) IN ('integer', 'real')")
    detail = "SQLite's numeric affinity has destroyed the digits: look for them elsewhere"
    numbers = asker.stored("integer", "real")
    yield from asker.refuse(numbers, "are numbers, not uuids", repair, detail)
    yield from asker.refuse_empty()
    known = (Form.UUID, Form.EMPTY)
    others = asker.forms(lambda form: form not in known and not _may_be_hex(form))
    yield from asker.refuse(others, "are no uuid", hint)
    digits = asker.forms(_may_be_hex)
    if not all(_TEXT.fullmatch(sample.value.strip("'")) for sample in digits.samples):
        yield from asker.refuse(digits, "are not all spelled as a uuid", hint)
    blobs = asker.stored("blob")
    if not all(len(sample.value) == len("x''") + 32 for sample in blobs.samples):
        yield from asker.refuse(blobs, "are bytes, not all of them 16", asker.retype("bytea"))
    elif not blobs.count and profile.characters_max > 36:
        yield from asker.refuse_range("are longer than a uuid", hint, "36 characters at most")


def _converter(*, nulled: bool) -> Converter:
    def convert(value: object) -> Sent:
        if nulled and value == "":
            return None
        if isinstance(value, bytes) and len(value) == 16:
            return value.hex()
        if isinstance(value, str) and _TEXT.fullmatch(value):
            return value
        raise ValueError(f"{value!r:.60} is no uuid")

    return convert


def _altered(value: object) -> str | None:
    if value == "":
        return EMPTY_AS_NULL
    if isinstance(value, bytes):
        return _BYTES
    return _HEX if isinstance(value, str) and len(value) == 32 else None


def _meaning(value: object) -> Hashable:
    match value:
        case bytes() if len(value) == 16:
            return value
        case str() if len(value) in (32, 36):
            return bytes.fromhex(value.replace("-", ""))
    raise ValueError(f"{value!r:.60} does not mean a uuid")


coercions.register(NAME, Uuid())
