"""Apply does what its plan says, once, whatever happens on the way."""

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace

import pytest

from cutover import commands
from cutover.errors import Refused, TryAgain
from cutover.events import Event, StepFinished, StepProgress
from cutover.journal import Journal
from cutover.plan import read_plan, write_plan
from cutover.session import Session
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.inspect import inspect
from tests.fix_cli import command_line, environment
from tests.fix_reference import System

KILLS = 20


def test_the_same_inputs_give_the_same_plan(system: System) -> None:
    first, second = commands.plan(system.session), commands.plan(system.session)
    assert first.digest == second.digest
    assert read_plan(write_plan(first)) == first


def test_every_object_of_the_source_is_in_one_bucket(system: System) -> None:
    plan = commands.plan(system.session)
    places = [(o.database, o.kind, o.name) for o in plan.objects]
    assert len(places) == len(set(places))
    assert plan.decisions == ()
    carried = {o.name for o in plan.objects if o.kind == "table"}
    for state in plan.sources:
        with closing(sqlite3.connect(system.directory / state.label)) as connection:
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            assert {name for (name,) in connection.execute(query)} <= carried


def test_planning_again_after_apply_finds_nothing_to_do(applied: System) -> None:
    plan = commands.plan(applied.session)
    assert plan.empty
    assert commands.apply(applied.session).applied.steps == 0


@pytest.mark.hazard("H37", "leaves out the rows that a filter names, counts them and says why")
def test_expired_rows_stay_behind_and_are_counted(applied: System) -> None:
    plan = commands.plan(applied.session)
    left_out = {table.source: table.excluded_rows for table in plan.tables if table.where}
    for name, count in left_out.items():
        database = plan.table(name).database
        with closing(sqlite3.connect(applied.directory / database)) as source:
            total = source.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        assert applied.fetch(f'SELECT count(*) FROM "{name}"')[0][0] == total - count
    assert sum(left_out.values()) > 0


def test_the_seventh_digit_is_cut_and_counted(applied: System) -> None:
    with closing(sqlite3.connect(applied.directory / "memory.db")) as source:
        cut = source.execute(
            "SELECT count(*) FROM run_events"
            " WHERE created_at GLOB '*.???????' AND substr(created_at, -1) <> '0'"
        ).fetchone()[0]
    assert cut > 0
    query = (
        "SELECT count(DISTINCT key ->> 'id') FROM cutover.ledger"
        " WHERE table_name = 'run_events' AND column_name = 'created_at'"
        " AND before LIKE '%_._______''' AND after LIKE '%._______00:00'"
    )
    assert applied.fetch(query) == [(cut,)]


@pytest.mark.hazard("H26", "carries the guard, and TRUNCATE is refused as well")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE run_revisions SET raw_comment = 'x'",
        "DELETE FROM run_revisions",
        "TRUNCATE run_revisions",
        "TRUNCATE run_revisions CASCADE",
    ],
)
def test_append_only_rows_stay(applied: System, statement: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        applied.execute(statement)


@pytest.mark.parametrize(
    "state",
    ["backlog", "ready"],
)
def test_the_open_backlog_is_unique_and_the_claimed_is_not(applied: System, state: str) -> None:
    project = applied.fetch("SELECT min(project_id) FROM projects")[0][0]
    insert = (
        "INSERT INTO backlog_tasks (task_id, project_id, title, captured_by, state, order_key,"
        " created_at) VALUES ('{}', '{}', 't', 'u', '{}', 'zzz', now())"
    )
    applied.execute(insert.format("one", project, state))
    with pytest.raises(Exception, match="duplicate key"):
        applied.execute(insert.format("two", project, state))
    claimed = [insert.format(f"claimed-{n}", project, "claimed") for n in range(2)]
    applied.execute(*claimed)


def test_one_run_claims_one_task(applied: System) -> None:
    taken = "UPDATE backlog_tasks SET run_id = 'same' WHERE task_id = '{}'"
    first, second = applied.fetch("SELECT task_id FROM backlog_tasks ORDER BY 1 LIMIT 2")
    applied.execute(taken.format(first[0]))
    with pytest.raises(Exception, match="duplicate key"):
        applied.execute(taken.format(second[0]))


def test_numbers_go_on_after_the_highest_ever_used(applied: System) -> None:
    with closing(sqlite3.connect(applied.directory / "memory.db")) as source:
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'decisions'"
        used = source.execute(query).fetchone()[0]
        assert used > source.execute("SELECT max(id) FROM decisions").fetchone()[0]
    following = applied.fetch("SELECT nextval(pg_get_serial_sequence('decisions', 'id'))")[0][0]
    assert following == used + 1


@pytest.mark.hazard("A74", "refuses it, and names the hazard that would replace the rows")
def test_a_target_with_rows_of_its_own_is_refused(system: System) -> None:
    commands.apply(system.session)
    system.execute("DROP SCHEMA cutover CASCADE")
    with pytest.raises(Refused, match="holds rows") as refusal:
        commands.apply(system.session)
    assert "--allow replace-target-rows" in refusal.value.hint
    commands.apply(system.session, allow={"replace-target-rows"})
    assert commands.verify(system.session).outcome.passed


def test_a_changed_source_makes_a_plan_outdated(system: System) -> None:
    plan = commands.plan(system.session)
    with closing(sqlite3.connect(system.directory / "memory.db")) as source, source:
        source.execute("DELETE FROM run_events WHERE id = 1")
    with pytest.raises(Refused, match="outdated"):
        commands.apply(system.session, plan)
    assert system.fetch("SELECT to_regclass('run_events')") == [(None,)]


def test_a_second_run_waits_its_turn(system: System) -> None:
    with closing(connect(system.url, autocommit=True)) as connection:
        journal = Journal(connection)
        journal.create()
        journal.take_lease("somebody else")
        with pytest.raises(TryAgain, match="another run is in progress") as error:
            commands.apply(system.session)
    assert "somebody else" in error.value.detail


class Stop(Exception):  # noqa: N818 - not an error of ours: the fault that is injected
    """Stands for whatever kills a run."""


@pytest.mark.slow
def test_stopped_at_any_event_it_goes_on(system: System) -> None:
    """Fail at every place where something was just committed, and finish each time."""
    promised = commands.plan(system.session).expected.fingerprint
    events: list[Event] = []
    stops = 0
    while True:
        try:
            commands.apply(stopping(system, after=1, seen=events))
            break
        except Stop:
            stops += 1
    assert stops >= len(commands.plan(system.session).tables)
    assert commands.verify(system.session).outcome.passed
    with closing(connect(system.url)) as connection:
        assert inspect(connection, "public").fingerprint == promised


def stopping(system: System, *, after: int, seen: list[Event]) -> Session:
    """Give a session whose listener fails after so many finished steps or batches."""
    count = 0

    def listen(event: Event) -> None:
        nonlocal count
        seen.append(event)
        is_ours = isinstance(event, StepFinished | StepProgress)
        if is_ours and not event.step.startswith(("profile", "scratch", "verify", "check")):
            count += 1
            if count > after:
                raise Stop

    session = system.session
    return Session(
        settings=session.settings,
        workdir=session.workdir,
        now=session.now,
        holder="a doomed run",
        emit=listen,
    )


@pytest.mark.slow
def test_killed_at_random_moments_it_goes_on(system: System) -> None:
    line = command_line(
        "apply",
        "--config",
        system.directory / "cutover.toml",
        "--target",
        system.url,
        "--quiet",
    )
    dice, killed = random.Random(20), 0
    while killed < KILLS:
        process = subprocess.Popen(line, env=environment())
        time.sleep(dice.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        killed += 1
    assert subprocess.run(line, env=environment(), check=False).returncode == 0
    assert commands.verify(system.session).outcome.passed


def test_a_filter_that_asks_the_clock_means_one_moment(system: System) -> None:
    settings = system.directory / "cutover.toml"
    text = settings.read_text()
    filtered = [line for line in text.splitlines() if line.startswith("results = ")]
    clock = 'results = { where = "expires_at > unixepoch()", reason = "expired" }'
    settings.write_text(text.replace(filtered[0], clock))
    first = commands.plan(system.session)
    assert first.moment == "2026-07-01T12:00:00Z"
    assert first.table("results").where == "expires_at > unixepoch('2026-07-01T12:00:00Z')"
    commands.apply(system.session, first)
    later = replace(system.session, now="2031-01-01T00:00:00Z")
    assert commands.verify(later).outcome.passed
    assert commands.plan(later).empty


def test_a_plan_that_was_applied_is_already_applied(system: System) -> None:
    plan = commands.plan(system.session)
    assert commands.apply(system.session, plan).applied.steps == len(plan.steps)
    assert commands.apply(system.session, plan).applied.steps == 0


def test_rows_that_came_since_the_plan_was_made_are_not_joined(system: System) -> None:
    plan = commands.plan(system.session)
    commands.apply(system.session)
    system.execute("DROP SCHEMA cutover CASCADE")
    with pytest.raises(Refused, match="the target is not empty"):
        commands.apply(system.session, plan)
