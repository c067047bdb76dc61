"""Connections to a SQLite file: read-only ones that leave no trace, and the fence's write lock.

`mode=ro` is not enough for a file in WAL mode (measured, SQLite 3.40): without a `-wal` it makes an
empty one and a `-shm`, and leaves them; with a `-wal` and no `-shm` it leaves a `-shm`. So:

- no `-wal`, or an empty one that nobody has open: `immutable=1`
  (https://sqlite.org/uri.html#uriimmutable). Nothing notices a write that starts meanwhile; the
  image digest does.
- a `-wal` without a `-shm` is what a crash or a copy leaves, and no process has it open: the VFS
  `unix-none` with `locking_mode=EXCLUSIVE` keeps the index of the log in memory
  (https://sqlite.org/wal.html#use_of_wal_without_shared_memory).
- all else: `mode=ro`, with locks, beside whoever else is there.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from cutover.errors import SourceError, TryAgain
from cutover.sources.sqlite.files import (
    beside,
    in_wal_mode,
    not_a_database,
    page_count,
    page_size,
    read_header,
    size_of,
    truncated,
)

BUSY_SECONDS = 2.0
"""How long a read waits for a writer to finish."""

_SPIN_SECONDS = 0.001


def open_source(path: Path, *, exact_text: bool = True) -> sqlite3.Connection:
    """Open a database for reading; nothing is written to the file or beside it.

    With `exact_text` false, bytes that are not UTF-8 come as surrogates (PEP 383) instead of
    raising. SourceError where the file is missing, a directory, empty, not a database, encrypted,
    truncated, corrupt, locked, or left by a crash in need of recovery.
    """
    header = read_header(path)
    uri, pragma = _way_in(path, header)
    with source_errors(str(path)):
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    if not exact_text:
        connection.text_factory = surrogate_text
    try:
        with source_errors(str(path)):
            if pragma:
                connection.execute(pragma)
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except SourceError as error:
        connection.close()
        raise _sharper(error, path, header) from error.__cause__
    return connection


def surrogate_text(stored: bytes) -> str:
    """Return text as SQLite stores it; a byte that is not UTF-8 becomes a surrogate."""
    return stored.decode("utf-8", "surrogateescape")


@contextmanager
def any_bytes(connection: sqlite3.Connection) -> Iterator[None]:
    """Let a connection read text that is not UTF-8 for a while, as with `exact_text=False`."""
    factory = connection.text_factory
    connection.text_factory = surrogate_text
    try:
        yield
    finally:
        connection.text_factory = factory


@contextmanager
def source_errors(label: str) -> Iterator[None]:
    """Turn what SQLite says no with into a SourceError about `label`.

    A misuse of the module (`sqlite3.ProgrammingError`) is our bug, and passes.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        if is_invalid_utf8(error):
            # SQLite's message repeats the value, which may be a secret.
            raise _invalid_utf8(error, label) from None
        raise _source_error(error, label) from error


def is_invalid_utf8(error: sqlite3.Error) -> bool:
    """Tell whether a read failed because a text is not UTF-8."""
    return str(error).startswith("Could not decode to UTF-8")


def check_integrity(connection: sqlite3.Connection, label: str) -> tuple[str, ...]:
    """Read the whole file for damage (`PRAGMA quick_check`); SourceError where there is any.

    Returns the broken rules that the pragma reports too, and that are no damage: rows that a
    NOT NULL would refuse today (https://sqlite.org/pragma.html#pragma_integrity_check). A
    read-only connection doesn't load CHECKs, so theirs are not among them (measured, SQLite 3.40).
    """
    with source_errors(label), _stand_ins(connection) as provide:
        lines = _checked(connection, provide)
    broken = tuple(line for line in lines if _BROKEN_RULE.match(line))
    damage = [line for line in lines if line != "ok" and not _BROKEN_RULE.match(line)]
    if damage:
        raise _error_for(sqlite3.SQLITE_CORRUPT, label, "; ".join(damage[:3]))
    return broken


def _checked(connection: sqlite3.Connection, provide: Callable[[str], bool]) -> list[str]:
    while True:
        try:
            return [str(row[0]) for row in connection.execute("PRAGMA quick_check")]
        except sqlite3.OperationalError as error:
            if not provide(str(error)):
                raise


@contextmanager
def _stand_ins(connection: sqlite3.Connection) -> Iterator[Callable[[str], bool]]:
    """Stand in for collations that only the application has, for who asks nothing of their order.

    Gives a function that reads which one an error misses; false where it is none, or still missing.
    """
    known: set[str] = set()

    def provide(said: str) -> bool:
        missing = _NO_COLLATION.fullmatch(said)
        if missing is None or missing[1] in known:
            return False
        known.add(missing[1])
        connection.create_collation(missing[1], _bytewise)
        return True

    try:
        yield provide
    finally:
        for name in known:
            connection.create_collation(name, None)


def _bytewise(one: str, other: str) -> int:
    return (one > other) - (one < other)


@contextmanager
def write_lock(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the write lock of a database: nobody else commits to it until this ends.

    Writes nothing; SQLite may checkpoint at the end, which no image digest sees. TryAgain where
    another writer keeps the lock for longer than `timeout_seconds`.
    """
    read_header(path)
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    with source_errors(str(path)):
        connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
    with closing(connection):
        # The lock goes with the connection: a statement that lets go of it could fail.
        _spin(lambda: connection.execute("BEGIN IMMEDIATE"), path, timeout_seconds)
        yield


def _spin(attempt: Callable[[], object], path: Path, timeout_seconds: float) -> None:
    # SQLite's own wait grows to 100 ms between two attempts, and loses to a busy writer.
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            with source_errors(str(path)):
                attempt()
        except SourceError as error:
            if not _is_busy(error.__cause__):
                raise
            if time.monotonic() >= deadline:
                raise TryAgain(
                    f'"{path}" is being written by another process',
                    detail=f"its write lock was not free within {timeout_seconds:g} seconds",
                    hint="stop the writer, or run the same command again",
                ) from error
            time.sleep(_SPIN_SECONDS)
        else:
            return


def _is_busy(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _way_in(path: Path, header: bytes) -> tuple[str, str]:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    if not in_wal_mode(header) or size_of(beside(path, "-journal")):
        return uri, ""
    shared = beside(path, "-shm").exists() and beside(path, "-wal").exists()
    if shared:
        return uri, ""
    if size_of(beside(path, "-wal")):
        return f"{uri}&vfs=unix-none", "PRAGMA locking_mode = EXCLUSIVE"
    return f"{uri}&immutable=1", ""


def _sharper(error: SourceError, path: Path, header: bytes) -> SourceError:
    pages = page_count(header)
    size = size_of(path)
    if _code(error.__cause__) == sqlite3.SQLITE_CORRUPT and pages is not None:
        return truncated(path, size) if size < pages * page_size(header) else error
    return error


def _code(error: BaseException | None) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


_NO_COLLATION = re.compile(r"no such collation sequence: (.+)", re.DOTALL)
_BROKEN_RULE = re.compile(r"CHECK constraint failed in |NULL value in |non-[A-Z]+ value in ")

# By primary result code (https://sqlite.org/rescode.html): what is the matter, what to do.
_ANSWERS = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "stop its writer, or try again later"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", "stop its writer, or try again later"),
    sqlite3.SQLITE_CORRUPT: (
        "is corrupt",
        "restore a backup, or salvage it with: sqlite3 FILE .recover | sqlite3 REPAIRED",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that this user may read the file, its directory and its -wal",
    ),
    sqlite3.SQLITE_READONLY: (
        "was left in the middle of a write, and must be recovered",
        "open a copy of it, with its -journal, for writing once: sqlite3 COPY .schema",
    ),
    sqlite3.SQLITE_IOERR: ("cannot be read from its disk", "check the disk, or copy the file"),
}


def _error_for(code: int, label: str, detail: str) -> SourceError:
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_database(label)
    unknown = ("cannot be read as it is", "see the detail, which is SQLite's own message")
    matter, hint = _ANSWERS.get(code, unknown)
    return SourceError(f'"{label}" {matter}', detail=detail, hint=hint)


def _source_error(error: sqlite3.Error, label: str) -> SourceError:
    name = getattr(error, "sqlite_errorname", "")
    detail = f"{error} ({name})" if name else str(error)
    return _error_for(_code(error), label, detail)


def _invalid_utf8(error: sqlite3.Error, label: str) -> SourceError:
    column = re.match(r"Could not decode to UTF-8 column '(.*?)' with text", str(error), re.DOTALL)
    where = f' in column "{column[1]}"' if column else ""
    return SourceError(
        f'"{label}" holds text that is not UTF-8{where}',
        detail="its bytes were written without being decoded first",
        hint="find the rows with: cutover inspect",
    )
