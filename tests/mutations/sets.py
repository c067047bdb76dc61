"""Migration sets to compare: the reference system's with texts changed, and pairs of one table.

A set is loaded by its path, and Python keeps what it compiled: each gets a folder of its own.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

from cutover import parity
from cutover.differences import Comparison, SchemaDiff, Verdict
from cutover.session import Session
from cutover.settings import load_settings
from statelayer import sets as reference
from statelayer.make import SETTINGS_FILE

TOP_LEVEL = ("alembic_sqlite", "alembic_postgres", "triggers")
BASELINE = "baseline.toml"

ENVIRONMENT = """\
from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=True,
    version_table_schema=context.config.attributes.get("schema"),
)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """\
from alembic import op

revision = "r0001"
down_revision = None
STATEMENTS = {statements}


def upgrade():
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text of the reference sets, and what it becomes: the first one after an anchor."""

    file: str
    old: str
    new: str
    after: str = ""

    def make(self, directory: Path) -> None:
        """Change the text. A text that is not there changes nothing: that is an error."""
        path = directory / self.file
        text = path.read_text(encoding="utf-8")
        start = text.index(self.after)
        at = text.index(self.old, start)
        path.write_text(text[:at] + self.new + text[at + len(self.old) :], encoding="utf-8")


def edited_reference(directory: Path, edits: Iterable[Edit]) -> Path:
    """Copy the reference sets into a directory, edited; return their settings file."""
    for name in TOP_LEVEL:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(reference.sets_root() / name, directory / name, ignore=ignored)
    shutil.copy(Path(reference.__file__).parent / BASELINE, directory / BASELINE)
    template = Template((Path(reference.__file__).parent / "reference.toml").read_text("utf-8"))
    settings = template.substitute(
        operational_set='"alembic_sqlite/operational"',
        memory_set='"alembic_sqlite/memory"',
        postgres_set='"alembic_postgres"',
        triggers='"triggers"',
        baseline=f'"{BASELINE}"',
        now_text="2026-07-01 12:00:00+00:00",
        now_seconds="1782907200",
    )
    (directory / SETTINGS_FILE).write_text(settings, encoding="utf-8")
    for edit in edits:
        edit.make(directory)
    return directory / SETTINGS_FILE


def pair(directory: Path, sqlite_sql: str, postgres_sql: str, columns: str = "") -> Path:
    """Make one set for each dialect out of SQL; return their settings file."""
    write_set(directory / "sqlite", list(statements_of(sqlite_sql)))
    write_set(directory / "postgres", [postgres_sql.replace("%", "%%")])
    settings = f'[sets]\nsqlite = ["sqlite"]\npostgres = "postgres"\n\n[columns]\n{columns}'
    (directory / SETTINGS_FILE).write_text(settings, encoding="utf-8")
    return directory / SETTINGS_FILE


def write_set(directory: Path, statements: list[str]) -> None:
    """Write an Alembic set of one revision."""
    (directory / "versions").mkdir(parents=True)
    (directory / "env.py").write_text(ENVIRONMENT, encoding="utf-8")
    revision = REVISION.format(statements=json.dumps(statements, ensure_ascii=False))
    (directory / "versions" / "r0001.py").write_text(revision, encoding="utf-8")


def statements_of(script: str) -> Iterator[str]:
    """Yield the statements of a SQLite script: the bodies of triggers hold semicolons too."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement.strip()
            statement = ""
    if statement.strip(" \n;"):
        raise ValueError(f"an unfinished statement: {statement}")


def compare(config: Path, server: str) -> SchemaDiff:
    """Compare the sets of a settings file, as `cutover diff` does."""
    overrides = {("target", "url"): server}
    session = Session(
        settings=load_settings(config, environment={}, overrides=overrides),
        workdir=config.parent / "work",
        now="2026-07-01T12:00:00Z",
        holder="a test",
    )
    # The rules about sets have tests of their own, and take longer than the comparison.
    return parity.diff(session, (), None, rules=False)


def named(diff: SchemaDiff) -> list[str]:
    """Return what a diff leaves unexplained, and what its baseline excuses in vain."""
    lines = [f"{c.verdict} {c.subject}" for c in diff.unexplained]
    return lines + [f"stale {entry.key.rpartition(' #')[0]}" for entry in diff.stale]


def about(diff: SchemaDiff, prefix: str) -> list[Comparison]:
    """Return the comparisons of the objects whose name begins so: `index "ix" of "t"`."""
    return [c for c in diff.comparisons if c.subject.startswith(prefix)]


def ruling(diff: SchemaDiff, prefix: str) -> str:
    """Return how the objects whose name begins so compare, and by which rules."""
    found = about(diff, prefix)
    assert found, f"nothing was compared that is called {prefix}"
    rules = dict.fromkeys(c.rule for c in found if c.verdict is not Verdict.EQUAL and c.rule)
    return "; ".join(rules) or "equal"
