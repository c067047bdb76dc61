"""The application of tests/mutants/, planned once a worker; each mutant has its own target."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from cutover import commands
from cutover.plan import Plan
from tests.fix_move import Move
from tests.fix_postgres import fresh_database
from tests.mutants import application
from tests.mutations.sets import write_set


def make_application(directory: Path) -> None:
    """Write the application's source, its set and its settings."""
    application.make_source(directory / "app.db")
    write_set(directory / "set", [application.target_sql().replace("%", "%%")])
    (directory / "cutover.toml").write_text(application.settings_text(), encoding="utf-8")


@pytest.fixture(scope="session")
def mutant_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the application. Nothing in it changes but its work directory."""
    directory = tmp_path_factory.mktemp("mutants")
    make_application(directory)
    return directory


@pytest.fixture(scope="session")
def mutant_plan(mutant_files: Path, postgres_server: str) -> Plan:
    """Give the plan of the application for an empty target."""
    with fresh_database(postgres_server) as url:
        return Move(mutant_files, url).plan()


@pytest.fixture
def unloaded(mutant_files: Path, postgres_url: str) -> Move:
    """Give the application with an empty target."""
    return Move(mutant_files, postgres_url)


@pytest.fixture(scope="session")
def applied_mutant(mutant_files: Path, mutant_plan: Plan, postgres_server: str) -> Iterator[str]:
    """Give the name of a database that the application was applied to: for cloning."""
    with fresh_database(postgres_server) as url:
        commands.apply(Move(mutant_files, url).session, mutant_plan)
        yield conninfo_to_dict(url)["dbname"]


@pytest.fixture
def loaded(mutant_files: Path, applied_mutant: str, postgres_server: str) -> Iterator[Move]:
    """Give the application with everything applied, nothing verified."""
    with fresh_database(postgres_server, template=applied_mutant) as url:
        yield Move(mutant_files, url)
