"""Every damage to the target is found and named, one at a time."""

import json
from math import inf

import pytest

from cutover import commands
from cutover.journal import decode_key, encode_key
from cutover.plan import Finding
from tests.fix_move import MakeMove
from tests.fix_reference import System

EVENTS = "run_events"

DAMAGES = {
    "one character of a jsonb value": (
        """UPDATE run_events SET payload = jsonb_set(payload, '{text}', '"?"') WHERE id = 7""",
        "mismatching",
        '"run_events"."payload"',
    ),
    "a timestamp moved by one microsecond": (
        "UPDATE run_events SET created_at = created_at + interval '1 microsecond' WHERE id = 7",
        "mismatching",
        '"run_events"."created_at"',
    ),
    "a boolean": (
        "UPDATE projects SET pickup_autopilot = NOT pickup_autopilot"
        " WHERE project_id = (SELECT min(project_id) FROM projects)",
        "mismatching",
        '"projects"."pickup_autopilot"',
    ),
    "the last bit of a float": (
        "UPDATE expert_findings SET confidence = confidence + 1.1102230246251565e-16"
        " WHERE finding_id = (SELECT min(finding_id) FROM expert_findings"
        " WHERE confidence BETWEEN 0.5 AND 0.9)",
        "mismatching",
        '"expert_findings"."confidence"',
    ),
    "a missing row": ("DELETE FROM run_events WHERE id = 9", "missing", '"run_events"'),
    "an extra row": (
        "INSERT INTO run_events (run_id, sequence, event_type, payload, created_at)"
        " VALUES ('extra', 1, 'note', '{}', now())",
        "extraneous",
        '"run_events"',
    ),
    "an empty text for NULL": (
        "UPDATE runs SET result = '' WHERE run_id ="
        " (SELECT min(run_id) FROM runs WHERE result IS NULL)",
        "mismatching",
        '"runs"."result"',
    ),
    "NULL for a text": (
        "UPDATE runs SET result = NULL WHERE run_id ="
        " (SELECT min(run_id) FROM runs WHERE result IS NOT NULL)",
        "mismatching",
        '"runs"."result"',
    ),
    "a disabled trigger": (
        "ALTER TABLE run_revisions DISABLE TRIGGER ALL",
        "mismatching",
        '"run_revisions"',
    ),
    "a sequence moved back": (
        "SELECT setval(pg_get_serial_sequence('run_events', 'id'), 3)",
        "mismatching",
        '"run_events"."id"',
    ),
    "a table dropped": ("DROP TABLE messages", "missing", '"messages"'),
    "a column that the set doesn't have": (
        "ALTER TABLE messages ADD COLUMN extra text",
        "extraneous",
        '"messages"."extra"',
    ),
    "NOT NULL removed": (
        "ALTER TABLE messages ALTER COLUMN role DROP NOT NULL",
        "mismatching",
        '"messages"."role"',
    ),
    "a default changed": (
        "ALTER TABLE projects ALTER COLUMN pickup_autopilot SET DEFAULT false",
        "mismatching",
        '"projects"."pickup_autopilot"',
    ),
    "another revision": (
        "UPDATE alembic_version SET version_num = 'other'",
        "mismatching",
        "alembic_version",
    ),
}


@pytest.mark.hazard("A1", "names what is missing, changed or too many, whatever it is")
@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_names_the_damage(applied: System, damage: str) -> None:
    statement, kind, subject = DAMAGES[damage]
    applied.execute(statement)
    findings = commands.verify(applied.session).outcome.findings
    assert (kind, subject) in {(finding.kind, finding.subject) for finding in findings}


def test_what_was_applied_is_the_same_on_both_sides(applied: System) -> None:
    verified = commands.verify(applied.session)
    assert verified.outcome.findings == ()
    assert verified.outcome.passed
    assert verified.keys is None
    events = next(table for table in verified.outcome.tables if table.name == EVENTS)
    assert events.source_rows == events.target_rows == 1_500


def test_an_index_that_lost_its_predicate_is_named(applied: System) -> None:
    index, definition = _partial_index(applied)
    full = definition.partition(" WHERE ")[0].replace("CREATE UNIQUE", "CREATE")
    applied.execute(f'DROP INDEX "{index}"', full)
    assert _about(applied, index) == ["mismatching"]


def test_a_dropped_check_is_named(applied: System) -> None:
    rows = applied.fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'c'"
        " AND conrelid = 'expert_findings'::regclass ORDER BY 1"
    )
    check = rows[0][0]
    applied.execute(f'ALTER TABLE expert_findings DROP CONSTRAINT "{check}"')
    assert _about(applied, str(check)) == ["missing"]


@pytest.mark.hazard("H26", "proves the guard by trying, whatever its definition says")
def test_a_guard_whose_function_no_longer_raises_is_open(applied: System) -> None:
    function = applied.fetch(
        "SELECT DISTINCT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE t.tgrelid = 'run_revisions'::regclass AND NOT t.tgisinternal"
    )[0][0]
    applied.execute(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NULL; END $$"
    )
    findings = commands.verify(applied.session).outcome.findings
    said = " ".join(finding.message for finding in findings)
    for event in ("UPDATE", "DELETE", "TRUNCATE"):
        assert f'{event} on "run_revisions" is not refused' in said


def test_every_differing_key_goes_to_the_file(applied: System) -> None:
    applied.execute("UPDATE run_events SET event_type = event_type || '!' WHERE id % 2 = 0")
    count = applied.fetch("SELECT count(*) FROM run_events WHERE id % 2 = 0")[0][0]
    verified = commands.verify(applied.session)
    assert verified.keys is not None
    lines = [json.loads(line) for line in verified.keys.read_text().splitlines()]
    assert len(lines) == count
    assert all(line["columns"] == ["event_type"] for line in lines)
    assert all(line["key"]["id"] % 2 == 0 for line in lines)


def test_differences_at_both_ends_of_a_table_are_counted_once(applied: System) -> None:
    applied.execute(
        "DELETE FROM run_events WHERE id <= 10",
        "INSERT INTO run_events (id, run_id, sequence, event_type, payload, created_at)"
        " SELECT 900000 + n, 'late', n, 'note', '{}', now() FROM generate_series(1, 5) AS n",
    )
    tallies = commands.verify(applied.session).outcome.tables
    events = next(table for table in tallies if table.name == EVENTS)
    gone = 1_500 - applied.fetch("SELECT count(*) FROM run_events WHERE id < 900000")[0][0]
    assert (events.missing, events.extraneous, events.mismatching) == (gone, 5, 0)


def test_an_infinite_key_is_told_in_json(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (k REAL PRIMARY KEY, n INTEGER) WITHOUT ROWID;"
        "INSERT INTO t VALUES (9e999, 1), (-9e999, 2), (1.5, 3)"
    )
    assert move.run().verified is not None
    move.execute("UPDATE t SET n = n + 1")
    keys = move.verify().keys
    assert keys is not None
    lines = [json.loads(line, parse_constant=_no_json) for line in keys.read_text().splitlines()]
    found = [line["key"]["k"] for line in lines]
    assert found == [{"real": "-inf"}, 1.5, {"real": "inf"}]
    assert [decode_key(encode_key((key,))) for key in (inf, -inf)] == [(inf,), (-inf,)]


def _no_json(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _partial_index(system: System) -> tuple[str, str]:
    rows = system.fetch(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'backlog_tasks' AND indexdef LIKE '%WHERE (run_id IS NOT NULL)%'"
    )
    return str(rows[0][0]), str(rows[0][1])


def _about(system: System, name: str) -> list[str]:
    findings: tuple[Finding, ...] = commands.verify(system.session).outcome.findings
    return [finding.kind for finding in findings if finding.subject == f'"{name}"']
