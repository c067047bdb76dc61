"""Binary: the bytes as they are.

Text in a bytea column arrives as its UTF-8 bytes, never decoded as base64 or hex however much it
looks like it. Text that is not UTF-8 is read with surrogates (PEP 383) in place of the odd
bytes, and so has its stored bytes still. Numbers have no one byte form, and are refused.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace

from cutover.abc import ColumnFacts, Converter, ForLong, Meaning, Options, Ruling, Sent
from cutover.catalog import base_type
from cutover.coercions._rulings import Asker
from cutover.registry import coercions

NAME = "binary"

_TEXT = "text as its bytes"


class Binary:
    """The coercion of `bytea` columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is a bytea."""
        return base_type(facts.target.type) == "bytea"

    def probe(self, facts: ColumnFacts) -> None:
        """Ask nothing: the storage classes say all."""

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts, takes_empty=True)
        hint = asker.repair(f"typeof({asker.column}) IN ('integer', 'real')")
        unsettled = asker.refuse_other_than("blob", "text", hint=hint)
        changes = {_TEXT: facts.profile.count("text")}
        return asker.ruling({"exact": "yes"}, changes, unsettled)

    def convert(self, options: Options) -> Converter | None:
        """Return None where all values are bytes."""
        return None if "exact" in options else _convert

    def alters(self, options: Options) -> Callable[[object], str | None]:  # noqa: ARG002 - the protocol's
        """Return what tells text from bytes."""
        return lambda value: _TEXT if isinstance(value, str) else None

    def for_long(self, options: Options) -> ForLong:  # noqa: ARG002 - the protocol's
        """Return what takes the bytes of text for a blob's."""
        return ForLong(
            lambda value: replace(value, storage_class="blob"),
            lambda value: _TEXT if value.storage_class == "text" else None,
        )

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the bytes that are stored."""
        return None if "exact" in options else _meaning

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return None: a bytea is read back as bytes."""
        return None


def _convert(value: object) -> Sent:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    raise ValueError(f"{value!r} has no bytes")


def _meaning(value: object) -> Hashable:
    match value:
        case bytes():
            return value
        case str():
            return bytes(value, encoding="utf-8", errors="surrogateescape")
    raise ValueError(f"{value!r} means no bytes")


coercions.register(NAME, Binary())
