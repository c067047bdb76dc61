"""What does not arrive as stored is in the ledger, a line a value; what can't arrive stays out."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cutover import commands, ledger
from cutover.cli import main
from cutover.errors import Refused
from cutover.events import Event, StepProgress
from cutover.targets.postgres.connect import connect
from tests.fix_move import MakeMove, Move

LEDGER = (
    "SELECT table_name, column_name, rule, key::text, storage_class, before, after"
    " FROM cutover.ledger ORDER BY 1, 2, 4"
)
REJECTED = (
    "SELECT column_name, rule, key::text, before FROM cutover.ledger"
    " WHERE kind = 'rejected' ORDER BY 1, 2, 3"
)


def test_every_changed_value_is_told_with_its_key_before_and_after(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT, flag TEXT);"
        "INSERT INTO t VALUES (1, '2026-01-01 10:00:00.1234567+00:00', 1),"
        " (2, '2026-01-01 10:00:00.123456+00:00', 'true'),"
        " (3, '2026-01-01 10:00:00.9999999+02:00', NULL);",
        "CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz, flag boolean)",
    )
    assert move.run().verified is not None
    assert move.fetch(LEDGER) == [
        (
            *("t", "at", "fraction truncated to microseconds", '{ "id" : 1 }', "text"),
            *("'2026-01-01 10:00:00.1234567+00:00'", "2026-01-01 10:00:00.123456+00:00"),
        ),
        (
            *("t", "at", "fraction truncated to microseconds", '{ "id" : 3 }', "text"),
            *("'2026-01-01 10:00:00.9999999+02:00'", "2026-01-01 10:00:00.999999+02:00"),
        ),
        ("t", "flag", "word as boolean", '{ "id" : 1 }', "text", "'1'", "true"),
        ("t", "flag", "word as boolean", '{ "id" : 2 }', "text", "'true'", "true"),
    ]


def test_what_no_text_can_hold_is_told_in_hex(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (k BLOB PRIMARY KEY, v TEXT) WITHOUT ROWID;"
        "INSERT INTO t VALUES (x'00ff', CAST(x'610062' AS TEXT));",
        "CREATE TABLE t (k bytea PRIMARY KEY, v text)",
        '[columns]\n"t.v" = { nul = "strip" }',
    )
    assert move.run().verified is not None
    ((*_, key, class_, before, after),) = move.fetch(LEDGER)
    assert json.loads(key) == {"k": {"blob": "00ff"}}
    assert (class_, before, after) == ("text", "CAST(x'610062' AS TEXT)", "ab")


def test_a_secret_is_counted_and_not_told(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (token TEXT PRIMARY KEY, at TEXT);"
        "INSERT INTO t VALUES ('hunter2', '2026-01-01 10:00:00.1234567Z');",
        "CREATE TABLE t (token text PRIMARY KEY, at timestamptz)",
        '[columns]\n"t.token" = { secret = true }\n"t.at" = { secret = true }',
    )
    assert move.run().verified is not None
    ((*_, key, class_, before, after),) = move.fetch(LEDGER)
    assert (json.loads(key), class_, before, after) == ({"rowid": 1}, "text", None, None)
    move.execute("UPDATE t SET at = at + interval '1 day'")
    move.verify()
    assert [each["columns"] for each in move.differences()] == [["at"]]
    assert "hunter2" not in json.dumps(move.differences())
    journal = move.fetch(
        "SELECT string_agg(p.lines::text || array_to_string(p.key_columns, ','), '')"
        " FROM cutover.ledger_page AS p"
    )
    assert "hunter2" not in str(journal)
    assert "2026" not in str(journal)


def test_a_finding_about_a_secret_shows_no_value(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 'hunter2');",
        "CREATE TABLE t (id bigint PRIMARY KEY, n bigint)",
        '[columns]\n"t.n" = { secret = true }',
    )
    (finding,) = move.plan().unsettled
    assert "hunter2" not in str(finding)
    assert "stored as a secret" in finding.detail


def test_no_finding_tells_a_key_that_is_secret(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE p (id TEXT PRIMARY KEY);"
        "CREATE TABLE t (token TEXT PRIMARY KEY, n INTEGER, p TEXT REFERENCES p (id));"
        "INSERT INTO t VALUES ('hunter2', 'two', 'nobody');",
        "CREATE TABLE p (id text PRIMARY KEY);"
        "CREATE TABLE t (token text PRIMARY KEY, n bigint, p text REFERENCES p)",
        '[columns]\n"t.token" = { secret = true }',
    )
    value, orphan = move.plan().unsettled
    assert ("'two'" in value.detail, orphan.count) == (True, 1)
    assert "hunter2" not in str(move.plan())
    move.apply("rejected-rows")
    assert "hunter2" not in str(move.fetch("SELECT plan FROM cutover.run"))
    assert "hunter2" not in str(move.fetch("SELECT lines FROM cutover.ledger_page"))


def test_every_key_is_json() -> None:
    key = (1.5, float("inf"), "a\0b", "\udcff", b"\xff", None, 'é"')
    read = json.loads(ledger.array([key], ["x"], [None]))[0][0]
    assert read == [
        1.5,
        {"real": "inf"},
        {"text": "610062"},
        {"text": "ff"},
        {"blob": "ff"},
        None,
        'é"',
    ]


def test_a_long_value_is_told_by_its_beginning_and_digest() -> None:
    _, _, told, _ = json.loads(ledger.array([(1,)], ["x" * 20_000], [None]))[0]
    assert len(told) < 1_200
    digest = hashlib.sha256(b"x" * 20_000).hexdigest()
    assert told.startswith("'xxx")
    assert told.endswith(f"(20,000 characters, SHA-256 {digest})")
    _, class_, told, _ = json.loads(ledger.array([(1,)], [b"\0" * 20_000], [None]))[0]
    assert (class_, told[:6]) == ("blob", "x'0000")
    assert "20,000 bytes" in told


BAD_ROWS = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY);"
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, code TEXT, doc TEXT, p INTEGER);"
    "INSERT INTO p VALUES (1), (2);"
    "INSERT INTO t VALUES (1, 1, 'a', '{}', 1), (2, 'two', 'b', '{}', 1), (3, 3, 'long', '{}', 1),"
    " (4, 4, 'd', '{\"a\": \"\\u0000\"}', 1), (5, 5, 'a', '{}', 1), (6, 6, 'f', '{}', 9),"
    " (7, -7, 'g', '{}', 2), (8, 8, 'h', '[8]', NULL);"
)
STRICT_SET = (
    "CREATE TABLE p (id bigint PRIMARY KEY);"
    "CREATE TABLE t (id bigint PRIMARY KEY, n integer CONSTRAINT positive CHECK (n > 0),"
    " code varchar(3) UNIQUE, doc jsonb, p bigint CONSTRAINT t_p REFERENCES p)"
)


@pytest.fixture
def bad(make_move: MakeMove) -> Move:
    """Give an application of which six rows of eight can't be taken, each for another reason."""
    return make_move(BAD_ROWS, STRICT_SET)


@pytest.mark.hazard("A27", "moves nothing over one bad row, unless that is allowed by name")
def test_unsettled_values_stop_everything_by_default(bad: Move) -> None:
    with pytest.raises(Refused):
        bad.apply()
    assert bad.fetch("SELECT to_regclass('public.t')") == [(None,)]


@pytest.mark.hazard(
    "A27", "loads the other rows where that is allowed, and says why each was left out"
)
def test_a_bad_row_costs_one_row_where_that_is_allowed(bad: Move) -> None:
    done = bad.run("rejected-rows")
    assert bad.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (8,)]
    assert bad.fetch("SELECT count(*) FROM p") == [(2,)]
    told = {json.loads(key)["id"]: (column, rule) for column, rule, key, _ in bad.fetch(REJECTED)}
    assert told == {
        2: ("n", "no integer"),
        3: ("code", "no character varying(3)"),
        4: ("", "unsupported Unicode escape sequence"),
        5: ("", told[5][1]),
        6: ("", 'no parent in "p" by "t_p"'),
        7: ("", 'new row for relation "t" violates check constraint "positive"'),
    }
    assert told[5][1].startswith("repeats unique key")
    assert done.verified is not None
    (tally,) = [table for table in done.verified.outcome.tables if table.name == "t"]
    assert (tally.source_rows, tally.target_rows, tally.missing) == (8, 2, 6)
    assert not done.verified.outcome.passed
    assert {d["key"]["id"] for d in bad.differences()} == {2, 3, 4, 5, 6, 7}


def test_what_was_left_out_is_summed_up_for_a_person_and_a_script(
    bad: Move, capsys: pytest.CaptureFixture[str]
) -> None:
    config = bad.directory / "cutover.toml"
    config.write_text(f"[source]\ndatabases = ['{bad.source}']\n" + config.read_text())
    line = ["apply", "--config", str(config), "--target", bad.url, "--allow", "rejected-rows"]
    assert main([*line, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "rejected: 6 rows; each with its key: cutover status --ledger FILE" in said
    assert 'no parent in "p" by "t_p"' in said
    assert main([*line, "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)["ledger"]
    assert sum(entry["count"] for entry in facts if entry["kind"] == "rejected") == 6


def test_the_keys_stand_again_after_rows_were_rejected(bad: Move) -> None:
    bad.apply("rejected-rows")
    constraints = bad.fetch(
        "SELECT contype::text FROM pg_constraint WHERE conrelid = 'public.t'::regclass"
        " AND contype IN ('p', 'u', 'f', 'c') AND convalidated ORDER BY 1"
    )
    assert constraints == [("c",), ("f",), ("p",), ("u",)]


class Stop(Exception):  # noqa: N818 - the fault that is injected
    """Stands for whatever kills a run."""


def test_a_rehearsal_that_is_stopped_goes_on(bad: Move) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, StepProgress) and event.step.startswith(("load", "put-back")):
            raise Stop

    stops = 0
    doomed = replace(bad.session, emit=stop)
    while True:
        try:
            commands.apply(doomed, allow=["rejected-rows"])
            break
        except Stop:
            stops += 1
    assert stops >= 5  # two tables and three keys, at least
    assert bad.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (8,)]
    assert len(bad.fetch(REJECTED)) == 6
    assert bad.fetch("SELECT count(*) FROM pg_constraint WHERE conrelid = 't'::regclass") != [(0,)]


def test_children_of_a_rejected_parent_go_with_it(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER);"
        "INSERT INTO t VALUES (1, NULL), (2, 9), (3, 2), (4, 3), (5, 1);",
        "CREATE TABLE t (id bigint PRIMARY KEY, up bigint REFERENCES t)",
    )
    move.apply("rejected-rows")
    assert move.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (5,)]
    assert len(move.fetch(REJECTED)) == 3


def test_a_table_without_counterpart_is_refused_all_the_same(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (id INTEGER PRIMARY KEY);"
        "INSERT INTO u VALUES (1);",
        "CREATE TABLE t (id bigint PRIMARY KEY)",
    )
    with pytest.raises(Refused, match="no counterpart"):
        move.apply("rejected-rows")


def test_the_flip_stays_closed_after_a_rehearsal(bad: Move) -> None:
    bad.run("rejected-rows")
    line = ["--config", str(bad.directory / "cutover.toml"), "--target", bad.url]
    source = f"[source]\ndatabases = ['{bad.source}']\n"
    bad.again(source + (bad.directory / "cutover.toml").read_text())
    assert main(["flip", *line]) == 4


def test_status_writes_the_ledger_as_json_lines(bad: Move) -> None:
    bad.apply("rejected-rows")
    config = bad.directory / "cutover.toml"
    config.write_text(f"[source]\ndatabases = ['{bad.source}']\n" + config.read_text())
    out = bad.directory / "ledger.jsonl"
    line = ["status", "--ledger", str(out), "--config", str(config), "--target", bad.url]
    assert main(line) == 0
    lines = [json.loads(text) for text in out.read_text().splitlines()]
    assert {each["kind"] for each in lines} == {"rejected"}
    assert sorted(each["key"]["id"] for each in lines) == [2, 3, 4, 5, 6, 7]
    (two,) = [each for each in lines if each["key"]["id"] == 2]
    assert (two["storage_class"], two["before"], two["after"]) == ("text", "'two'", None)


def test_a_hundred_thousand_changed_values_are_all_told(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
        " INSERT INTO t SELECT i, '2026-01-01 10:00:00.1234567Z' FROM n;",
        "CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz)",
    )
    move.apply()
    with closing(connect(move.url)) as connection:
        query = b"SELECT count(*), count(DISTINCT (key ->> 'id')) FROM cutover.ledger"
        assert connection.execute(query).fetchall() == [(100_000, 100_000)]
    with closing(sqlite3.connect(move.source)) as source:
        assert source.execute("SELECT count(*) FROM t").fetchone() == (100_000,)
