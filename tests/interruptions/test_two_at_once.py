"""Two commands at once: one proceeds, the other says who is in its way, and nothing is doubled."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cutover import commands
from cutover.catalog import Provider
from cutover.errors import Partial, Refused, TryAgain
from cutover.events import Event, StepProgress
from cutover.journal import Journal
from cutover.migrating import Wait, migrate
from cutover.session import Session
from cutover.turn import take_turn
from cutover.waiting import Patience
from tests.fix_interruptions import Doomed, MakeDoomed
from tests.fix_sets import revision

FORGOTTEN = "UPDATE cutover.lease SET backend_pid = 0"
"""What the server's death of a session looks like, to those who ask about the lease."""


@pytest.fixture
def planned(doomed: MakeDoomed) -> Iterator[Doomed]:
    with doomed("planned") as copy:
        yield copy


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutover.load.BATCH_CHUNKS", 1)
    monkeypatch.setattr("cutover.load.CHUNK_ROWS", 5)


def meanwhile(copy: Doomed, act: Callable[[], object]) -> Session:
    """Give a session in which `act` is done once, after the first batch of rows was committed."""
    done: list[object] = []

    def listen(event: Event) -> None:
        if isinstance(event, StepProgress) and event.step.startswith("load") and not done:
            done.append(None)
            act()

    return replace(copy.session, holder="the first", emit=listen)


def assert_whole(copy: Doomed) -> None:
    assert commands.verify(copy.session).outcome.passed
    assert copy.fetch("SELECT count(*) FROM cutover.run WHERE state = 'finished'") == [(1,)]


def test_apply_during_apply_says_who_is_at_it(planned: Doomed) -> None:
    def second() -> None:
        with pytest.raises(TryAgain, match="another run is in progress") as error:
            commands.apply(planned.session)
        assert "the first, server process" in error.value.detail

    commands.apply(meanwhile(planned, second))
    assert_whole(planned)


def test_verify_and_flip_during_apply_are_refused(planned: Doomed) -> None:
    def others() -> None:
        with pytest.raises(Refused, match="the last apply is not finished"):
            commands.verify(planned.session)
        with pytest.raises(Refused, match="nothing has been verified"):
            commands.flip(planned.session)

    commands.apply(meanwhile(planned, others))
    assert planned.flag() is None
    assert_whole(planned)


def test_migrate_during_apply_says_who_is_at_it(planned: Doomed) -> None:
    newer = planned.folder / "postgres" / "versions" / "0003.py"

    def second() -> None:
        newer.write_text(revision("p3", 'op.execute("SELECT 1")', down="p2"))
        with pytest.raises(TryAgain, match="another run is in progress") as error:
            migrate(planned.session, Provider.POSTGRES, wait=Wait(lock_seconds=0))
        assert "the first, server process" in error.value.detail
        Path(newer).unlink()

    commands.apply(meanwhile(planned, second))
    assert_whole(planned)


@pytest.mark.hazard("A72", "gives up on a lock after a time, and names who holds it")
def test_apply_during_migrate_waits_for_its_turn(
    planned: Doomed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover.apply.TURN_SECONDS", 0.2)
    with (
        take_turn(planned.url, "public", Patience(seconds=0)),
        pytest.raises(TryAgain, match="another process is migrating") as error,
    ):
        commands.apply(planned.session)
    assert "cutover-lock" in error.value.detail
    commands.apply(planned.session)
    assert_whole(planned)


@pytest.mark.hazard("A64", "lets no batch of a run commit once another run has taken over")
def test_a_run_whose_place_was_taken_commits_nothing_more(planned: Doomed) -> None:
    def successor() -> None:
        planned.fetch(FORGOTTEN + " RETURNING epoch")
        commands.apply(planned.session)

    with pytest.raises(Partial, match="another run has taken over this target"):
        commands.apply(meanwhile(planned, successor))
    assert_whole(planned)


def test_a_batch_in_flight_keeps_its_successor_waiting(
    planned: Doomed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are sent, and the COMMIT is not: whoever comes now must not begin before it."""
    advance, waited = Journal.advance, []

    def in_flight(journal: Journal, *args: object) -> None:
        advance(journal, *args)  # type: ignore[arg-type]
        if len(waited) == 1:
            waited.append(None)
            with pytest.raises(TryAgain, match="another session of the target holds a lock"):
                commands.apply(planned.session)
            waited.append(None)

    def forget() -> None:
        planned.fetch(FORGOTTEN + " RETURNING epoch")
        waited.append(None)

    monkeypatch.setattr(Journal, "advance", in_flight)
    commands.apply(meanwhile(planned, forget))
    assert len(waited) == 3
    assert_whole(planned)
