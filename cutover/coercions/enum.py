"""Enums: one of the labels that the type has.

A label is text, compared character by character
(https://www.postgresql.org/docs/current/datatype-enum.html): `Open` is not `open`. What is none of
the labels is refused by name, or NULL by the setting `invalid`.
"""

import json
from collections.abc import Callable, Iterator

from cutover.abc import ColumnFacts, Converter, Group, Meaning, Options, Probe, Ruling, Sent
from cutover.coercions import _questions as questions
from cutover.coercions._answers_meant import or_null
from cutover.coercions._questions import Raised
from cutover.coercions._rulings import Asker
from cutover.plan import Finding
from cutover.registry import coercions

NAME = "enum"


class Enum:
    """The coercion of enum columns."""

    name = NAME

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether the target is an enum: its catalog then knows the labels."""
        return bool(facts.target.labels) and not facts.target.type.endswith("[]")

    def probe(self, facts: ColumnFacts) -> Probe:
        """Ask of each value whether it is a label."""
        labels = frozenset(facts.target.labels)
        read = _reader(labels)
        given = {**questions.given(facts.settings), "labels": json.dumps([*labels])}
        tells = questions.telling(read, _converter(given), lambda _value: None)
        return Probe(tells=tells, plain=_plain(labels))

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence."""
        asker = Asker(NAME, facts, takes_empty="" in facts.target.labels)
        options = {"labels": json.dumps(facts.target.labels), "exact": "yes"}
        return asker.ruling(options, {}, _unsettled(asker))

    def convert(self, options: Options) -> Converter | None:
        """Return None where every value is a label."""
        return None if "exact" in options else _converter(options)

    def alters(self, options: Options) -> Callable[[object], str | None]:
        """Return what tells the values that a setting makes NULL."""
        return questions.naming(_reader(_labels(options)), options, lambda _value: None)

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return the label that is stored."""
        if "exact" in options:
            return None
        known = json.loads(options["labels"])

        def meaning(value: object) -> object:
            if value in known:
                return value
            raise ValueError(f"{value!r:.60} means no label")

        return or_null(meaning, options)

    def meaning_of_loaded(self, options: Options) -> Meaning | None:  # noqa: ARG002 - the protocol's
        """Return None: the server's text is the label."""
        return None


def _labels(options: Options) -> frozenset[str]:
    return frozenset(json.loads(options["labels"]))


def _plain(labels: frozenset[str]) -> Callable[[Group], bool]:
    def plain(group: Group) -> bool:
        return type(group.values[0]) is str and set(group.values) <= labels

    return plain


def _reader(labels: frozenset[str]) -> Converter:
    def convert(value: object) -> Sent:
        if isinstance(value, str) and value in labels:
            return value
        raise Raised("empty" if value == "" else "invalid", f"{value!r:.60} is no label")

    return convert


def _converter(options: Options) -> Converter:
    return questions.answering(_reader(_labels(options)), questions.null_answers(options))


def _unsettled(asker: Asker) -> Iterator[Finding]:
    target, column = asker.facts.target, asker.column
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in target.labels)
    if not asker.takes_empty:
        yield from asker.refuse_empty()
    hint = f"add the label in the PostgreSQL set: ALTER TYPE {target.type} ADD VALUE '...'; or "
    hint += asker.repair(f"{column} NOT IN ({labels})")
    yield from asker.ask("invalid", f"are no label of {target.type}", hint, f"its labels: {labels}")


coercions.register(NAME, Enum())
