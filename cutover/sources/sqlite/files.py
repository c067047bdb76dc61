"""The bytes of a database file, read past SQLite without taking its locks away.

Closing *any* descriptor of a file drops every POSIX lock that the process holds on it
(https://sqlite.org/howtocorrupt.html, section 2.2), the locks of an open SQLite connection
included. So descriptors of database files are kept open and used again. A `-wal` file carries no
locks, and may be opened and closed at will.
"""

import os
import stat
from pathlib import Path

from cutover.errors import SourceError

HEADER_BYTES = 100
MAGIC = b"SQLite format 3\0"

_KEPT_MAX = 128
"""More databases than one process reads at once; the oldest descriptor goes first."""

_kept: dict[tuple[int, int], int] = {}


def descriptor(path: Path) -> int:
    """Return a descriptor of a file for `os.pread`; it belongs to this module: never close it.

    SourceError where there is no such file, or it can't be read.
    """
    try:
        facts = path.stat()
        key = (facts.st_dev, facts.st_ino)
        if key not in _kept:
            _refuse_odd_file(path, facts.st_mode)
            _keep(key, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        raise _unreadable(path, error) from error
    return _kept[key]


def read_header(path: Path) -> bytes:
    """Return the first 100 bytes of a database (https://sqlite.org/fileformat2.html#database_header).

    SourceError where the file is missing, empty or no SQLite database.
    """
    header = os.pread(descriptor(path), HEADER_BYTES, 0)
    if not header:
        raise SourceError(
            f'"{path}" is empty',
            detail="it has no byte; SQLite makes such a file when it is given a wrong path",
            hint="name the file that the application writes",
        )
    if header[:16] != MAGIC[: len(header)]:
        raise not_a_database(path)
    if len(header) < HEADER_BYTES:
        raise truncated(path, len(header))
    return header


def page_size(header: bytes) -> int:
    """Return the bytes of a page; the two bytes of the header can't say 65,536, and say 1."""
    size = int.from_bytes(header[16:18], "big")
    return 65536 if size == 1 else size


def page_count(header: bytes) -> int | None:
    """Return the pages that the header counts, None where it is not to be believed.

    SQLite before 3.7.0 left the count alone and moved the change counter on.
    """
    count = int.from_bytes(header[28:32], "big")
    return count if count and header[24:28] == header[92:96] else None


def in_wal_mode(header: bytes) -> bool:
    """Tell whether the file format's version numbers say write-ahead log."""
    return header[18:20] == b"\x02\x02"


def beside(path: Path, suffix: str) -> Path:
    """Return the path of the `-wal`, `-shm` or `-journal` of a database."""
    return path.with_name(path.name + suffix)


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def not_a_database(name: Path | str) -> SourceError:
    """Return the error for bytes that SQLite doesn't know."""
    return SourceError(
        f'"{name}" is not a SQLite database',
        detail="its header is not SQLite's: another kind of file, or an encrypted database",
        hint="if it is encrypted (SQLCipher, SEE), export a plain copy with its key, and name that",
    )


def truncated(path: Path, bytes_: int) -> SourceError:
    """Return the error for a file that ends too early."""
    return SourceError(
        f'"{path}" is truncated',
        detail=f"it has {bytes_:,} bytes, fewer than its header counts",
        hint="copy it again with: sqlite3 ORIGINAL '.backup COPY'",
    )


def _keep(key: tuple[int, int], number: int) -> None:
    while len(_kept) >= _KEPT_MAX:
        os.close(_kept.pop(next(iter(_kept))))
    _kept[key] = number


def _refuse_odd_file(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        hint = "name the database file in it"
        raise SourceError(f'"{path}" is a directory', hint=hint)
    if not stat.S_ISREG(mode):
        hint = "copy the database to a file, and name that"
        raise SourceError(f'"{path}" is not a regular file', hint=hint)


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        hint = "check the path, on the command line or under [source] databases"
        return SourceError(f'"{path}" does not exist', hint=hint)
    return SourceError(
        f'"{path}" cannot be read',
        detail=str(error.strerror or error),
        hint=f"give this user the right to read it: chmod u+r '{path}'",
    )
