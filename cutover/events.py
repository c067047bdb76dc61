"""What happened, as values. A stage is handed `emit`; the report turns events into words."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step of a plan, or a stage of a command, begins. `total` counts rows where it is known."""

    step: str
    title: str
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """`done` of the step's rows are safe (load) or compared (verify)."""

    step: str
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A step ended well. `note` says what is worth knowing: "already applied", a count."""

    step: str
    title: str
    rows: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A step waits for someone else. `seconds` is how long it has, `holder` who is waited for."""

    step: str
    reason: str
    seconds: float
    holder: str = ""


Event = StepStarted | StepProgress | StepFinished | Waiting
Emit = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Drop an event: the `emit` of a caller who doesn't want to hear."""
