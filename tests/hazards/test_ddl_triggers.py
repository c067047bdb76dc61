"""C8: what becomes of every kind of trigger, tried on a server."""

import psycopg
import pytest

from cutover.catalog import Trigger
from cutover.plan import Bucket
from cutover.targets.postgres.inspect import inspect
from tests.fix_ddl import Bear, Born

TABLE = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER, updated_at TEXT);
    CREATE TABLE log (id INTEGER PRIMARY KEY, said TEXT);
    INSERT INTO t VALUES (1, 'one', 1, NULL), (2, 'two', 2, NULL), (3, 'three', 3, NULL);
"""
RESTRICTED = psycopg.errors.RestrictViolation


def triggers(born: Born, table: str) -> dict[str, Trigger]:
    with born.connection() as connection:
        found = inspect(connection, "public").table(table)
    assert found is not None
    return {trigger.name: trigger for trigger in found.triggers}


@pytest.mark.hazard(
    "C8.1", "An unconditional RAISE(ABORT) becomes a row trigger, a TRUNCATE trigger, both ALWAYS"
)
def test_a_refusal_is_a_guard_of_rows_and_of_truncate(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER keep_u BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;"
        "CREATE TRIGGER keep_d BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    for statement in ("UPDATE t SET a = 'x'", "DELETE FROM t", "TRUNCATE t", "TRUNCATE t CASCADE"):
        born.refuses(statement, RESTRICTED, "kept")
    assert {t.enabled for t in triggers(born, "t").values()} == {"A"}
    with born.connection() as connection:
        connection.execute("SELECT set_config('session_replication_role', 'replica', true)")
        with pytest.raises(RESTRICTED, match="kept"):
            connection.execute("DELETE FROM t")
    born.execute("INSERT INTO t (a) VALUES ('more') ON CONFLICT DO NOTHING")


@pytest.mark.hazard("C8.2", "A WHEN that can be translated stands on the trigger; others decide")
def test_a_condition_stands_on_the_trigger(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER some BEFORE DELETE ON t WHEN OLD.n > 1 AND OLD.a LIKE 'T%'"
        " BEGIN SELECT RAISE(ABORT, 'kept'); END;"
        "CREATE TRIGGER odd BEFORE DELETE ON t WHEN printf('%d', OLD.n) = '1'"
        " BEGIN SELECT RAISE(ABORT, 'odd'); END;"
    )
    assert list(born.decisions) == ["trigger:odd"]
    assert "printf() has no counterpart" in born.decisions["trigger:odd"]
    born.run()
    born.execute("DELETE FROM t WHERE id = 1")
    born.refuses("DELETE FROM t WHERE id = 2", RESTRICTED, "kept")
    assert "truncate" not in " ".join(triggers(born, "t"))


@pytest.mark.hazard("C8.3", "RAISE(FAIL) is a decision, with a proposal that nothing installs")
@pytest.mark.hazard("C10.4", "RAISE(FAIL) is never translated")
def test_raise_fail_is_left_to_a_person(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER stop BEFORE UPDATE ON t WHEN NEW.n > 2"
        " BEGIN SELECT RAISE(FAIL, 'too much'); END;"
    )
    note = born.decisions["trigger:stop"]
    assert "keeps the rows that were changed before" in note
    assert "SELECT RAISE(FAIL, 'too much')" in note
    assert "triggers/postgres/proposed/stop.sql" in note
    assert not born.run().verified.outcome.passed
    assert triggers(born, "t") == {}


@pytest.mark.hazard("C8.4", "RAISE(IGNORE) in a BEFORE trigger skips the row, as in SQLite")
@pytest.mark.parametrize("event", ["INSERT", "UPDATE", "DELETE"])
def test_raise_ignore_skips_the_rows_that_sqlite_skips(bear: Bear, event: str) -> None:
    row = "OLD" if event == "DELETE" else "NEW"
    born = bear(
        TABLE + f"CREATE TRIGGER skip BEFORE {event} ON t WHEN {row}.n % 2 = 0"
        " BEGIN SELECT RAISE(IGNORE); END;"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    statement = {
        "INSERT": "INSERT INTO t (id, a, n) VALUES (7, 'x', 7), (8, 'x', 8), (9, 'x', 9)",
        "UPDATE": "UPDATE t SET n = n + 1",
        "DELETE": "DELETE FROM t",
    }[event]
    born.execute(statement)
    born.move.change(statement)
    query = "SELECT id, a, n FROM t ORDER BY id"
    assert born.fetch(query) == born.move.stored(query)


def test_raise_ignore_after_the_change_is_a_decision(bear: Bear) -> None:
    born = bear(TABLE + "CREATE TRIGGER s AFTER DELETE ON t BEGIN SELECT RAISE(IGNORE); END;")
    assert "takes nothing back" in born.decisions["trigger:s"]


@pytest.mark.hazard("C8.5", "RAISE(ROLLBACK) becomes an exception, and init says what differs")
def test_raise_rollback_is_an_exception_with_a_remark(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ROLLBACK, 'r'); END;"
    )
    assert born.bucket("trigger", "r") is Bucket.CARRIED
    assert "PostgreSQL waits for ROLLBACK" in born.remarks["trigger:r"]
    assert born.run().verified.outcome.passed
    born.refuses("DELETE FROM t", RESTRICTED, "r")


@pytest.mark.hazard(
    "C8.6",
    "RAISE(ABORT) aborts PostgreSQL's transaction; a SAVEPOINT before it keeps it usable",
)
def test_after_an_abort_only_a_savepoint_goes_on(bear: Bear) -> None:
    born = bear(TABLE + "CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'r'); END;")
    born.run()
    with born.connection() as connection:
        with pytest.raises(RESTRICTED), connection.transaction():
            connection.execute("DELETE FROM t")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (3,)
        with pytest.raises(RESTRICTED):
            connection.execute("DELETE FROM t")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")


@pytest.mark.hazard(
    "C8.7", "DML after an INSERT is a decision, with a skeleton that refuses to run"
)
def test_other_work_is_proposed_and_not_installed(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER audit AFTER INSERT ON t WHEN NEW.n > 0\n"
        "BEGIN\n  INSERT INTO log (said) VALUES (NEW.a); -- noted\nEND;"
    )
    text = born.text("triggers/postgres/proposed/audit.sql")
    assert "--       INSERT INTO log (said) VALUES (NEW.a); -- noted\n" in text
    result = born.run()
    assert not result.verified.outcome.passed
    (finding,) = [f for f in result.verified.outcome.findings if f.kind == "decision"]
    assert "finish triggers/postgres/proposed/audit.sql" in finding.hint
    assert triggers(born, "t") == {}
    born.execute(text)
    born.refuses(
        "INSERT INTO t (n) VALUES (1)", psycopg.errors.FeatureNotSupported, "not translated yet"
    )
    born.execute("INSERT INTO t (n) VALUES (0)")


STAMP = "UPDATE t SET updated_at = {} WHERE id = NEW.id"


@pytest.mark.hazard("C8.7", "An AFTER UPDATE that stamps its own row becomes BEFORE UPDATE of NEW")
@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("CURRENT_TIMESTAMP", r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"),
        ("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"),
        ("datetime('now'), a = 'stamped'", r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"),
    ],
)
def test_a_stamp_writes_what_sqlite_would(bear: Bear, value: str, pattern: str) -> None:
    born = bear(TABLE + f"CREATE TRIGGER stamp AFTER UPDATE ON t BEGIN {STAMP.format(value)}; END;")
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    change = "UPDATE t SET n = n + 10 WHERE id < 3"
    born.execute(change)
    born.move.change(change)
    shape = "SELECT id, a, n, updated_at IS NULL FROM t ORDER BY id"
    assert [tuple(map(int_of, row)) for row in born.fetch(shape)] == born.move.stored(shape)
    query = f"SELECT count(*) FROM t WHERE updated_at ~ '{pattern}'"
    assert born.fetch(query) == [(2,)]
    ((found,),) = born.fetch("SELECT updated_at FROM t WHERE id = 1")
    ((wanted,),) = born.move.stored("SELECT updated_at FROM t WHERE id = 1")
    assert found[:13] <= wanted[:13]  # the same hour, or the one before


def int_of(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def test_a_stamp_tells_the_statements_apart_and_not_its_rows(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, at DATETIME);"
        "INSERT INTO t VALUES (1, 1, '2026-01-01 00:00:00Z'), (2, 2, '2026-01-01 00:00:00Z');"
        "CREATE TRIGGER stamp AFTER UPDATE OF n ON t WHEN OLD.n IS NOT NEW.n"
        " BEGIN UPDATE t SET at = CURRENT_TIMESTAMP WHERE rowid = NEW.rowid; END;"
    )
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    with born.connection() as connection:
        connection.execute("UPDATE t SET n = n + 1")
        (first,) = connection.execute("SELECT DISTINCT at FROM t").fetchall()
        connection.execute("UPDATE t SET n = n + 1")
        (second,) = connection.execute("SELECT DISTINCT at FROM t").fetchall()
        connection.execute("UPDATE t SET n = n")
        (third,) = connection.execute("SELECT DISTINCT at FROM t").fetchall()
    assert first < second == third


def test_a_stamp_that_looks_for_the_old_key_misses_a_changed_one(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER stamp AFTER UPDATE ON t"
        " BEGIN UPDATE t SET updated_at = date('now') WHERE OLD.id = id; END;"
    )
    born.run()
    for statement in ("UPDATE t SET id = 9 WHERE id = 1", "UPDATE t SET n = 9 WHERE id = 2"):
        born.execute(statement)
        born.move.change(statement)
    query = "SELECT id FROM t WHERE updated_at IS NOT NULL"
    assert born.fetch(query) == born.move.stored(query) == [(2,)]


@pytest.mark.parametrize(
    "body",
    [
        "UPDATE t SET updated_at = CURRENT_TIMESTAMP",
        "UPDATE t SET updated_at = CURRENT_TIMESTAMP WHERE n = NEW.n",
        "UPDATE t SET updated_at = a WHERE id = NEW.id",
        'UPDATE t SET updated_at = "a" WHERE id = NEW.id',
        "UPDATE t SET n = n + 1 WHERE id = NEW.id",
        "UPDATE t SET id = 5 WHERE id = NEW.id",
        "UPDATE t SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id OR n = 1",
        "UPDATE log SET said = CURRENT_TIMESTAMP WHERE id = NEW.id",
        "UPDATE t SET updated_at = datetime('now', 'localtime') WHERE id = NEW.id",
        "UPDATE t SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; DELETE FROM log",
    ],
)
def test_what_is_no_stamp_is_a_decision(bear: Bear, body: str) -> None:
    born = bear(TABLE + f"CREATE TRIGGER stamp AFTER UPDATE ON t BEGIN {body}; END;")
    assert list(born.decisions) == ["trigger:stamp"]


@pytest.mark.hazard(
    "C8.8", "UPDATE OF keeps its columns; both fire where SET names one, changed or not"
)
def test_update_of_fires_for_its_columns_only(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE TRIGGER fixed BEFORE UPDATE OF a ON t BEGIN SELECT RAISE(ABORT, 'no'); END;"
    )
    assert born.run().verified.outcome.passed
    born.execute("UPDATE t SET n = 5")
    born.refuses("UPDATE t SET a = a", RESTRICTED, "no")


@pytest.mark.hazard("C8.9", "INSTEAD OF is a decision, its proposal stands on the carried view")
@pytest.mark.hazard("C10.4", "INSTEAD OF is never translated")
def test_instead_of_is_left_to_a_person(bear: Bear) -> None:
    born = bear(
        TABLE + "CREATE VIEW v AS SELECT id, a FROM t;"
        "CREATE TRIGGER put INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (NEW.a); END;"
    )
    assert list(born.decisions) == ["trigger:put"]
    assert "it writes through a view" in born.decisions["trigger:put"]
    born.run()
    born.execute(born.text("triggers/postgres/proposed/put.sql"))
    born.refuses(
        "INSERT INTO v (a) VALUES ('x')", psycopg.errors.FeatureNotSupported, "not translated yet"
    )


@pytest.mark.hazard("C8.10", "Every trigger is FOR EACH ROW: an UPDATE of no row fires none")
def test_triggers_fire_for_rows(bear: Bear) -> None:
    born = bear(TABLE + "CREATE TRIGGER k BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'k'); END;")
    born.run()
    born.execute("UPDATE t SET n = 0 WHERE id = 99")
    born.refuses("UPDATE t SET n = 0 WHERE id = 1", RESTRICTED)
    assert triggers(born, "t")["k"].row


@pytest.mark.hazard(
    "C8.11", "Where the order of triggers decides what is stored, they are decisions"
)
@pytest.mark.parametrize(
    "changing",
    [
        "CREATE TRIGGER x BEFORE UPDATE ON t WHEN NEW.n = 2 BEGIN SELECT RAISE(IGNORE); END",
        f"CREATE TRIGGER x AFTER UPDATE ON t BEGIN {STAMP.format('date(1)')}; END".replace(
            "date(1)", "CURRENT_DATE"
        ),
    ],
)
def test_two_triggers_whose_order_matters_are_for_a_person(bear: Bear, changing: str) -> None:
    born = bear(
        TABLE + f"{changing};"
        "CREATE TRIGGER y BEFORE UPDATE ON t WHEN NEW.n > 1 BEGIN SELECT RAISE(ABORT, 'y'); END;"
    )
    assert list(born.decisions) == ["trigger:x"]
    assert '"y" fires at the same event: SQLite has no order' in born.decisions["trigger:x"]
    assert born.bucket("trigger", "y") is Bucket.CARRIED


def test_triggers_of_one_name_on_two_tables_stay_apart(bear: Bear) -> None:
    """Trigger names are per table in PostgreSQL, but their functions' are the schema's."""
    born = bear(
        TABLE + "CREATE TRIGGER t_keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 't'); END;"
        "CREATE TRIGGER log_keep BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log'); END;"
        "CREATE TRIGGER T_no_truncate BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'u'); END;"
    )
    assert born.run().verified.outcome.passed
    born.refuses("TRUNCATE t", RESTRICTED, "t")
    born.refuses("TRUNCATE log", RESTRICTED, "log")
