"""C6: predicates and expressions of indexes, each tried by the rows that a unique index refuses."""

import psycopg
import pytest

from tests.fix_ddl import Bear

UNIQUE = psycopg.errors.UniqueViolation
COLUMNS = (
    "id INTEGER PRIMARY KEY, k INTEGER, run INTEGER, state TEXT, archived TEXT, active BOOLEAN,"
    " act INTEGER, j JSON, jt TEXT, ts DATETIME, tst TEXT, nc TEXT COLLATE NOCASE"
)
PARTIAL = [
    # predicate, a row inside of it, a row outside
    ("run IS NOT NULL", "run = 1", "run = NULL"),
    ("state IN ('a','b') AND archived IS NULL", "state = 'a'", "state = 'c'"),
    ("active = 1", "active = true", "active = false"),
    ("active = 0", "active = false", "active = NULL"),
    ("active IS 1", "active = true", "active = NULL"),
    ("active <> 0", "active = true", "active = false"),
    ("act", "act = -1", "act = 0"),
    ('state = "open"', "state = 'open'", "state = 'shut'"),
    ("state == 'x'", "state = 'x'", "state = NULL"),
    ("state IS NOT 'y'", "state = NULL", "state = 'y'"),
    ("state LIKE 'a%'", "state = 'ABC'", "state = 'bc'"),
    ("state GLOB 'a*'", "state = 'abc'", "state = 'ABC'"),
    ("lower(state) = 'q'", "state = 'Q'", "state = 'r'"),
    ("nc = 'Bob'", "nc = 'bOB'", "nc = 'x'"),
]


@pytest.mark.hazard("C6.1", "IS NOT NULL, IN and AND are as they were")
@pytest.mark.hazard("C6.2", "flag = 1 becomes the flag, flag = 0 its opposite, IS 1 is IS TRUE")
@pytest.mark.hazard("C6.3", "WHERE n becomes n <> 0")
@pytest.mark.hazard("C6.4", '"text" is a string where no column is called that')
@pytest.mark.hazard("C6.6", "== and IS of a value become = and IS [NOT] DISTINCT FROM")
@pytest.mark.hazard("C6.8", "LIKE, GLOB and lower select the same rows, and init remarks each")
def test_a_predicate_covers_the_same_rows(bear: Bear) -> None:
    indexes = "".join(
        f"CREATE TABLE t{n} ({COLUMNS}); CREATE UNIQUE INDEX i{n} ON t{n} (k) WHERE {where};"
        for n, (where, _, _) in enumerate(PARTIAL)
    )
    born = bear(indexes)
    assert born.decisions == {}
    assert {f"index:i{n}" for n in (10, 11, 12)} <= set(born.remarks)
    assert born.run().verified.outcome.passed
    for n, (where, inside, outside) in enumerate(PARTIAL):
        for assignment in (inside, outside):
            column, value = assignment.split(" = ")
            born.execute(f"INSERT INTO t{n} (k, {column}) VALUES (1, {value})")
        column, value = outside.split(" = ")
        born.execute(f"INSERT INTO t{n} (k, {column}) VALUES (1, {value})")
        column, value = inside.split(" = ")
        born.refuses(f"INSERT INTO t{n} (k, {column}) VALUES (1, {value})", UNIQUE, f"i{n}\\b")
        assert born.fetch(f"SELECT count(*) FROM t{n}") == [(3,)], where


@pytest.mark.hazard("C6.5", 'An index on ("nosuch") is a constant in SQLite: a decision that asks')
@pytest.mark.hazard("C6.7", "WHERE text has no meaning in PostgreSQL: a decision")
@pytest.mark.hazard("C6.10", "A JSON path compared with a number is a decision: it gives text")
@pytest.mark.hazard("C6.11", "date() of a text is not immutable: a decision")
def test_what_cannot_be_indexed_is_a_decision_with_its_text(bear: Bear) -> None:
    born = bear(
        f"CREATE TABLE t ({COLUMNS});"
        'CREATE INDEX typo ON t ("nosuch"); CREATE INDEX odd ON t (id) WHERE state;'
        "CREATE INDEX number ON t (id) WHERE json_extract(j, '$.n') > 5;"
        "CREATE INDEX day ON t (date(tst)); CREATE INDEX clock ON t (id) WHERE ts > '2024';"
    )
    assert set(born.decisions) == {f"index:{n}" for n in ("typo", "odd", "number", "day", "clock")}
    assert "the name of a column that is none?" in born.decisions["index:typo"]
    assert "WHERE state" in born.decisions["index:odd"]
    born.run()


@pytest.mark.hazard("C6.10", "json_extract becomes #>> of jsonb, text columns are read as jsonb")
@pytest.mark.hazard("C6.11", "date(ts) of a timestamptz becomes its day in UTC")
@pytest.mark.hazard("C6.12", "strftime('%Y', ts) becomes extract(year …) in UTC")
@pytest.mark.hazard("C6.13", "A NOCASE part folds ASCII, a DESC part says NULLS LAST")
def test_expressions_are_indexed_by_the_same_values(bear: Bear) -> None:
    born = bear(
        f"CREATE TABLE t ({COLUMNS});"
        "CREATE UNIQUE INDEX path ON t (json_extract(j, '$.a.b'));"
        "CREATE UNIQUE INDEX path_of_text ON t (json_extract(jt, '$.a.b'));"
        "CREATE UNIQUE INDEX day ON t (date(ts)); CREATE UNIQUE INDEX year ON t "
        "(strftime('%Y', ts), k);"
        "CREATE UNIQUE INDEX fold ON t (nc, state COLLATE NOCASE DESC);"
    )
    assert born.decisions == {}
    assert "those of UTC" in born.remarks["index:day"]
    assert born.run().verified.outcome.passed
    born.execute(
        """INSERT INTO t (k, j, jt, ts, nc, state) VALUES
        (1, '{"a": {"b": "x"}}', '{"a": {"b": "x"}}', '2024-01-01 23:30:00Z', 'n', 's')"""
    )
    for columns, values, index in (
        ("j", """'{"c": 1, "a": {"b": "x"}}'""", "path"),
        ("jt", """'{"c": 1, "a": {"b": "x"}}'""", "path_of_text"),
        ("ts", "'2024-01-01 01:00:00+00'", "day"),
        ("ts, k", "'2024-06-01 01:00:00+00', 1", "year"),
        ("nc, state", "'N', 'S'", "fold"),
    ):
        born.refuses(f"INSERT INTO t ({columns}) VALUES ({values})", UNIQUE, f'"{index}"')
    born.execute("INSERT INTO t (ts) VALUES ('2024-01-02 00:30:00+00')")
    ((text,),) = born.fetch("SELECT indexdef FROM pg_indexes WHERE indexname = 'fold'")
    assert text.count("lower(") == 2
    assert text.endswith("DESC NULLS LAST)")
