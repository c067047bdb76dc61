"""Alembic sets written for one test, and processes of `cutover migrate` to run on them."""

import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from cutover.scaffolding.files import template
from tests.fix_cli import command_line, environment

ENV = template("env_postgres.py")
ENV_SQLITE = template("env_sqlite.py")


def revision(name: str, *lines: str, down: str | None = None) -> str:
    """Return the text of a revision whose upgrade() has these lines."""
    body = "\n    ".join(lines)
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {name!r}\ndown_revision = {down!r}\n\n"
        f"def upgrade():\n    {body}\n"
    )


def write_set(directory: Path, *revisions: str, env: str = ENV) -> Path:
    """Write a set: its env.py, and a file for each revision."""
    (directory / "versions").mkdir(parents=True, exist_ok=True)
    (directory / "env.py").write_text(env)
    for number, text in enumerate(revisions, 1):
        (directory / "versions" / f"{number:04}.py").write_text(text)
    return directory


@dataclass(frozen=True, slots=True)
class Pod:
    """A folder with a cutover.toml and one set, and the database that it is for."""

    directory: Path
    url: str

    def start(self, *options: object, url: str = "") -> "subprocess.Popen[str]":
        """Start `cutover migrate --provider postgres` beside the test."""
        words = ("migrate", "--provider", "postgres", "--target", url or self.url, *options)
        return subprocess.Popen(
            command_line(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
            env=environment(),
        )

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()

    def wait_until(self, query: str) -> None:
        """Wait until a query has a row: what a process was started for has begun."""
        until = time.monotonic() + 60
        while not self.fetch(query):
            assert time.monotonic() < until, query
            time.sleep(0.02)


MakePod = Callable[..., Pod]


@pytest.fixture
def make_pod(tmp_path: Path, postgres_url: str) -> MakePod:
    """Give a function that writes a set and its settings for a fresh database."""

    def make(*revisions: str, env: str = ENV) -> Pod:
        write_set(tmp_path / "pgset", *revisions, env=env)
        (tmp_path / "cutover.toml").write_text('[sets]\npostgres = "pgset"\n')
        return Pod(tmp_path, postgres_url)

    return make
