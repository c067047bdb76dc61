"""Replace a small file so that a reader, or a crash at any moment, finds the old or the new one.

Temporary file in the same directory, fsync, rename, fsync of the directory: `rename(2)` is atomic
within one file system, and durable once the directory is. Writers take turns by a lock on the
directory; readers need none.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cutover.directories import opened, sync, try_lock
from cutover.errors import FlagError

TRIES = 100
PAUSE_SECONDS = 0.05


def read(path: Path) -> bytes | None:
    """Return the file's bytes, None where its directory has no such file. FlagError otherwise."""
    with _os_errors(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            path.parent.stat()
            return None


@contextmanager
def turn(path: Path) -> Iterator[Path]:
    """Keep other writers of the directory out while the block runs; yield the file itself.

    A symbolic link is followed, so that the rename replaces the file and not the link.
    FlagError where another writer doesn't finish within five seconds.
    """
    with ExitStack() as stack:
        with _os_errors(path):
            real = path.resolve()
            _lock(stack.enter_context(opened(real.parent)), path)
        yield real


def replace(path: Path, data: bytes) -> None:
    """Replace a file by `data`, durably, keeping mode and owner; call it inside `turn`.

    FlagError where any step fails; unless the last fsync did, the old file is then still there.
    """
    temporary = path.with_name(f".{path.name}.new")
    with _os_errors(path):
        try:
            _write(temporary, data, like=path)
            os.replace(temporary, path)  # noqa: PTH105 - the system call by its name
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(path.parent)


def _lock(directory: int, path: Path) -> None:
    for _ in range(TRIES):
        if try_lock(directory):
            return
        time.sleep(PAUSE_SECONDS)
    message = f'the directory of the flag file "{path}" is locked by another writer'
    raise FlagError(message, hint="cutover status; then try again")


def _write(temporary: Path, data: bytes, *, like: Path) -> None:
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(temporary, flags, 0o666), "wb") as file:  # noqa: PTH123 - a descriptor
        _copy_owner_and_mode(file.fileno(), like)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _copy_owner_and_mode(descriptor: int, like: Path) -> None:
    try:
        old = like.stat()
    except FileNotFoundError:
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FlagError(
            f'the flag file "{path}" cannot be used',
            detail=f"{error.strerror}: {error.filename or path}",
            hint="check the path in [flag] store, and who may write its directory",
        ) from error
