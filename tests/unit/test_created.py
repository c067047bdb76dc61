"""What a piece of SQL makes, whichever provider's it is."""

import pytest

from cutover.dialect.created import created_by

K_OF_A = "foreign key:t.k foreign key:t.a"


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("CREATE TABLE IF NOT EXISTS main.t (a INT, b TEXT)", "table:t column:t.a column:t.b"),
        ('create unlogged table "T x" (a int)', "table:T x column:T x.a"),
        (
            "CREATE TABLE t (a INT CHECK (a > 0), CONSTRAINT c CHECK (f(a, 1)), UNIQUE (a))",
            "table:t column:t.a check:t.c unique:t.a",
        ),
        (
            "CREATE TABLE t (CONSTRAINT k PRIMARY KEY (a))",
            "table:t primary key:t.k primary key:t.a",
        ),
        (
            "CREATE TABLE t (a INT PRIMARY KEY CHECK (b IN (UNIQUE)), b INT NOT NULL UNIQUE,"
            " c INT REFERENCES u (d), FOREIGN KEY (a, b) REFERENCES u (c, d))",
            "table:t column:t.a primary key:t.a column:t.b unique:t.b column:t.c foreign key:t.c"
            " foreign key:t.a, b",
        ),
        (
            'CREATE TABLE t ("unique" INT, "a b" INT, UNIQUE NULLS NOT DISTINCT ("a b" DESC))',
            "table:t column:t.unique column:t.a b unique:t.a b",
        ),
        ("CREATE TABLE t AS SELECT 1", "table:t"),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.t (a)",
            "index:t.i unique:t.a",
        ),
        ("CREATE UNIQUE INDEX i ON t (lower(a))", "index:t.i"),
        ("CREATE UNIQUE INDEX i ON t (b, (a + 1))", "index:t.i"),
        ("CREATE UNIQUE INDEX i ON t USING btree (b, a DESC)", "index:t.i unique:t.b, a"),
        ("CREATE INDEX ON t (a)", ""),
        (
            "-- CREATE TABLE no (a)\nCREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$\n"
            "BEGIN RAISE EXCEPTION 'CREATE TABLE no (a)'; END $$ LANGUAGE plpgsql;"
            "CREATE CONSTRAINT TRIGGER tr AFTER UPDATE OF a ON t EXECUTE FUNCTION f()",
            "function:f trigger:t.tr",
        ),
        ("CREATE TEMP VIEW v AS SELECT a::int[] FROM t", "view:v"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "view:v"),
        ("CREATE TYPE mood AS ENUM ('ok')", "type:mood"),
        ("ALTER TABLE ONLY t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u", K_OF_A),
        ("ALTER TABLE t ADD PRIMARY KEY (a, b); SELECT (c)", "primary key:t.a, b"),
        ("ALTER TABLE t ADD c INT UNIQUE, ADD d INT PRIMARY KEY", "column:t.c unique:t.c"),
        ("ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX i", "primary key:t.k"),
        (
            "ALTER TABLE t ADD COLUMN c INT; ALTER TABLE t ALTER c DROP DEFAULT",
            "column:t.c column:t.c",
        ),
        ("ALTER TABLE t ADD CHECK (a > 0); ALTER TABLE t ENABLE ALWAYS TRIGGER tr", ""),
        ("SELECT 'never closed", ""),
        ("CREATE TABLE t (a", "table:t"),
        ("CREATE", ""),
        ("CREATE TABLE", ""),
        ("ALTER TABLE t ADD", ""),
        ("CREATE INDEX i ON", "index:i"),
    ],
)
def test_what_is_made(sql: str, made: str) -> None:
    found = (f"{c.kind}:{c.table}{'.' if c.table else ''}{c.name}" for c in created_by(sql))
    assert " ".join(found) == made


def test_a_position_is_that_of_the_name() -> None:
    sql = "-- why\n/* CREATE TABLE x */ CREATE TABLE\n  t (a::int)"
    (table, _) = created_by(sql)
    assert sql[table.position :].startswith("t (a")
