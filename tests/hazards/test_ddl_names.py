"""C9: views, virtual tables, computed columns and names; C10: what proves a translation."""

import ast

import psycopg
import pytest

from cutover.plan import Bucket
from cutover.scaffold import prove
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.scratch import scratch_database
from tests.fix_ddl import Bear


@pytest.mark.hazard("C9.1", "Views are translated and run by a server; the others are decisions")
@pytest.mark.hazard(
    "C10.1", "A view that sqlglot may get wrong, or a server refuses, is a decision"
)
def test_views_give_the_same_rows_or_are_decisions(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, on_ BOOLEAN DEFAULT 0, "
        "nc TEXT COLLATE NOCASE);"
        "INSERT INTO t VALUES (1, 'B', 1, 1, 'X'), (2, 'a', 1, 0, 'x'), (3, '_', 2, 1, 'y'), "
        "(4, NULL, 2, 0, NULL);"
        "CREATE VIEW plain AS SELECT id, a FROM T WHERE ON_ = 1;"
        "CREATE VIEW every AS SELECT * FROM t;"
        "CREATE VIEW sums AS SELECT b, count(*) AS n, max(a) AS last FROM t GROUP BY b;"
        "CREATE VIEW later AS SELECT id FROM t WHERE a > 'Z' ORDER BY a;"
        "CREATE VIEW first AS SELECT a FROM t ORDER BY a;"
        "CREATE VIEW of_view AS SELECT n FROM sums;"
        "CREATE VIEW bare AS SELECT a, b, max(id) FROM t GROUP BY b;"
        "CREATE VIEW liked AS SELECT id FROM t WHERE a LIKE 'A%';"
        "CREATE VIEW folded AS SELECT DISTINCT nc FROM t;"
        "CREATE VIEW dated AS SELECT date(a) FROM t;"
    )
    refused = {f"view:{name}" for name in ("bare", "liked", "folded", "dated")}
    assert set(born.decisions) == refused
    assert "the server refuses it: column" in born.decisions["view:bare"]
    assert "SELECT a, b, max(id) FROM t GROUP BY b" in born.decisions["view:bare"]
    born.run()
    for view in ("plain", "sums", "later", "first", "of_view"):
        query = f"SELECT * FROM {view}"
        assert born.fetch(query) == born.move.stored(query), view
    assert len(born.fetch('SELECT * FROM "every"')) == 4


@pytest.mark.hazard(
    "C9.2", "FTS5 and R-tree are reported as not carried, their shadow tables left out"
)
@pytest.mark.hazard(
    "C9.9", "SQLite's tables and schema histories are left out, each with its reason"
)
@pytest.mark.hazard("C9.9", "_alembic_tmp_* is named: an interrupted batch may hold the only rows")
@pytest.mark.hazard("C10.4", "FTS is never translated")
def test_what_is_no_data_is_left_out_and_named(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t (a) "
        "VALUES ('x');"
        "CREATE INDEX ta ON t (a); ANALYZE; CREATE VIRTUAL TABLE f USING fts5(a);"
        "CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version "
        "VALUES ('r');"
        "CREATE TABLE _alembic_tmp_t (id INTEGER, a TEXT); INSERT INTO _alembic_tmp_t VALUES "
        "(1, 'only');"
    )
    assert set(born.decisions) == {"virtual table:f", "table:_alembic_tmp_t"}
    assert 'perhaps with the only rows of "t"' in born.decisions["table:_alembic_tmp_t"]
    for name in ("sqlite_sequence", "sqlite_stat1", "f_data", "f_content", "alembic_version"):
        assert born.bucket("table", name) is Bucket.EXCLUDED
        assert born.object("table", name).note
    (finding,) = born.move.plan().unsettled
    assert finding.subject == '"_alembic_tmp_t"'


@pytest.mark.hazard("C9.3", "Computed columns become STORED, are never loaded, and are compared")
def test_computed_columns_are_stored_where_they_are_immutable(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (a INTEGER, v INTEGER AS (a + 1), s TEXT AS (a || '!') STORED, d TEXT,"
        " y TEXT AS (date(d))); INSERT INTO t (a, d) VALUES (1, 'never');"
    )
    assert list(born.decisions) == ["generated column:t.y"]
    assert "AS (date(d))" in born.decisions["generated column:t.y"]
    born.run()
    born.execute("INSERT INTO t (a) VALUES (9)")
    assert born.fetch("SELECT v, s FROM t ORDER BY a") == [(2, "1!"), (10, "9!")]
    born.refuses("INSERT INTO t (v) VALUES (1)", psycopg.errors.GeneratedAlways)


@pytest.mark.hazard("C9.4", "Reserved words are quoted in all that is written")
@pytest.mark.hazard("C9.5", "Names keep their case, or are all lower; letters beyond ASCII stay")
@pytest.mark.hazard("C9.6", "Names beyond 63 bytes are cut so that they stay apart")
@pytest.mark.hazard("C9.7", "Relations of one schema get names that no other has, sequences too")
@pytest.mark.parametrize("case", ["exact", "lower"])
def test_any_name_makes_a_table_of_its_own(bear: Bear, case: str) -> None:
    long = "ä" * 31 + "x"
    words = ("user", "order", "group", "limit", "offset", "Select", "É", "é")
    columns = ", ".join(f'"{word}" TEXT' for word in words)
    born = bear(
        f'CREATE TABLE "user" (id INTEGER PRIMARY KEY, {columns});'
        'CREATE TABLE "user_id_seq" (id INTEGER);'
        'CREATE TABLE "user_pkey" (id INTEGER PRIMARY KEY);'
        'CREATE INDEX "user_pkey_id_seq" ON "user" ("order");'
        f'CREATE TABLE "{long}1" ("{long}a" INTEGER UNIQUE, "{long}b" INTEGER UNIQUE);'
        f'CREATE TABLE "{long}2" ("{long}a" INTEGER);'
        'CREATE VIEW "table" AS SELECT "Select" FROM "user";'
        f"""INSERT INTO "user" VALUES (1, {", ".join(f"'{word}'" for word in words)});""",
        settings=f'[names]\ncase = "{case}"\n',
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    shown = "Select" if case == "exact" else "select"
    assert born.fetch(f'SELECT "{shown}", "É", "é" FROM "user"') == [("Select", "É", "é")]
    assert born.fetch(f'SELECT "{shown}" FROM "table"') == [("Select",)]
    born.execute('INSERT INTO "user" ("group") VALUES (\'g\')')
    tables = born.fetch("SELECT relname FROM pg_class WHERE relname LIKE 'ää%' AND relkind = 'r'")
    assert len(tables) == 2
    assert all(len(name.encode()) <= 63 for (name,) in tables)


@pytest.mark.hazard("C9.10", "DDL is cut into tokens: comments, strings and quotes mislead nobody")
@pytest.mark.hazard(
    "C10.3", "Defaults, predicates, aliases and names are translated by tables of rules"
)
def test_comments_and_quotes_in_ddl_mislead_nobody(bear: Bear) -> None:
    born = bear(
        """CREATE TABLE t ( -- CHECK (a > 5), UNIQUE (a)
            id INTEGER PRIMARY KEY /* AUTOINCREMENT */, [a] TEXT DEFAULT ') CHECK (0', -- it's
            `b` INTEGER CHECK (b > 0 /* AND b < 5 */), "c -- d" TEXT /* unclosed ' */
        );
        ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'x' CHECK (e <> '--');
        ALTER TABLE t RENAME COLUMN b TO bb; INSERT INTO t (bb) VALUES (9);"""
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    assert born.fetch('SELECT id, a, bb, "c -- d", e FROM t') == [(1, ") CHECK (0", 9, None, "x")]
    born.refuses("INSERT INTO t (bb) VALUES (0)", psycopg.errors.CheckViolation)
    born.refuses("INSERT INTO t (e) VALUES ('--')", psycopg.errors.CheckViolation)


@pytest.mark.hazard("C10.1", "Every statement that init writes has run on a server before")
def test_every_statement_of_every_kind_is_proved(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x' CHECK (a <> ''), at TEXT,"
        " g TEXT AS (a || '!') STORED); CREATE INDEX pa ON p (lower(a)) WHERE a <> 'y';"
        "CREATE TABLE c (p INTEGER REFERENCES p); CREATE VIEW v AS SELECT id FROM p;"
        "CREATE TRIGGER s AFTER UPDATE ON p BEGIN UPDATE p SET at = date('now') WHERE id = "
        "NEW.id; END;"
        "CREATE TRIGGER k BEFORE DELETE ON c BEGIN SELECT RAISE(ABORT, 'k'); END;"
        "CREATE TRIGGER w AFTER INSERT ON c BEGIN DELETE FROM p; END;"
    )
    made = born.written.scaffold
    kinds = {statement.object.partition(":")[0] for statement in made.statements}
    assert kinds == {
        *("table", "generated column", "default", "check", "index"),
        *("foreign key", "trigger", "view"),
    }
    assert [statement.object for statement in made.proposals] == ["proposal:w"]
    with scratch_database(born.move.url) as url, connect(url) as connection:
        assert prove(connection, made) == {}
    for name, text in made.files.items():
        if name.endswith(".py"):
            ast.parse(text, name)
