"""What the sets promise, proved on rows: append-only, both partial unique indexes, the CHECKs."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cutover.migrate import migrate_postgres
from statelayer.sets import sets_root, upgrade_sqlite
from tests.fix_postgres import fresh_database

Execute = Callable[..., Any]

PROJECT = """INSERT INTO projects (project_id, name, origin_kind, working_directory, owner,
    default_provider, created_at, updated_at)
    VALUES ('p', 'P', 'blank', '/', 'ada', 'copilot', '2026-01-01', '2026-01-01')"""
TASK = """INSERT INTO backlog_tasks (task_id, project_id, title, captured_by, state, order_key,
    created_at, run_id, archived_at)
    VALUES ('{}', 'p', 't', 'ada', '{}', '{}', '2026-01-01', {}, {})"""
REVISION = """INSERT INTO run_revisions VALUES ('r', 1, 'ada', 'raw', 'clean', 'tree',
    '2026-01-01')"""


@pytest.fixture(scope="module")
def operational_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an operational.db at head, for copying."""
    path = tmp_path_factory.mktemp("head") / "operational.db"
    upgrade_sqlite("operational", path)
    return path


@pytest.fixture
def operational(operational_at_head: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give an operational.db at head."""
    shutil.copy(operational_at_head, tmp_path)
    with closing(sqlite3.connect(tmp_path / "operational.db")) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


@pytest.fixture(scope="module")
def server_at_head(postgres_server: str) -> Iterator[str]:
    """Give the name of a PostgreSQL database at head, for cloning."""
    with fresh_database(postgres_server) as url:
        migrate_postgres(url, sets_root() / "alembic_postgres")
        with closing(psycopg.connect(url)) as connection:
            name = connection.info.dbname
        yield name


@pytest.fixture
def server(postgres_server: str, server_at_head: str) -> Iterator[psycopg.Connection]:
    """Give a PostgreSQL database at head."""
    with (
        fresh_database(postgres_server, template=server_at_head) as url,
        closing(psycopg.connect(url, autocommit=True)) as connection,
    ):
        yield connection


@pytest.fixture(params=["sqlite", "postgres"])
def execute(request: pytest.FixtureRequest) -> Execute:
    """Give what executes one statement, on either provider."""
    name = "operational" if request.param == "sqlite" else "server"
    connection: Any = request.getfixturevalue(name)
    execute: Execute = connection.execute
    return execute


REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)


def test_reviews_are_append_only_on_either_provider(execute: Execute) -> None:
    execute(REVISION)
    for statement in (
        "UPDATE run_revisions SET raw_comment = 'never said'",
        "DELETE FROM run_revisions",
    ):
        with pytest.raises(REFUSED, match="run_revisions is append-only"):
            execute(statement)
    assert execute("SELECT raw_comment FROM run_revisions").fetchall() == [("raw",)]
    execute(REVISION.replace("1,", "2,"))


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
def test_postgres_refuses_truncate_too_in_whatever_role(
    server: psycopg.Connection, role: str
) -> None:
    server.execute(REVISION)
    server.execute(f"SET session_replication_role = {role}")
    for statement in (
        "TRUNCATE run_revisions",
        "TRUNCATE run_revisions, runs CASCADE",
        "DELETE FROM run_revisions",
        "UPDATE run_revisions SET run_id = 'x'",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            server.execute(statement)
    assert server.execute("SELECT count(*) FROM run_revisions").fetchone() == (1,)


def test_sqlite_refuses_insert_or_replace_with_recursive_triggers(
    operational: sqlite3.Connection,
) -> None:
    operational.execute("PRAGMA recursive_triggers = ON")
    operational.execute(REVISION)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        operational.execute(REVISION.replace("INSERT", "INSERT OR REPLACE"))


def test_the_open_backlog_has_one_task_at_each_place(execute: Execute) -> None:
    execute(PROJECT)
    execute(TASK.format("one", "backlog", "a0", "NULL", "NULL"))
    with pytest.raises(REFUSED):
        execute(TASK.format("two", "backlog", "a0", "NULL", "NULL"))
    execute(TASK.format("three", "ready", "a0", "NULL", "NULL"))
    execute(TASK.format("four", "backlog", "a0", "NULL", "'2026-01-02'"))
    execute(TASK.format("five", "backlog", "a0", "NULL", "'2026-01-02'"))
    execute(TASK.format("six", "claimed", "a0", "'r1'", "NULL"))
    execute(TASK.format("seven", "claimed", "a0", "'r2'", "NULL"))
    with pytest.raises(REFUSED):
        execute("UPDATE backlog_tasks SET archived_at = NULL WHERE task_id = 'four'")


def test_a_run_claims_one_task_at_most(execute: Execute) -> None:
    execute(PROJECT)
    execute(TASK.format("one", "claimed", "a0", "'r'", "NULL"))
    with pytest.raises(REFUSED):
        execute(TASK.format("two", "claimed", "a1", "'r'", "'2026-01-02'"))
    execute(TASK.format("three", "claimed", "a2", "NULL", "NULL"))
    execute(TASK.format("four", "claimed", "a3", "NULL", "NULL"))


def test_order_keys_sort_by_their_bytes(execute: Execute) -> None:
    execute(PROJECT)
    for key in ("a", "B", "aZ", "a0", "ab", "Ä", "_"):
        execute(TASK.format(key, "ready", key, "NULL", "NULL"))
    keys = [row[0] for row in execute("SELECT order_key FROM backlog_tasks ORDER BY order_key")]
    assert keys == ["B", "_", "a", "a0", "aZ", "ab", "Ä"]


def test_a_project_takes_its_backlog_with_it(execute: Execute) -> None:
    execute(PROJECT)
    execute(TASK.format("one", "ready", "a0", "NULL", "NULL"))
    with pytest.raises(REFUSED):
        execute(TASK.replace("'p'", "'nobody'").format("two", "ready", "a1", "NULL", "NULL"))
    execute("DELETE FROM projects")
    assert execute("SELECT count(*) FROM backlog_tasks").fetchone() == (0,)


def test_defaults_mean_the_same(execute: Execute) -> None:
    execute(PROJECT)
    row = execute(
        "SELECT default_branch, state, max_ready_per_heartbeat, pickup_autopilot,"
        " pickup_auto_approve_tools, allowed_workflow_ids FROM projects"
    ).fetchone()
    assert row == ("main", "active", 3, 1, 0, None)


@pytest.mark.parametrize(
    ("column", "value"), [("state", "'paused'"), ("origin_kind", "'Github'"), ("name", "NULL")]
)
def test_a_project_keeps_to_its_words(execute: Execute, column: str, value: str) -> None:
    execute(PROJECT)
    with pytest.raises(REFUSED):
        execute(f"UPDATE projects SET {column} = {value}")


def test_ids_continue_after_explicit_ones_and_are_never_used_again(execute: Execute) -> None:
    execute("INSERT INTO threads VALUES ('t', 's', '{}', '{}', 'idle', '2026-01-01', '2026-01-01')")
    insert = "INSERT INTO messages (thread_id, role, content, metadata, created_at) VALUES"
    execute(f"{insert} ('t', 'user', '', '{{}}', '2026-01-01')")
    execute("DELETE FROM messages")
    execute(f"{insert} ('t', 'user', '', '{{}}', '2026-01-01')")
    assert execute("SELECT id FROM messages").fetchall() == [(2,)]


def test_sqlites_own_clock_writes_no_zone_and_no_fraction(operational: sqlite3.Connection) -> None:
    operational.execute(
        "INSERT INTO threads (thread_id, source, source_ref, metadata, status, created_at)"
        " VALUES ('t', 's', '{}', '{}', 'idle', '')"
    )
    glob = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
    assert operational.execute("SELECT updated_at GLOB ? FROM threads", (glob,)).fetchone() == (1,)


FINDING = """INSERT INTO expert_findings VALUES ('f', 'p', 'n', 'c', %s, 1, %s, %s, %s,
    '2026-01-01', '2026-01-01')"""


@pytest.mark.parametrize(
    ("finding_type", "payload", "confidence", "version"),
    [
        ("risk", '{"title": "t", "severity": "high"}', 0.0, 1),
        ("recommendation", '{"title": "t", "steps": []}', 1.0, 9),
        ("evidence", '{"source": "s", "weight": 1e3, "more": null}', 0.5, 1),
        ("a type nobody knows yet", "{}", 0.5, 1),
    ],
)
def test_a_finding_that_keeps_its_promise_is_taken(
    server: psycopg.Connection, finding_type: str, payload: str, confidence: float, version: int
) -> None:
    server.execute(FINDING, (finding_type, payload, confidence, version))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        (("risk", '{"title": "t"}', 0.5, 1), "risk"),
        (("risk", '{"title": "t", "severity": null}', 0.5, 1), "risk"),
        (("risk", '{"title": "t", "severity": "huge"}', 0.5, 1), "risk"),
        (("risk", '{"title": 7, "severity": "low"}', 0.5, 1), "risk"),
        (("recommendation", '{"title": "t", "steps": "one"}', 0.5, 1), "recommendation"),
        (("recommendation", '{"steps": []}', 0.5, 1), "recommendation"),
        (("evidence", '{"source": "s", "weight": "1"}', 0.5, 1), "evidence"),
        (("evidence", '{"source": "s"}', 0.5, 1), "evidence"),
        (("other", "[]", 0.5, 1), "object"),
        (("other", "null", 0.5, 1), "object"),
        (("other", "{}", 1.5, 1), "confidence"),
        (("other", "{}", -0.1, 1), "confidence"),
        (("other", "{}", 0.5, 0), "version"),
    ],
)
def test_a_finding_that_breaks_its_promise_is_refused(
    server: psycopg.Connection, values: tuple[Any, ...], constraint: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        server.execute(FINDING, values)
    assert caught.value.diag.constraint_name == f"ck_expert_findings_{constraint}"


def test_the_types_are_those_of_the_reference(server: psycopg.Connection) -> None:
    query = """SELECT data_type FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = %s AND column_name = %s"""
    expected = {
        "projects.project_id": "text",
        "projects.pickup_autopilot": "boolean",
        "projects.created_at": "timestamp with time zone",
        "projects.allowed_workflow_ids": "text",
        "runs.subtask_id": "text",
        "runs.merge_conflicts": "jsonb",
        "runs.fencing_token": "bigint",
        "runs.attempt": "integer",
        "cast_proposals.proposal_json": "jsonb",
        "results.expires_at": "timestamp with time zone",
        "messages.id": "bigint",
        "decisions.superseded_by_id": "bigint",
        "decisions.tags": "text",
        "run_events.run_id": "text",
        "run_events.payload": "jsonb",
        "run_events.created_at": "timestamp with time zone",
        "expert_findings.payload": "jsonb",
        "expert_findings.confidence": "double precision",
        "mcp_refresh_tokens.revoked_at": "timestamp with time zone",
    }
    found = {name: server.execute(query, tuple(name.split("."))).fetchone() for name in expected}
    assert found == {name: (type_,) for name, type_ in expected.items()}
