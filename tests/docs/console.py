"""Runs the console blocks of a page: what a page shows is what the program says.

A block fenced as `console` holds commands (`$ `, continued by `> `) and what they print, both
streams as a terminal shows them. A block whose fence names a file (a language, then the name) is
written to that file first, as a reader would. All blocks of a page run in one shell, in an empty
folder. In the shown output `…` stands for any text, and a line of it alone for any lines.
"""

import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fix_postgres import _server, fresh_database

SECONDS_MAX = 300

# Alone on its line, before what a command prints: its number, and the status of the one before.
_MARK = "\x1e"
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from one run to the next, and how a page shows it.
_CHANGING = (
    (re.compile(r"\d+\.\d s\b"), "… s"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "…"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "…"),
    (re.compile(r"postgresql://[^\s,]*"), "postgresql://…"),
    (re.compile(r'("changed_by"|"plan_digest"): ".*?"'), r'\1: "…"'),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, what the page says it prints, and the line where it stands."""

    text: str
    shown: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit status."""

    printed: tuple[str, ...]
    status: int


def pieces_of(page: str) -> Iterator[Command | tuple[str, str]]:
    """Yield the commands of a page and its files (name and text), in their order."""
    for block in _FENCE.finditer(page):
        language, _, name = block["info"].strip().partition(" ")
        if language == "console":
            yield from _commands(block["body"], page.count("\n", 0, block.start("body")) + 1)
        elif name:
            yield name, block["body"]


def _commands(body: str, first: int) -> Iterator[Command]:
    """Yield the commands of one block; what stands before the first one is a mistake."""
    text, shown, begun = "", list[str](), 0
    for number, line in enumerate(body.splitlines(), start=first):
        if line.startswith("$ "):
            if begun:
                yield Command(text, tuple(shown), begun)
            text, shown, begun = line[2:], [], number
        elif line.startswith("> ") and not shown:
            text += "\n" + line[2:]
        else:
            assert begun, f"line {number}: output without a command"
            shown.append(line)
    assert begun, f"line {first}: a console block without a command"
    yield Command(text, tuple(shown), begun)


def run_page(page: str, folder: Path, variables: dict[str, str]) -> list[tuple[Command, Ran]]:
    """Run a page's commands in one shell; return each with what it printed."""
    pieces = list(pieces_of(page))
    done = subprocess.run(
        ["bash", "-c", "\n".join(_script(pieces))],
        cwd=folder,
        env=_environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    commands = [piece for piece in pieces if isinstance(piece, Command)]
    printed = re.split(rf"{_MARK}(\d+)\n", done.stdout)
    assert len(printed) == 2 * len(commands) + 1, done.stdout
    texts, statuses = printed[0::2], printed[1::2]
    return [
        (command, Ran(_lines(text), int(status)))
        for command, text, status in zip(commands, texts, statuses, strict=False)
    ]


def _script(pieces: list[Command | tuple[str, str]]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Command):
            yield piece.text
            # The status is put back, so that a page can say `echo $?`.
            yield f"__status=$?; printf '{_MARK}%d\\n' $__status; (exit $__status)"
        else:
            name, text = piece
            yield f"mkdir -p \"$(dirname {name})\"; cat > {name} <<'__END__'\n{text}__END__"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUTOVER_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "TERM": "dumb", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}


def _lines(text: str) -> tuple[str, ...]:
    # A table's last column is padded, which no reader sees.
    return tuple(line.rstrip() for line in text.splitlines())


def matches(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Tell whether a page shows what was printed.

    Of the lines that tell progress only the kinds of step and their order count: on a slow day a
    step gets a line of its own that is one of many on a fast one.
    """
    lines = [
        r"(?:[^\n]*\n)*?" if line.strip() == "…" else _pattern(line.rstrip()) + r"\n"
        for line in _results(shown)
    ]
    text = "".join(f"{line}\n" for line in _results(printed))
    same_steps = _steps(shown) == _steps(printed)
    return same_steps and re.fullmatch("".join(lines), text) is not None


def _results(lines: tuple[str, ...]) -> list[str]:
    return [line for line in lines if not line.startswith("✓ ")]


def _steps(lines: tuple[str, ...]) -> list[str]:
    """Return the kinds of step, each once for all of it that stand together."""
    kinds = [line.split()[1] for line in lines if line.startswith("✓ ")]
    return [kind for kind, _ in itertools.groupby(kinds)]


def _pattern(line: str) -> str:
    return "[^\n]*?".join(map(re.escape, line.split("…")))


def accepted(page: str, ran: list[tuple[Command, Ran]]) -> str:
    """Return the page with what was printed in the place of what it showed wrongly."""
    lines = page.splitlines()
    for command, answer in reversed(ran):
        if matches(command.shown, answer.printed):
            continue
        start = command.line - 1 + len(command.text.splitlines())
        lines[start : start + len(command.shown)] = [_steady(line) for line in answer.printed]
    return "\n".join(lines) + "\n"


def _steady(line: str) -> str:
    for changing, shown in _CHANGING:
        line = changing.sub(shown, line)
    return line


def main(names: list[str]) -> None:
    """Rewrite what pages show: `python -m tests.docs.console PAGE…`."""
    with _server() as server:
        for name in names:
            page = Path(name).read_text(encoding="utf-8")
            with fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
                ran = run_page(page, Path(folder), {"CUTOVER_TARGET_URL": url})
            Path(name).write_text(accepted(page, ran), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
