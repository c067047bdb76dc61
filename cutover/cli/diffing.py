"""The command of CI: two schemas compared."""

import difflib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cutover import parity
from cutover.catalog import Provider
from cutover.cli.frame import Call, Result, command, echo
from cutover.differences import SchemaDiff
from cutover.ends import provider_of
from cutover.errors import ExitStatus, UsageError
from cutover.locate import Locator
from cutover.report import schemas
from cutover.report.annotations import github_text
from cutover.report.markdown import markdown_text
from cutover.report.sarif import sarif_text
from cutover.settings import Settings
from cutover.snapshot import write_snapshot
from cutover.texts import write_text

Ends = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LEFT RIGHT", help="set:PATH, sqlite:FILE, postgresql://… or snapshot:FILE."
    ),
]
Baseline = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Accepted differences, with reasons.")
]
Explain = Annotated[str | None, typer.Option(metavar="TABLE", help="Show all objects of a table.")]


class DiffFormat(StrEnum):
    """How a diff is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    MARKDOWN = "markdown"


Written = Annotated[DiffFormat, typer.Option("--format", help="How results are written.")]


@command
def diff(
    call: Call,
    ends: Ends = None,
    format: Written = DiffFormat.TEXT,  # noqa: A002 - the word of the contract
    baseline: Baseline = None,
    explain: Explain = None,
) -> Result:
    """Compare two schemas; exit 3 if they differ.

    Any two ends; without them, the configured sets at their heads.
    """
    if ends and len(ends) != 2:
        raise UsageError("diff takes two ends, or none", hint="cutover diff LEFT RIGHT")
    machine = _MACHINES.get(format)
    if machine is not None and explain is not None:
        raise UsageError(
            f"--explain has no form of {format}", hint="leave --format out, or take json"
        )
    session = call.session()
    found = parity.diff(session, tuple(ends or ()), baseline)
    status = ExitStatus.OK if found.passed else ExitStatus.FINDINGS
    if machine is not None:
        text = machine(found, _locator(session.settings, ends or [], baseline).of)
        return Result(status=status, show=lambda _console: echo(text))
    if explain is not None:
        _require(explain, found)
    return Result(
        status=status,
        facts=schemas.diff_facts(found),
        show=lambda console: schemas.print_diff(console, found, explain),
    )


_MACHINES = {
    DiffFormat.GITHUB: github_text,
    DiffFormat.SARIF: sarif_text,
    DiffFormat.MARKDOWN: markdown_text,
}


def _require(table: str, found: SchemaDiff) -> None:
    """Refuse to explain what neither side has."""
    if not found.about(table):
        known = {each.table or each.name for each in found.comparisons}
        near = difflib.get_close_matches(table, sorted(known), n=1)
        raise UsageError(
            f'neither schema has a table or a view "{table}"',
            hint=f'did you mean "{near[0]}"?' if near else "name one as the left schema does",
        )


def _locator(settings: Settings, ends: list[str], baseline: Path | None) -> Locator:
    """Return what finds the line of an object: in the sets that are compared."""
    named = [Path(end.removeprefix("set:")) for end in ends if end.startswith("set:")]
    configured = [settings.path(name) for name in settings.sets.sqlite]
    configured += [settings.path(settings.sets.postgres)] if settings.sets.postgres else []
    if baseline is None and settings.diff.baseline:
        baseline = settings.path(settings.diff.baseline)
    sets = (named if ends else configured)[::-1]
    # As the ends are compared: the right's first, which is PostgreSQL's where only one is.
    sets.sort(key=lambda directory: provider_of(directory, settings) is not Provider.POSTGRES)
    return Locator(sets, baseline=baseline)


@command
def snapshot(
    call: Call,
    end: Annotated[str, typer.Argument(metavar="END", help="What to read, as for diff.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
) -> Result:
    """Write a schema into a file, for a diff without a database."""
    catalog = parity.snapshot(call.session(), end)
    write_text(file, write_snapshot(catalog), "snapshot")
    facts = {"snapshot": str(file), "fingerprint": catalog.fingerprint}
    return Result(facts=facts, show=lambda console: schemas.print_written(console, file))
