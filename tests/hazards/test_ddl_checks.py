"""C4: CHECKs, tried with the same values on both engines: what one refuses, the other must."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from cutover.errors import CutoverError
from cutover.plan import Bucket
from tests.fix_ddl import Bear, Born

CHECKS = {
    "x": ("INTEGER", "x", [0, 1, -3, None]),
    "g": ("TEXT", "g GLOB 'A[0-9]*'", ["A1", "A1x", "a1", "A", "BA1", None]),
    "ga": ("TEXT", "ga NOT GLOB '*[^a-z]*'", ["abc", "aBc", "", "a\nb"]),
    "l": ("TEXT", "l LIKE 'a%'", ["ABC", "abc", "bac", None]),
    "le": ("TEXT", r"le LIKE 'a\%'", ["a\\x", "a%", "ax"]),
    "lu": ("TEXT", "lu LIKE 'é%'", ["éa", "Éa"]),
    "len": ("TEXT", "length(len) > 2", ["äöü", "äö"]),
    "lb": ("BLOB", "length(lb) = 2", [b"ab", b"abc"]),
    "s": ("TEXT", "substr(s, -3) = 'llo'", ["hello", "help", "lo"]),
    "ci": ("REAL", "CAST(ci AS INT) = -1", [-1.5, -1.2, -2.0, -0.9]),
    "i": ("INTEGER", "ifnull(i, 1) == 1", [None, 1, 2]),
    "n": ("TEXT", "n IS NOT 'x'", [None, "x", "y"]),
    "c": ("TEXT", "c || 1 <> 'a1'", ["a", "b"]),
    "d": ("INTEGER", "d / 2 = -3 OR d % 3 = -1", [-7, -6, -4, 7]),
    "h": ("BLOB DEFAULT x'00ff'", "hex(h) = '00FF'", [b"\x00\xff", b"\xff", None]),
    "low": ("TEXT", "low = lower(low)", ["abc", "aBc", "äÖ"]),
}
COLUMNS = ", ".join(f"{name} {type_} CHECK ({text})" for name, (type_, text, _) in CHECKS.items())


def takes(born: Born, column: str, value: object) -> tuple[bool, bool]:
    """Return whether SQLite takes a value, and whether PostgreSQL does."""
    with closing(sqlite3.connect(born.move.source)) as connection:
        try:
            connection.execute(f"INSERT INTO t ({column}) VALUES (?)", (value,))
        except sqlite3.IntegrityError:
            ours = False
        else:
            ours = True
    with born.connection() as connection:
        try:
            connection.execute(f"INSERT INTO t ({column}) VALUES (%s)", (value,))  # type: ignore[arg-type]
        except psycopg.errors.CheckViolation:
            return ours, False
    return ours, True


@pytest.mark.hazard("C4.1", "CHECK (x) of a number becomes x <> 0; NULL passes in both")
@pytest.mark.hazard("C4.3", "GLOB becomes a regular expression that takes the same texts")
@pytest.mark.hazard(
    "C4.4", "LIKE folds ASCII only and escapes nothing, as in SQLite; init remarks it"
)
@pytest.mark.hazard(
    "C4.6", "length, substr, CAST, ||, /, %, ifnull, hex and IS mean what they meant"
)
def test_both_engines_refuse_the_same_values(bear: Bear) -> None:
    born = bear(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {COLUMNS})")
    assert born.decisions == {}
    remark = born.remarks["check:t.l LIKE 'a%'"]
    assert remark == "LIKE ignores the case of ASCII letters, as in SQLite"
    assert born.run().verified.outcome.passed
    for column, (_, text, values) in CHECKS.items():
        found = {value: takes(born, column, value) for value in values}
        assert all(ours == theirs for ours, theirs in found.values()), (text, found)
        assert {ours for ours, _ in found.values()} == {True, False}, text


@pytest.mark.hazard("C4.2", "json_valid(x) is needless on jsonb, and a decision on text")
@pytest.mark.hazard("C4.6", "typeof(x) = 'integer' leaves NOT NULL; round and printf are decisions")
def test_checks_that_the_types_see_to_and_those_that_decide(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON CHECK (json_valid(j)),"
        " y TEXT CHECK (json_valid(y)), t INTEGER CHECK (typeof(t) = 'integer'),"
        " r REAL CHECK (round(r) = 3.0), p TEXT CHECK (printf('%d', p) = '1'))"
    )
    assert born.bucket("check", "t.json_valid(j)") is Bucket.EQUIVALENT
    assert "NOT NULL says" in born.object("check", "t.json_valid(j)").note
    assert set(born.decisions) == {
        "check:t.json_valid(y)",
        "check:t.round(r) = 3.0",
        "check:t.printf('%d', p) = '1'",
    }
    assert "the type jsonb would see to it" in born.decisions["check:t.json_valid(y)"]
    born.run()
    born.execute("INSERT INTO t (t) VALUES (1)")
    born.refuses("INSERT INTO t (j) VALUES ('{}')", psycopg.errors.CheckViolation)
    born.refuses("INSERT INTO t (t, j) VALUES (1, '{')", psycopg.errors.InvalidTextRepresentation)


@pytest.mark.hazard("C4.5", "REGEXP is the application's function: a decision with its text")
@pytest.mark.hazard("C10.4", "REGEXP and the application's own functions are never translated")
def test_functions_of_the_application_are_decisions(bear: Bear, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.create_function("regexp", 2, lambda _pattern, _text: 1, deterministic=True)
        connection.create_function("slug", 1, lambda text: text, deterministic=True)
        connection.execute(
            "CREATE TABLE r (a TEXT CHECK (a REGEXP '^x'), b TEXT CHECK (slug(b) = b))"
        )
        connection.commit()
    born = bear("")
    assert set(born.decisions) == {"check:r.a REGEXP '^x'", "check:r.slug(b) = b"}
    why = "REGEXP is a function of the application's own: CHECK (a REGEXP '^x')"
    assert born.decisions["check:r.a REGEXP '^x'"] == why
    born.run()


@pytest.mark.hazard("C4.7", "A row that breaks its CHECK stops the load by name, and none is lost")
def test_a_row_that_breaks_its_own_check_is_told(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CONSTRAINT positive CHECK (n > 0));"
        "PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES (1, 5), (2, -5);"
    )
    assert born.decisions == {}
    with pytest.raises(CutoverError) as raised:
        born.move.run()
    assert "positive" in f"{raised.value.message} {raised.value.detail}"
