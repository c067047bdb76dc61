"""Indexes, triggers and collations: what they refuse in SQLite is refused in PostgreSQL."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from cutover.errors import CutoverError, ExitStatus, UsageError
from tests.fix_move import MakeMove, Move

TASKS = """
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY, state TEXT NOT NULL, owner TEXT, due TEXT, done BOOLEAN NOT NULL
);
INSERT INTO tasks VALUES (1, 'open', 'ann', '2026-01-01', 0), (2, 'closed', 'ann', NULL, 1);
"""


def unique(predicate: str) -> str:
    return f"{TASKS}CREATE UNIQUE INDEX one ON tasks (owner) WHERE {predicate};"


@pytest.mark.hazard("A28", "keeps the predicate: what it covers is unique, the rest is not")
@pytest.mark.hazard("A29", "says the predicate in PostgreSQL's words, with the target's types")
@pytest.mark.parametrize(
    ("predicate", "refused", "taken"),
    [
        ("done = 0", "'x', 'ann', NULL, false", "'x', 'ann', NULL, true"),
        ('state = "open"', "'open', 'ann', NULL, true", "'shut', 'ann', NULL, true"),
        ("due IS NOT NULL", "'x', 'ann', '2026-02-02', true", "'x', 'ann', NULL, true"),
        (
            "state IN ('open', 'new') AND NOT done",
            "'new', 'ann', NULL, false",
            "'new', 'ann', NULL, true",
        ),
    ],
)
def test_a_partial_index_refuses_what_it_covers_and_no_more(
    make_move: MakeMove, predicate: str, refused: str, taken: str
) -> None:
    move = make_move(unique(predicate))
    assert move.passes()
    insert = "INSERT INTO tasks (state, owner, due, done) VALUES ({})"
    with pytest.raises(psycopg.errors.UniqueViolation, match="one"):
        move.execute(insert.format(refused))
    move.execute(insert.format(taken))


@pytest.mark.hazard("A29", "names a predicate that asks for more than PostgreSQL's indexes may")
def test_a_predicate_that_is_not_immutable_is_named(make_move: MakeMove) -> None:
    move = make_move(unique("date(due) > '2026-01-01'"))
    (found,) = move.plan().decisions
    assert (found.kind, found.name) == ("index", "one")
    assert found.note == "date() of what is not a date in the target is not immutable"
    assert not move.passes()


@pytest.mark.hazard("A31", "translates the functions of an index, and keeps the table's keys")
@pytest.mark.hazard("A32", "keeps DESC, and puts NULLs where SQLite has them")
def test_an_index_keeps_its_expression_and_its_order(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER);"
        "INSERT INTO t VALUES (1, 'Ann', 3), (2, 'bob', NULL);"
        "CREATE UNIQUE INDEX by_name ON t (lower(name)); CREATE INDEX by_n ON t (n DESC, id);"
    )
    assert move.passes()
    with pytest.raises(psycopg.errors.UniqueViolation, match="by_name"):
        move.execute("INSERT INTO t (name) VALUES ('ANN')")
    order = "SELECT indoption[0] & 1, indoption[0] & 2 FROM pg_index"
    assert move.fetch(f"{order} WHERE indexrelid = 'by_n'::regclass") == [(1, 0)]
    assert move.stored("SELECT id FROM t ORDER BY n DESC") == [(1,), (2,)]
    assert move.fetch("SELECT id FROM t ORDER BY n DESC NULLS LAST") == [(1,), (2,)]
    assert move.fetch("SELECT count(*) FROM pg_constraint WHERE conname = 't_pkey'") == [(1,)]


@pytest.mark.hazard("A33", "keeps the key as strict as it was: 'Bob' and 'bob' are one")
def test_a_key_that_ignores_case_goes_on_doing_so(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE);"
        "INSERT INTO users VALUES (1, 'Bob'), (2, 'Édith');"
    )
    assert move.passes()
    with pytest.raises(psycopg.errors.UniqueViolation):
        move.execute("INSERT INTO users (name) VALUES ('bob')")
    move.execute("INSERT INTO users (name) VALUES ('édith')")


@pytest.mark.hazard("A70", "keeps apart what its collation keeps apart: spaces, forms of Unicode")
def test_texts_that_look_alike_stay_apart(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE tags (name TEXT PRIMARY KEY);"
        "INSERT INTO tags VALUES ('a'), ('a '), ('A'), ('\u00e9'), ('e\u0301'), (''), (' ');"
    )
    assert move.passes()
    assert move.fetch("SELECT count(DISTINCT name) FROM tags") == [(7,)]


@pytest.mark.hazard("A70", "stops at a key under which two values are one, and names it")
@pytest.mark.hazard("A33", "stops at a key of the target that takes 'Bob' and 'bob' for one")
def test_values_that_are_one_in_the_target_stop_it(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "INSERT INTO users VALUES (1, 'Bob'), (2, 'bob');",
        "CREATE TABLE users (id bigserial PRIMARY KEY, name text);"
        "CREATE UNIQUE INDEX by_name ON users (lower(name));",
    )
    for _ in range(2):
        with pytest.raises(CutoverError, match="by_name") as error:
            move.apply()
        assert error.value.status in (ExitStatus.REFUSED, ExitStatus.TARGET)
    move.change("UPDATE users SET name = 'bobby' WHERE id = 2")
    move.apply("replace-target-rows")
    assert move.fetch("SELECT name FROM users ORDER BY id") == [("Bob",), ("bobby",)]


GUARDED = """
CREATE TABLE history (id INTEGER PRIMARY KEY, note TEXT, sealed BOOLEAN NOT NULL DEFAULT 0);
INSERT INTO history VALUES (1, 'first', 1), (2, 'second', 0);
CREATE TRIGGER history_no_delete BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
"""
FORMS = {
    "bare": "BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'sealed for good'); END",
    "when": """BEFORE UPDATE ON history WHEN OLD.sealed = 1
        BEGIN SELECT RAISE(ABORT, 'sealed for good'); END""",
    "where": """BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'sealed for good') WHERE OLD.sealed = 1; END""",
    "case": """BEFORE UPDATE ON history
        BEGIN SELECT CASE WHEN OLD.sealed = 1 THEN RAISE(ABORT, 'sealed for good') END; END""",
}


@pytest.mark.hazard("A34", "carries the guard in each of its forms, with its message")
@pytest.mark.hazard("A35", "guards against TRUNCATE too, and in every replication role")
@pytest.mark.hazard("H26", "proves the guard by trying, on SQLite's events and on TRUNCATE")
@pytest.mark.parametrize("form", FORMS)
def test_a_guard_bites(make_move: MakeMove, form: str) -> None:
    move = make_move(f"{GUARDED}CREATE TRIGGER history_no_update {FORMS[form]};")
    assert move.passes()
    refused = psycopg.errors.RestrictViolation
    with pytest.raises(refused, match="sealed for good"):
        move.execute("UPDATE history SET note = 'x' WHERE id = 1")
    for role in ("origin", "replica"):
        with pytest.raises(refused, match="append-only"):
            move.execute(f"BEGIN; SET LOCAL session_replication_role = {role}; TRUNCATE history")
    with pytest.raises(refused, match="append-only"):
        move.execute("DELETE FROM history")
    move.execute("INSERT INTO history (note) VALUES ('third')")


@pytest.mark.hazard("A35", "names a guard that somebody has switched off")
def test_a_guard_that_is_off_is_named(make_move: MakeMove) -> None:
    move = make_move(GUARDED)
    assert move.passes()
    move.execute("ALTER TABLE history DISABLE TRIGGER ALL")
    outcome = move.verify().outcome
    assert not outcome.passed
    assert "triggers" in {finding.check for finding in outcome.findings}


STAMP = """
CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text, updated text);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.updated := 'stamped'; RETURN NEW; END $$;
CREATE TRIGGER stamps BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER sleeps BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE t DISABLE TRIGGER sleeps;
"""


@pytest.mark.hazard("A36", "leaves a trigger disabled that was")
@pytest.mark.hazard("A37", "loads with the triggers down, so that stored values stay")
def test_triggers_are_down_during_the_load_and_up_as_they_were(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, updated TEXT);"
        "INSERT INTO t VALUES (1, 'x', 'long ago');",
        STAMP,
    )
    assert move.passes()
    assert move.fetch("SELECT updated FROM t") == [("long ago",)]
    states = "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    assert move.fetch(states) == [("sleeps", "D"), ("stamps", "O")]
    assert move.fetch("INSERT INTO t (a) VALUES ('new') RETURNING updated") == [("stamped",)]


def add_books(move: Move) -> Move:
    """Give the source a table that only its application can sort."""
    with closing(sqlite3.connect(move.source)) as connection, connection:
        connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        connection.execute("CREATE TABLE books (title TEXT COLLATE unicase PRIMARY KEY, n INTEGER)")
        connection.execute("CREATE INDEX by_n ON books (n, title)")
        connection.execute("INSERT INTO books VALUES ('b', 1), ('A', 2)")
    return move.again("")


@pytest.mark.hazard("A67", "reads text without the collation that only the application has")
def test_a_collation_of_the_application_is_not_needed(make_move: MakeMove) -> None:
    move = add_books(make_move("CREATE TABLE other (id INTEGER PRIMARY KEY);"))
    named = {(found.kind, found.name): found.note for found in move.plan().decisions}
    assert set(named) == {("primary key", "books(title)"), ("index", "by_n")}
    assert "UNICASE" in named["primary key", "books(title)"]
    assert not move.passes()
    assert move.fetch("SELECT title FROM books ORDER BY n") == [("b",), ("A",)]
    assert sum(t.missing + t.mismatching for t in move.verify().outcome.tables) == 0


@pytest.mark.hazard("A67", "refuses a row filter that would have to compare by that collation")
def test_a_filter_may_not_compare_by_a_collation_that_is_not_here(make_move: MakeMove) -> None:
    move = add_books(make_move("CREATE TABLE other (id INTEGER PRIMARY KEY);"))
    rows = '[rows]\nbooks = { where = "[Title] = \'b\'", reason = "only that" }'
    with pytest.raises(UsageError, match='"title"') as error:
        move.again(rows).plan()
    assert "unicase" in error.value.message


@pytest.mark.hazard("H29", "asks both sides for one order of NULLs when it compares them")
def test_rows_whose_unique_columns_are_null_are_compared(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (a INTEGER, b TEXT, UNIQUE (a, b));"
        "INSERT INTO t VALUES (NULL, 'x'), (1, NULL), (NULL, NULL), (2, 'y'), (NULL, 'x');"
    )
    assert move.passes()
    move.execute("UPDATE t SET b = 'changed' WHERE a = 1")
    assert not move.verify().outcome.passed
