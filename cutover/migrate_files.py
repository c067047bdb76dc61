"""Bring SQLite files to the head of their sets: in turn, with a backup, and no row lost on the way.

SQLite can't change most of a table, so Alembic rebuilds it: copies the rows, drops the old table,
renames the new one. Where foreign keys are enforced, dropping deletes the rows that refer to it
(https://sqlite.org/foreignkeys.html#fk_schemacommands); they are not enforced here, and whether
every reference still leads somewhere is asked before and after.

One connection holds the write lock from before the backup to the last question
(`PRAGMA locking_mode`), so that the backup is exactly what is put back if the answer is no. A
file in WAL mode gives that lock only while nobody else has it open.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cutover.directories import opened, sync, try_lock
from cutover.errors import SourceError, TryAgain
from cutover.events import Emit, StepFinished, StepStarted
from cutover.migrate import Migrated, assert_head, heads_of
from cutover.sources.sqlite.connect import open_source, source_errors
from cutover.waiting import Patience
from cutover.words import counted

References = Counter[tuple[str, str]]
"""Rows that refer to nothing, by their table and the table that they refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A SQLite file, its set, and where its backups go. `now` is ISO 8601 in UTC."""

    path: Path
    directory: Path
    backups: Path
    now: str


def migrate_files(files: Sequence[File], patience: Patience) -> tuple[Migrated, ...]:
    """Upgrade each file to the head of its set; files that are there already are only read.

    SourceError where a file is missing (none is ever made), where the set or SQLite says no, and
    where an upgrade broke references: then the file is as it was. TryAgain while others have it.
    """
    states = [(heads_of(file.directory), file_revisions(file.path)) for file in files]
    if all(heads == found for heads, found in states):
        return tuple(_as_it_is(file, found) for file, (_, found) in zip(files, states, strict=True))
    with ExitStack() as stack:
        for directory in sorted({file.path.resolve().parent for file in files}):
            stack.enter_context(_turn(directory, patience))
        return tuple(_migrate(file, patience) for file in files)


def file_revisions(path: Path) -> tuple[str, ...]:
    """Return the revisions in a file's `alembic_version`, sorted; () where it has none."""
    with closing(open_source(path)) as connection, source_errors(str(path)):
        known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        if not connection.execute(known).fetchall():
            return ()
        rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1")
        return tuple(str(version) for (version,) in rows)


def _migrate(file: File, patience: Patience) -> Migrated:
    heads, before = heads_of(file.directory), file_revisions(file.path)
    if before == heads:
        return _as_it_is(file, before)
    with _write_lock(file.path, patience) as connection:
        broken = _broken_references(connection)
        backup = _back_up(connection, file, before, patience.emit)
        with _references_kept(connection, broken, file, backup), _stamp_named(file, before):
            upgrade = _upgrade(connection, file, patience.emit)
    after = file_revisions(file.path)
    assert_head(after, heads, file.directory, error=SourceError)
    patience.emit(StepFinished(step=upgrade, title=upgrade))
    return Migrated(
        database=str(file.path), before=before, after=after, applied=True, backup=str(backup)
    )


def _as_it_is(file: File, found: tuple[str, ...]) -> Migrated:
    return Migrated(database=str(file.path), before=found, after=found, applied=False)


@contextmanager
def _turn(directory: Path, patience: Patience) -> Iterator[None]:
    """Keep other migrations of files in a directory out while the block runs."""
    tell = patience.teller("turn")
    with opened(directory) as descriptor:
        for waited in patience.attempts():
            if try_lock(descriptor):
                yield
                return
            tell("another process is migrating a file here", waited, f'"{directory}"')
    raise TryAgain(
        f'another process is migrating a file in "{directory}"',
        detail=f"it held the directory for more than {patience.seconds:g} seconds",
        hint="wait for it and run the same command again, or give it longer: --lock-timeout",
    )


@contextmanager
def _write_lock(path: Path, patience: Patience) -> Iterator[sqlite3.Connection]:
    """Yield a connection that keeps every other writer out until it is closed."""
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    with source_errors(str(path)):
        connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
    with closing(connection), source_errors(str(path)):
        tell = patience.teller("lock")
        for waited in patience.attempts():
            if _try_write_lock(connection):
                break
            tell("another process has the file open", waited, f'"{path}"')
        else:
            raise TryAgain(
                f'"{path}" is open in another process',
                detail=f"its write lock was not free within {patience.seconds:g} seconds",
                hint="stop the application that has it open, then run the same command again",
            )
        yield connection


def _try_write_lock(connection: sqlite3.Connection) -> bool:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    connection.execute("COMMIT")  # in this mode the lock stays
    return True


@contextmanager
def _references_kept(
    connection: sqlite3.Connection, broken: References, file: File, backup: Path
) -> Iterator[None]:
    """Put the backup back where the block, even one that failed, left new broken references."""
    try:
        yield
    except BaseException:
        # SQLAlchemy closes a connection that fails at its first statement: nothing had begun.
        with suppress(sqlite3.ProgrammingError):
            if _broken_references(connection) - broken:
                _restore(backup, connection)
        raise
    if new := _broken_references(connection) - broken:
        _restore(backup, connection)
        raise _broke(file, new, backup)


@contextmanager
def _stamp_named(file: File, before: tuple[str, ...]) -> Iterator[None]:
    """Say how a file is taken into its set, where it fails on tables that were there before it."""
    try:
        yield
    except SourceError as error:
        if before or "already exists" not in error.detail:
            raise
        stamp = f"alembic -c {file.directory}/alembic.ini -x url=sqlite:///{file.path} stamp"
        raise SourceError(
            error.message,
            detail=f"{error.detail}; the file was made without the set: it has no alembic_version",
            hint=f"if it is as the set makes it, say so once: {stamp} "
            + " ".join(heads_of(file.directory)),
        ) from error


def _upgrade(connection: sqlite3.Connection, file: File, emit: Emit) -> str:
    """Run the set, and return the step, which is not finished before the revision was read anew."""
    from cutover import alembic_set  # noqa: PLC0415 - as in `migrate`

    title = f"upgrade {file.path.name}"
    emit(StepStarted(step=title, title=title))
    alembic_set.upgrade_file(connection, file.directory, file.path.name)
    return title


def _back_up(
    connection: sqlite3.Connection, file: File, before: tuple[str, ...], emit: Emit
) -> Path:
    """Copy the file, durably, and tell where to; the name says of what and when."""
    title = f"back up {file.path.name}"
    emit(StepStarted(step=title, title=title))
    path = _free_name(file, "+".join(before) or "none")
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy:
        connection.backup(copy)
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.rename(path)
    sync(path.parent)
    emit(StepFinished(step=title, title=title, note=str(path)))
    return path


def _free_name(file: File, revision: str) -> Path:
    file.backups.mkdir(parents=True, exist_ok=True)
    stem = f"{file.path.name}.{revision}.{file.now.replace(':', '').replace('-', '')}"
    path, number = file.backups / f"{stem}.db", 1
    while path.exists():  # files of one name from two folders
        number += 1
        path = file.backups / f"{stem}.{number}.db"
    return path


def _restore(backup: Path, connection: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(backup))}?mode=ro", uri=True)) as copy:
        copy.backup(connection)


def _broken_references(connection: sqlite3.Connection) -> References:
    try:
        rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        # A key that refers to no unique columns.
        return Counter({("foreign key mismatch", str(error)): 1})
    return Counter((str(table), str(parent)) for table, _, parent, _ in rows)


def _broke(file: File, new: References, backup: Path) -> SourceError:
    told = [f"{counted(n, 'row')} of {table} to {parent}" for (table, parent), n in new.items()]
    return SourceError(
        f'the set "{file.directory}" breaks references in "{file.path.name}"',
        detail=f"they would refer to nothing: {'; '.join(told)}; the file is as it was, "
        f"and so is its copy {backup}",
        hint="mend the revision that removes what they refer to, then run the same command again",
    )
