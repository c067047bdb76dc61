"""The flip has two outcomes: flipped, or as before."""

import json
import sqlite3
import subprocess
from contextlib import closing

import pytest

from cutover import commands
from cutover.errors import FlagError, Refused, TryAgain
from tests.fix_cli import command_line, environment
from tests.fix_reference import System


@pytest.fixture
def verified(applied: System) -> System:
    assert commands.verify(applied.session).outcome.passed
    return applied


def flag_of(system: System) -> dict[str, object] | None:
    path = system.directory / "provider.json"
    return json.loads(path.read_text()) if path.exists() else None


def write_to_source(system: System) -> None:
    """Write as another process would: through a connection of its own."""
    with closing(sqlite3.connect(system.directory / "memory.db")) as connection, connection:
        connection.execute("UPDATE decisions SET title = title || '!' WHERE id = 1")


def test_flip_before_any_verify_is_refused(applied: System) -> None:
    with pytest.raises(Refused, match="nothing has been verified"):
        commands.flip(applied.session)
    assert flag_of(applied) is None


def test_flip_after_a_failed_verify_is_refused(applied: System) -> None:
    applied.execute("UPDATE run_events SET event_type = 'x' WHERE id = 3")
    commands.verify(applied.session)
    with pytest.raises(Refused, match="the last verify did not pass"):
        commands.flip(applied.session)
    assert flag_of(applied) is None


@pytest.mark.hazard("A65", "wants the application stopped: a write meanwhile closes the flip")
@pytest.mark.hazard("H32", "notices a write to either file since verify, and refuses the flip")
@pytest.mark.hazard("A66", "refuses the flip when a source was written since verify")
def test_a_write_to_the_source_after_verify_closes_the_flip(verified: System) -> None:
    write_to_source(verified)
    with pytest.raises(Refused, match="the source has been written since verify"):
        commands.flip(verified.session)
    assert flag_of(verified) is None


def test_a_write_to_the_target_after_verify_closes_the_flip(verified: System) -> None:
    verified.execute("UPDATE run_events SET event_type = event_type WHERE id = 3")
    with pytest.raises(Refused, match="the target's rows changed since verify"):
        commands.flip(verified.session)
    assert flag_of(verified) is None


def test_a_change_of_the_targets_schema_after_verify_closes_the_flip(verified: System) -> None:
    verified.execute("ALTER TABLE messages ALTER COLUMN role DROP NOT NULL")
    with pytest.raises(Refused, match="the target's schema changed since verify"):
        commands.flip(verified.session)
    assert flag_of(verified) is None


def test_a_writer_that_holds_on_makes_the_flip_try_again(
    verified: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover.flip.FENCE_SECONDS", 0.05)
    with closing(sqlite3.connect(verified.directory / "memory.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TryAgain):
            commands.flip(verified.session)
    assert flag_of(verified) is None


def test_flip_then_flip_again_then_revert(verified: System) -> None:
    flipped = commands.flip(verified.session)
    assert (flipped.flag.value, flipped.flag.generation, flipped.already) == ("postgres", 1, False)
    again = commands.flip(verified.session)
    assert (again.flag, again.already) == (flipped.flag, True)
    reverted = commands.revert(verified.session)
    assert (reverted.flag.value, reverted.flag.generation) == ("sqlite", 2)
    assert commands.revert(verified.session).already
    assert commands.flip(verified.session).flag.generation == 3


def test_the_source_is_untouched_by_a_flip(verified: System) -> None:
    before = {path.name: path.read_bytes() for path in verified.directory.glob("*.db*")}
    commands.flip(verified.session)
    assert {path.name: path.read_bytes() for path in verified.directory.glob("*.db*")} == before


@pytest.mark.hazard("H34", "says table by table what a way back would lose, and refuses it")
def test_revert_names_what_the_target_would_lose(verified: System) -> None:
    commands.flip(verified.session)
    verified.execute(
        "INSERT INTO run_events (run_id, sequence, event_type, payload, created_at)"
        " VALUES ('new', 1, 'note', '{}', now()), ('new', 2, 'note', '{}', now())",
        "UPDATE decisions SET title = 'changed' WHERE id = 1",
    )
    with pytest.raises(Refused) as refusal:
        commands.revert(verified.session)
    assert '"run_events": 2 rows new' in refusal.value.detail
    assert '"decisions": 1 row changed' in refusal.value.detail
    assert flag_of(verified)["value"] == "postgres"
    assert commands.revert(verified.session, allow={"lose-target-writes"}).flag.value == "sqlite"


@pytest.mark.hazard("H35", "takes a typo in the flag for an error, never for SQLite")
def test_a_typo_in_the_flag_never_selects_a_provider(verified: System) -> None:
    commands.flip(verified.session)
    path = verified.directory / "provider.json"
    path.write_text(path.read_text().replace("postgres", "postgers"))
    with pytest.raises(FlagError, match="postgers"):
        commands.flip(verified.session)
    with pytest.raises(FlagError, match="postgers"):
        commands.revert(verified.session)


def test_of_two_flips_at_once_one_wins(verified: System) -> None:
    line = command_line(
        "flip", "--config", verified.directory / "cutover.toml", "--target", verified.url
    )
    with closing(sqlite3.connect(verified.directory / "memory.db", isolation_level=None)) as gate:
        gate.execute("BEGIN IMMEDIATE")  # both have read the flag by the time they wait for this
        both = [subprocess.Popen(line, env=environment(), stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=3)
        gate.execute("ROLLBACK")
        errors = [process.communicate()[1].decode() for process in both]
    assert sorted(process.returncode for process in both) == [0, 8], errors
    assert flag_of(verified)["generation"] == 1


def test_status_tells_the_story(verified: System) -> None:
    assert commands.status(verified.session).next == "cutover flip"
    commands.flip(verified.session)
    status = commands.status(verified.session)
    assert status.flag.value == "postgres"
    assert not status.drift.target
    assert status.drift.sources == ()
    write_to_source(verified)
    assert commands.status(verified.session).drift.sources == ("memory.db",)
