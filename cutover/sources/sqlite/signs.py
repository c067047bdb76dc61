"""Look a SQLite file over before a cutover: how it lies, whether it is sound, who has it open.

Nothing is written, and no lock is taken: whether somebody writes at this moment is read from
`/proc/locks`. In rollback mode a writer holds the RESERVED byte at 1 GiB + 1 of the database
(https://sqlite.org/src/file/src/os.h), in WAL mode byte 120 of the `-shm`
(https://sqlite.org/walformat.html#locks).
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from cutover.errors import CutoverError, SourceError
from cutover.machine import OpenFile, WriteLock, file_system, open_files, write_locks
from cutover.signs import Holder, SourceSigns, Trouble
from cutover.sources.sqlite.connect import check_integrity, open_source, source_errors
from cutover.sources.sqlite.files import beside, in_wal_mode, page_size, read_header, size_of

_RESERVED_BYTE = 0x40000000 + 1
_WAL_WRITE_BYTE = 120


def signs_of(path: Path, label: str, *, carried: Callable[[str], bool]) -> SourceSigns:
    """Return what is seen of one file; `carried` tells the tables whose orphans matter."""
    found = SourceSigns(label=label, path=str(path), file_system=file_system(path.absolute()))
    if path.is_file():
        found = _with_holders(found, path)
    try:
        found = _with_header(found, path)
        with closing(open_source(path, exact_text=False)) as connection:
            return _with_content(found, connection, carried)
    except SourceError as error:
        return replace(found, trouble=trouble_of(error))


def trouble_of(error: CutoverError) -> Trouble:
    """Return an error as a value."""
    return Trouble(message=error.message, detail=error.detail, hint=error.hint)


def _with_header(found: SourceSigns, path: Path) -> SourceSigns:
    header = read_header(path)
    return replace(
        found,
        bytes=size_of(path),
        page_bytes=page_size(header),
        wal_mode=in_wal_mode(header),
        wal_bytes=size_of(beside(path, "-wal")),
        journal_bytes=size_of(beside(path, "-journal")),
    )


def _with_content(
    found: SourceSigns, connection: sqlite3.Connection, carried: Callable[[str], bool]
) -> SourceSigns:
    with source_errors(found.path):
        query = "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'index')"
        objects = connection.execute(query).fetchone()[0]
    try:
        broken = check_integrity(connection, found.label)
    except SourceError as error:
        return replace(found, objects=objects, damage=trouble_of(error))
    return replace(
        found, objects=objects, broken_rules=broken, orphans=_orphans(connection, carried)
    )


def _orphans(
    connection: sqlite3.Connection, carried: Callable[[str], bool]
) -> dict[tuple[str, str], int] | None:
    """Count the rows without a parent; None where a foreign key fits no key of its parent.

    https://sqlite.org/pragma.html#pragma_foreign_key_check
    """
    try:
        rows = connection.execute("PRAGMA foreign_key_check")
        return dict(Counter((table, parent) for table, _, parent, _ in rows if carried(table)))
    except sqlite3.OperationalError:
        return None


def _with_holders(found: SourceSigns, path: Path) -> SourceSigns:
    files = [path.resolve(), *(beside(path.resolve(), suffix) for suffix in ("-wal", "-shm"))]
    inodes = [each.stat().st_ino if each.exists() else 0 for each in files]
    opened, hidden = open_files(frozenset(each.name for each in files))
    ours = [each for each in opened if each.inode in inodes]
    locks = [lock for lock in write_locks() if _is_writers(lock, inodes[0], inodes[2])]
    holders = tuple(_holders(ours, {lock.pid for lock in locks}))
    return replace(found, holders=holders, hidden_processes=hidden)


def _is_writers(lock: WriteLock, database: int, shared: int) -> bool:
    byte = {database: _RESERVED_BYTE, shared: _WAL_WRITE_BYTE}.get(lock.inode)
    return byte is not None and lock.first <= byte <= lock.last


def _holders(opened: list[OpenFile], writing: set[int]) -> Iterator[Holder]:
    for pid in sorted({each.pid for each in opened}):
        of_pid = [each for each in opened if each.pid == pid]
        yield Holder(
            pid=pid,
            program=of_pid[0].program,
            may_write=any(each.may_write for each in of_pid),
            writing=pid in writing,
        )
