"""A source is opened without leaving a trace, and each way it can fail has its own words."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cutover.errors import ExitStatus, SourceError, TryAgain
from cutover.sources.sqlite import connect
from cutover.sources.sqlite.connect import (
    any_bytes,
    check_integrity,
    open_source,
    source_errors,
    write_lock,
)
from cutover.sources.sqlite.image import image_of

MakeFile = Callable[..., Path]
SCRIPT = "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);"
WAL = "PRAGMA journal_mode = WAL;" + SCRIPT


def traces(path: Path) -> dict[str, bytes]:
    """Return each file beside a database, and what it holds."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}


def rows_of(path: Path) -> list[tuple[object, ...]]:
    with closing(open_source(path)) as connection:
        return connection.execute("SELECT a FROM t ORDER BY a").fetchall()


def crashed(path: Path, script: str, directory: Path) -> Path:
    """Copy a database and its log as a crash leaves them: in the middle of a connection."""
    directory.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(script)
        for suffix in ("", "-wal", "-journal"):
            file = path.with_name(path.name + suffix)
            if file.exists():
                shutil.copy(file, directory / file.name)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return directory / path.name


def can_write(path: Path) -> bool:
    """Tell whether another process gets the write lock at once."""
    program = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n"
        "    c.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError:\n"
        "    print('locked')\n"
        "else:\n"
        "    c.execute('ROLLBACK')\n"
        "    print('free')\n"
        "c.close()\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return answer == "free\n"


@pytest.mark.parametrize("script", [SCRIPT, WAL])
def test_reading_leaves_no_trace(sqlite_file: MakeFile, script: str) -> None:
    path = sqlite_file(script)
    before = traces(path)
    assert list(before) == ["app.db"]
    assert rows_of(path) == [(1,), (2,)]
    assert traces(path) == before


@pytest.mark.hazard("H31", "reads the rows of a -wal that a crash or a copy left")
def test_rows_in_a_log_that_a_crash_left_are_read_without_a_trace(
    sqlite_file: MakeFile, tmp_path: Path
) -> None:
    path = crashed(sqlite_file(WAL), "INSERT INTO t VALUES (3)", tmp_path / "crash")
    before = traces(path)
    assert sorted(before) == ["app.db", "app.db-wal"]
    assert rows_of(path) == [(1,), (2,), (3,)]
    assert traces(path) == before


@pytest.mark.hazard("A66", "reads the last rows from the -wal, beside a process that has it open")
def test_rows_in_a_log_in_use_are_read(sqlite_file: MakeFile) -> None:
    path = sqlite_file(WAL)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("INSERT INTO t VALUES (3)")
        assert rows_of(path) == [(1,), (2,), (3,)]
        writer.execute("INSERT INTO t VALUES (4)")
        assert rows_of(path)[-1] == (4,)


def test_an_empty_log_that_nobody_uses_is_left_as_it_is(sqlite_file: MakeFile) -> None:
    path = sqlite_file(WAL)
    path.with_name("app.db-wal").touch()
    before = traces(path)
    assert rows_of(path) == [(1,), (2,)]
    assert traces(path) == before


def test_a_path_with_odd_characters_is_a_path(sqlite_file: MakeFile) -> None:
    assert rows_of(sqlite_file(SCRIPT, "a?b#c%41 ü.db")) == [(1,), (2,)]


def test_a_source_cannot_be_written(sqlite_file: MakeFile) -> None:
    with (
        closing(open_source(sqlite_file(SCRIPT))) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("INSERT INTO t VALUES (3)")


def fail_to_open(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_source(path)
    assert caught.value.status is ExitStatus.SOURCE
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert "does not exist" in fail_to_open(path).message
    assert "does not exist" in fail_to_open(path / "deeper.db").message
    assert not path.exists()


def test_a_directory_is_said_to_be_one(tmp_path: Path) -> None:
    assert "directory" in fail_to_open(tmp_path).message


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "regular file" in fail_to_open(path).message


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert "is empty" in fail_to_open(path).message


@pytest.mark.parametrize("content", [b"PK\3\4" + bytes(5000), os.urandom(4096), b"x"])
def test_what_is_no_database_may_be_an_encrypted_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    error = fail_to_open(path)
    assert "not a SQLite database" in error.message
    assert "encrypted" in error.detail


MANY_ROWS = "CREATE TABLE t (a); INSERT INTO t SELECT hex(zeroblob(500)) FROM " + ",".join(
    f"(SELECT 1 UNION ALL SELECT {n})" for n in range(2, 9)
)


@pytest.mark.parametrize("size", [16, 60, 4096, 20_000])
def test_a_truncated_file_is_said_to_be_one(sqlite_file: MakeFile, size: int) -> None:
    path = sqlite_file(MANY_ROWS)
    assert path.stat().st_size > 20_000
    os.truncate(path, size)
    assert "truncated" in fail_to_open(path).message


def test_a_damaged_schema_is_corruption(sqlite_file: MakeFile) -> None:
    path = sqlite_file(MANY_ROWS)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 50)
    assert "is corrupt" in fail_to_open(path).message


def test_a_damaged_page_is_corruption_when_it_is_read(sqlite_file: MakeFile) -> None:
    path = sqlite_file(MANY_ROWS)
    with path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 4096)
    with closing(open_source(path)) as connection:
        with pytest.raises(SourceError, match="is corrupt"), source_errors("app.db"):
            connection.execute("SELECT * FROM t").fetchall()
        with pytest.raises(SourceError, match=r'"app\.db" is corrupt'):
            check_integrity(connection, "app.db")


def test_broken_rules_are_no_damage(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        "CREATE TABLE t (a); INSERT INTO t VALUES (NULL); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE TABLE t (a NOT NULL)'"
    )
    with closing(open_source(path)) as connection:
        assert check_integrity(connection, "app.db") == ("NULL value in t.a",)
    with closing(open_source(sqlite_file(SCRIPT, "good.db"))) as connection:
        assert check_integrity(connection, "good.db") == ()


def test_a_file_locked_by_a_writer_is_said_to_be_locked(
    sqlite_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.01)
    path = sqlite_file(SCRIPT)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert "locked" in fail_to_open(path).message


def test_a_journal_that_must_be_rolled_back_is_not_rolled_back(
    sqlite_file: MakeFile, tmp_path: Path
) -> None:
    spill = (
        "PRAGMA cache_size = 1; BEGIN; INSERT INTO t SELECT hex(zeroblob(900)) FROM t, t LIMIT 500"
    )
    path = crashed(sqlite_file(MANY_ROWS), spill, tmp_path / "crash")
    before = traces(path)
    assert len(before["app.db-journal"]) > 512
    assert "must be recovered" in fail_to_open(path).message
    assert traces(path) == before


def test_text_that_is_not_utf8_is_an_error_without_its_bytes(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a); INSERT INTO t VALUES (CAST(x'736563726574ff' AS TEXT))")
    with closing(open_source(path)) as connection:
        with pytest.raises(SourceError) as caught, source_errors("app.db"):
            connection.execute("SELECT a FROM t").fetchall()
        assert 'column "a"' in caught.value.message
        assert "secret" not in str(caught.value)
        with any_bytes(connection):
            assert connection.execute("SELECT a FROM t").fetchall() == [("secret\udcff",)]
    with closing(open_source(path, exact_text=False)) as connection:
        (value,) = connection.execute("SELECT a FROM t").fetchone()
        assert value.encode("utf-8", "surrogateescape") == b"secret\xff"


def test_our_own_mistakes_are_not_the_sources(sqlite_file: MakeFile) -> None:
    connection = open_source(sqlite_file(SCRIPT))
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError), source_errors("app.db"):
        connection.execute("SELECT 1")


@pytest.mark.parametrize("script", [SCRIPT, WAL])
def test_the_write_lock_keeps_other_processes_out(sqlite_file: MakeFile, script: str) -> None:
    path = sqlite_file(script)
    before = image_of(path)
    with write_lock(path, timeout_seconds=1):
        assert not can_write(path)
        # Reading the file's bytes must not take the lock away: closing a descriptor would.
        assert image_of(path) == before
        assert rows_of(path) == [(1,), (2,)]
        assert not can_write(path)
    assert can_write(path)
    assert image_of(path) == before
    assert list(traces(path)) == ["app.db"]


def test_a_write_lock_that_someone_holds_is_to_be_tried_again(sqlite_file: MakeFile) -> None:
    path = sqlite_file(SCRIPT)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(TryAgain, match="written by another process"):  # noqa: SIM117 - nested on purpose
            with write_lock(path, timeout_seconds=0.05):
                pytest.fail("the lock was taken")
        writer.execute("ROLLBACK")
    with write_lock(path, timeout_seconds=0.05):
        pass


def test_the_write_lock_ends_with_an_error_inside_it(sqlite_file: MakeFile) -> None:
    path = sqlite_file(SCRIPT)
    with pytest.raises(LookupError), write_lock(path, timeout_seconds=1):
        raise LookupError
    assert can_write(path)


def test_no_write_lock_makes_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(SourceError, match="does not exist"), write_lock(path, timeout_seconds=1):
        pass
    assert not path.exists()
