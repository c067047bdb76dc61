"""The PostgreSQL set means the same on every major version: one fingerprint.

The servers' binaries lie in the folder that CUTOVER_POSTGRES_BINARIES names, one folder for each
major version; `scripts/postgres_versions` fetches them.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cutover.catalog import Catalog
from cutover.migrate import migrate_postgres
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.inspect import inspect
from statelayer.sets import sets_root

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


@pytest.mark.parametrize("major", [14, 15, 16, 17])
def test_the_set_has_one_fingerprint_on_every_version(major: int, postgres_url: str) -> None:
    if not FOLDER:
        pytest.skip("CUTOVER_POSTGRES_BINARIES names no folder: scripts/postgres_versions")
    with serving(Path(FOLDER) / str(major)) as url:
        found, old = catalog_at_head(url)
    newest, new = catalog_at_head(postgres_url)
    assert (found, newest) == (major, 18)
    assert len(new.tables) > 25
    assert leaves(asdict(old)["tables"]) == leaves(asdict(new)["tables"])
    assert old.fingerprint == new.fingerprint
