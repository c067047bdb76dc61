"""The command line as a user meets it: a process of its own, its output, its exit status."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


Cli = Callable[..., Answer]


def command_line(*arguments: object) -> list[str]:
    """Return the words that run cutover with this Python."""
    return [sys.executable, "-m", "cutover", *map(str, arguments)]


def environment() -> dict[str, str]:
    """Return an environment without any setting of cutover, and with a terminal that is none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUTOVER_")}
    return {**kept, "TERM": "dumb", "COLUMNS": "120"}


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Give a function that runs a command in the test's own folder."""

    def run(*arguments: object, cwd: Path | None = None) -> Answer:
        done = subprocess.run(
            command_line(*arguments),
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or tmp_path,
            env=environment(),
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
