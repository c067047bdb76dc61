"""A small application at each stage of its cutover, and commands that are stopped at one point."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from cutover.session import Session
from cutover.settings import load_settings
from tests.fix_cli import Answer, environment
from tests.fix_postgres import fresh_database
from tests.interruptions.application import fill, write_application
from tests.interruptions.world import World, world_of

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "planned": "plan --out plan.json",
    "migrated": "migrate --provider postgres",
    "ready": "plan --out plan.json",
    "applied": "apply plan.json",
    "verified": "verify",
    "flipped": "flip",
}
"""The stages after `empty`, and the command that leads to each from the one before."""
TRIES = 40
"""How often a command is repeated that says that its predecessor isn't quite gone."""
NO_FAULT = {"side": "", "action": "", "at": 0}


@dataclass(frozen=True)
class Runner:
    """A process in which everything is imported: each command is a fork of it."""

    process: "subprocess.Popen[str]"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Yield a runner; it ends with its input."""
        with subprocess.Popen(
            [sys.executable, "-m", "tests.interruptions.child"],
            cwd=ROOT,
            env={**environment(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield cls(process)
            assert process.stdin
            process.stdin.close()

    def run(self, folder: Path, words: list[str], faults: dict[str, Any]) -> Answer:
        """Run a command to its end, whatever that is; a signal's number is negative."""
        assert self.process.stdin
        assert self.process.stdout
        job = {"folder": str(folder), "words": words, "faults": faults}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        status = json.loads(self.process.stdout.readline())
        out, err = ((folder / name).read_text("utf-8") for name in ("out", "err"))
        assert "Traceback" not in err, (faults, err)
        return Answer(status, out, err)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The application as some commands have left it: files, and a database to clone."""

    files: Path
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A copy of a stage, whose commands can be stopped."""

    folder: Path
    url: str
    runner: Runner

    def run(self, *words: str, **faults: Any) -> Answer:
        """Run a command; `side`, `action` and `at` say where it is stopped, if at all."""
        line = [*words, "--target", self.url]
        return self.runner.run(self.folder, line, {**NO_FAULT, **faults})

    @property
    def session(self) -> Session:
        """A session as the command line would make it."""
        overrides = {("target", "url"): self.url}
        config = self.folder / "cutover.toml"
        return Session(
            settings=load_settings(config, environment={}, overrides=overrides),
            workdir=self.folder / "work",
            now="2026-07-01T12:00:00Z",
            holder="a test",
        )

    def at(self, url: str) -> "Doomed":
        """Return the same application, whose server is reached in another way."""
        return replace(self, url=url)

    def points(self) -> dict[str, int]:
        """Return how many points the last command that came to an end had passed."""
        found: dict[str, int] = json.loads((self.folder / "points.json").read_text())
        return found

    def again(self, *words: str) -> Answer:
        """Run a command as its hint says: again, while the server still sees its predecessor."""
        for _ in range(TRIES):
            answer = self.run(*words)
            if answer.status != 75:
                return answer
            time.sleep(0.1)
        return answer

    def world(self) -> World:
        """Return what both sides hold."""
        return world_of(self.folder, self.url)

    def flag(self) -> str | None:
        """Return the flag's value, None where there is no file."""
        path = self.folder / "flag" / "provider.json"
        return json.loads(path.read_text())["value"] if path.exists() else None

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the target."""
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """Give the process that commands are forked from."""
    with Runner.started() as started:
        yield started


Stages = dict[str, Stage]


@pytest.fixture(scope="session")
def stages(
    runner: Runner, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    """Give the application after nothing, `apply`, `verify`, and `flip`."""
    with ExitStack() as stack:

        def database(template: str = "template0") -> tuple[str, str]:
            url = stack.enter_context(fresh_database(postgres_server, template=template))
            return url, psycopg.conninfo.conninfo_to_dict(url)["dbname"]

        files = tmp_path_factory.mktemp("doomed")
        write_application(files)
        fill(files)
        url, template = database()
        made = {"empty": Stage(files=files, template=template)}
        for name, line in COMMANDS.items():
            files = Path(shutil.copytree(files, files.with_name(f"doomed-{name}")))
            url, template = database(template)
            doomed = Doomed(folder=files, url=url, runner=runner)
            done = doomed.run(*line.split())
            assert done.status == 0, done.err
            made[name] = Stage(files=files, template=template)
        yield {**made, "behind": replace(made["empty"], files=_behind(made["empty"].files))}


def _behind(files: Path) -> Path:
    """Copy a stage's files, the source as it was before the second revision of its set."""
    copied = Path(shutil.copytree(files, files.with_name("doomed-behind")))
    with closing(sqlite3.connect(copied / "app.db")) as connection, connection:
        connection.execute("DROP INDEX events_of")
        connection.execute("UPDATE alembic_version SET version_num = 's1'")
    return copied


MakeDoomed = Callable[[str], Any]


@pytest.fixture
def doomed(stages: Stages, runner: Runner, postgres_server: str, tmp_path: Path) -> MakeDoomed:
    """Give a function that gives a copy of a stage, for a `with` block."""
    count = iter(range(1_000_000))

    @contextmanager
    def copied(name: str) -> Iterator[Doomed]:
        stage = stages[name]
        folder = tmp_path / f"{name}-{next(count)}"
        shutil.copytree(stage.files, folder, ignore=shutil.ignore_patterns("cutover-work"))
        with fresh_database(postgres_server, template=stage.template) as url:
            yield Doomed(folder=folder, url=url, runner=runner)
        shutil.rmtree(folder)

    return copied


def sqlite_rows(path: Path, table: str) -> int:
    """Return how many rows a table of the source has."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])
