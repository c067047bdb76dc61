"""A PgBouncer before the test's database, in whatever mode a test is about."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

SECONDS = 30
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")

Pooler = Callable[..., str]
"""Takes the lines of `[pgbouncer]` that a test is about; returns the URL of its database there."""


@pytest.fixture
def pooler(postgres_url: str) -> Iterator[Pooler]:
    """Give a function that starts a PgBouncer; each runs until the test ends."""
    if PROGRAM is None:
        pytest.skip("there is no pgbouncer here: apt-get install pgbouncer")
    program = PROGRAM
    with ExitStack() as stack:
        yield lambda *lines: stack.enter_context(_pooling(program, postgres_url, lines))


@contextmanager
def _pooling(program: str, url: str, lines: tuple[str, ...]) -> Iterator[str]:
    with closing(psycopg.connect(url)) as connection:
        info = connection.info
        place = f"host={info.host} port={info.port} user={info.user} dbname={info.dbname}"
        name, host, user = info.dbname, info.host, info.user
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    directory.chmod(0o755)
    settings = (
        *("[databases]", f"{name} = {place}", "[pgbouncer]", "listen_addr = 127.0.0.1"),
        *(f"listen_port = {port}", "unix_socket_dir =", "auth_type = any", *lines),
    )
    (directory / "pgbouncer.ini").write_text("\n".join(settings) + "\n")
    process = subprocess.Popen(
        [program, "-q", directory / "pgbouncer.ini"],
        **(_as_the_server(host) if os.geteuid() == 0 else {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield f"postgresql://{user}@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)
        shutil.rmtree(directory)


def _as_the_server(host: str) -> dict[str, Any]:
    """Return who may pass to the server's socket; PgBouncer does not run as root.

    Not with root's group either: the folder above lets others pass, and its group not.
    """
    owner = pwd.getpwuid(Path(host).stat().st_uid) if host.startswith("/") else None
    user = owner if owner and owner.pw_uid else pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, "pgbouncer ended"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return
