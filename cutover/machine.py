"""What Linux tells of files: their file systems, and the processes that have them open.

Sources: proc(5) for `/proc/PID/fd`, `fdinfo`, `mountinfo` and `locks`. Another user's processes
hide their open files, and another container's are not there at all; elsewhere than on Linux
nothing of this is.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo."""

    point: str
    type: str


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What a path lies on, and the bytes that this user may still write there."""

    type: str
    mount: str
    free: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that a process has open."""

    pid: int
    program: str
    inode: int
    may_write: bool


@dataclass(frozen=True, slots=True)
class WriteLock:
    """A POSIX lock for writing on some bytes of a file."""

    pid: int
    inode: int
    first: int
    last: int


def mount_of(path: Path, mountinfo: str) -> Mount | None:
    """Return the mount that an absolute path lies on; of two on one point the later one covers."""
    found: Mount | None = None
    for mount in _mounts(mountinfo):
        inside = path.is_relative_to(mount.point)
        if inside and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mounts(mountinfo: str) -> Iterator[Mount]:
    for line in mountinfo.splitlines():
        front, _, back = line.partition(" - ")
        fields = front.split(" ")
        if len(fields) > 4 and back:
            yield Mount(_unescaped(fields[4]), back.split(" ")[0])


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def file_system(path: Path) -> FileSystem | None:
    """Return what a path lies on, or the nearest folder above it that exists.

    None where this user may not look.
    """
    try:
        place = next(each for each in (path, *path.parents) if each.exists()).resolve()
        facts = os.statvfs(place)
    except OSError:
        return None
    mount = mount_of(place, _read(PROC / "self" / "mountinfo")) or Mount("/", "")
    return FileSystem(type=mount.type, mount=mount.point, free=facts.f_bavail * facts.f_frsize)


def open_files(names: frozenset[str], proc: Path = PROC) -> tuple[tuple[OpenFile, ...], int]:
    """Return the files of some base names that others have open, and how many processes hide.

    This process itself is left out.
    """
    found: list[OpenFile] = []
    hidden = 0
    for folder in _processes(proc):
        try:
            found += _files_of(folder, names)
        except PermissionError:
            hidden += 1
        except OSError:
            continue  # it has ended since
    return tuple(found), hidden


def _processes(proc: Path) -> Iterator[Path]:
    for folder in proc.iterdir() if proc.is_dir() else ():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            yield folder


def _files_of(folder: Path, names: frozenset[str]) -> Iterator[OpenFile]:
    for link in (folder / "fd").iterdir():
        try:
            # Not followed unless the name fits: what lies on a dead network mount may hang.
            if link.readlink().name in names:
                yield _open_file(folder, link)
        except FileNotFoundError:
            continue  # closed since


def _open_file(folder: Path, link: Path) -> OpenFile:
    flags = re.search(r"^flags:\s*([0-7]+)", _read(folder / "fdinfo" / link.name), re.MULTILINE)
    mode = int(flags[1], 8) & os.O_ACCMODE if flags else os.O_RDWR
    return OpenFile(
        pid=int(folder.name),
        program=_read(folder / "comm").strip(),
        inode=link.stat().st_ino,
        may_write=mode != os.O_RDONLY,
    )


def write_locks(proc: Path = PROC) -> tuple[WriteLock, ...]:
    """Return the POSIX write locks of the machine, without taking one."""
    return tuple(parse_locks(_read(proc / "locks")))


def parse_locks(text: str) -> Iterator[WriteLock]:
    """Yield the write locks of a `/proc/locks`; those that are waited for are not held."""
    line = r"^\d+: POSIX\s+\w+\s+WRITE\s+(\d+) \w+:\w+:(\d+) (\d+) (\d+|EOF)$"
    for found in re.finditer(line, text, re.MULTILINE):
        last = 2**63 if found[4] == "EOF" else int(found[4])
        yield WriteLock(int(found[1]), int(found[2]), int(found[3]), last)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
