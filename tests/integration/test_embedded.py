"""The embedded server, as one process, as several, and as one that was killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cutover import embedded
from cutover.embedded import serve
from cutover.errors import TargetError, TryAgain, UsageError
from cutover.targets.postgres.connect import connect

ROOT = Path(__file__).parents[2]
FAST = {"fsync": "off", "shared_buffers": "16MB"}
# The modules are imported before the user changes, who may not be able to read them.
CLIENT = """
import os, sys
from pathlib import Path
import encodings.idna, concurrent.futures
from cutover.embedded import serve
from cutover.targets.postgres.connect import connect
connect
if os.geteuid() == 0 and sys.argv[2] == "plain user":
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
with serve(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "16MB"}) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    yield directory
    shutil.rmtree(directory)


@contextmanager
def client(directory: Path, user: str = "this user") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CLIENT, str(directory), user]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def postmaster(url: str) -> float:
    """When the server that answers was started, which tells one server from another."""
    with closing(connect(url, autocommit=True)) as connection:
        query = "SELECT extract(epoch FROM pg_postmaster_start_time())::float8"
        return float(connection.execute(query).fetchall()[0][0])


def assert_stopped(url: str) -> None:
    with pytest.raises(TryAgain):
        connect(url)


def test_a_server_is_made_and_stopped_and_keeps_its_data(place: Path) -> None:
    deep = place / "not" / "yet"
    with serve(deep, settings=FAST) as url, connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert_stopped(url)
    with serve(deep, settings=FAST) as url, connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]


def test_text_is_utf8_with_unicode_case_rules_and_sorts_by_bytes(place: Path) -> None:
    query = "SELECT upper('ä'), 'Z' < 'a', current_setting('server_encoding')"
    with serve(place, settings=FAST) as url, connect(url) as connection:
        assert connection.execute(query).fetchall() == [("Ä", True, "UTF8")]


def test_a_setting_given_by_the_caller_is_in_effect(place: Path) -> None:
    with serve(place, settings=FAST) as url, connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchall() == [("off",)]


@pytest.mark.parametrize("name", ["long " + "x" * 120, "odd $HOME \"'`,;é"])
def test_a_path_that_no_socket_or_shell_would_take_is_served(place: Path, name: str) -> None:
    with serve(place / name, settings=FAST) as url:
        assert postmaster(url) > 0
    assert_stopped(url)


def test_two_processes_share_one_server_and_the_last_one_stops_it(place: Path) -> None:
    with client(place) as first, client(place) as second:
        url = url_of(first)
        assert url == url_of(second)
        started = postmaster(url)
        first.communicate()
        assert postmaster(url) == started
        second.communicate()
        assert_stopped(url)


def test_the_same_process_may_serve_a_directory_twice(place: Path) -> None:
    with serve(place, settings=FAST) as outer:
        with serve(place, settings=FAST) as inner:
            assert inner == outer
        assert postmaster(outer) > 0


def test_a_killed_client_leaves_a_server_that_the_next_one_uses_and_stops(place: Path) -> None:
    with client(place) as killed:
        url = url_of(killed)
        started = postmaster(url)
        killed.kill()
        killed.wait()
    assert postmaster(url) == started
    with serve(place, settings=FAST) as again:
        assert postmaster(again) == started
    assert_stopped(url)


def test_a_client_killed_while_the_data_is_being_made_is_no_hindrance(place: Path) -> None:
    with client(place) as killed:
        while not (place / "data.new").exists():
            assert killed.poll() is None
        killed.kill()
        killed.wait()
    with serve(place, settings=FAST) as url:
        assert postmaster(url) > 0
    assert_stopped(url)


def test_ctrl_c_in_the_middle_stops_the_server(place: Path) -> None:
    with client(place) as interrupted:
        url = url_of(interrupted)
        interrupted.send_signal(signal.SIGINT)
        interrupted.wait()
        assert_stopped(url)


def test_a_directory_that_was_half_made_is_made_again(place: Path) -> None:
    half = place / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with serve(place, settings=FAST) as url:
        assert postmaster(url) > 0


def test_a_plain_user_gets_a_server_too(place: Path) -> None:
    place.chmod(0o777)
    with client(place, "plain user") as process:
        url = url_of(process)
        assert postmaster(url) > 0
        process.communicate()
        assert_stopped(url)


def test_directories_above_keep_their_list_private(place: Path) -> None:
    above = place / "private"
    above.mkdir(mode=0o700)
    with serve(above / "server", settings=FAST):
        assert not above.stat().st_mode & 0o066


def test_data_of_another_major_version_is_refused_by_name(place: Path) -> None:
    (place / "data").mkdir()
    (place / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(TargetError, match="belongs to PostgreSQL 16"), serve(place):
        pass


def test_a_server_that_does_not_start_says_why(place: Path) -> None:
    wrong = {"shared_buffers": "nonsense"}
    with pytest.raises(TargetError, match="did not start") as caught, serve(place, settings=wrong):
        pass
    assert "nonsense" in caught.value.detail
    with serve(place, settings=FAST) as url:
        assert postmaster(url) > 0


def test_a_missing_extra_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as caught, serve(place):
        pass
    assert "pip install 'cutover[embedded]'" in caught.value.hint
