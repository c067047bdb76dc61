"""Real SQLite files for tests."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that runs a script in a new SQLite file and returns its path."""

    def make(script: str, name: str = "app.db") -> Path:
        path = tmp_path / name
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(script)
        return path

    return make
