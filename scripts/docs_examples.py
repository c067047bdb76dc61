"""Examples of coercions for their reference pages, made by running them.

Each value is stored in a real SQLite table, profiled, ruled on and converted, as a plan and a load
would. What the page shows is therefore what the code does.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from cutover.abc import ColumnFacts
from cutover.catalog import Column
from cutover.profile import ColumnProfile
from cutover.registry import coercions
from cutover.settings import ColumnSettings
from cutover.sources.sqlite.inspect import inspect
from cutover.sources.sqlite.scan import scan

OPENING = (
    "Each value stands alone in a column of the declared type. What is sent is what COPY gets; "
    "what is refused stops the plan."
)
HEADINGS = ("declared", "stored", "target", "setting", "is sent as", "counted as")


@dataclass(frozen=True, slots=True)
class Example:
    """One value: how it is declared and written in SQL, and what the target's column is."""

    declared: str
    stored: str
    target: str
    settings: str = ""
    labels: tuple[str, ...] = ()

    @property
    def column_settings(self) -> ColumnSettings:
        """The column's settings."""
        key, _, value = self.settings.partition(" = ")
        return ColumnSettings.model_validate({key: value.strip('"')} if key else {})


TZ, UTC = "timestamp with time zone", 'zone = "UTC"'
EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "binary": (
        Example("BLOB", "x'00ff'", "bytea"),
        Example("BLOB", "'AP8='", "bytea"),
        Example("BLOB", "17", "bytea"),
    ),
    "boolean": (
        Example("BOOLEAN", "1", "boolean"),
        Example("BOOLEAN", "'yes'", "boolean"),
        Example("BOOLEAN", "2", "boolean"),
        Example("BOOLEAN", "''", "boolean"),
        Example("BOOLEAN", "''", "boolean", 'empty = "null"'),
    ),
    "json": (
        Example("TEXT", """'{"b": 1, "a": [1.50]}'""", "jsonb"),
        Example("JSON", "'1.50'", "jsonb"),
        Example("TEXT", r"""'"\u0000"'""", "jsonb"),
        Example("TEXT", "'{]'", "jsonb"),
    ),
    "numeric": (
        Example("INTEGER", "9007199254740993", "bigint"),
        Example("REAL", "0.1", "double precision"),
        Example("INTEGER", "9007199254740993", "double precision"),
        Example("NUMERIC", "0.1", "numeric"),
        Example("TEXT", "'0042'", "integer"),
        Example("", "3.5", "bigint"),
    ),
    "temporal": (
        Example("TEXT", "'2026-03-22T00:30:19.740467+02:00'", TZ),
        Example("TEXT", "'2026-03-22 00:30:19.1234567+00:00'", TZ),
        Example("DATETIME", "'2026-03-22 00:30:19'", TZ),
        Example("DATETIME", "'2026-03-22 00:30:19'", TZ, UTC),
        Example("DATETIME", "'2026-03-22 00:30:19'", TZ, 'zone = "Europe/Berlin"'),
        Example("REAL", "1782907200.25", TZ),
        Example("INTEGER", "1782907200250", TZ),
        Example("INTEGER", "17", TZ),
        Example("DATE", "'2026-03-22'", TZ, UTC),
        Example("DATE", "'2026-02-30'", "date"),
    ),
    "text": (
        Example("TEXT", "'Ágætis byrjun'", "text"),
        Example("", "0.1", "text"),
        Example("TEXT", "'a' || char(0) || 'b'", "text"),
        Example("TEXT", "'a' || char(0) || 'b'", "text", 'nul = "escape"'),
        Example("TEXT", "'a' || char(0) || 'b'", "text", 'nul = "strip"'),
        Example("TEXT", "'abcd'", "character varying(3)"),
    ),
    "uuid": (
        Example("TEXT", "'6F9619FF-8B86-D011-B42D-00CF4FC964FF'", "uuid"),
        Example("TEXT", "'6f9619ff8b86d011b42d00cf4fc964ff'", "uuid"),
        Example("BLOB", "x'6f9619ff8b86d011b42d00cf4fc964ff'", "uuid"),
        Example("TEXT", "'none'", "uuid"),
    ),
}


def of(name: str) -> list[tuple[str, ...]]:
    """Return the rows of a coercion's table of examples."""
    return [_row(name, example) for example in EXAMPLES.get(name, ())]


def _row(name: str, example: Example) -> tuple[str, ...]:
    sent, counted = answer(name, example)
    setting = f"`{example.settings}`" if example.settings else ""
    declared = f"`{example.declared}`" if example.declared else "nothing"
    return declared, f"`{example.stored}`", f"`{example.target}`", setting, sent, counted


def answer(name: str, example: Example) -> tuple[str, str]:
    """Return what is sent for one value, or why it is refused; and how a change is counted."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (v {example.declared})")
        connection.execute(f"INSERT INTO t VALUES ({example.stored})")
        (stored,) = connection.execute("SELECT v FROM t").fetchone()
        facts = _facts(connection, name, example)
    leaf = coercions.get(name)
    ruling = leaf.rule(facts)
    if ruling.unsettled:
        return f"refused: {_reason(ruling.unsettled[0].message)}", ""
    convert = leaf.convert(ruling.options)
    sent = stored if convert is None else convert(stored)
    rules = ", ".join(change.rule for change in ruling.changes)
    return f"`{sent!r}`", f"`{rules}`" if rules else ""


def _reason(message: str) -> str:
    return message.replace(' of "t"."v"', "").replace('"t"."v"', "it")


def _facts(connection: sqlite3.Connection, name: str, example: Example) -> ColumnFacts:
    (table,) = inspect(connection, "an example").tables
    json_columns = frozenset({"v"} if example.target.startswith("json") else ())
    facts = ColumnFacts(
        subject='"t"."v"',
        setting="t.v",
        source=table.columns[0],
        target=Column(name="v", type=example.target, labels=example.labels),
        profile=ColumnProfile(column="v"),
        settings=example.column_settings,
    )
    probe = coercions.get(name).probe(facts)
    profile = scan(
        connection,
        table,
        where=None,
        json_columns=json_columns,
        emit=lambda _done: None,
        probes={"v": probe} if probe else {},
    )
    return replace(facts, profile=profile.column("v"))
