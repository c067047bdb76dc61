"""Column facts for the tests of coercions: a real profile of real SQLite values."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from cutover.abc import Coercion, ColumnFacts, Probe
from cutover.catalog import Column, Key, Table
from cutover.profile import ColumnProfile, Stored
from cutover.registry import coercions
from cutover.settings import ColumnSettings
from cutover.sources.sqlite.scan import scan

Values = Sequence[Stored]


def profile_of(values: Values, *, json: bool = False, probe: Probe | None = None) -> ColumnProfile:
    """Store the values in a column without affinity, keys from 1, and profile it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, sent_at)")
        for key, value in enumerate(values, start=1):
            # Text goes in as bytes: Python binds none that is not UTF-8, and SQLite stores it.
            stored = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            place = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            connection.execute(f"INSERT INTO messages VALUES (?, {place})", (key, stored))
        table = Table(
            name="messages",
            columns=(Column(name="id", type="INTEGER"), Column(name="sent_at", type="")),
            primary_key=Key(name=None, columns=("id",)),
        )
        found = scan(
            connection,
            table,
            where=None,
            json_columns=frozenset({"sent_at"} if json else ()),
            emit=lambda _: None,
            probes={"sent_at": probe} if probe else {},
        )
    return found.column("sent_at")


def facts_of(
    values: Values,
    type_: str,
    *,
    nullable: bool = True,
    labels: tuple[str, ...] = (),
    **settings: Any,
) -> ColumnFacts:
    """Return the facts of a source column of these values and a target column of that type."""
    empty = ColumnFacts(
        subject='"messages"."sent_at"',
        setting="messages.sent_at",
        source=Column(name="sent_at", type=""),
        target=Column(name="sent_at", type=type_, nullable=nullable, labels=labels),
        profile=ColumnProfile(column="sent_at"),
        settings=ColumnSettings(**settings),
    )
    claims = [leaf for leaf in coercions.all().values() if leaf.claims(empty)]
    probe = claims[0].probe(empty) if len(claims) == 1 else None
    return replace(empty, profile=profile_of(values, json=type_.startswith("json"), probe=probe))


def coercion_of(facts: ColumnFacts) -> Coercion:
    """Return the one coercion that claims the column."""
    (leaf,) = (leaf for leaf in coercions.all().values() if leaf.claims(facts))
    return leaf


class Coerced:
    """A column's coercion with its ruling, ready to be asked about single values."""

    def __init__(self, values: Values, type_: str, **settings: Any) -> None:
        facts = facts_of(values, type_, **settings)
        self.leaf = coercion_of(facts)
        self.ruling = self.leaf.rule(facts)
        self.options = self.ruling.options

    @property
    def changes(self) -> dict[str, int]:
        """The changes of the ruling, by rule."""
        return {change.rule: change.count for change in self.ruling.changes}

    @property
    def refusals(self) -> list[str]:
        """The messages of what is unsettled."""
        return [finding.message for finding in self.ruling.unsettled]

    def sent(self, value: Stored) -> Any:
        """Return what load sends for a stored value."""
        convert = self.leaf.convert(self.options)
        return value if convert is None else convert(value)

    def stored_means(self, value: Stored) -> Any:
        """Return the meaning of a stored value."""
        meaning = self.leaf.meaning_of_stored(self.options)
        return value if meaning is None else meaning(value)

    def loaded_means(self, value: Any) -> Any:
        """Return the meaning of a loaded value."""
        meaning = self.leaf.meaning_of_loaded(self.options)
        return value if meaning is None or value is None else meaning(value)

    def agree(self, stored: Stored, loaded: Any) -> bool:
        """Tell whether verify takes the two for the same."""
        return bool(self.stored_means(stored) == self.loaded_means(loaded))

    def altered(self, value: Stored) -> str | None:
        """Return the rule by which load alters a value."""
        return self.leaf.alters(self.options)(value)
