"""The image of a database moves with a commit, and with nothing else."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cutover.sources.sqlite.image import image_of

MakeFile = Callable[..., Path]
ROWS = """
CREATE TABLE t (a INTEGER PRIMARY KEY, b);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO t SELECT i, hex(zeroblob(100)) FROM n;
"""
WAL = "PRAGMA journal_mode = WAL;" + ROWS
WRITES = [
    "INSERT INTO t VALUES (0, 'x')",
    "UPDATE t SET b = 'x' WHERE a = 1500",
    "DELETE FROM t WHERE a = 3000",
    "DELETE FROM t",
    "CREATE TABLE u (x)",
    "DROP TABLE t",
    "PRAGMA user_version = 7",
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("script", [ROWS, WAL], ids=["rollback", "wal"])
def test_every_commit_changes_the_image(sqlite_file: MakeFile, script: str, write: str) -> None:
    path = sqlite_file(script)
    before = image_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute(write)
        after = image_of(path)
        assert after != before
    assert image_of(path) == after


@pytest.mark.parametrize("mode", ["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
@pytest.mark.parametrize("write", [*WRITES, "VACUUM"])
def test_no_checkpoint_changes_the_image(sqlite_file: MakeFile, mode: str, write: str) -> None:
    path = sqlite_file(WAL)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute(write)
        before = image_of(path)
        writer.execute(f"PRAGMA wal_checkpoint({mode})")
        assert image_of(path) == before
    assert not path.with_name("app.db-wal").exists()
    assert image_of(path) == before


def test_a_write_after_a_checkpoint_starts_the_log_again(sqlite_file: MakeFile) -> None:
    path = sqlite_file(WAL)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        images = [image_of(path)]
        for a in (1, 2, 3):
            writer.execute("UPDATE t SET b = ? WHERE a = ?", ("new", a))
            images.append(image_of(path))
            writer.execute("PRAGMA wal_checkpoint(RESTART)")
            assert image_of(path) == images[-1]
    assert len(set(images)) == len(images)


def test_a_reader_changes_nothing(sqlite_file: MakeFile) -> None:
    path = sqlite_file(WAL)
    before = image_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("SELECT count(*) FROM t").fetchone()
        assert image_of(path) == before
    assert image_of(path) == before


def test_a_transaction_that_is_not_committed_is_not_seen(sqlite_file: MakeFile) -> None:
    path = sqlite_file(WAL)
    before = image_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("UPDATE t SET b = hex(zeroblob(101))")
        # Its pages are in the log already: the cache is too small to hold them.
        assert path.with_name("app.db-wal").stat().st_size > 100_000
        assert image_of(path) == before
        writer.execute("COMMIT")
        assert image_of(path) != before


def with_log(path: Path, directory: Path) -> Path:
    """Copy a database with two commits in its log, as a crash leaves it."""
    directory.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE t SET b = 'first' WHERE a = 1")
        writer.execute("UPDATE t SET b = 'second' WHERE a = 1")
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", directory)
    return directory / path.name


def seen(path: Path) -> str:
    """Read the value that SQLite itself finds, from a copy."""
    copy = path.parent / "copy"
    shutil.copytree(path.parent, copy)
    with closing(sqlite3.connect(copy / path.name)) as connection:
        (value,) = connection.execute("SELECT b FROM t WHERE a = 1").fetchone()
    shutil.rmtree(copy)
    return str(value)


@pytest.mark.parametrize("damage", ["none", "cut", "bytes", "header"])
def test_a_damaged_log_counts_as_far_as_sqlite_reads_it(
    sqlite_file: MakeFile, tmp_path: Path, damage: str
) -> None:
    path = with_log(sqlite_file(WAL), tmp_path / "crash")
    wal = path.with_name("app.db-wal")
    whole = image_of(path)
    size = wal.stat().st_size
    match damage:
        case "cut":
            os.truncate(wal, size - 1)
        case "bytes":
            _flip_byte(wal, size - 10)
        case "header":
            _flip_byte(wal, 20)
    expected = {"none": "second", "cut": "first", "bytes": "first", "header": "0" * 200}
    assert seen(path) == expected[damage]
    assert (image_of(path) == whole) == (damage == "none")
    # What SQLite makes of the file when it recovers it is the same to us.
    before = image_of(path)
    sqlite3.connect(path).execute("SELECT count(*) FROM t").connection.close()
    assert image_of(path) == before


def _flip_byte(path: Path, position: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        (byte,) = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("page_size", [512, 65536])
def test_pages_of_any_size_are_read(sqlite_file: MakeFile, page_size: int) -> None:
    path = sqlite_file(f"PRAGMA page_size = {page_size};" + WAL)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("DELETE FROM t WHERE a > 2000")
        before = image_of(path)
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert image_of(path) == before


def test_a_copy_has_the_image_of_its_original(sqlite_file: MakeFile, tmp_path: Path) -> None:
    path = sqlite_file(ROWS)
    shutil.copy(path, tmp_path / "copy.db")
    assert image_of(tmp_path / "copy.db") == image_of(path)
