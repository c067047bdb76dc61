"""Directories as what processes take turns by, and what makes a new file last.

`flock(2)` on a directory needs no lock file that would stay behind, outlives a file that is
replaced, and is let go of by the kernel when a process dies. A file that was made or renamed is
durable once its directory is (`fsync(2)`).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opened(directory: Path) -> Iterator[int]:
    """Yield a descriptor of a directory; closing it gives a lock back. OSError as it comes."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Take the lock of a directory; False while another holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync(directory: Path) -> None:
    """Make the names in a directory last."""
    with opened(directory) as descriptor:
        os.fsync(descriptor)
