"""C1: declared types, affinities and what is really stored."""

import psycopg
import pytest

from tests.fix_ddl import Bear

OUT_OF_RANGE = psycopg.errors.NumericValueOutOfRange


@pytest.mark.hazard("C1.1", "The stored values are named where a NUMERIC affinity has mixed them")
@pytest.mark.hazard("C1.2", "A type is chosen from declaration, stored classes and CHECKs together")
@pytest.mark.hazard("C10.4", "A column of mixed classes is never guessed at")
def test_what_is_mixed_is_listed_and_stops_the_plan(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s STRING, u UUID, p POINT, n INTEGER);"
        "INSERT INTO t VALUES (1, '007', '123', 5, 1), (2, 'seven', 'ab', 6, 'one');"
    )
    types = {name: born.type_of(f"t.{name}") for name in ("s", "u", "p", "n")}
    assert types == {"s": "text", "u": "text", "p": "bigint", "n": "bigint"}
    assert "stored as integer and text" in born.written.scaffold.types["t.s"]
    plan = born.move.plan()
    subjects = {finding.subject for finding in plan.unsettled}
    assert '"t"."n"' in subjects
    assert born.fetch("SELECT to_regclass('t')") == [(None,)]


@pytest.mark.hazard("C1.3", "INTEGER of any spelling becomes bigint: 64 bits, as in SQLite")
@pytest.mark.hazard("C1.4", "REAL, FLOAT and DOUBLE become double precision, and 0.1 stays 0.1")
@pytest.mark.hazard("C1.5", "NUMERIC(p,s) becomes numeric without limits, of the shortest text")
@pytest.mark.hazard(
    "C1.6", "VARCHAR(n) becomes text: what is longer than n is neither cut nor refused"
)
@pytest.mark.hazard("C1.7", "BLOB becomes bytea, and the default x'00ff' its bytes")
@pytest.mark.hazard("C1.13", "Declared types that PostgreSQL refuses are never copied")
def test_every_declared_type_makes_a_table_that_takes_the_values(bear: Bear) -> None:
    declared = {
        "a": ("TINYINT", "3000000000"),
        "b": ("INTEGER(11)", "9223372036854775807"),
        "c": ("UNSIGNED BIG INT", "-9223372036854775808"),
        "d": ("REAL", "0.1"),
        "e": ("FLOAT", "1e308"),
        "f": ("DOUBLE", "0.30000000000000004"),
        "g": ("DECIMAL(5,2)", "12345.678"),
        "h": ("NUMBER", "0.1"),
        "i": ("VARCHAR(3)", "'longer'"),
        "j": ("NVARCHAR(2)", "'ä€𝄞'"),
        "k": ("CLOB", "'c'"),
        "l": ("STRING", "'s'"),
        "m": ("BLOB", "x'00ff'"),
        "n": ("", "'none'"),
    }
    columns = ", ".join(f"{name} {type_}" for name, (type_, _) in declared.items())
    values = ", ".join(value for _, value in declared.values())
    born = bear(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns}, o BLOB DEFAULT x'00ff');"
        f"INSERT INTO t VALUES (1, {values}, x'');"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    found = {name: born.type_of(f"t.{name}") for name in declared}
    wanted = ["bigint"] * 3 + ["double precision"] * 3 + ["numeric"] * 2 + ["text"] * 4
    assert list(found.values()) == [*wanted, "bytea", "text"]
    assert born.fetch("SELECT d, f, g::text, h::text FROM t") == [
        (0.1, 0.30000000000000004, "12345.678", "0.1")
    ]
    born.execute("INSERT INTO t (id, a) VALUES (2, 3000000001)")
    assert born.fetch("SELECT o, i FROM t ORDER BY id") == [(b"", "longer"), (b"\x00\xff", None)]
    born.refuses("INSERT INTO t (id, a) VALUES (3, 9223372036854775808)", OUT_OF_RANGE)


@pytest.mark.hazard(
    "C1.8", "A flag becomes boolean if all it holds is 0, 1 and NULL; its CHECK is then needless"
)
def test_flags_are_booleans_only_by_their_values(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a BOOLEAN DEFAULT 0 CHECK (a IN (0, 1)),"
        " b INTEGER CHECK (b IN (0, 1)) DEFAULT 1, c BOOLEAN, d BOOLEAN);"
        "INSERT INTO t VALUES (1, 1, 0, 2, 'true'), (2, NULL, NULL, 0, 'false');"
    )
    types = [born.type_of(f"t.{name}") for name in "abcd"]
    assert types == ["boolean", "boolean", "bigint", "boolean"]
    assert born.decisions == {}
    born.run()
    born.execute("INSERT INTO t (id) VALUES (3)")
    rows = born.fetch("SELECT a, b FROM t ORDER BY id")
    assert rows == [(True, False), (None, None), (False, True)]


@pytest.mark.hazard(
    "C1.9", "Text becomes timestamptz by the forms of its values, naive text as UTC"
)
def test_datetimes_are_judged_by_their_forms(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, b TIMESTAMP, c DATE, d "
        "DATETIME, e TEXT);"
        "INSERT INTO t VALUES (1, '2024-01-01 00:00:00', 1704067200, '2024-02-29', NULL, '2024');"
    )
    types = [born.type_of(f"t.{name}") for name in "abcde"]
    assert types == ["timestamptz", "timestamptz", "date", "timestamptz", "text"]
    assert born.run().verified.outcome.passed
    assert born.fetch(
        "SELECT extract(epoch from a)::bigint, extract(epoch from b)::bigint FROM t"
    ) == [(1704067200, 1704067200)]


@pytest.mark.parametrize("value", ["0000-00-00 00:00:00", "2024-02-30 00:00:00", ""])
@pytest.mark.hazard("C1.9", "Among real datetimes, one that is none is named and stops the plan")
def test_one_that_is_no_datetime_is_named(bear: Bear, value: str) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME);"
        f"INSERT INTO t VALUES (1, '2024-01-01 00:00:00'), (2, '{value}');"
    )
    assert [f.subject for f in born.move.plan().unsettled] == ['"t"."a"']


@pytest.mark.hazard("C1.10", "JSON becomes jsonb only where every value is one jsonb takes")
@pytest.mark.hazard("C1.11", "A NUL in text is refused by name until a policy is set")
@pytest.mark.hazard("C1.12", "An integer that overflowed to REAL in SQLite stays a double")
def test_documents_nuls_and_overflows(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a JSON, b JSON, c TEXT, d REAL);"
        "INSERT INTO t VALUES (1, '{\"b\":1.0,\"a\":2}', '\"\\u0000\"', 'x' || char(0), "
        "9223372036854775808),"
        " (2, '[]', '[]', 'y', 9e999);"
    )
    assert [born.type_of(f"t.{name}") for name in "abcd"] == [
        "jsonb",
        "text",
        "text",
        "double precision",
    ]
    (finding,) = born.move.plan().unsettled
    assert (finding.subject, finding.count) == ('"t"."c"', 1)
    assert 'nul = "escape"' in finding.hint
    settled = bear_again(born.move.again('[columns]\n"t.c" = { nul = "escape" }\n').run)
    assert settled
    assert born.fetch("SELECT a::text, d FROM t ORDER BY id") == [
        ('{"a": 2, "b": 1.0}', 9223372036854775808.0),
        ("[]", float("inf")),
    ]


def bear_again(run: object) -> object:
    return run().applied  # type: ignore[operator]
