"""`cutover migrate` on PostgreSQL, as processes that race, are killed, and wait for each other."""

import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cutover import commands
from cutover.embedded import serve
from cutover.errors import Partial, TryAgain
from cutover.events import Event, Waiting
from cutover.flags import Flag, open_store
from cutover.journal import Journal
from cutover.migrate import revisions_of
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.definitions import Definition
from cutover.turn import Turn, take_turn
from cutover.waiting import Patience, wait_for_server
from tests.fix_cli import Cli, command_line, environment
from tests.fix_plans import NO_WORK
from tests.fix_postgres import UNSAFE_AND_FAST
from tests.fix_reference import System
from tests.fix_sets import MakePod, Pod, revision

TABLES = revision(
    "a",
    'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))',
    'op.create_table("upgrades", sa.Column("at", sa.Text))',
    "op.execute(\"INSERT INTO upgrades VALUES ('now')\")",
)
INDEX = revision(
    "b",
    "with op.get_context().autocommit_block():",
    '    op.create_index("ix_note", "note", ["id"], postgresql_concurrently=True,'
    " if_not_exists=True)",
    down="a",
)
SLOW = revision(
    "b",
    'op.create_table("half", sa.Column("id", sa.Integer))',
    'op.execute("SELECT pg_sleep(300)")',
    down="a",
)
QUICK = SLOW.replace("pg_sleep(300)", "1")
ASLEEP = (
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    " AND datname = current_database()"
)
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
BUILDING = (
    "SELECT 1 FROM pg_stat_progress_create_index"
    " WHERE datname = current_database() AND index_relid <> 0"
)
WORKING = (
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'cutover%'"
)


def replace_last(pod: Pod, text: str) -> None:
    max((pod.directory / "pgset" / "versions").glob("*.py")).write_text(text)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def test_twelve_at_once_upgrade_once_with_an_index_built_concurrently(make_pod: MakePod) -> None:
    pod = make_pod(TABLES, INDEX)
    running = [pod.start("--format", "json") for _ in range(12)]
    answers = [ended(process) for process in running]
    assert [status for status, _, _ in answers] == [0] * 12, answers
    facts = [json.loads(out) for _, out, _ in answers]
    assert sorted(each["applied"] for each in facts) == [False] * 11 + [True]
    assert {tuple(each["databases"][0]["after"]) for each in facts} == {("b",)}
    assert pod.fetch("SELECT * FROM upgrades") == [("now",)]
    assert pod.fetch("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_note'::regclass") == [
        (True,)
    ]
    assert pod.fetch(WORKING) == []


def test_at_head_it_says_so_and_takes_no_lock(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    status, out, _ = ended(pod.start())
    assert status == 0
    assert "from no revision to a" in out
    with take_turn(pod.url, "public", Patience(seconds=0)):
        status, out, _ = ended(pod.start("--lock-timeout", 0))
    assert status == 0
    assert "already at head" in out


def test_the_result_as_facts(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    _, out, _ = ended(pod.start("--format", "json"))
    facts = json.loads(out)
    assert (facts["command"], facts["ok"], facts["provider"]) == ("migrate", True, "postgres")
    assert facts["applied"] is True
    assert facts["waited_seconds"] >= 0
    (database,) = facts["databases"]
    assert (database["before"], database["after"], database["tables"]) == ([], ["a"], 3)


def test_sigterm_in_the_middle_of_ddl_leaves_nothing_and_the_next_run_ends_well(
    make_pod: MakePod,
) -> None:
    pod = make_pod(TABLES, SLOW)
    process = pod.start()
    pod.wait_until(ASLEEP)
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 143
    assert pod.fetch("SELECT to_regclass('half'), to_regclass('note')") == [(None, "note")]
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]
    assert pod.fetch(WORKING) == []
    replace_last(pod, QUICK)
    assert ended(pod.start())[0] == 0
    assert pod.fetch("SELECT version_num, to_regclass('half') FROM alembic_version") == [
        ("b", "half")
    ]


@pytest.fixture
def held_open(make_pod: MakePod) -> "tuple[Pod, psycopg.Connection]":
    """Give a pod whose index can't be finished: an old transaction has written its table."""
    pod = make_pod(TABLES)
    assert ended(pod.start())[0] == 0
    path = pod.directory / "pgset" / "versions" / "0002.py"
    path.write_text(INDEX)
    writer = psycopg.connect(pod.url)
    writer.execute("INSERT INTO note VALUES (1)")
    return pod, writer


def patient(pod: Pod) -> None:
    """Let a build wait for others for longer than the five seconds of our sessions."""
    path = pod.directory / "pgset" / "versions" / "0002.py"
    text = path.read_text()
    path.write_text(
        text.replace("    op.create", "    op.execute('SET lock_timeout = 0')\n        op.create")
    )


def test_sigterm_in_the_middle_of_a_concurrent_build_leaves_no_invalid_index(
    held_open: "tuple[Pod, psycopg.Connection]",
) -> None:
    pod, writer = held_open
    patient(pod)
    with closing(writer):
        process = pod.start()
        pod.wait_until(INVALID)
        process.send_signal(signal.SIGTERM)
        pod.wait_until(f"SELECT 1 WHERE NOT EXISTS ({BUILDING})")
        writer.rollback()  # dropping an index waits for old transactions too
        status, _, err = ended(process)
        assert status == 143, err
    assert pod.fetch(INVALID) == []
    assert ended(pod.start())[0] == 0
    assert pod.fetch(INVALID) == []


def test_an_index_that_a_killed_build_left_is_dropped_and_told(
    held_open: "tuple[Pod, psycopg.Connection]",
) -> None:
    pod, writer = held_open
    patient(pod)
    with closing(writer):
        process = pod.start()
        pod.wait_until(INVALID)
        process.kill()
        ended(process)
        # The server's process notices that nobody listens, and leaves the index as it is.
        pod.wait_until(f"SELECT 1 WHERE NOT EXISTS ({WORKING})")
    status, _, err = ended(pod.start())
    assert status == 0, err
    assert "drop invalid index ix_note" in err
    assert pod.fetch(INVALID) == []
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("b",)]


def test_invalid_indexes_of_others_are_left_alone(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    with closing(psycopg.connect(pod.url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE stranger (n int)")
        connection.execute("INSERT INTO stranger VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_stranger ON stranger (n)")
    status, _, err = ended(pod.start())
    assert status == 0, err
    assert pod.fetch(INVALID) == [("ix_stranger",)]


def test_a_build_that_fails_leaves_no_index_behind(make_pod: MakePod) -> None:
    rows = revision("r", "op.execute(\"INSERT INTO upgrades VALUES ('now')\")", down="a")
    unique = revision(
        "b",
        "with op.get_context().autocommit_block():",
        '    op.create_index("ux", "upgrades", ["at"], unique=True, postgresql_concurrently=True)',
        down="r",
    )
    pod = make_pod(TABLES, rows, unique)
    status, _, err = ended(pod.start())
    assert status == 6
    assert "23505" in err
    assert pod.fetch(INVALID) == []
    assert pod.fetch("SELECT to_regclass('ux'), version_num FROM alembic_version") == [(None, "r")]


def test_an_invalid_index_at_head_is_not_called_success(make_pod: MakePod) -> None:
    swallows = revision(
        "b",
        "from contextlib import suppress",
        "op.execute(\"INSERT INTO upgrades VALUES ('now')\")",
        "with op.get_context().autocommit_block(), suppress(Exception):",
        '    op.create_index("ux", "upgrades", ["at"], unique=True, postgresql_concurrently=True)',
        down="a",
    )
    pod = make_pod(TABLES, swallows)
    status, _, err = ended(pod.start())
    assert status == 6
    assert 'REINDEX INDEX CONCURRENTLY "public"."ux"' in err


def test_after_kill_9_of_the_holder_the_next_one_proceeds_within_seconds(
    make_pod: MakePod,
) -> None:
    pod = make_pod(TABLES, SLOW)
    holder = pod.start()
    pod.wait_until(ASLEEP)
    waiter = pod.start("--lock-timeout", 60)
    assert waiter.stderr is not None
    assert "another process is migrating this database" in waiter.stderr.readline()
    replace_last(pod, QUICK)  # the waiter reads the set when its turn comes
    holder.kill()
    killed = time.monotonic()
    status, _, err = ended(waiter)
    assert status == 0, err
    assert time.monotonic() - killed < 10
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("b",)]
    ended(holder)


def test_who_waits_too_long_is_told_who_has_the_lock(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    with take_turn(pod.url, "public", Patience(seconds=0)) as turn:
        status, out, _ = ended(pod.start("--lock-timeout", 1, "--format", "json"))
        backend = turn.backend
    assert status == 75
    error = json.loads(out)["error"]
    assert error["code"] == "try_again"
    assert f'server process {backend}, application "cutover-lock", for ' in error["detail"]
    assert "--lock-timeout" in error["hint"]
    assert pod.fetch("SELECT to_regclass('alembic_version')") == [(None,)]


def test_schemas_of_one_database_do_not_wait_for_each_other(postgres_url: str) -> None:
    with (
        take_turn(postgres_url, "one", Patience(seconds=0)),
        take_turn(postgres_url, "two", Patience(seconds=0)),
        pytest.raises(TryAgain),
        take_turn(postgres_url, "one", Patience(seconds=0)),
    ):
        pass


def test_a_lost_lock_is_no_success(postgres_url: str) -> None:
    with (
        pytest.raises(Partial, match="lock was lost"),
        take_turn(postgres_url, "public", Patience(seconds=0)) as turn,
        closing(psycopg.connect(postgres_url, autocommit=True)) as admin,
    ):
        admin.execute("SELECT pg_terminate_backend(%s)", (turn.backend,))


def test_a_lock_that_something_gave_back_is_no_success(postgres_url: str) -> None:
    with (
        pytest.raises(Partial, match="lock was lost"),
        take_turn(postgres_url, "public", Patience(seconds=0)) as turn,
    ):
        turn.connection.execute("SELECT pg_advisory_unlock_all()")


def test_a_wait_tells_whom_it_is_for_once(postgres_url: str) -> None:
    events: list[Event] = []
    with take_turn(postgres_url, "public", Patience(seconds=0)) as turn:
        waiting = Patience(seconds=2, emit=events.append)
        with pytest.raises(TryAgain), take_turn(postgres_url, "public", waiting):
            pass
        backend = turn.backend
    (event,) = events
    assert isinstance(event, Waiting)
    assert str(backend) in event.holder


def test_a_run_in_progress_is_not_migrated_under_its_feet(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    with closing(connect(pod.url, autocommit=True)) as connection:
        journal = Journal(connection)
        journal.create()
        journal.take_lease("someone at work")
        status, _, err = ended(pod.start())
        assert status == 75
        assert "someone at work" in err
        assert pod.fetch("SELECT to_regclass('note')") == [(None,)]
        journal.release_lease()
        assert ended(pod.start())[0] == 0
        assert journal.take_lease("someone again") > 1


@pytest.fixture
def interrupted(make_pod: MakePod) -> Iterator[tuple[Pod, Journal]]:
    """Give a pod with work to do, and a journal in its target with a run that was killed."""
    pod = make_pod(TABLES)
    with closing(connect(pod.url, autocommit=True)) as connection:
        journal = Journal(connection)
        journal.create()
        journal.take_lease("killed")
        journal.begin_run(NO_WORK)
        yield pod, journal


def test_a_run_that_left_indexes_down_is_finished_before_anything_else(
    interrupted: tuple[Pod, Journal],
) -> None:
    pod, journal = interrupted
    index = Definition(
        kind="index", schema="public", table="t", name="ix", drop="DROP …", create="CREATE …"
    )
    journal.record_taken_down(1, [index, replace(index, name="ix_2")])
    journal.release_lease()
    status, out, _ = ended(pod.start("--format", "json"))
    assert status == 4
    error = json.loads(out)["error"]
    assert error["message"] == "an unfinished run has taken keys and indexes of this target down"
    assert 'run 1 was interrupted; still down: index "ix_2" of "t" and 1 other,' in error["detail"]
    assert error["hint"].startswith("finish it: cutover apply;")
    assert pod.fetch("SELECT to_regclass('note'), to_regclass('alembic_version')") == [(None, None)]
    # The lease is free again: an apply can finish the run.
    journal.take_lease("the next one")
    journal.mark_put_back(1, 0)
    journal.mark_put_back(1, 1)
    journal.release_lease()
    status, _, err = ended(pod.start())
    assert status == 0, err


def test_a_run_that_took_nothing_down_is_no_obstacle(interrupted: tuple[Pod, Journal]) -> None:
    pod, journal = interrupted
    journal.release_lease()
    status, _, err = ended(pod.start())
    assert status == 0, err
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]


def test_an_apply_waits_for_a_migration_that_began_before_it(system: System) -> None:
    waits: list[Waiting] = []
    with ExitStack() as stack:
        turn = stack.enter_context(suppressed(take_turn(system.url, "public", Patience(seconds=0))))

        def end_of_wait(event: Event) -> None:
            if isinstance(event, Waiting):
                waits.append(event)
                turn.connection.close()

        commands.apply(replace(system.session, emit=end_of_wait))
    assert [wait.step for wait in waits] == ["turn"]


@contextmanager
def suppressed(turn: AbstractContextManager[Turn]) -> Iterator[Turn]:
    """Let a turn end that the block has lost on purpose."""
    with suppress(Partial), turn as held:
        yield held


def test_a_flag_in_the_target_is_asked_there(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    settings = pod.directory / "cutover.toml"
    settings.write_text('[sets]\npostgres = "pgset"\n[flag]\nstore = "postgres:"\n')
    open_store("postgres:", target_url=pod.url).compare_and_set(
        None, Flag(value="postgres", generation=1)
    )
    words = ("migrate", "--target", pod.url, "--format", "json")
    done = subprocess.run(
        command_line(*words), cwd=pod.directory, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["provider"] == "postgres"


def test_a_set_that_runs_a_statement_first_applies_nothing_and_is_told_so(
    make_pod: MakePod,
) -> None:
    handed = 'context.config.attributes["connection"]'
    env = (
        f"from alembic import context\n{handed}.exec_driver_sql('SELECT 1')\n"
        f"context.configure(connection={handed})\n"
        "with context.begin_transaction():\n    context.run_migrations()\n"
    )
    pod = make_pod(TABLES, env=env)
    status, _, err = ended(pod.start())
    assert status == 6
    assert "nothing was applied" in err
    assert "✓" not in err
    assert "context.configure()" in err
    assert pod.fetch("SELECT to_regclass('note')") == [(None,)]


def test_a_server_that_comes_up_later_is_waited_for(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))  # see tests.fix_postgres
    url = f"postgresql://postgres:@/postgres?host={directory}/data&port=5432"
    try:
        process = pod.start("--wait", 60, url=url)
        assert process.stderr is not None
        assert "is not reachable" in process.stderr.readline()
        assert process.poll() is None
        with serve(directory, settings=UNSAFE_AND_FAST) as served:
            assert served == url
            status, out, err = ended(process)
            assert status == 0, err
            assert "migrated" in out
            assert revisions_of(url) == ("a",)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def test_a_server_that_never_comes_is_another_try(make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    with closing(socket.socket()) as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"postgresql://postgres@127.0.0.1:{reserved.getsockname()[1]}/none"
        status, _, err = ended(pod.start("--wait", 1, url=url))
    assert status == 75
    assert "after 1 seconds" in err


def test_a_database_that_does_not_exist_is_not_waited_for(postgres_url: str) -> None:
    slept: list[float] = []
    url = postgres_url.replace("/cutover_test_", "/no_such_database_")
    patience = Patience(seconds=60, sleep=slept.append)
    with pytest.raises(Exception, match="does not exist"):
        wait_for_server(url, patience)
    assert slept == []


def test_what_the_flag_says_is_what_is_migrated(cli: Cli, make_pod: MakePod) -> None:
    pod = make_pod(TABLES)
    flag = pod.directory / "provider.json"
    wanted = ("migrate", "--target", pod.url)
    never = cli(*wanted)
    assert never.status == 2  # SQLite, and no files are named
    assert "no source file is named" in never.err
    facts = {"value": "postgres", "generation": 1, "changed_at": "", "changed_by": ""}
    flag.write_text(json.dumps({**facts, "plan_digest": ""}))
    assert cli(*wanted).status == 0
    flag.write_text(json.dumps({**facts, "plan_digest": "", "value": "postgress"}))
    assert cli(*wanted).status == 8


def test_a_set_that_is_not_named_is_a_mistake_of_the_settings(cli: Cli, postgres_url: str) -> None:
    answer = cli("migrate", "--provider", "postgres", "--target", postgres_url)
    assert answer.status == 2
    assert "[sets] postgres" in answer.err
