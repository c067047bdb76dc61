"""Every supported major version: the set means the same, and migrate and doctor work.

The servers' binaries lie in the folder that CUTOVER_POSTGRES_BINARIES names, one folder for each
major version; `scripts/postgres_versions` fetches them.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cutover.catalog import Catalog
from cutover.migrate import heads_of, migrate_postgres
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.inspect import inspect
from cutover.turn import take_turn
from cutover.waiting import Patience
from statelayer.sets import sets_root
from tests.fix_cli import Cli
from tests.fix_postgres import fresh_database

SET = sets_root() / "alembic_postgres"
FOLDER = os.environ.get("CUTOVER_POSTGRES_BINARIES", "")
FLAGS = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync")


@contextmanager
def serving(binaries: Path) -> Iterator[str]:
    """Yield the URL of a server of these binaries. PostgreSQL does not run as root."""
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user:
        os.chown(directory, user.pw_uid, user.pw_gid)
    options = f"-c listen_addresses= -c unix_socket_directories={directory} -c fsync=off"
    control = ("pg_ctl", "-w", "-s", f"-D{directory}/data")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / "bin" / program, *arguments],
            cwd=directory,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LD_LIBRARY_PATH": f"{binaries}/lib"},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    try:
        run("initdb", *FLAGS, f"-D{directory}/data")
        run(*control, "start", f"-l{directory}/log", f"-o{options}")
        try:
            yield f"postgresql://postgres@/postgres?host={directory}"
        finally:
            run(*control, "stop", "-mfast")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def catalog_at_head(url: str) -> tuple[int, Catalog]:
    """Return the major version of a server and what the set makes of an empty database."""
    migrate_postgres(url, SET)
    with closing(connect(url, autocommit=True)) as connection:
        return connection.info.server_version // 10_000, inspect(connection, "public")


def leaves(facts: Any, path: str = "") -> dict[str, Any]:
    """Return nested facts by their paths: what differs is then one line."""
    if isinstance(facts, dict):
        pairs = list(facts.items())
    elif isinstance(facts, list | tuple):
        pairs = [
            (item.get("name", n) if isinstance(item, dict) else n, item)
            for n, item in enumerate(facts)
        ]
    else:
        return {path: facts}
    return {
        key: value for name, item in pairs for key, value in leaves(item, f"{path}/{name}").items()
    }


@pytest.fixture(scope="module", params=[14, 15, 16, 17])
def old(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """Give a major version before the newest, and the URL of a server of it."""
    if not FOLDER:
        pytest.skip("CUTOVER_POSTGRES_BINARIES names no folder: scripts/postgres_versions")
    with serving(Path(FOLDER) / str(request.param)) as url:
        yield request.param, url


@pytest.fixture
def old_url(old: tuple[int, str]) -> Iterator[str]:
    """Give the URL of a fresh, empty database on such a server."""
    with fresh_database(old[1]) as url:
        yield url


@pytest.fixture
def at_home(tmp_path: Path, sqlite_file: Callable[..., Path]) -> None:
    """Write settings for the PostgreSQL set and a small source into the test's folder."""
    sqlite_file("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);")
    text = f'[source]\ndatabases = ["app.db"]\n[sets]\npostgres = "{SET}"\n'
    (tmp_path / "cutover.toml").write_text(text)


def test_the_set_has_one_fingerprint_on_every_version(
    old: tuple[int, str], old_url: str, postgres_url: str
) -> None:
    found, before = catalog_at_head(old_url)
    newest, new = catalog_at_head(postgres_url)
    assert (found, newest) == (old[0], 18)
    assert len(new.tables) > 25
    assert leaves(asdict(before)["tables"]) == leaves(asdict(new)["tables"])
    assert before.fingerprint == new.fingerprint


@pytest.mark.usefixtures("at_home")
def test_migrate_takes_turns_and_comes_to_head_on_every_version(old_url: str, cli: Cli) -> None:
    command = ("migrate", "--provider", "postgres", "--format", "json", "--target", old_url)
    with take_turn(old_url, "public", Patience(seconds=0)) as turn:
        refused = cli(*command, "--lock-timeout", 0)
    assert refused.status == 75
    assert f"server process {turn.backend}, " in refused.json["error"]["detail"]
    first, second = cli(*command), cli(*command)
    assert (first.status, second.status) == (0, 0), first.err
    assert first.json["databases"][0]["after"] == list(heads_of(SET))
    assert [answer.json["applied"] for answer in (first, second)] == [True, False]


@pytest.mark.usefixtures("at_home")
def test_doctor_has_every_answer_on_every_version(
    old: tuple[int, str], old_url: str, postgres_url: str, cli: Cli
) -> None:
    asked = []
    for url in (old_url, postgres_url):
        migrate_postgres(url, SET)
        answer = cli("doctor", "--format", "json", "--target", url)
        assert answer.status == 0, answer.out
        asked.append({each["check"]: each for each in answer.json["checks"]})
    here, newest = asked
    assert here.keys() == newest.keys()
    assert f"PostgreSQL {old[0]}." in here["versions"]["message"]
    for check in ("connection", "versions", "privileges", "pooler", "encoding", "disk", "locks"):
        assert here[check]["level"] == "ok", here[check]
