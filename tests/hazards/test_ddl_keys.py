"""C2: keys, identity and table options."""

import psycopg
import pytest

from cutover.plan import Bucket
from tests.fix_ddl import Bear

NOT_NULL, UNIQUE = psycopg.errors.NotNullViolation, psycopg.errors.UniqueViolation


@pytest.mark.hazard("C2.1", "Only INTEGER PRIMARY KEY numbers new rows; INT, BIGINT and DESC don't")
@pytest.mark.hazard("C2.2", "The sequence goes on after the highest number ever handed out")
def test_the_rowid_alias_and_nothing_else_is_an_identity(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT);"
        "CREATE TABLE b (id INT PRIMARY KEY, v TEXT); CREATE TABLE c (id BIGINT PRIMARY KEY, "
        "v TEXT);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY DESC, v TEXT);"
        "CREATE TABLE e (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);"
        "CREATE TABLE f (id INTEGER, v TEXT, PRIMARY KEY (id));"
        "CREATE TABLE g (id INTEGER PRIMARY KEY, v TEXT);"
        "INSERT INTO a VALUES (41, 'x'); INSERT INTO e VALUES (99, 'gone'), (7, 'x');"
        "DELETE FROM e WHERE id = 99; INSERT INTO g VALUES (-5, 'x');"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    for table, number in {"a": 42, "e": 100, "f": 1, "g": 1}.items():
        born.execute(f"INSERT INTO {table} (v) VALUES ('new')")
        assert born.fetch(f"SELECT id FROM {table} WHERE v = 'new'") == [(number,)]
    for table in "bcd":
        born.refuses(f"INSERT INTO {table} (v) VALUES ('new')", NOT_NULL)
    widths = born.fetch(
        "SELECT DISTINCT data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'id'"
    )
    assert widths == [("bigint",)]


@pytest.mark.hazard("C2.3", "What names the hidden rowid is a decision: it has no counterpart")
def test_the_hidden_rowid_has_no_counterpart(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT rowid, a FROM t;"
        "CREATE TRIGGER g BEFORE DELETE ON t WHEN OLD.rowid = 1 BEGIN SELECT RAISE(ABORT, "
        "'x'); END;"
        "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='rowid');"
        "INSERT INTO t VALUES ('x');"
    )
    assert set(born.decisions) == {"view:v", "trigger:g", "virtual table:f"}
    born.run()


@pytest.mark.hazard("C2.4", "NULL in a primary key: UNIQUE instead, the rows kept, and a decision")
def test_null_in_a_primary_key_is_kept_under_a_unique_key(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b));"
        "INSERT INTO t VALUES (NULL, 'x'), (NULL, 'x'), ('y', 'z');"
    )
    assert born.decisions == {
        "primary key:t(a, b)": "NULL in a: UNIQUE in the target, which has no NULL in a key"
    }
    assert born.move.run().verified.outcome.passed  # a key with NULL does just what it did
    assert born.fetch("SELECT count(*) FROM t") == [(3,)]
    born.refuses("INSERT INTO t VALUES ('y', 'z')", UNIQUE)


@pytest.mark.hazard("C2.5", "WITHOUT ROWID and STRICT are dropped: the tables are ordinary ones")
@pytest.mark.hazard("C2.7", "A UNIQUE constraint stays one, a unique index an index")
@pytest.mark.hazard("C2.8", "Names that SQLite lets be given twice are made unique per schema")
def test_options_are_dropped_and_names_made_unique(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE a (k TEXT, n INT, PRIMARY KEY (k, n)) WITHOUT ROWID;"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, x INT CONSTRAINT u UNIQUE,"
        " CONSTRAINT c CHECK (x > 0), CONSTRAINT c CHECK (x < 100)) STRICT;"
        "CREATE TABLE c (x TEXT CONSTRAINT u UNIQUE, y TEXT); CREATE UNIQUE INDEX cy ON c (y);"
        "INSERT INTO a VALUES ('x', 1); INSERT INTO b VALUES (1, 5); INSERT INTO c VALUES "
        "('x', 'y');"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    query = (
        "SELECT conrelid::regclass::text, conname, contype::text FROM pg_constraint"
        " WHERE conrelid::regclass::text IN ('a', 'b', 'c') AND contype <> 'n' ORDER BY 1, 3, 2"
    )
    assert born.fetch(query) == [
        ("a", "a_pkey", "p"),
        ("b", "c", "c"),
        ("b", "c_1", "c"),
        ("b", "b_pkey", "p"),
        ("b", "u", "u"),
        ("c", "u_1", "u"),
    ]
    born.refuses("INSERT INTO b (x) VALUES (100)", psycopg.errors.CheckViolation)
    born.refuses("INSERT INTO c (y) VALUES ('y')", UNIQUE, "cy")


@pytest.mark.hazard("C2.6", "Many NULLs fit a unique key, as in SQLite: NULLS DISTINCT")
@pytest.mark.hazard("C2.6", "Values that only the target's type makes equal stop the load, by name")
def test_unique_keys_take_nulls_and_refuse_what_becomes_equal(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b UNIQUE);"
        "INSERT INTO t (a, b) VALUES (NULL, 'a'), (NULL, x'61');"
    )
    assert born.bucket("unique", "t(a)") is Bucket.CARRIED
    (finding,) = born.move.plan().unsettled
    assert (finding.check, finding.subject, finding.count) == ("duplicates", '"t"', 1)
    assert "the unique key (b)" in finding.message
    born.move.change("UPDATE t SET b = x'62' WHERE id = 2")
    assert born.run().applied
    born.execute("INSERT INTO t (a) VALUES (NULL), (NULL)")
