"""The disk of the target is full, and then has room again: a small file system in memory."""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cutover import commands, load
from tests.fix_interruptions import Doomed, MakeDoomed

SMALL, ROOMY = "1m", "64m"


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system of a fixed size, on which the server keeps a tablespace."""

    path: Path

    def mount(self, size: str) -> None:
        """Mount it, or give it another size; skip where that is not allowed."""
        again = "remount," if self.path.is_mount() else ""
        options = f"{again}size={size},mode=0777"
        words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(postgres_server: str) -> Iterator[Disk]:
    host = psycopg.conninfo.conninfo_to_dict(postgres_server).get("host", "")
    if os.geteuid() or not str(host).startswith("/"):
        pytest.skip("only root can mount, and only on the server's own machine")
    with tempfile.TemporaryDirectory(prefix="cutover-tests-") as folder:
        Path(folder).chmod(0o755)
        disk = Disk(Path(folder) / "disk")
        disk.path.mkdir()
        disk.mount(SMALL)
        try:
            os.chown(disk.path, Path(str(host)).stat().st_uid, -1)
            with psycopg.connect(postgres_server, autocommit=True) as connection:
                place = sql.Literal(str(disk.path))
                connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(place))
                yield disk
                connection.execute("DROP TABLESPACE small")
        finally:
            subprocess.run(["umount", disk.path], check=True)


def widen(copy: Doomed) -> None:
    with closing(sqlite3.connect(copy.folder / "app.db")) as source, source:
        source.executemany(
            "INSERT INTO choice VALUES (?, hex(randomblob(50000)))",
            [(f"big {number}",) for number in range(60)],
        )


@pytest.fixture
def cramped(doomed: MakeDoomed, disk: Disk) -> Iterator[Doomed]:
    """Give the application with three megabytes of random bytes in hex, and room for one."""
    assert disk.path.is_mount()
    with doomed("empty") as copy:
        widen(copy)
        name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(copy.url)["dbname"])
        with closing(psycopg.connect(copy.url, autocommit=True)) as connection:
            set_place = sql.SQL("ALTER DATABASE {} SET default_tablespace = small")
            connection.execute(set_place.format(name))
        yield copy


@pytest.mark.hazard("A64", "stops with status 6 on a full disk, and goes on once there is room")
def test_a_full_disk_stops_the_load_and_room_lets_it_go_on(cramped: Doomed, disk: Disk) -> None:
    answer = cramped.run("apply")
    assert answer.status == 6, answer
    assert "the target's disk is full" in answer.err
    assert "free space on the server, then run the same command again; it resumes" in answer.err
    assert cramped.run("apply").status == 6
    disk.mount(ROOMY)
    again = cramped.run("apply")
    assert again.status == 0, again.err
    assert cramped.run("verify").status == 0


@pytest.mark.hazard("A62", "takes fewer rows at a time where they are wide")
def test_wide_rows_go_in_smaller_pieces(doomed: MakeDoomed) -> None:
    with doomed("empty") as copy:
        widen(copy)
        plan = commands.plan(copy.session)
    wide, narrow = plan.table("choice"), plan.table("event")
    assert load._chunk_rows(narrow) == load.CHUNK_ROWS
    assert load._chunk_rows(wide) * 100_000 <= load.CHUNK_BYTES * 1.1
    assert load._chunk_rows(wide) >= 10
