"""`cutover migrate` through PgBouncer, which keeps a session for nobody in transaction mode."""

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

from cutover.errors import Refused
from cutover.turn import take_turn
from cutover.waiting import Patience
from tests.fix_cli import Cli
from tests.fix_sets import MakePod, revision

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
CREATE = revision("a", 'op.create_table("note", sa.Column("id", sa.Integer))')

Pooler = Callable[[str], str]


@pytest.fixture
def pooler(postgres_url: str) -> Iterator[Pooler]:
    """Give a function that starts a PgBouncer of a mode and returns its URL for the database."""
    if PROGRAM is None:
        pytest.skip("there is no pgbouncer here: apt-get install pgbouncer")
    with ExitStack() as stack:
        yield lambda mode: stack.enter_context(_pooling(postgres_url, mode))


@contextmanager
def _pooling(url: str, mode: str) -> Iterator[str]:
    with closing(psycopg.connect(url)) as connection:
        info = connection.info
        place = f"host={info.host} port={info.port} user={info.user} dbname={info.dbname}"
        name, host = info.dbname, info.host
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    directory.chmod(0o755)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (directory / "users.txt").write_text('"postgres" ""\n')
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n{name} = {place}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
    )
    process = subprocess.Popen(
        [PROGRAM, "-q", directory / "pgbouncer.ini"],
        **_server_user(host),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield f"postgresql://postgres@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(directory)


def _server_user(host: str) -> dict[str, Any]:
    """Return whom to run as: PgBouncer does not run as root, and a socket lets few people in."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwuid(Path(host).stat().st_uid) if host.startswith("/") else None
    found = user if user and user.pw_uid else pwd.getpwnam("nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": ()}


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while True:
        assert process.poll() is None, "pgbouncer ended"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


def test_transaction_mode_is_refused_with_the_remedy(
    cli: Cli, make_pod: MakePod, pooler: Pooler
) -> None:
    pod = make_pod(CREATE)
    url = pooler("transaction")
    command = ("migrate", "--provider", "postgres", "--format", "json")
    refused = cli(*command, "--target", url)
    assert refused.status == 4, refused.out
    error = refused.json["error"]
    assert error["code"] == "refused"
    assert "pooler in transaction mode" in error["message"]
    assert "[target] direct_url" in error["hint"]
    assert "CUTOVER_DIRECT_URL" in error["hint"]
    assert pod.fetch("SELECT to_regclass('note'), to_regclass('alembic_version')") == [(None, None)]
    settings = pod.directory / "cutover.toml"
    settings.write_text(
        f'[target]\nurl = "{url}"\ndirect_url = "{pod.url}"\n[sets]\npostgres = "pgset"\n'
    )
    assert cli(*command).status == 0
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]


def test_at_head_a_pooler_is_no_obstacle(cli: Cli, make_pod: MakePod, pooler: Pooler) -> None:
    pod = make_pod(CREATE)
    command = ("migrate", "--provider", "postgres", "--target")
    assert cli(*command, pod.url).status == 0
    assert cli(*command, pooler("transaction")).status == 0


def test_a_refused_pooler_keeps_no_lock_and_no_setting_of_ours(
    postgres_url: str, pooler: Pooler
) -> None:
    url = pooler("transaction")
    for _ in range(3):
        with pytest.raises(Refused), take_turn(url, "public", Patience(seconds=0)):
            pass
    with closing(psycopg.connect(url, autocommit=True, prepare_threshold=None)) as connection:
        assert connection.execute("SHOW lock_timeout").fetchall() == [("0",)]
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.execute(locks).fetchall() == [(0,)]
    with take_turn(postgres_url, "public", Patience(seconds=0)):
        pass


def test_session_mode_is_as_good_as_the_server(cli: Cli, make_pod: MakePod, pooler: Pooler) -> None:
    pod = make_pod(CREATE)
    answer = cli("migrate", "--provider", "postgres", "--target", pooler("session"))
    assert answer.status == 0, answer.err
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]
