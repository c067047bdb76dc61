"""The pooler probe against a real PgBouncer, in each mode and with a pool of one."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fix_cli import Cli

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
SECONDS = 30

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="apt-get install pgbouncer")


@contextmanager
def pooling(url: str, *settings: str) -> Iterator[str]:
    """Serve a database through a PgBouncer; give the URL that goes through it."""
    with closing(psycopg.connect(url)) as connection:
        info = connection.info
        place = f"host={info.host} port={info.port} user={info.user} dbname={info.dbname}"
        name, host, user = info.dbname, info.host, info.user
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    directory.chmod(0o755)
    lines = (
        *("[databases]", f"{name} = {place}", "[pgbouncer]", "listen_addr = 127.0.0.1"),
        *(f"listen_port = {port}", "unix_socket_dir =", "auth_type = any", *settings),
    )
    (directory / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
    assert PROGRAM is not None
    process = subprocess.Popen(
        [PROGRAM, "-q", directory / "pgbouncer.ini"],
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
    user = Path(host).stat().st_uid if host.startswith("/") else pwd.getpwnam("nobody").pw_uid
    return {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": ()}


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


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        (("pool_mode = transaction",), "problem"),
        (("pool_mode = transaction", "default_pool_size = 1"), "problem"),
        (("pool_mode = session",), "ok"),
    ],
)
def test_the_mode_of_a_pooler_is_seen(
    cli: Cli, postgres_url: str, settings: tuple[str, ...], level: str
) -> None:
    with pooling(postgres_url, *settings) as url:
        answer = cli("doctor", "--target", url, "--format", "json")
    assert answer.json["checks"][0]["level"] == "ok", answer.out[:600]
    (said,) = (each for each in answer.json["checks"] if each["check"] == "pooler")
    assert said["level"] == level, answer.out
    assert ("direct_url" in said["remedy"]) == (level == "problem")


def test_past_the_pooler_all_is_well(cli: Cli, postgres_url: str, tmp_path: Path) -> None:
    with pooling(postgres_url, "pool_mode = transaction") as url:
        text = f'[target]\nurl = "{url}"\ndirect_url = "{postgres_url}"\n'
        (tmp_path / "cutover.toml").write_text(text)
        answer = cli("doctor", "--format", "json")
    assert answer.json["checks"][0]["level"] == "ok", answer.out[:600]
    (said,) = (each for each in answer.json["checks"] if each["check"] == "pooler")
    assert said["level"] == "ok"
