"""The whole story on data made for it: cut over, catch a change, flip, and find the way back.

The application is a program of its own, as in life: it runs as `python -m statelayer`, reads the
provider flag, and writes where the flag says. A scene fails the demo when it doesn't end as told.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from cutover import commands
from cutover.commands import Verified
from cutover.embedded import serve
from cutover.errors import ExitStatus, Partial, Refused
from cutover.report import pages
from cutover.session import Session
from cutover.settings import load_settings
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.urls import database_url

EVENTS = 20_000
DATABASE = "cutover_demo"
MADE = ("operational.db", "memory.db", "cutover.toml", "provider.json", "differences.jsonl")
"""What an earlier demo left: this one makes its own."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scene plays on."""

    session: Session
    url: str
    console: Console
    flush: Callable[[], None]

    @property
    def directory(self) -> Path:
        """Where the demo's files lie."""
        return self.session.workdir

    def scene(self, title: str) -> None:
        """Begin a scene."""
        self.flush()
        self.console.print()
        self.console.print(Rule(Text(title, style="bold"), align="left", style="dim"))

    def execute(self, statement: sql.SQL) -> None:
        """Run a statement on the target, as anyone with a client could."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            connection.execute(statement)


def play(session: Session, console: Console, *, flush: Callable[[], None]) -> None:
    """Play the demo; `flush` lets the progress say what it still has to.

    Partial where a scene doesn't end as it should.
    """
    directory = (session.workdir / "demo").absolute()
    directory.mkdir(parents=True, exist_ok=True)
    for name in MADE:
        (directory / name).unlink(missing_ok=True)
    console.print(Text(f"making the reference files in {directory} …"))
    application("make", str(directory), "--events", str(EVENTS))
    with _empty_database(directory) as url:
        changes = {("target", "url"): url}
        config = directory / "cutover.toml"
        settings = load_settings(config, environment={}, overrides=changes)
        session = replace(session, settings=settings, workdir=directory)
        stage = Stage(session, url, console, flush)
        for scene in SCENES:
            scene(stage)


def application(*arguments: str) -> str:
    """Run the reference application; return what it prints."""
    line = [sys.executable, "-m", "statelayer", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603 - our own program, our own arguments
    if done.returncode:
        raise Partial("the reference application failed", detail=done.stderr.strip()[-400:])
    return done.stdout.strip()


@contextmanager
def _empty_database(directory: Path) -> Iterator[str]:
    with serve(directory / "postgres") as url:
        name = sql.Identifier(DATABASE)
        with closing(connect(url, schema="public", autocommit=True)) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(name))
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
            connection.execute(create.format(name))
        yield database_url(url, DATABASE)


def plan(stage: Stage) -> None:
    """Show the plan."""
    stage.scene("cutover plan: decide from what the values really are")
    made = commands.plan(stage.session)
    stage.flush()
    pages.print_plan(stage.console, made)


def apply(stage: Stage) -> None:
    """Carry it out."""
    stage.scene("cutover apply: migrate, load, constrain; killed anywhere, it goes on")
    done = commands.apply(stage.session)
    stage.flush()
    pages.print_applied(stage.console, done)


def verify(stage: Stage) -> None:
    """Compare everything."""
    stage.scene("cutover verify: every value of every column")
    _verify(stage, pages.print_verified, passes=True)


def tamper(stage: Stage) -> None:
    """Change one value behind its back, and have it found."""
    stage.scene("one microsecond is changed in the target; verify again")
    moved = "UPDATE run_events SET created_at = created_at {} interval '1 microsecond' WHERE id = 7"
    stage.execute(sql.SQL(moved.format("+")))
    _verify(stage, pages.print_verdict, passes=False)
    stage.scene("the value is repaired; verify once more")
    stage.execute(sql.SQL(moved.format("-")))
    _verify(stage, pages.print_verdict, passes=True)


def _verify(stage: Stage, show: Callable[[Console, Verified], None], *, passes: bool) -> None:
    verified = commands.verify(stage.session)
    stage.flush()
    show(stage.console, verified)
    status = ExitStatus.OK if verified.outcome.passed else ExitStatus.FINDINGS
    stage.console.print(Text(f"exit status {status:d}", style="dim"))
    if verified.outcome.passed is not passes:
        raise Partial("the demo's verify did not answer as it should")


def guard(stage: Stage) -> None:
    """Show that an append-only row stays as it is."""
    stage.scene("UPDATE on an append-only table")
    try:
        stage.execute(sql.SQL("UPDATE run_revisions SET raw_comment = 'nothing to see here'"))
    except psycopg.Error as error:
        stage.console.print(Text(f"PostgreSQL: {error.diag.message_primary}"))
    else:
        raise Partial('the append-only guard of "run_revisions" did not bite')


def flip(stage: Stage) -> None:
    """Flip, revert, and flip again."""
    stage.scene("cutover flip, cutover revert, cutover flip")
    for moved in (commands.flip, commands.revert, commands.flip):
        pages.print_moved(stage.console, moved(stage.session))


def write(stage: Stage) -> None:
    """Let the application write where the flag says."""
    stage.scene("the application writes through the flag")
    answer = application(
        "record",
        "--flag",
        f"file:{stage.directory / 'provider.json'}",
        "--sqlite",
        str(stage.directory / "memory.db"),
        "--postgres",
        stage.url,
    )
    stage.console.print(Text(answer))


def way_back(stage: Stage) -> None:
    """Show that revert refuses to lose what was written."""
    stage.scene("cutover revert: is the way back still open?")
    try:
        commands.revert(stage.session)
    except Refused as refusal:
        pages.print_error(stage.console, refusal)
        stage.console.print(Text(f"exit status {refusal.status:d}", style="dim"))
    else:
        raise Partial("revert lost what the application had written")


def farewell(stage: Stage) -> None:
    """Say where everything lies."""
    stage.scene("where everything lies")
    for name, what in (
        ("operational.db, memory.db", "the application's SQLite files, as they were"),
        ("postgres/", f"the PostgreSQL server's data, database {DATABASE}"),
        ("cutover.toml", "the settings: read them, they are the reference system's own"),
        ("provider.json", "the provider flag"),
    ):
        stage.console.print(Text(f"{stage.directory}/{name}: {what}"), soft_wrap=True)


SCENES = (plan, apply, verify, tamper, guard, flip, write, way_back, farewell)
