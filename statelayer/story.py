"""What happened on the platform: one plot that the rows of both files are told from.

A campaign is one piece of coordinated work: a workflow run, a coordinator, a plan with subtasks,
a child run for each, the scribe who assembles the result, and somebody's own run beside it. Ids
have gaps, as deleted rows leave them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from random import Random

from statelayer import words
from statelayer.instants import DAY, MINUTE, SECOND, ticks

DAYS = 60
PROJECTS = 9
CAMPAIGN_EVENTS = 1000
CAMPAIGNS_MIN = 6
CAMPAIGNS_MAX = 400
UNFINISHED = 2
"""So many campaigns, the last ones, are still under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project, and who owns it since when."""

    project_id: str
    name: str
    owner: str
    created: int
    deleting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of an agent; `ended` is None while it is under way."""

    run_id: str
    project_id: str
    agent: str
    status: str
    started: int
    ended: int | None
    origin: str = "workflow"
    parent_run_id: str | None = None
    subtask_id: str | None = None
    workflow_run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtask:
    """One part of a plan; `depends_on` are ids of earlier parts of the same plan."""

    subtask_id: int
    status: str
    agent: str
    run_id: str | None
    depends_on: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all of one campaign shares: where it belongs, from when to when."""

    number: int
    project: Project
    workflow_run_id: str
    opened: int
    closed: int
    finished: bool

    @property
    def ended(self) -> int | None:
        """When its runs ended; None while it is under way."""
        return self.closed if self.finished else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One piece of coordinated work."""

    frame: Frame
    spec_id: int
    plan_id: int
    subtasks: tuple[Subtask, ...]
    runs: tuple[Run, ...]
    """The coordinator first, then the children, the scribe, and the interactive run."""

    @property
    def coordinator(self) -> Run:
        """The run that leads it."""
        return self.runs[0]

    @property
    def streams(self) -> tuple[str, ...]:
        """The run ids that events are written under: a review has a stream of its own."""
        reviews = tuple(f"{run.run_id}-rai" for run in self.runs[1:3])
        return tuple(run.run_id for run in self.runs) + reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that happened up to `now` (ticks)."""

    events: int
    seed: int
    now: int
    projects: tuple[Project, ...]
    campaigns: tuple[Campaign, ...]

    def random(self, part: str) -> Random:
        """Return a source of chance for one part, so that no part shifts another."""
        return Random(f"{self.seed}:{part}")  # noqa: S311 - made-up data, not a secret

    @property
    def runs(self) -> Iterator[Run]:
        """Every run, in the order of the campaigns."""
        return chain.from_iterable(campaign.runs for campaign in self.campaigns)


def tell(*, events: int, seed: int, now: datetime) -> Story:
    """Make up a story for `events` run events; the same arguments, the same story."""
    rng = Random(f"{seed}:story")  # noqa: S311 - made-up data, not a secret
    projects = tuple(_project(rng, number, ticks(now)) for number in range(PROJECTS))
    campaigns = tuple(_campaigns(rng, _frames(rng, projects, events=events, now=ticks(now))))
    return Story(events=events, seed=seed, now=ticks(now), projects=projects, campaigns=campaigns)


def _project(rng: Random, number: int, now: int) -> Project:
    return Project(
        project_id=words.guid(rng),
        name=f"{words.pick(rng, words.TITLES)} #{number}",
        owner=words.pick(rng, words.PEOPLE),
        created=now - (DAYS + 30) * DAY + int(rng.random() * 20 * DAY),
        deleting=number == PROJECTS - 1,
    )


def _frames(
    rng: Random, projects: tuple[Project, ...], *, events: int, now: int
) -> Iterator[Frame]:
    """Yield the campaigns one after the other, up to a minute before now."""
    count = min(max(events // CAMPAIGN_EVENTS, CAMPAIGNS_MIN), CAMPAIGNS_MAX)
    length = (DAYS * DAY - MINUTE) // count
    for number in range(count):
        opened = now - DAYS * DAY + number * length
        yield Frame(
            number=number,
            project=projects[number % len(projects)],
            workflow_run_id=words.guid(rng),
            opened=opened,
            closed=opened + length,
            finished=number < count - UNFINISHED,
        )


def _campaigns(rng: Random, frames: Iterator[Frame]) -> Iterator[Campaign]:
    last = 0
    for frame in frames:
        # Every fourth plan lost a subtask: the next id is not the next number.
        first = last + 1 + (frame.number % 4 == 3)
        last = first + 2 + frame.number % 3
        yield _campaign(rng, frame, range(first, last + 1))


def _campaign(rng: Random, frame: Frame, subtask_ids: range) -> Campaign:
    coordinator = _run(rng, frame, status="merged" if frame.finished else "in_progress")
    subtasks = tuple(_subtask(rng, frame, number, subtask_ids) for number in subtask_ids)
    children = (_child(rng, frame, coordinator, subtask) for subtask in subtasks)
    number = frame.number + 1
    return Campaign(
        frame=frame,
        spec_id=number + number // 10,
        plan_id=number + number // 7,
        subtasks=subtasks,
        runs=(
            coordinator,
            *(child for child in children if child),
            _scribe(rng, frame, coordinator),
            _interactive(rng, frame),
        ),
    )


def _run(rng: Random, frame: Frame, *, status: str) -> Run:
    return Run(
        run_id=words.guid(rng),
        project_id=frame.project.project_id,
        agent=words.pick(rng, words.AGENTS),
        status=status,
        started=frame.opened + int(rng.random() * 30 * SECOND),
        ended=frame.ended,
        workflow_run_id=frame.workflow_run_id,
    )


def _subtask(rng: Random, frame: Frame, subtask_id: int, plan: range) -> Subtask:
    position = plan.index(subtask_id)
    done = ("completed", "completed", "failed", "assemble_ready")
    under_way = ("running", "dispatched", "rai_flagged", "pending")
    return Subtask(
        subtask_id=subtask_id,
        status=(done if frame.finished else under_way)[position % 4],
        agent=words.pick(rng, words.AGENTS),
        run_id=None if position % 4 == 3 and not frame.finished else words.guid(rng),
        depends_on=tuple(plan[:position][-2:]),
    )


_STATUS_OF_CHILD = {
    "completed": "completed",
    "failed": "failed",
    "assemble_ready": "assemble_ready",
    "running": "in_progress",
    "dispatched": "pending",
    "rai_flagged": "awaiting_review",
}


def _child(rng: Random, frame: Frame, coordinator: Run, subtask: Subtask) -> Run | None:
    if subtask.run_id is None:
        return None
    return replace(
        _run(rng, frame, status=_STATUS_OF_CHILD[subtask.status]),
        run_id=subtask.run_id,
        agent=subtask.agent,
        parent_run_id=coordinator.run_id,
        subtask_id=str(subtask.subtask_id),
    )


def _scribe(rng: Random, frame: Frame, coordinator: Run) -> Run:
    return replace(
        _run(rng, frame, status="completed" if frame.finished else "pending"),
        agent="scribe",
        parent_run_id=coordinator.run_id,
        subtask_id="assembly-scribe",
    )


def _interactive(rng: Random, frame: Frame) -> Run:
    statuses = ("completed", "awaiting_review", "declined", "merge_failed")
    status = statuses[frame.number % 4] if frame.finished else "in_progress"
    return replace(_run(rng, frame, status=status), origin="interactive", workflow_run_id=None)
