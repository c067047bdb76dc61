"""Events as they happen: bars for a person, lines for a log, JSON for a script.

All of it goes to standard error; standard output is for results.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from cutover.events import Event, StepFinished, StepProgress, StepStarted, Waiting
from cutover.report.terminal import silence

SECONDS_BEFORE_A_RATE = 0.3
SECONDS_OF_ITS_OWN = 1.0


class Listener(Protocol):
    """Takes events as they happen."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        ...

    def flush(self) -> None:
        """Write what is held back: before something else is written."""
        ...


class Silent:
    """Says nothing: `--quiet`."""

    def __call__(self, event: Event) -> None:
        """Drop the event."""

    def flush(self) -> None:
        """Hold nothing back."""


class JsonLines:
    """One JSON object a line on standard error: for `--format json`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Write one event."""
        facts = {"event": type(event).__name__, **asdict(event)}
        try:
            print(json.dumps(facts), file=self._stream, flush=True)
        except BrokenPipeError:  # who read it has gone, and the work goes on
            silence(self._stream)

    def flush(self) -> None:
        """Hold nothing back."""


class Plain:
    """A line for what ended or has to wait: for logs, pipes and dumb terminals.

    Steps of one kind that each took no time become one line; a slow one, or one with something to
    say, has its own.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: dict[str, float] = {}
        self._group = Group("")

    def __call__(self, event: Event) -> None:
        """Take a step that begins or ends."""
        if isinstance(event, StepStarted):
            self._started[event.step] = time.monotonic()
        elif isinstance(event, StepFinished):
            self._finished(event)
        elif isinstance(event, Waiting):
            self.flush()
            holder = f": {event.holder}" if event.holder else ""
            said = f"… {event.reason}{holder} ({event.seconds:.0f} s waited)"
            self._console.print(Text(said), soft_wrap=True)

    def _finished(self, event: StepFinished) -> None:
        seconds = time.monotonic() - self._started.pop(event.step, time.monotonic())
        kind = event.title.partition(" ")[0]
        if seconds >= SECONDS_OF_ITS_OWN or event.note or kind not in GROUPED:
            self.flush()
            self._print(event.title, event.rows, seconds, event.note)
            return
        if kind != self._group.kind:
            self.flush()
            self._group = Group(kind)
        self._group.add(event, seconds)

    def flush(self) -> None:
        """Write what was gathered and not yet written."""
        group, self._group = self._group, Group("")
        if group.steps:
            self._print(group.title, group.rows, group.seconds, "")

    def _print(self, title: str, rows: int | None, seconds: float, note: str) -> None:
        line = Text("✓ ", style="green")
        line.append(f"{title:<48}", style="default")
        line.append(f"{'' if rows is None else f'{rows:,} rows':>17}", style="dim")
        line.append(f"{seconds:8.1f} s", style="dim")
        line.append(f"  {note}" if note else "")
        self._console.print(line, soft_wrap=True)


GROUPED = {
    "profile": "tables",
    "load": "tables",
    "compare": "tables",
    "set": "sequences",
    "check": "kinds of object",
}
"""Kinds of step of which there are many, and what each is about."""


class Group:
    """Quick steps of one kind, summed up."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.steps: list[str] = []
        self.rows: int | None = None
        self.seconds = 0.0

    def add(self, event: StepFinished, seconds: float) -> None:
        """Take one step."""
        self.steps.append(event.title)
        self.seconds += seconds
        if event.rows is not None:
            self.rows = (self.rows or 0) + event.rows

    @property
    def title(self) -> str:
        """What the line says: the step itself where there is one only."""
        if len(self.steps) == 1:
            return self.steps[0]
        return f"{self.kind} {len(self.steps)} {GROUPED[self.kind]}"


class Bars:
    """Progress bars with rows a second and time left: for a terminal."""

    def __init__(self, plain: Plain, progress: Progress) -> None:
        self._plain = plain
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Move the bar of a step, or turn it into a line when the step ends."""
        self._plain(event)
        if isinstance(event, StepStarted):
            self._begun[event.step] = time.monotonic()
            self._tasks[event.step] = self._progress.add_task(
                event.title, total=event.total, rate=""
            )
        elif isinstance(event, StepProgress) and event.step in self._tasks:
            seconds = time.monotonic() - self._begun[event.step]
            rate = f"{event.done / seconds:,.0f} rows/s" if seconds > SECONDS_BEFORE_A_RATE else ""
            self._progress.update(self._tasks[event.step], completed=event.done, rate=rate)
        elif isinstance(event, StepFinished) and event.step in self._tasks:
            self._progress.remove_task(self._tasks.pop(event.step))

    def flush(self) -> None:
        """Write what is held back."""
        self._plain.flush()


@contextmanager
def listening(
    console: Console, *, quiet: bool = False, as_json: bool = False
) -> Iterator[Listener]:
    """Yield the listener that fits where standard error goes."""
    listener: Listener
    if quiet:
        yield Silent()
    elif as_json:
        yield JsonLines(sys.stderr)
    elif console.is_terminal and not console.is_dumb_terminal:
        with _bars(console) as progress:
            yield (listener := Bars(Plain(console), progress))
            listener.flush()
    else:
        yield (listener := Plain(console))
        listener.flush()


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("  {task.description:<44}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
