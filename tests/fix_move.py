"""An application of one SQLite file and one PostgreSQL database, made for one test, to be moved."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from cutover import commands
from cutover.commands import AppliedPlan, RunResult, Verified
from cutover.founding import founded
from cutover.plan import Plan
from cutover.session import Session
from cutover.settings import load_settings
from cutover.targets.postgres.connect import connect
from tests.mutations.sets import write_set


@dataclass(frozen=True)
class Move:
    """Both sides, and the commands between them. Without a set of its own, `init` writes one."""

    directory: Path
    url: str

    @property
    def source(self) -> Path:
        """The SQLite file."""
        return self.directory / "app.db"

    @cached_property
    def session(self) -> Session:
        """A session as the command line would make it, with a set for PostgreSQL."""
        settings = load_settings(
            self.directory / "cutover.toml",
            environment={},
            overrides={("target", "url"): self.url, ("source", "databases"): [str(self.source)]},
        )
        session = Session(
            settings=settings,
            workdir=self.directory / "work",
            now="2026-07-01T12:00:00Z",
            holder="a test",
        )
        return founded(session, self.url)

    def plan(self) -> Plan:
        """Make a plan."""
        return commands.plan(self.session)

    def apply(self, *allow: str) -> AppliedPlan:
        """Plan and apply."""
        return commands.apply(self.session, allow=allow)

    def verify(self) -> Verified:
        """Compare both sides."""
        return commands.verify(self.session)

    def run(self, *allow: str) -> RunResult:
        """Plan, apply and verify."""
        return commands.run(self.session, allow=allow)

    def passes(self, *allow: str) -> bool:
        """Plan, apply and verify; tell whether both sides are proved to be the same."""
        verified = self.run(*allow).verified
        return verified is not None and verified.outcome.passed

    def again(self, settings: str) -> "Move":
        """Return the same application under other settings."""
        (self.directory / "cutover.toml").write_text(settings, encoding="utf-8")
        return replace(self)

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the source."""
        with closing(sqlite3.connect(f"file:{self.source}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def change(self, script: str) -> None:
        """Change the source."""
        with closing(sqlite3.connect(self.source, isolation_level=None)) as connection:
            connection.executescript(script)

    def insert(self, statement: str, *rows: tuple[object, ...]) -> None:
        """Add rows to the source."""
        with closing(sqlite3.connect(self.source)) as connection, connection:
            connection.executemany(statement, rows)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the target."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, *statements: str) -> None:
        """Run statements on the target, each in a transaction of its own."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def differences(self) -> list[dict[str, Any]]:
        """Return what the last verify wrote of the rows that differ."""
        path = self.directory / "work" / "differences.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


MakeMove = Callable[..., Move]


@pytest.fixture
def make_move(tmp_path: Path, postgres_url: str) -> MakeMove:
    """Give a function that makes the source by SQL, and the target's set by SQL or by `init`.

    `settings` are the text of cutover.toml, without its `[source]`, `[target]` and `[sets]`.
    """

    def make(source: str, target: str = "", settings: str = "") -> Move:
        move = Move(tmp_path, postgres_url)
        move.change(source)
        sets = ""
        if target:
            write_set(tmp_path / "set", [target.replace("%", "%%")])
            sets = '[sets]\npostgres = "set"\n'
        return move.again(f"{settings}\n{sets}")

    return make
