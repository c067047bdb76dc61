"""Small migration sets for tests, written where a test says, and the rules asked about them."""

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cutover.catalog import Provider
from cutover.events import ignore
from cutover.plan import Finding
from cutover.set_facts import MigrationSet
from cutover.set_rules import find_breaches
from cutover.targets.postgres.scratch import scratch_database

ENV = """
from alembic import context
{models}
connection = context.config.attributes.get("connection")
context.configure(
    connection=connection,
    target_metadata=target_metadata,
    transaction_per_migration=True,
    version_table_schema=context.config.attributes.get("schema"),
)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """
import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {down!r}
{words}

def upgrade():
{up}

def downgrade():
{down_code}
"""

Ask = Callable[..., list[Finding]]


class SetWriter:
    """Writes one set, revision after revision."""

    def __init__(self, directory: Path, provider: Provider, models: str = "") -> None:
        self.set = MigrationSet(provider=provider, directory=directory)
        self.name = directory.name
        self._last: str | None = None
        (directory / "versions").mkdir(parents=True)
        text = ENV.format(models=textwrap.dedent(models) or "target_metadata = None")
        (directory / "env.py").write_text(text)

    def add(
        self, id_: str, up: str, down: str = "pass", *, words: str = "", parent: str | None = None
    ) -> "SetWriter":
        """Write a revision after the last one, or after `parent`; return the writer."""
        text = REVISION.format(
            id=id_,
            down=self._last if parent is None else parent,
            words=words,
            up=_indented(up),
            down_code=_indented(down),
        )
        (self.set.directory / "versions" / f"{id_}.py").write_text(text)
        self._last = id_
        return self


def _indented(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ")


@pytest.fixture
def sqlite_set(tmp_path: Path) -> SetWriter:
    """Give an empty SQLite set to add to."""
    return SetWriter(tmp_path / "lite", Provider.SQLITE)


@pytest.fixture
def postgres_set(tmp_path: Path) -> SetWriter:
    """Give an empty PostgreSQL set to add to."""
    return SetWriter(tmp_path / "server", Provider.POSTGRES)


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Ask:
    """Give what returns the findings of one rule about some sets."""

    def find(rule: str, *writers: SetWriter) -> list[Finding]:
        sets: Sequence[MigrationSet] = [writer.set for writer in writers]

        def scratch() -> object:
            return scratch_database(request.getfixturevalue("postgres_server"))

        found = find_breaches(sets, scratch=scratch, emit=ignore)  # type: ignore[arg-type]
        return [finding for finding in found if finding.check == rule]

    return find
