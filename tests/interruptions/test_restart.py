"""The server goes down in the middle of a load, as in a crash, and comes back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cutover import commands, embedded
from cutover.errors import Partial, TryAgain
from cutover.events import Event, StepProgress
from cutover.session import Session
from cutover.settings import load_settings
from tests.fix_postgres import UNSAFE_AND_FAST, server_directory
from tests.interruptions.application import fill, write_application


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the test's own."""

    directory: Path

    def control(self, *words: str) -> None:
        """Run pg_ctl."""
        server = embedded._prepare(embedded._binaries(), self.directory)
        done = embedded._run(server, "pg_ctl", *words, "-w", "-s", "-Ddata")
        assert done.returncode == 0, done.stderr

    def crash(self) -> None:
        """Stop at once, without a checkpoint; the next start recovers from the log."""
        self.control("stop", "-mimmediate")

    def start(self) -> None:
        """Start it again."""
        server = embedded._prepare(embedded._binaries(), self.directory)
        with embedded._door(self.directory) as door:
            embedded._start(server, UNSAFE_AND_FAST, door)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[tuple[Session, Server]]:
    write_application(tmp_path)
    fill(tmp_path)
    with (
        server_directory() as directory,
        embedded.serve(directory, settings=UNSAFE_AND_FAST) as url,
    ):
        settings = load_settings(
            tmp_path / "cutover.toml", environment={}, overrides={("target", "url"): url}
        )
        made = Session(
            settings=settings,
            workdir=tmp_path / "work",
            now="2026-07-01T12:00:00Z",
            holder="a test",
        )
        yield made, Server(directory)


@pytest.mark.hazard("A64", "goes on after the server crashed in the middle of a load")
def test_a_crash_during_a_load(
    session: tuple[Session, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, server = session
    monkeypatch.setattr("cutover.load.BATCH_CHUNKS", 1)
    monkeypatch.setattr("cutover.load.CHUNK_ROWS", 5)

    def listen(event: Event) -> None:
        if isinstance(event, StepProgress) and event.step.startswith("load"):
            server.crash()

    with pytest.raises(Partial, match="the connection to the target was lost") as lost:
        commands.apply(replace(made, emit=listen))
    assert lost.value.hint == "run the same command again"
    with pytest.raises(TryAgain, match="is not reachable"):
        commands.apply(made)
    server.start()
    commands.apply(made)
    assert commands.verify(made).outcome.passed
