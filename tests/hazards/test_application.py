"""What only the application knows of its rows: nothing is guessed, and what matters is said."""

from pathlib import Path

import pytest

from tests.fix_move import MakeMove

ROLLOUT = Path(__file__).parents[2] / "docs" / "how-to" / "rollout.md"


@pytest.mark.hazard("A19", "reads the target's type: no list of flags has to be kept")
def test_a_flag_is_known_by_the_targets_type(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, active INTEGER, n INTEGER);"
        "INSERT INTO t VALUES (1, 1, 1), (2, 0, 0), (3, NULL, 1);",
        "CREATE TABLE t (id bigserial PRIMARY KEY, active boolean, n bigint)",
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    query = "SELECT active, n FROM t ORDER BY id"
    assert move.fetch(query) == [(True, 1), (False, 0), (None, 1)]


@pytest.mark.hazard("A20", "keeps the width that the set says, and names the values it can't hold")
def test_the_width_of_a_number_is_the_sets(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, kdf INTEGER); INSERT INTO t VALUES (1, 600000);",
        "CREATE TABLE t (id bigserial PRIMARY KEY, kdf integer)",
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    query = "SELECT pg_typeof(kdf)::text, kdf FROM t"
    assert move.fetch(query) == [("integer", 600_000)]
    move.change("INSERT INTO t VALUES (2, 2147483648)")
    (finding,) = move.plan().unsettled
    assert finding.subject == '"t"."kdf"'
    assert "outside what integer holds" in finding.message


@pytest.mark.hazard("H5", "carries instants, which sort by time; the plan lists the forms mixed")
def test_mixed_forms_sort_by_time_after_the_move(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT);"
        "INSERT INTO t VALUES (1, '2026-01-01T08:00:00Z'), (2, '2026-01-01 09:00:00Z'),"
        " (3, '2026-01-01 10:00:00+03:00');",
        "CREATE TABLE t (id bigserial PRIMARY KEY, at timestamptz)",
    )
    by_text = "SELECT id FROM t ORDER BY at"
    assert move.stored(by_text) == [(2,), (3,), (1,)]
    (column,) = [c for c in move.plan().table("t").columns if c.source == "at"]
    assert set(column.evidence["forms"]) == {
        "YYYY-MM-DDTHH:MM:SSZ",
        "YYYY-MM-DD HH:MM:SSZ",
        "YYYY-MM-DD HH:MM:SS+HH:MM",
    }
    move.apply()
    assert move.fetch(by_text) == [(3,), (1,), (2,)]


@pytest.mark.hazard("H9", "fills no NULL with a default: names the rows that NOT NULL refuses")
def test_null_is_not_filled_by_a_default(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, ready INTEGER, origin TEXT);"
        "INSERT INTO t VALUES (1, NULL, NULL), (2, 5, 'cron');",
        "CREATE TABLE t (id bigserial PRIMARY KEY, ready integer NOT NULL DEFAULT 3,"
        " origin text DEFAULT 'interactive')",
    )
    (finding,) = move.plan().unsettled
    assert (finding.subject, finding.count) == ('"t"."ready"', 1)
    assert "NULL, which the target refuses" in finding.message
    move.change("UPDATE t SET ready = 3 WHERE ready IS NULL")
    move.apply()
    assert move.fetch("SELECT ready, origin FROM t ORDER BY id") == [(3, None), (5, "cron")]


@pytest.mark.hazard("H36", "carries leases as they are; the rollout page says how to find the rest")
def test_a_row_in_the_middle_of_something_arrives_as_it_is(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE runs (run_id TEXT PRIMARY KEY, status TEXT, owner_id TEXT, attempt INTEGER);"
        "INSERT INTO runs VALUES ('a', 'in_progress', NULL, 0), ('b', 'merging', 'w1', 2);",
        "CREATE TABLE runs (run_id text PRIMARY KEY, status text, owner_id text, attempt bigint)",
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    query = "SELECT * FROM runs ORDER BY run_id"
    assert move.fetch(query) == move.stored(query)
    page = ROLLOUT.read_text(encoding="utf-8")
    assert "WHERE status = 'in_progress' AND lease_expires_at < now()" in page
