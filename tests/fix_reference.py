"""The reference system, made once a run and cut over once; each test gets copies of both sides."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutover import commands
from cutover.session import Session
from cutover.settings import load_settings
from cutover.targets.postgres.connect import connect
from statelayer.make import make_reference
from tests.fix_postgres import fresh_database

EVENTS = 1_500


@dataclass(frozen=True, slots=True)
class System:
    """One application: its files, its settings, its target."""

    directory: Path
    url: str

    @property
    def session(self) -> Session:
        """A session as the command line would make it."""
        overrides = {("target", "url"): self.url}
        config = self.directory / "cutover.toml"
        return Session(
            settings=load_settings(config, environment={}, overrides=overrides),
            workdir=self.directory / "work",
            now="2026-07-01T12:00:00Z",
            holder="a test",
        )

    def execute(self, *statements: str) -> None:
        """Run statements on the target, each in a transaction of its own."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query on the target."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="session")
def reference_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the two SQLite files and their cutover.toml: for copying."""
    directory = tmp_path_factory.mktemp("reference")
    make_reference(directory, events=EVENTS, seed=1)
    return directory


@pytest.fixture(scope="session")
def applied_template(postgres_server: str, reference_files: Path) -> Iterator[str]:
    """Give the name of a database that the reference files were applied to: for cloning."""
    with fresh_database(postgres_server) as url:
        commands.apply(System(reference_files, url).session)
        with closing(connect(url, schema="public")) as connection:
            name = connection.info.dbname
        yield name


@pytest.fixture
def system(reference_files: Path, postgres_url: str, tmp_path: Path) -> System:
    """Give the reference system before its cutover: an empty target."""
    return System(_copied(reference_files, tmp_path), postgres_url)


@pytest.fixture
def applied(
    reference_files: Path, postgres_server: str, applied_template: str, tmp_path: Path
) -> Iterator[System]:
    """Give the reference system with everything applied, nothing verified."""
    with fresh_database(postgres_server, template=applied_template) as url:
        yield System(_copied(reference_files, tmp_path), url)


def _copied(files: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "system"
    shutil.copytree(files, directory, ignore=shutil.ignore_patterns("work"))
    return directory
