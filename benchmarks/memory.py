"""Peak memory of plan, apply and verify: over one very long value, and over many narrow rows.

Each command runs in a process of its own on an embedded server's fresh database; what is told is
the most memory that the process had resident (`ru_maxrss` of the child), and its seconds. The goal
is 300 MB. An apply makes its plan itself, and so needs what a plan needs, unless it is given one.

    python -m benchmarks.memory [--megabytes 100] [--rows 5000000] [--planned] [CASE…]
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tests.fix_postgres import _server, fresh_database

COMMANDS = ("plan", "apply", "verify")


def main(arguments: Sequence[str]) -> int:
    """Measure the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--planned", action="store_true", help="hand apply the plan's file")
    parser.add_argument("cases", nargs="*", metavar="CASE", default=list(CASES))
    given = parser.parse_args(arguments)
    print(f"{'case':<8} {'command':<8} {'peak MB':>8} {'seconds':>8}")
    with _server() as server:
        for case in given.cases:
            with tempfile.TemporaryDirectory() as name, fresh_database(server) as url:
                directory = Path(name)
                _in_a_child(lambda: CASES[case](directory, given))  # noqa: B023 - run at once
                _measure(case, directory, url, planned=given.planned)
    return 0


def _in_a_child(make: Callable[[], None]) -> None:
    """Make the file elsewhere: a child's peak begins with what its parent has at its fork."""
    child = os.fork()
    if child == 0:
        make()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def _text(directory: Path, given: argparse.Namespace) -> None:
    """Make a text with NULs, which are escaped."""
    _one_value(directory, "TEXT", ("x" * 1023 + "\0") * (given.megabytes * 1024))
    _settings(directory, '[columns]\n"t.v" = { nul = "escape" }\n')


def _plain(directory: Path, given: argparse.Namespace) -> None:
    """Make a text that arrives as it is, with much that COPY escapes."""
    _one_value(directory, "TEXT", ("é" * 500 + "a\\b\tc\n" + "x" * 17) * (given.megabytes * 1024))
    _settings(directory, "")


def _blob(directory: Path, given: argparse.Namespace) -> None:
    """Make random bytes."""
    _one_value(directory, "BLOB", os.urandom(given.megabytes << 20))
    _settings(directory, "")


def _json(directory: Path, given: argparse.Namespace) -> None:
    """Make a JSON document of many short strings."""
    item = {"name": "x" * 200, "n": 1.5}
    count = (given.megabytes << 20) // len(json.dumps(item))
    _one_value(directory, "JSON", json.dumps([item] * count))
    _settings(directory, '[columns]\n"t.v" = { type = "json" }\n')


def _rows(directory: Path, given: argparse.Namespace) -> None:
    """Make many rows of a few small values."""
    with closing(sqlite3.connect(directory / "app.db")) as connection, connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT, n INTEGER, k TEXT)")
        rows = (
            (n, f"2026-01-01 00:{n // 60 % 60:02}:{n % 60:02}Z", n % 7, f"k{n % 1000}")
            for n in range(given.rows)
        )
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    _settings(directory, '[columns]\n"t.at" = { type = "timestamptz" }\n')


CASES: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "text": _text,
    "plain": _plain,
    "blob": _blob,
    "json": _json,
    "rows": _rows,
}


def _one_value(directory: Path, type_: str, value: str | bytes) -> None:
    with closing(sqlite3.connect(directory / "app.db")) as connection, connection:
        connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {type_})")
        connection.execute("INSERT INTO t VALUES (1, ?)", [value])


def _settings(directory: Path, text: str) -> None:
    (directory / "given.toml").write_text(text, encoding="utf-8")


def _measure(case: str, directory: Path, url: str, *, planned: bool) -> None:
    source = str(directory / "app.db")
    given = ["--config", str(directory / "given.toml")]
    status, *_ = _child(["init", source, *given, "--workdir", str(directory / "work")], directory)
    assert status == 0, f"init answered {status}"
    extra = {"plan": ["--out", "plan.json"], "apply": ["plan.json"]} if planned else {}
    for command in COMMANDS:
        line = [command, *extra.get(command, []), "--target", url, "--quiet"]
        status, peak, seconds = _child(line, directory)
        assert status in (0, 3), f"{command} answered {status}"
        print(f"{case:<8} {command:<8} {peak:>8,.0f} {seconds:>8.1f}", flush=True)


def _child(line: list[str], directory: Path) -> tuple[int, float, float]:
    """Run a command; return its status, its peak in MB and its seconds."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(directory)
        os.dup2(os.open(directory / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        os.execv(sys.executable, [sys.executable, "-m", "cutover", *line])
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
