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
    "array": (
        Example("TEXT", """'["a", null]'""", "text[]"),
        Example("TEXT", "'{a,\"b c\"}'", "text[]"),
        Example("TEXT", "'[1, 2]'", "bigint[]"),
        Example("TEXT", "'[[1], [2, 3]]'", "bigint[]"),
    ),
    "binary": (
        Example("BLOB", "x'00ff'", "bytea"),
        Example("BLOB", "'AP8='", "bytea"),
        Example("BLOB", "17", "bytea"),
    ),
    "boolean": (
        Example("BOOLEAN", "1", "boolean"),
        Example("BOOLEAN", "'yes'", "boolean"),
        Example("BOOLEAN", "2", "boolean"),
        Example("BOOLEAN", "2", "boolean", 'boolean = "nonzero"'),
        Example("BOOLEAN", "''", "boolean"),
        Example("BOOLEAN", "''", "boolean", 'empty = "null"'),
    ),
    "enum": (
        Example("TEXT", "'ok'", "mood", labels=("sad", "ok")),
        Example("TEXT", "'OK'", "mood", labels=("sad", "ok")),
        Example("TEXT", "'OK'", "mood", 'invalid = "null"', labels=("sad", "ok")),
    ),
    "interval": (
        Example("TEXT", "'P1DT2H'", "interval"),
        Example("TEXT", "'1 day, 2:03:04'", "interval"),
        Example("TEXT", "'10:20'", "interval"),
        Example("INTEGER", "90000000", "interval", 'unit = "us"'),
    ),
    "json": (
        Example("TEXT", """'{"b": 1, "a": [1.50]}'""", "jsonb"),
        Example("JSON", "'1.50'", "jsonb"),
        Example("TEXT", r"""'"\u0000"'""", "jsonb"),
        Example("TEXT", r"""'"\u0000"'""", "jsonb", 'nul = "escape"'),
        Example("TEXT", "'{]'", "jsonb"),
        Example("TEXT", "'{]'", "jsonb", 'json = "string"'),
    ),
    "network": (
        Example("TEXT", "'10.0.0.1/24'", "inet"),
        Example("TEXT", "'10.1'", "inet"),
        Example("TEXT", "'10.0.0.1/8'", "cidr"),
        Example("TEXT", "'AA-BB-CC-DD-EE-FF'", "macaddr"),
    ),
    "numeric": (
        Example("INTEGER", "9007199254740993", "bigint"),
        Example("REAL", "0.1", "double precision"),
        Example("INTEGER", "9007199254740993", "double precision"),
        Example("NUMERIC", "0.1", "numeric"),
        Example("TEXT", "'0042'", "integer"),
        Example("", "3.5", "bigint"),
        Example("", "3.5", "bigint", 'fraction = "round"'),
        Example("REAL", "1.005", "numeric(10,2)", 'fraction = "truncate"'),
        Example("REAL", "0.5", "real"),
        Example("REAL", "0.1", "real"),
        Example("", "'abc'", "bigint", 'invalid = "null"'),
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
        Example("DATE", "'0000-00-00'", "date", 'invalid = "null"'),
        Example("REAL", "2461121.5", TZ),
        Example("TEXT", "'1782907200'", TZ),
        Example("TEXT", "'2026-12-31 24:00:00Z'", TZ),
        Example("TEXT", "'2026-10-25 02:30:00'", TZ, 'zone = "Europe/Berlin"'),
        Example("TEXT", "'2026-03-22 00:30:19.12345Z'", "timestamp(3) with time zone"),
    ),
    "text": (
        Example("TEXT", "'Ágætis byrjun'", "text"),
        Example("", "0.1", "text"),
        Example("TEXT", "'a' || char(0) || 'b'", "text"),
        Example("TEXT", "'a' || char(0) || 'b'", "text", 'nul = "escape"'),
        Example("TEXT", "'a' || char(0) || 'b'", "text", 'nul = "strip"'),
        Example("TEXT", "'abcd'", "character varying(3)"),
        Example("TEXT", "'abcd'", "character varying(3)", 'overlong = "truncate"'),
        Example("TEXT", "CAST(x'61ff' AS TEXT)", "text"),
        Example("TEXT", "CAST(x'61ff' AS TEXT)", "text", 'utf8 = "escape"'),
    ),
    "timetz": (
        Example("TEXT", "'10:00:00+02'", "time with time zone"),
        Example("TEXT", "'10:00'", "time with time zone"),
        Example("TEXT", "'10:00'", "time with time zone", UTC),
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
        connection.text_factory = lambda stored: stored.decode(errors="surrogateescape")
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
