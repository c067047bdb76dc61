"""The reference files: every column in its writer's form, and one story in both files."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cutover.settings import load_settings
from statelayer.make import NOW, Summary, make_reference

EVENTS = 3_000

DATE = r"\d{4}-\d\d-\d\d"
CLOCK = r"\d\d:\d\d:\d\d"
OFFSET = rf"{DATE}T{CLOCK}\.\d{{7}}\+00:00"
TRIMMED = rf"{DATE} {CLOCK}(\.\d{{0,6}}[1-9])?\+00:00"
NAIVE = rf"{DATE} {CLOCK}\.\d{{7}}"
NAIVE_TRIMMED = rf"{DATE} {CLOCK}(\.\d{{0,6}}[1-9])?"
ISO = rf"{DATE}T{CLOCK}(\.\d{{6}})?\+00:00"
SQLITE_NOW = rf"{DATE} {CLOCK}"

JSON_COLUMNS = (
    "cast_proposals.proposal_json",
    "threads.source_ref",
    "threads.metadata",
    "tasks.payload",
    "tasks.result",
    "messages.metadata",
    "runs.merge_conflicts",
    "session_contexts.active_issues",
    "subtasks.locked_out_agents",
    "run_events.payload",
    "expert_findings.payload",
)
SHORT_LIVED = (
    "mcp_pending_authorizations",
    "mcp_authorization_codes",
    "mcp_revoked_jtis",
    "oauth_states",
    "web_session_exchange_codes",
)

Fetch = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return make_reference(tmp_path_factory.mktemp("made"), events=EVENTS, seed=7)


@pytest.fixture
def fetch(made: Summary) -> Iterator[Fetch]:
    """Give what runs a query over both files, memory.db as `memory`."""
    with closing(sqlite3.connect(made.directory / "operational.db")) as connection:
        connection.execute("ATTACH ? AS memory", (str(made.directory / "memory.db"),))
        yield lambda query, *values: connection.execute(query, values).fetchall()


def _texts(fetch: Fetch, column: str) -> list[str]:
    table, _, name = column.rpartition(".")
    return [row[0] for row in fetch(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")]


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ("projects.created_at projects.updated_at runs.started_at runs.ended_at", OFFSET),
        ("runs.review_ready_at run_revisions.created_at workflow_runs.started_at", OFFSET),
        ("backlog_tasks.created_at backlog_tasks.committed_at backlog_tasks.claimed_at", OFFSET),
        ("cast_proposals.created_at cast_proposals.expires_at", OFFSET),
        ("threads.created_at tasks.created_at tasks.completed_at messages.created_at", ISO),
        ("threads.updated_at tasks.updated_at", rf"{ISO}|{SQLITE_NOW}"),
        ("decisions.created_at decision_inbox.merged_at agent_memory.updated_at", TRIMMED),
        ("session_contexts.started_at outcome_specs.created_at work_plans.updated_at", TRIMMED),
        ("subtasks.updated_at steering_directives.relayed_at oauth_states.expires_at", TRIMMED),
        ("mcp_refresh_tokens.expires_at mcp_refresh_tokens.consumed_at", TRIMMED),
        ("mcp_revoked_jtis.expires_at mcp_authorization_codes.expires_at", TRIMMED),
        ("expert_findings.created_at web_session_exchange_codes.expires_at", TRIMMED),
        ("run_events.created_at", rf"{NAIVE}|{NAIVE_TRIMMED}"),
        ("decisions.tags agent_memory.tags", r"(,[^,]+)+,"),
        ("cast_proposals.id mcp_refresh_tokens.chain_id", r"[0-9a-f]{32}"),
    ],
)
def test_every_text_has_the_form_of_its_writer(fetch: Fetch, columns: str, form: str) -> None:
    for column in columns.split():
        texts = _texts(fetch, column)
        assert texts
        assert [text for text in texts if not re.fullmatch(form, text)] == []


def test_run_events_has_two_forms_in_one_column_and_every_length_of_fraction(
    fetch: Fetch,
) -> None:
    texts = _texts(fetch, "memory.run_events.created_at")
    raw = [text for text in texts if re.fullmatch(NAIVE, text) and text.endswith("0")]
    assert raw, "only the raw writer leaves a trailing zero"
    lengths = {len(text.partition(".")[2]) for text in texts}
    assert lengths == set(range(8))
    assert any(text.endswith(".9999999") for text in texts)


def test_state_tables_mix_sqlites_own_clock_with_iso(fetch: Fetch) -> None:
    for column in ("threads.updated_at", "tasks.updated_at"):
        texts = _texts(fetch, column)
        assert any(re.fullmatch(SQLITE_NOW, text) for text in texts)
        assert any("T" in text for text in texts)
    created = _texts(fetch, "threads.created_at")
    assert {"." in text for text in created} == {True, False}


def test_the_storage_classes_are_those_of_the_writers(fetch: Fetch) -> None:
    expected = {
        "locks.acquired_at": {"real"},
        "results.expires_at": {"real"},
        "projects.pickup_autopilot": {"integer"},
        "expert_findings.payload": {"blob"},
        "expert_findings.confidence": {"real"},
        "runs.subtask_id": {"null", "text"},
    }
    for column, classes in expected.items():
        table, _, name = column.partition(".")
        found = {row[0] for row in fetch(f"SELECT DISTINCT typeof({name}) FROM {table}")}
        assert found == classes, column
    assert set(fetch("SELECT DISTINCT pickup_autopilot FROM projects")) == {(0,), (1,)}


def test_json_is_valid_and_its_four_kinds_of_nothing_are_there(fetch: Fetch) -> None:
    for column in JSON_COLUMNS:
        for text in _texts(fetch, column):
            json.loads(text)
    answers = {row[0] for row in fetch("SELECT allowed_workflow_ids FROM projects")}
    assert {None, "", "null", "[]"} < answers
    issues = {row[0] for row in fetch("SELECT active_issues FROM session_contexts")}
    assert {None, "null", "[]"} < issues


def test_the_text_is_as_wild_as_it_is_in_life(fetch: Fetch) -> None:
    text = "\n".join(_texts(fetch, "memory.run_events.payload"))
    for wild in ("\\n", "\\\\N", '\\"', "\\t", "%s", "{requests}", "ü", "👩", "\\u00fc", "\\ud83d"):
        assert wild in text, wild
    plain = "\n".join(_texts(fetch, "runs.task"))
    for wild in ("\r\n", "\\N", "\\.\n", "\t", '"', "'", "こ", "🚀"):
        assert wild in plain, wild
    assert max(map(len, _texts(fetch, "runs.diff"))) > 1_000_000


def test_high_water_ids_are_above_the_highest_row(fetch: Fetch) -> None:
    for table in ("decisions", "messages", "run_events", "subtasks"):
        schema = "main" if table == "messages" else "memory"
        query = f"SELECT seq FROM {schema}.sqlite_sequence WHERE name = ?"
        ((water,),) = fetch(query, table)
        ((highest, count),) = fetch(f"SELECT max(id), count(*) FROM {table}")
        assert water > highest
        assert highest > count or table == "messages", "ids have gaps"


def test_short_lived_rows_have_expired_or_not_and_one_expires_now(fetch: Fetch) -> None:
    for table in SHORT_LIVED:
        instants = [_instant(text) for text in _texts(fetch, f"memory.{table}.expires_at")]
        assert min(instants) < NOW < max(instants)
        assert NOW in instants
    seconds = [row[0] for row in fetch("SELECT expires_at FROM results")]
    assert min(seconds) < NOW.timestamp() < max(seconds)
    assert NOW.timestamp() in seconds


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_the_row_filters_keep_exactly_what_has_not_expired(made: Summary, fetch: Fetch) -> None:
    rows = load_settings(made.settings, environment={}).rows
    assert set(rows) == {
        "results",
        "mcp_pending_authorizations",
        "mcp_authorization_codes",
        "oauth_states",
        "web_session_exchange_codes",
    }
    for table, setting in rows.items():
        kept = [row[0] for row in fetch(f"SELECT expires_at FROM {table} WHERE {setting.where}")]
        every = [row[0] for row in fetch(f"SELECT expires_at FROM {table}")]
        if table == "results":
            alive = [value for value in every if value > NOW.timestamp()]
        else:
            alive = [text for text in every if _instant(text) > NOW]
        assert sorted(kept) == sorted(alive)
        assert 0 < len(kept) < len(every)
        assert setting.reason


def test_the_settings_name_files_and_sets_that_exist(made: Summary) -> None:
    settings = load_settings(made.settings, environment={})
    assert [path.resolve() for path in settings.databases] == [p.resolve() for p in made.files]
    for directory in (*settings.sets.sqlite, settings.sets.postgres or ""):
        assert (settings.path(directory) / "env.py").is_file()
    assert (settings.path(settings.sets.triggers or "") / "postgres").is_dir()
    assert settings.excludes("locks") == "locks"
    assert settings.column("run_events", "created_at").zone == "UTC"
    assert settings.column("results", "expires_at").unit == "s"


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("run_events.run_id", "runs.run_id"),
        ("subtasks.child_run_id", "runs.run_id"),
        ("outcome_specs.coordinator_run_id", "runs.run_id"),
        ("work_plans.coordinator_run_id", "runs.run_id"),
        ("steering_directives.target_child_run_id", "runs.run_id"),
        ("expert_findings.pipeline_run_id", "runs.run_id"),
        ("decisions.project_id", "projects.project_id"),
        ("session_contexts.project_id", "projects.project_id"),
        ("runs.project_id", "projects.project_id"),
        ("runs.parent_run_id", "runs.run_id"),
        ("runs.workflow_run_id", "workflow_runs.workflow_run_id"),
        ("run_revisions.run_id", "runs.run_id"),
        ("backlog_tasks.run_id", "runs.run_id"),
        ("mcp_refresh_tokens.client_id", "mcp_client_registrations.client_id"),
    ],
)
def test_references_without_a_foreign_key_point_at_something(
    fetch: Fetch, child: str, parent: str
) -> None:
    children = {text.removesuffix("-rai") for text in _texts(fetch, child)}
    assert children
    assert children <= set(_texts(fetch, parent))


def test_subtask_ids_are_text_and_the_scribe_has_none(fetch: Fetch) -> None:
    named = set(_texts(fetch, "runs.subtask_id"))
    assert "assembly-scribe" in named
    ids = {str(row[0]) for row in fetch("SELECT id FROM subtasks")}
    assert named - {"assembly-scribe"} <= ids


def test_reviews_have_a_stream_of_their_own(fetch: Fetch) -> None:
    ((streams,),) = fetch("SELECT count(DISTINCT run_id) FROM run_events WHERE run_id LIKE '%-rai'")
    assert streams > 1


def test_superseded_decisions_point_forward(fetch: Fetch) -> None:
    pairs = fetch("SELECT id, superseded_by_id FROM decisions WHERE superseded_by_id IS NOT NULL")
    assert pairs
    assert all(later > earlier for earlier, later in pairs)


def test_a_revoked_chain_is_revoked_as_a_whole(fetch: Fetch) -> None:
    chains = fetch(
        "SELECT count(revoked_at), count(*), count(consumed_at) FROM mcp_refresh_tokens"
        " GROUP BY chain_id"
    )
    assert {revoked for revoked, _, _ in chains} == {0, 4}
    assert all(links == 4 and consumed == 3 for _, links, consumed in chains)


def test_the_summary_counts_every_table(made: Summary, fetch: Fetch) -> None:
    assert made.tables["run_events"] == EVENTS
    for table, rows in made.tables.items():
        assert fetch(f"SELECT count(*) FROM {table}") == [(rows,)]
    assert min(made.tables.values()) > 0
    assert json.loads(made.to_json())["tables"] == made.tables


def _dump(directory: Path) -> list[str]:
    lines: list[str] = []
    for name in ("operational.db", "memory.db"):
        with closing(sqlite3.connect(directory / name)) as connection:
            lines += connection.iterdump()
    return lines


def test_the_same_arguments_give_the_same_rows(tmp_path: Path) -> None:
    dumps = []
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        (tmp_path / name).mkdir()
        make_reference(tmp_path / name, events=200, seed=seed)
        dumps.append(_dump(tmp_path / name))
    assert dumps[0] == dumps[1]
    assert dumps[0] != dumps[2]


def test_files_that_are_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "memory.db").write_text("mine")
    with pytest.raises(FileExistsError, match="is there already"):
        make_reference(tmp_path, events=10, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["memory.db"]
    assert (tmp_path / "memory.db").read_text() == "mine"


def test_leftovers_are_what_no_revision_knows_of(tmp_path: Path) -> None:
    summary = make_reference(tmp_path, events=50, seed=1, leftovers=True)
    assert summary.tables["run_operational_records"] == summary.tables["runs"]
    with closing(sqlite3.connect(tmp_path / "operational.db")) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(runs)")}
    assert {"step_count", "review_wait_ms"} < columns
