"""The commands of a cutover, from the first look at a source to the flip and the way back."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cutover import commands
from cutover import demo as scenes
from cutover.cli.frame import Call, Format, Result, command, consoles
from cutover.errors import ExitStatus
from cutover.founding import init as found
from cutover.plan import HazardKind, read_plan, write_plan
from cutover.report import pages
from cutover.texts import open_text, read_text, write_text
from cutover.words import counted

Allow = Annotated[
    list[HazardKind] | None,
    typer.Option("--allow", metavar="HAZARD", help="Allow a danger by name."),
]


@command
def plan(
    call: Call,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write plan.json.")] = None,
    check: Annotated[bool, typer.Option(help="Exit 3 if there is work.")] = False,  # noqa: FBT002 - typer's own form of a switch
) -> Result:
    """Show what apply would do; change nothing."""
    made = commands.plan(call.session())
    if out:
        write_text(out, write_plan(made), "plan")
    there_is_work = bool(made.unsettled) or (check and not made.empty)
    return Result(
        status=ExitStatus.FINDINGS if there_is_work else ExitStatus.OK,
        facts={"plan": made.to_json()},
        show=lambda console: pages.print_plan(console, made),
    )


@command
def apply(
    call: Call,
    plan: Annotated[
        Path | None, typer.Argument(metavar="PLAN", help="A plan.json; made now without one.")
    ] = None,
    allow: Allow = None,
) -> Result:
    """Carry out a plan; finish an interrupted run."""
    given = None
    if plan:
        text = read_text(plan, "plan", hint=f"make one: cutover plan --out {plan}")
        given = read_plan(text, name=str(plan))
    done = commands.apply(call.session(), given, allow=allow or ())
    return Result(facts=pages.applied_facts(done), show=lambda c: pages.print_applied(c, done))


@command
def verify(call: Call) -> Result:
    """Compare the two databases, every value of every column."""
    verified = commands.verify(call.session())
    return Result(
        status=ExitStatus.OK if verified.outcome.passed else ExitStatus.FINDINGS,
        facts=pages.verified_facts(verified),
        show=lambda console: pages.print_verified(console, verified),
    )


@command
def flip(call: Call) -> Result:
    """Fence, re-check, and point the provider flag at PostgreSQL."""
    moved = commands.flip(call.session())
    return Result(facts=pages.flag_facts(moved), show=lambda c: pages.print_moved(c, moved))


@command
def revert(call: Call, allow: Allow = None) -> Result:
    """Point the provider flag back at SQLite, while that is safe."""
    moved = commands.revert(call.session(), allow=allow or ())
    return Result(facts=pages.flag_facts(moved), show=lambda c: pages.print_moved(c, moved))


@command
def status(
    call: Call,
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what did not arrive as stored: JSON Lines."),
    ] = None,
) -> Result:
    """Show the run, the flag, the last verify, and what is next."""
    if ledger:
        return _ledger(call, ledger)
    found = commands.status(call.session())
    facts = {name.replace(" ", "_"): text for name, text in pages.status_lines(found)}
    return Result(facts=facts, show=lambda console: pages.print_status(console, found))


def _ledger(call: Call, path: Path) -> Result:
    with open_text(path, "ledger") as file:
        count = commands.ledger(
            call.session(), lambda line: print(json.dumps(line, ensure_ascii=False), file=file)
        )
    said = f"{counted(count, 'line')} of the ledger written to {path}"
    facts = {"ledger": str(path), "lines": count}
    return Result(facts=facts, show=lambda console: console.print(Text(said), soft_wrap=True))


@command
def inspect(call: Call) -> Result:
    """Show what the sources hold, and what would be hard."""
    found = commands.inspect(call.session())
    facts = pages.inspection_facts(found)
    return Result(facts=facts, show=lambda console: pages.print_inspection(console, found))


Sources = Annotated[list[Path], typer.Argument(metavar="SOURCE…", help="SQLite files.")]


@command
def init(
    call: Call,
    sources: Sources,
    directory: Annotated[
        Path, typer.Option("--directory", metavar="DIR", help="Where the files are written.")
    ] = Path(),
) -> Result:
    """Write cutover.toml and migration sets where there are none."""
    session = call.session(source__databases=absolute(sources))
    written = found(session, directory)
    return Result(
        facts=pages.written_facts(written),
        show=lambda console: pages.print_written(console, written),
    )


@command
def run(call: Call, sources: Sources, allow: Allow = None) -> Result:
    """Move any SQLite files in one go: init, plan, apply, verify.

    It never flips.
    """
    session = call.session(source__databases=absolute(sources))
    done = commands.run(session, allow=allow or ())
    status = ExitStatus.REFUSED
    if done.verified:
        status = ExitStatus.OK if done.verified.outcome.passed else ExitStatus.FINDINGS
    return Result(
        status=status,
        facts=pages.run_facts(done),
        show=lambda console: pages.print_run(console, done),
    )


@command
def demo(call: Call) -> Result:
    """Play the whole story on made data and a PostgreSQL of its own."""
    session = call.session()
    out, err = consoles(call.options)
    console = err if call.options.format is Format.JSON else out
    scenes.play(session, console, flush=call.listener.flush)
    return Result(facts={"directory": str(session.workdir / "demo")})


def absolute(paths: list[Path]) -> tuple[str, ...]:
    """Return paths of the command line so that no settings file's place changes what they mean."""
    return tuple(str(path.absolute()) for path in paths)
