"""What a night can bring: changes between the commands, half-done work, and the way out of each."""

import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cutover import commands
from cutover.errors import Refused, UsageError
from cutover.events import Event, StepFinished
from cutover.founding import founded
from cutover.journal import Journal
from cutover.session import Session
from cutover.settings import load_settings, parse_settings
from cutover.targets.postgres.connect import connect
from statelayer.sets import sets_root
from tests.fix_cli import command_line, environment
from tests.fix_reference import System

SqliteFile = Callable[..., Path]


class Stop(Exception):  # noqa: N818 - not an error of ours: the fault that is injected
    """Stands for whatever kills a run."""


def stopping_after(session: Session, step: str) -> Session:
    """Give the same session, killed when a step has ended."""

    def listen(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == step:
            raise Stop

    return replace(session, emit=listen)


def session_of(source: Path, url: str, workdir: Path, **tables: object) -> Session:
    """Give a session for a file that has no set yet."""
    facts = {"source": {"databases": [str(source)]}, "target": {"url": url}, **tables}
    return Session(
        settings=parse_settings(facts, base=Path()),
        workdir=workdir,
        now="2026-07-01T12:00:00Z",
        holder="a test",
    )


def write(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(script)


def test_a_table_that_came_to_the_source_after_apply_closes_the_flip(applied: System) -> None:
    write(applied.directory / "memory.db", "CREATE TABLE notes (x); INSERT INTO notes VALUES (1);")
    outcome = commands.verify(applied.session).outcome
    assert any(f.check == "sources" and f.subject == '"memory.db"' for f in outcome.findings)
    with pytest.raises(Refused):
        commands.flip(applied.session)


def test_a_file_that_the_plan_does_not_know_is_refused(applied: System, tmp_path: Path) -> None:
    shutil.copy(applied.directory / "memory.db", tmp_path / "third.db")
    settings = applied.session.settings
    more = (*settings.source.databases, str(tmp_path / "third.db"))
    source = settings.source.model_copy(update={"databases": more})
    session = replace(applied.session, settings=settings.model_copy(update={"source": source}))
    with pytest.raises(Refused, match="not those that the plan was made for"):
        commands.verify(session)


def test_a_revision_that_touches_no_table_is_applied_without_loading_again(
    applied: System,
) -> None:
    commands.verify(applied.session)
    copied = applied.directory / "newer" / "alembic_postgres"
    shutil.copytree(sets_root() / "alembic_postgres", copied)
    shutil.copytree(sets_root() / "triggers", applied.directory / "newer" / "triggers")
    (copied / "versions" / "pg_0003_greeting.py").write_text(
        'revision = "pg_0003_greeting"\ndown_revision = "pg_0002_checkpoints"\n'
        "from alembic import op\n"
        "def upgrade():\n"
        "    op.execute('CREATE FUNCTION greeting() RETURNS text LANGUAGE sql'\n"
        "               ' AS $$ SELECT $a$hi$a$ $$')\n"
        "def downgrade():\n"
        '    op.execute("DROP FUNCTION greeting()")\n'
    )
    _use_set(applied, copied)
    plan = commands.plan(applied.session)
    assert [step.kind for step in plan.steps] == ["migrate_schema"]
    assert commands.apply(applied.session).applied.steps == 1
    assert applied.fetch("SELECT greeting()") == [("hi",)]
    assert commands.verify(applied.session).outcome.passed
    assert commands.plan(applied.session).empty


def _use_set(system: System, directory: Path) -> None:
    path = system.directory / "cutover.toml"
    line = next(x for x in path.read_text().splitlines() if x.startswith("postgres = "))
    path.write_text(path.read_text().replace(line, f'postgres = "{directory}"'))


def test_a_target_that_was_emptied_can_be_loaded_again(applied: System) -> None:
    applied.execute("TRUNCATE run_events")
    plan = commands.plan(applied.session)
    assert not plan.empty
    assert {hazard.kind for hazard in plan.hazards} == {"replace-target-rows"}
    commands.apply(applied.session, allow={"replace-target-rows"})
    assert commands.verify(applied.session).outcome.passed


@pytest.mark.hazard("H33", "finds what changed since, and loads it again where that is allowed")
def test_a_failed_verify_can_be_repaired_by_loading_again(applied: System) -> None:
    applied.execute("UPDATE run_events SET event_type = 'x' WHERE id = 3")
    assert not commands.verify(applied.session).outcome.passed
    with pytest.raises(Refused, match="holds rows"):
        commands.apply(applied.session)
    commands.apply(applied.session, allow={"replace-target-rows"})
    assert commands.verify(applied.session).outcome.passed


@pytest.mark.parametrize(
    "damage",
    [
        ["TRUNCATE workflow_runs"],
        ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"],
    ],
)
def test_a_half_done_target_that_was_tampered_with_is_begun_anew(
    system: System, damage: list[str]
) -> None:
    with pytest.raises(Stop):
        commands.apply(stopping_after(system.session, "load run_events"))
    system.execute(*damage)
    commands.apply(system.session, allow={"replace-target-rows"})
    assert commands.verify(system.session).outcome.passed


def test_a_table_without_anything_to_walk_by_is_loaded_once(
    sqlite_file: SqliteFile, postgres_url: str, tmp_path: Path
) -> None:
    source = sqlite_file(
        "CREATE TABLE odd (rowid TEXT, _rowid_ TEXT, oid TEXT);"
        "INSERT INTO odd VALUES ('a', 'b', 'c'), ('a', 'b', 'c'), ('d', 'e', NULL);"
        "CREATE TABLE later (id INTEGER PRIMARY KEY); INSERT INTO later VALUES (1);"
    )
    session = founded(session_of(source, postgres_url, tmp_path / "work"), postgres_url)
    with pytest.raises(Stop):
        commands.apply(stopping_after(session, "load odd"))
    commands.apply(session)
    assert commands.verify(session).outcome.passed
    tallies = {table.name: table for table in commands.verify(session).outcome.tables}
    assert (tallies["odd"].source_rows, tallies["odd"].target_rows) == (3, 3)


def test_infinity_and_a_blob_key_survive_the_journal(
    sqlite_file: SqliteFile, postgres_url: str, tmp_path: Path
) -> None:
    source = sqlite_file(
        "CREATE TABLE t (k BLOB PRIMARY KEY, v REAL) WITHOUT ROWID;"
        "INSERT INTO t VALUES (x'00ff', 9e999), (x'01', -9e999), (x'02', -0.0);"
    )
    session = session_of(source, postgres_url, tmp_path / "work")
    assert commands.run(session).verified.outcome.passed
    assert commands.run(session).applied.applied.steps == 0


def test_two_applies_at_once_are_one_run(system: System) -> None:
    line = command_line(
        "apply", "--config", system.directory / "cutover.toml", "--target", system.url, "-q"
    )
    both = [
        subprocess.Popen(line, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate()[1].decode() for process in both]
    statuses = sorted(process.returncode for process in both)
    # The second either waits its turn in vain, or comes when all is done, or plans in between
    # and finds the rows of the first.
    assert statuses in ([0, 75], [0, 0], [0, 4]), said
    commands.apply(system.session)
    assert commands.verify(system.session).outcome.passed


def test_creating_the_journal_twice_at_once_works(postgres_url: str) -> None:
    errors: list[Exception] = []

    def create() -> None:
        with closing(connect(postgres_url, autocommit=True)) as connection:
            try:
                Journal(connection).create()
            except Exception as error:  # noqa: BLE001 - handed to the test
                errors.append(error)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.hazard(
    "A76", "says what has changed since the flip, and lets no later verify close the way back"
)
def test_revert_is_open_after_a_verify_that_failed_later(applied: System) -> None:
    commands.verify(applied.session)
    commands.flip(applied.session)
    applied.execute("UPDATE decisions SET title = 'changed' WHERE id = 1")
    assert not commands.verify(applied.session).outcome.passed
    with pytest.raises(Refused, match="reverting would lose"):
        commands.revert(applied.session)
    reverted = commands.revert(applied.session, allow={"lose-target-writes"})
    assert reverted.flag.value == "sqlite"


def test_a_sequence_moved_after_verify_closes_the_flip(applied: System) -> None:
    commands.verify(applied.session)
    applied.execute("SELECT setval(pg_get_serial_sequence('run_events', 'id'), 3)")
    with pytest.raises(Refused, match="changed since verify"):
        commands.flip(applied.session)


def test_status_still_answers_when_the_source_is_archived(applied: System) -> None:
    commands.verify(applied.session)
    commands.flip(applied.session)
    (applied.directory / "memory.db").unlink()
    status = commands.status(applied.session)
    assert status.flag.value == "postgres"
    assert "memory.db" in status.missing


def test_a_waiver_written_into_the_work_directory_counts(
    sqlite_file: SqliteFile, postgres_url: str, tmp_path: Path
) -> None:
    source = sqlite_file(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT);"
        "CREATE VIEW v AS SELECT id FROM t WHERE n LIKE 'a%';"
    )
    session = session_of(source, postgres_url, tmp_path / "work")
    first = commands.run(session).verified.outcome
    assert [finding.kind for finding in first.findings] == ["decision"]
    with (tmp_path / "work" / "cutover.toml").open("a") as settings:
        settings.write('\n[waive]\n"view:v" = "nobody reads it"\n')
    assert commands.run(session).verified.outcome.passed


def test_a_setting_about_a_table_that_is_not_there_is_an_error(system: System) -> None:
    path = system.directory / "cutover.toml"
    path.write_text(path.read_text().replace("\nresults = {", "\nresult = {"))
    with pytest.raises(UsageError, match='names "result", which is not there') as error:
        commands.plan(system.session)
    assert 'did you mean "results"' in error.value.hint


def test_a_table_pattern_leaves_columns_alone() -> None:
    settings = parse_settings({"tables": {"exclude": ["*_cache", "runs.old_*"]}}, base=Path())
    assert settings.excludes("page_cache") == "*_cache"
    assert settings.excludes_column("users", "avatar_cache") is None
    assert settings.excludes_column("runs", "old_name") == "runs.old_*"


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_with_its_status_and_the_next_run_goes_on(
    system: System, sent: signal.Signals, status: int
) -> None:
    line = command_line(
        "apply", "--config", system.directory / "cutover.toml", "--target", system.url
    )
    process = subprocess.Popen(
        line, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    while "profile" not in process.stderr.readline():
        time.sleep(0.01)
    process.send_signal(sent)
    _, said = process.communicate()
    assert process.returncode == status, said
    assert "run the same command again" in said
    commands.apply(system.session)
    assert commands.verify(system.session).outcome.passed


def test_secrets_of_a_url_are_not_in_the_plan(system: System) -> None:
    overrides = {("target", "url"): f"{system.url}&sslpassword=hush&password=hush"}
    settings = load_settings(system.directory / "cutover.toml", environment={}, overrides=overrides)
    plan = commands.plan(replace(system.session, settings=settings))
    assert "hush" not in str(plan.to_json())


def test_another_schema_is_made_and_filled(
    sqlite_file: SqliteFile, postgres_url: str, tmp_path: Path
) -> None:
    source = sqlite_file("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (7);")
    session = session_of(source, postgres_url, tmp_path / "work")
    target = session.settings.target.model_copy(update={"schema_": "app"})
    settings = session.settings.model_copy(update={"target": target})
    session = replace(session, settings=settings)
    assert commands.run(session).verified.outcome.passed
    with closing(connect(postgres_url, autocommit=True)) as connection:
        assert connection.execute("SELECT id FROM app.t").fetchall() == [(7,)]
        assert connection.execute("SELECT to_regclass('public.t')").fetchone() == (None,)
    assert commands.run(session).applied.applied.steps == 0
