"""Measure plan + apply + verify against a plain psycopg COPY loop over the same rows.

    python benchmarks/load.py [--rows N] [--repeat N] [--target URL]

Both sides fill the same schema, made by the same migration set, in two databases of one server,
one after the other in each round; the loop does what a script would: read, convert booleans, COPY.
It neither profiles nor verifies anything, and commits once. Timings vary from machine to machine;
the ratio of one run is the figure that travels. Peak memory is the client's, from the kernel.
"""

import argparse
import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import psycopg
from psycopg import sql

from cutover.embedded import serve
from cutover.targets.postgres.urls import database_url

DDL = """
CREATE TABLE findings (
    finding_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    payload JSON NOT NULL,
    confirmed BOOLEAN NOT NULL DEFAULT 0,
    created_at DATETIME NOT NULL,
    confidence REAL NOT NULL
);
CREATE INDEX findings_run ON findings (run_id, created_at);
CREATE INDEX findings_open ON findings (run_id) WHERE confirmed = 0;
"""
WORDS = ("lease", "drain", "fence", "watermark", "journal", "naïve", "日本語", "\\", '"', "a\tb")


def rows(count: int) -> Iterator[tuple[str, str, str, int, str, float]]:
    """Yield realistic rows: hex keys, JSON of about 120 bytes, seven digits, doubles."""
    dice = random.Random(7)
    for n in range(count):
        note = " ".join(dice.choices(WORDS, k=4))
        payload = {"step": n % 17, "note": note, "score": dice.random(), "tags": ["a", "b", note]}
        seconds = f"2026-0{1 + n % 9}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:{n % 59:02}"
        yield (
            f"{dice.getrandbits(128):032x}",
            f"run-{n // 50:06}",
            json.dumps(payload, ensure_ascii=False),
            n % 3 == 0,
            f"{seconds}.{dice.randrange(10**7):07}+00:00",
            dice.random(),
        )


def make_source(path: Path, count: int) -> None:
    """Write the SQLite file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(DDL)
        connection.executemany("INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)", rows(count))


def plain_copy(source: Path, url: str) -> float:
    """Copy with the loop that a script would have; return its seconds."""
    began = time.perf_counter()
    with closing(sqlite3.connect(source)) as lite, psycopg.connect(url) as target:
        query = "SELECT * FROM findings"
        with target.cursor().copy("COPY findings FROM STDIN") as copy:
            for finding, run, payload, confirmed, created, confidence in lite.execute(query):
                copy.write_row((finding, run, payload, bool(confirmed), created, confidence))
    return time.perf_counter() - began


def cutover(*arguments: str) -> float:
    """Run one cutover command; return its seconds."""
    began = time.perf_counter()
    line = [sys.executable, "-m", "cutover", *arguments, "--quiet"]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def fresh(url: str, name: str) -> str:
    """Return the URL of a new, empty database."""
    with psycopg.connect(url, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return database_url(url, name)


def one_round(source: Path, work: Path, url: str) -> dict[str, float]:
    """Time both ways once, each into an empty database of the same schema."""
    loop_url, tool_url = fresh(url, "bench_loop"), fresh(url, "bench_tool")
    migrate(work, loop_url)
    seconds = {"loop": plain_copy(source, loop_url)}
    config = ("--config", str(work / "cutover.toml"), "--workdir", str(work))
    plan = str(work / "plan.json")
    seconds["plan"] = cutover("plan", "--out", plan, "--target", tool_url, *config)
    seconds["apply"] = cutover("apply", plan, "--target", tool_url, *config)
    seconds["verify"] = cutover("verify", "--target", tool_url, *config)
    return seconds


def migrate(work: Path, url: str) -> None:
    """Bring the loop's database to the same head."""
    code = (
        "import sys; from pathlib import Path; from cutover.migrate import migrate_postgres;"
        "migrate_postgres(sys.argv[1], Path(sys.argv[2]))"
    )
    line = [sys.executable, "-c", code, url, str(work / "alembic_postgres")]
    subprocess.run(line, check=True)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--target", help="a server's URL; an embedded one without it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "findings.db"
        make_source(source, options.rows)
        megabytes = source.stat().st_size / 1e6
        print(f"{options.rows:,} rows, {megabytes:.0f} MB, {os.cpu_count()} cores")
        served = nullcontext(options.target) if options.target else serve(work / "postgres")
        with served as url:
            cutover("init", str(source), "--directory", str(work), "--workdir", str(work))
            measure(source, work, url, options.repeat)


def measure(source: Path, work: Path, url: str, repeat: int) -> None:
    """Run the rounds, and print each with its ratio."""
    ratios = []
    for number in range(repeat):
        s = one_round(source, work, url)
        ours = s["plan"] + s["apply"] + s["verify"]
        ratios.append(ours / s["loop"])
        parts = ", ".join(f"{name} {value:.1f} s" for name, value in s.items())
        print(
            f"round {number + 1}: {parts}; together {ours:.1f} s = {ratios[-1]:.2f} times the loop"
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"median ratio {statistics.median(ratios):.2f}; peak memory of a client {peak:.0f} MB")


if __name__ == "__main__":
    main()
