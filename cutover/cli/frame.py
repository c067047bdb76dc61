"""What every command has in common: its options, its result, its errors, and its exit status.

`command` adds the common options to a function, which so shows only what is its own. One place,
`execute`, turns an outcome or an error into an exit status.
"""

import gc
import getpass
import inspect as introspection
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.exceptions import TyperException

from cutover.errors import CutoverError, ExitStatus, Partial, Stopped, Terminated, UsageError
from cutover.report import listeners, pages
from cutover.report.terminal import Terminal, silence
from cutover.session import Session
from cutover.settings import load_settings, redacted

app = typer.Typer(
    help="Move an application from SQLite to PostgreSQL, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that every command takes."""

    config: Path | None = None
    target: str | None = None
    workdir: Path = Path("cutover-work")
    format: Format = Format.TEXT
    yes: bool = False
    """Taken and not read: the contract has it, and no command asks a question."""
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command answers: an exit status, facts for a script, words for a person."""

    status: ExitStatus = ExitStatus.OK
    facts: dict[str, Any] = field(default_factory=dict)
    show: Callable[[Console], None] = lambda _console: None


_COMMON = {
    "config": Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file.")
    ],
    "target": Annotated[
        str | None, typer.Option("--target", metavar="URL", help="postgresql://… or embedded:DIR.")
    ],
    "workdir": Annotated[
        Path, typer.Option("--workdir", metavar="DIR", help="Where our own files go.")
    ],
    "format": Annotated[Format, typer.Option("--format", help="How results are written.")],
    "yes": Annotated[
        bool,
        typer.Option(
            "--yes", help="For scripts: no command asks anything, and this allows no danger."
        ),
    ],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")],
    "verbose": Annotated[bool, typer.Option("--verbose", "-v", help="Tracebacks of the causes.")],
    "no_color": Annotated[bool, typer.Option("--no-color", help="No colour.")],
}

Command = Callable[..., Result]


def command(function: Command) -> Command:
    """Register a command: its own parameters first, then the common options."""
    own = list(introspection.signature(function, eval_str=True).parameters.values())[1:]
    taken = {parameter.name for parameter in own}
    defaults = Options()
    common = [
        introspection.Parameter(
            name,
            introspection.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, name),
            annotation=kind,
        )
        for name, kind in _COMMON.items()
        if name not in taken
    ]
    own = [parameter.replace(kind=introspection.Parameter.KEYWORD_ONLY) for parameter in own]

    def run(**given: Any) -> NoReturn:
        common = {name: given.pop(name) for name in _COMMON if name not in taken}
        if "format" in taken and given["format"] == Format.JSON:  # among more than these two
            common["format"] = Format.JSON
        options = Options(**common)
        raise typer.Exit(execute(function, options, given))

    parameters = [*own, *common]
    run.__signature__ = introspection.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__ = function.__doc__
    app.command(function.__name__.rstrip("_"))(run)
    return function


def execute(function: Command, options: Options, given: dict[str, Any]) -> int:
    """Run a command; print its result or its error; return the exit status."""
    name, began = function.__name__, time.monotonic()
    out, err = consoles(options)
    try:
        with listeners.listening(
            err, quiet=options.quiet, as_json=options.format is Format.JSON
        ) as listener:
            result = function(Call(options, listener), **given)
    except CutoverError as error:
        if options.verbose:
            err.print_exception()
        _fail(name, options, err, error)
        return error.status_now
    except OSError as error:
        told = UsageError(
            f'"{error.filename}": {error.strerror}', hint="see to that, and run again"
        )
        _fail(name, options, err, told)
        return told.status_now
    except KeyboardInterrupt as interrupt:  # typer would answer 130, whatever the signal was
        stopped = Stopped(terminated=isinstance(interrupt, Terminated))
        _fail(name, options, err, stopped)
        return stopped.status_now
    seconds = round(time.monotonic() - began, 3)
    try:
        if options.format is Format.JSON:
            envelope = _envelope(name, result.status, None)
            echo(pages.json_text({**envelope, "seconds": seconds, **result.facts}) + "\n")
        else:
            result.show(out)
    except OSError as error:
        silence(sys.stdout)
        unheard = Partial(
            "the result can't be written to standard output",
            detail=error.strerror or "",
            hint="what was asked is done: see to that, then run the same command again",
        )
        pages.print_error(err, unheard)
        return unheard.status_now
    return result.status


def echo(text: str) -> None:
    """Write to standard output as it is; who reads it may have gone away."""
    try:
        typer.echo(text, nl=False)
    except BrokenPipeError:
        silence(sys.stdout)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: its options, and who listens to what happens."""

    options: Options
    listener: listeners.Listener

    def session(self, **overrides: Any) -> Session:
        """Return the session of this call; `overrides` are settings, as `section__key`."""
        changes: dict[tuple[str, str], Any] = {}
        for name, value in overrides.items():
            section, _, key = name.partition("__")
            changes[section, key] = value
        if self.options.target is not None:
            changes["target", "url"] = _from_here(self.options.target)
        settings = load_settings(self.options.config, overrides=changes)
        return Session(
            settings=settings,
            workdir=self.options.workdir,
            now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            holder=f"{_user()}@{socket.gethostname()} pid {os.getpid()}",
            emit=self.listener,
        )


def _from_here(target: str) -> str:
    """Return a target of the command line so that a settings file's place doesn't move it."""
    if not target.strip():
        raise UsageError("--target is empty", hint="name a server, or leave the option out")
    scheme, colon, directory = target.partition(":")
    if scheme != "embedded" or not directory:
        return target
    return f"{scheme}{colon}{Path(directory).absolute()}"


def _user() -> str:
    """Return who runs this; a container's user may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    # It warns of a ROLLBACK on a lost connection, beside the error that says so.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    # Rows come and go by the thousand and hold no cycles: looking for some costs a fifth of a load.
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        status = typer.main.get_command(app).main(
            args=arguments, prog_name="cutover", standalone_mode=False
        )
    except TyperException as error:
        return _usage(error, sys.argv[1:] if arguments is None else arguments)
    except (KeyboardInterrupt, typer.Abort):
        return ExitStatus.INTERRUPTED
    return int(status or 0)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise Terminated


def _usage(error: TyperException, arguments: list[str]) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    # typer lets pydantic check a value, and passes on whose word it was.
    message = _masked(message.replace("Value error, ", ""), arguments)
    context = getattr(error, "ctx", None)
    place = context.command_path if context else "cutover"
    usage = UsageError(message[:1].lower() + message[1:].rstrip("."), hint=f"{place} --help")
    options = Options(format=Format.JSON if _asks_for_json(arguments) else Format.TEXT)
    known = [command.name for command in app.registered_commands]
    name = arguments[0] if arguments and arguments[0] in known else ""
    _fail(name, options, consoles(options)[1], usage)
    return usage.status


def _masked(message: str, arguments: list[str]) -> str:
    """Return typer's words about arguments without the passwords that stood in them."""
    for argument in arguments:
        url = argument.partition("=")[2] if argument.startswith("-") else argument
        for written in (url, repr(url)[1:-1]):
            if "://" in written:
                message = message.replace(written, redacted(written))
    return message


def _asks_for_json(arguments: list[str]) -> bool:
    """Tell whether a command line that can't be parsed asks for JSON all the same."""
    following = [*arguments[1:], ""]
    asked = zip(arguments, following, strict=True)
    return "--format=json" in arguments or ("--format", "json") in asked


def _fail(name: str, options: Options, err: Console, error: CutoverError) -> None:
    if options.format is Format.JSON:
        echo(pages.json_text(_envelope(name, error.status_now, error)) + "\n")
    else:
        pages.print_error(err, error)


def _envelope(name: str, status: int, error: CutoverError | None) -> dict[str, Any]:
    facts = error and {
        "code": error.code,
        "message": error.message,
        "detail": error.detail,
        "hint": error.hint,
    }
    return {"command": name, "ok": status == 0, "exit_status": int(status), "error": facts}


def consoles(options: Options) -> tuple[Console, Console]:
    """Return standard output and standard error; NO_COLOR and TERM=dumb are rich's own habit."""
    no_color = True if options.no_color else None
    out = Terminal(highlight=False, markup=False, no_color=no_color)
    return out, Terminal(stderr=True, highlight=False, markup=False, no_color=no_color)
