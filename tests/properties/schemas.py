"""Small applications, drawn at random from what a SQLite file can hold: schema, names and values.

A name is quoted, whatever it is. Rows that SQLite itself refuses are left out as it would leave
them out, so every row that is there is one that an application could have written.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from cutover.sources.sqlite.rows import fold, quote

ODD_NAMES = (
    *("order", "user", "select", "Group", "table", "references", "index", "key", "oid", "xmin"),
    *("rowid", "ctid", "MixedCase", "camelCaseId", "with space", " led", "tail ", "a.b", "a,b"),
    *('quo"te', "apo'strophe", "per%cent", "%s", "%(x)s", ":bind", "{brace}", "back\\slash"),
    *("do$$llar", "semi;colon", "--dash", "/*star*/", "tab\there", "line\nend", "#hash", "[b]"),
    *("1st", "-", "größe", "Ünïcode", "名前", "\N{GRINNING FACE}", "é", "e\u0301", "true", "null"),
    *("n" * 60, "n" * 63, "n" * 64, "n" * 70, "m" * 62 + "é", "ü" * 31, "ü" * 32, "id_", "data"),
)
DECLARED = (
    *("INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC", "BOOLEAN", "DATETIME", "TIMESTAMP", "DATE"),
    *("JSON", "UUID", "VARCHAR(20)", "DECIMAL(10,2)", "", "BIGINT", "string", "DOUBLE PRECISION"),
    *("INT", "TINYINT(1)", "TIME", "CLOB", "unsigned big int"),
)
STRICT = ("INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY")
DEFAULTS = (
    *("0", "1", "-1", "1.5", "'x'", "''", "NULL", "x'00ff'", "TRUE", "'it''s'", "(1 + 1)"),
    *("CURRENT_TIMESTAMP", "(datetime('now'))", "(strftime('%s', 'now'))", "'%'", "1e3"),
)
ACTIONS = ("", "CASCADE", "SET NULL", "RESTRICT", "NO ACTION", "SET DEFAULT")

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
moments = st.sampled_from(
    [
        *("2025-03-25T22:40:50+02:00", "2025-03-25 22:40:50", "2025-03-25T22:40:50.1234567Z"),
        *("2025-03-25", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00", "1969-12-31"),
        *("2025-03-30T02:30:00", "2025-03-25T22:40", "2024-02-29 00:00:00.000001"),
    ]
)
ill_moments = st.sampled_from(["", "0000-00-00", "2025-02-30", "03:02:94", "now", "24:00:00"])
json_texts = st.sampled_from(
    [
        *("{}", "[]", "null", "1", "1.10", '"x"', '{"a": 1, "a": 2}', "[1, 2.50, 1e3, true]"),
        *('{"$type": "x", "b": [{}]}', "12345678901234567890", '"\\ud83d\\ude00"', '"é"'),
    ]
)
ill_json = st.sampled_from(["", "{", "NaN", '"\\u0000"', '"\\ud800"', "{'a': 1}", "1e999999"])
uuids = st.uuids().flatmap(
    lambda one: st.sampled_from([str(one), str(one).upper(), one.hex, one.bytes])
)
integers = st.sampled_from(
    [0, 1, -1, 2, 255, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)]
) | st.integers(-(2**63), 2**63 - 1)
reals = st.sampled_from(
    [0.0, -0.0, 0.1, 1.5, 1e300, 5e-324, float("inf"), float("-inf"), 16777217.0, 2.0, 1e21]
) | st.floats(allow_nan=False)
counts = st.sampled_from([1_700_000_000, 1_700_000_000_123, 1_700_000_000_123_456, 0, 1])
wild = st.one_of(
    st.none(),
    integers,
    reals,
    text,
    st.binary(max_size=12),
    st.sampled_from(["a\0b", "a\\0b", "\udcff\udc80", "true", "yes", "2", "1.5", "x" * 30, "NULL"]),
    moments | ill_moments,
    json_texts | ill_json,
)
TAME: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": integers,
    "INT": integers,
    "BIGINT": integers,
    "unsigned big int": integers,
    "REAL": reals,
    "DOUBLE PRECISION": reals,
    "BOOLEAN": st.sampled_from([0, 1]),
    "TINYINT(1)": st.sampled_from([0, 1]),
    "DATETIME": moments,
    "TIMESTAMP": moments | counts,
    "DATE": st.sampled_from(["2025-03-25", "1900-03-01"]),
    "TIME": st.sampled_from(["22:40:50", "00:00:00.000001", "22:40"]),
    "JSON": json_texts,
    "UUID": uuids,
    "BLOB": st.binary(max_size=12),
    "DECIMAL(10,2)": st.integers(-(10**7), 10**7).map(lambda cents: cents / 100),
    "NUMERIC": integers | st.floats(-1e9, 1e9),
}
"""What an application would store; text in what is not named here."""


@dataclass(frozen=True)
class Column:
    """One column: its name, declared type, and what follows the type."""

    name: str
    declared: str
    rest: str = ""
    computed: bool = False

    @property
    def sql(self) -> str:
        """The column's definition."""
        return f"{quote(self.name)} {self.declared} {self.rest}".rstrip()


@dataclass(frozen=True)
class Table:
    """One table; `constraints` follow its columns, `options` its parenthesis."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    constraints: tuple[str, ...]
    options: str
    indexes: tuple[str, ...]
    rows: list[list[Any]] = field(default_factory=list)

    @property
    def stored(self) -> list[Column]:
        """The columns that an INSERT fills."""
        return [column for column in self.columns if not column.computed]

    @property
    def script(self) -> str:
        """What makes the table."""
        parts = ",\n  ".join([*(column.sql for column in self.columns), *self.constraints])
        made = f"CREATE TABLE {quote(self.name)} (\n  {parts}\n){self.options};"
        return "\n".join([made, *(f"{index};" for index in self.indexes)])


def _distinct(size: int, most: int) -> st.SearchStrategy[list[str]]:
    names = st.sampled_from(ODD_NAMES) | st.text("abcXYZ_ é\"'", min_size=1, max_size=6)
    return st.lists(names, min_size=size, max_size=most, unique_by=fold)


@st.composite
def applications(draw: st.DrawFn, *, tame: bool) -> list[Table]:
    """Draw a few tables with their rows, where wild ones hold anything in any column."""
    made: list[Table] = []
    for name in draw(_distinct(1, 3)):
        made.append(draw(_tables(name, made, tame=tame)))
    return made


@st.composite
def _tables(draw: st.DrawFn, name: str, before: Sequence[Table], *, tame: bool) -> Table:
    strict = draw(st.integers(0, 5)) == 0
    names = draw(_distinct(1, 5))
    types = [draw(st.sampled_from(STRICT if strict else DECLARED)) for _ in names]
    kind = draw(st.sampled_from(["none", "rowid", "autoincrement", "natural", "composite"]))
    columns = [Column(n, t, draw(_rests())) for n, t in zip(names, types, strict=True)]
    key: tuple[str, ...] = ()
    if kind in ("rowid", "autoincrement"):
        word = " AUTOINCREMENT" if kind == "autoincrement" else ""
        columns[0] = Column(names[0], "INTEGER", f"PRIMARY KEY{word}")
        key = (names[0],)
    elif kind != "none":
        key = tuple(names[: 2 if kind == "composite" else 1])
    constraints = [*draw(_constraints(names, before))]
    if kind in ("natural", "composite"):
        constraints.insert(0, f"PRIMARY KEY ({', '.join(map(quote, key))})")
    if draw(st.integers(0, 4)) == 0:
        where = draw(st.sampled_from(["STORED", "VIRTUAL"]))
        of = f"coalesce(length({quote(names[-1])}), 0) + 1"
        computed = next(n for n in ("computed", "computed_") if n not in map(fold, names))
        columns.append(Column(computed, "INTEGER", f"GENERATED ALWAYS AS ({of}) {where}", True))  # noqa: FBT003
    without = bool(key) and kind != "autoincrement" and draw(st.booleans())
    options = [*(["WITHOUT ROWID"] if without else []), *(["STRICT"] if strict else [])]
    table = Table(
        name=name,
        columns=tuple(columns),
        key=key,
        constraints=tuple(constraints),
        options=f" {', '.join(options)}".rstrip(),
        indexes=tuple(draw(_indexes(name, names, len(before)))),
    )
    values = [_values(column, key, tame=tame) for column in table.stored]
    table.rows.extend(draw(st.lists(st.tuples(*values).map(list), max_size=6)))
    return table


@st.composite
def _rests(draw: st.DrawFn) -> str:
    parts = [
        "NOT NULL" if draw(st.integers(0, 3)) == 0 else "",
        f"DEFAULT {draw(st.sampled_from(DEFAULTS))}" if draw(st.integers(0, 3)) == 0 else "",
        draw(st.sampled_from(["", "", "", "COLLATE NOCASE"])),
    ]
    return " ".join(part for part in parts if part)


@st.composite
def _constraints(draw: st.DrawFn, names: list[str], before: Sequence[Table]) -> list[str]:
    found = []
    column = quote(draw(st.sampled_from(names)))
    if draw(st.integers(0, 3)) == 0:
        checks = ("{} IS NOT NULL OR 1 = 1", "length({}) < 1000", "{} <> 'no'", "{} IN (1, 'a')")
        found.append(f"CHECK ({draw(st.sampled_from(checks)).format(column)})")
    if draw(st.integers(0, 3)) == 0:
        found.append(f"UNIQUE ({', '.join(map(quote, names[:2]))})")
    parents = [table for table in before if len(table.key) == 1]
    if parents and draw(st.booleans()):
        parent = draw(st.sampled_from(parents))
        action = draw(st.sampled_from(ACTIONS))
        clause = f" ON DELETE {action}" if action else ""
        own = quote(names[-1])
        found.append(
            f"FOREIGN KEY ({own}) REFERENCES {quote(parent.name)} ({quote(parent.key[0])}){clause}"
        )
    return found


@st.composite
def _indexes(draw: st.DrawFn, table: str, names: list[str], place: int) -> list[str]:
    found = []
    for number in range(draw(st.integers(0, 2))):
        column = quote(draw(st.sampled_from(names)))
        part = draw(
            st.sampled_from(
                ["{}", "{} DESC", "{} COLLATE NOCASE", "lower({})", "{} COLLATE BINARY"]
            )
        ).format(column)
        where = draw(
            st.sampled_from(
                ["", "", " WHERE {} IS NOT NULL", " WHERE {} = 'open'", " WHERE {} > 0"]
            )
        ).format(column)
        unique = "UNIQUE " if draw(st.integers(0, 3)) == 0 else ""
        found.append(f"CREATE {unique}INDEX ix_{place}_{number} ON {quote(table)} ({part}){where}")
    return found


def _values(column: Column, key: Sequence[str], *, tame: bool) -> st.SearchStrategy[Any]:
    if "PRIMARY KEY" in column.rest:
        return st.integers(-3, 20) | st.integers(-(2**63), 2**63 - 2)
    usual = TAME.get(column.declared, text)
    drawn = usual | st.none() if tame else usual | wild
    # No infinity in a key: the ledger writes keys as JSON, which has no word for one.
    return drawn.filter(lambda value: value not in (inf, -inf)) if column.name in key else drawn


def make(path: Path, tables: Sequence[Table]) -> None:
    """Write the SQLite file. Rows that SQLite refuses are not in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table in tables:
            connection.executescript(table.script)
            for row in table.rows:
                _insert(connection, table, row)


def _insert(connection: sqlite3.Connection, table: Table, row: list[Any]) -> None:
    places = ", ".join("CAST(? AS TEXT)" if isinstance(v, str) else "?" for v in row)
    names = ", ".join(quote(column.name) for column in table.stored)
    stored = [v.encode("utf-8", "surrogateescape") if isinstance(v, str) else v for v in row]
    statement = f"INSERT OR IGNORE INTO {quote(table.name)} ({names}) VALUES ({places})"
    try:
        connection.execute(statement, stored)
    except sqlite3.Error:
        return  # a STRICT table takes no other class, and no index a text that is too odd
