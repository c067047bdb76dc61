"""C7: foreign keys, tried by orphans."""

import psycopg
import pytest

from tests.fix_ddl import Bear

ORPHAN = psycopg.errors.ForeignKeyViolation


@pytest.mark.hazard("C7.1", "A key to a missing table, to no unique column or across types decides")
@pytest.mark.hazard(
    "C7.2", "Deferral and implicit parents are read from the text, actions are kept"
)
@pytest.mark.hazard("C7.3", "A child takes its parent's type: digits in text refer to a bigint")
@pytest.mark.hazard("C7.4", "MATCH FULL is left out with a remark: SQLite never enforced it")
@pytest.mark.hazard(
    "C7.5", "Keys are made after the load and validated; what a guard blocks is told"
)
def test_foreign_keys_refuse_what_they_should(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT, x TEXT, y TEXT, UNIQUE (x, y));"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER REFERENCES nowhere,"
        " b TEXT REFERENCES p (code), d TEXT REFERENCES p, e TEXT REFERENCES p (id),"
        " f INTEGER REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY "
        "DEFERRED,"
        " x TEXT, y TEXT, FOREIGN KEY (x, y) REFERENCES p (x, y) MATCH FULL);"
        "CREATE TABLE log (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);"
        "CREATE TRIGGER keep BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'kept'); END;"
        "INSERT INTO p VALUES (1, 'a', 'x', 'y'), (2, 'b', NULL, NULL);"
        "INSERT INTO c (id, d, e, f, x) VALUES (1, '1', 'one', 1, 'x'); INSERT INTO log "
        "VALUES (1, 1);"
    )
    assert born.decisions == {
        "foreign key:c(a)": 'there is no table "nowhere" to reference',
        "foreign key:c(b)": '"p" is not unique by (code)',
        "foreign key:c(e)": '"e" is text, "p"."id" is bigint',
    }
    assert "MATCH FULL is left out" in born.remarks["foreign key:c(x, y)"]
    assert '"keep" refuses what ON DELETE CASCADE does' in born.remarks["foreign key:log(p)"]
    assert born.type_of("c.d") == "bigint"
    born.run()
    assert born.fetch("SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == [(0,)]
    born.refuses("INSERT INTO c (d) VALUES (9)", ORPHAN, "c_d_fkey")
    born.execute("INSERT INTO c (x) VALUES ('x')")
    born.execute("BEGIN; INSERT INTO c (f) VALUES (7); INSERT INTO p (id) VALUES (7); COMMIT")
    born.refuses("DELETE FROM p WHERE id = 1", psycopg.Error)
    born.execute("UPDATE c SET d = NULL", "DELETE FROM p WHERE id = 7")
    assert born.fetch("SELECT f FROM c ORDER BY id") == [(1,), (None,), (None,)]


@pytest.mark.hazard("C7.1", "Orphans are found before anything is moved, and named")
def test_orphans_stop_the_plan(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY,"
        " p INTEGER REFERENCES p); INSERT INTO c VALUES (1, 9);"
    )
    (finding,) = born.move.plan().unsettled
    assert (finding.subject, finding.count) == ('"c"', 1)
    assert [sample.key for sample in finding.samples] == [(1,)]


@pytest.mark.hazard("C7.6", "ON CONFLICT in DDL is a decision wherever it stands, ABORT apart")
@pytest.mark.hazard("C10.4", "ON CONFLICT clauses are never translated")
def test_conflict_clauses_are_decisions(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT REPLACE,"
        " b INTEGER NOT NULL ON CONFLICT IGNORE /* NOT NULL ON CONFLICT FAIL */,"
        " c TEXT DEFAULT 'NOT NULL ON CONFLICT FAIL', d TEXT UNIQUE ON CONFLICT ABORT,"
        " e TEXT NOT NULL ON CONFLICT ABORT DEFAULT '');"
        "CREATE TABLE u (a TEXT, b TEXT, PRIMARY KEY (a, b) ON CONFLICT IGNORE);"
        "INSERT INTO t (a, b) VALUES ('x', 1);"
    )
    assert set(born.decisions) == {"unique:t(a)", "conflict clause:t.b", "primary key:u(a, b)"}
    assert "ON CONFLICT IGNORE has no counterpart" in born.decisions["conflict clause:t.b"]
    born.run()
    born.execute(
        "INSERT INTO t (a, b) VALUES ('x', 2) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
    )
    assert born.fetch("SELECT a, b FROM t") == [("x", 2)]
