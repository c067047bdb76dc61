"""Carries out a plan, step by step, against the journal.

It takes a plan, not settings, and decides nothing: it checks that the plan is still about these
two databases and that its hazards are allowed, and then does what it says. Killed anywhere, the
same call finishes the job, because a step is finished in the transaction that finishes it.
"""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, assert_never

from psycopg import Connection

from cutover import constrain
from cutover.errors import Refused
from cutover.events import Emit, StepFinished, StepStarted
from cutover.journal import Entries, Journal
from cutover.load import Loading, load
from cutover.migrate import heads_of, migrate_postgres, revisions_of
from cutover.plan import (
    Analyze,
    ClearTables,
    Finding,
    HazardKind,
    LoadTable,
    MigrateSchema,
    Plan,
    PutBack,
    SetSequence,
    Step,
    TakeDown,
)
from cutover.quarantine import quarantine
from cutover.rejecting import reject_conflicts
from cutover.targets.postgres.connect import target_errors
from cutover.targets.postgres.inspect import inspect, nonempty_tables
from cutover.turn import take_turn
from cutover.waiting import Patience
from cutover.words import counted

TURN_SECONDS = 300.0
"""How long a `migrate` that began before the journal was there is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What a plan is carried out with. `url` is the target's, password included."""

    url: str
    sources: Mapping[str, sqlite3.Connection]
    images: Mapping[str, str]
    """What each source holds now, by label: see `sources.sqlite.image`."""
    base: Path
    """What the plan's paths are relative to."""
    target: Connection[Any]
    """Autocommit; its backend's life is the lease's."""
    holder: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did. `steps` is how many it carried out now; 0 means already applied."""

    run: int | None
    steps: int
    ledger: tuple[Entries, ...] = ()
    """What did not arrive exactly as stored, or not at all."""


def apply(plan: Plan, place: Workplace, *, emit: Emit, allow: Collection[str] = ()) -> Applied:
    """Carry out a plan, or finish an interrupted run of it.

    Refused where values are unsettled, a hazard isn't allowed, the source has changed since the
    plan was made, or the target isn't what the plan expects: then nothing was touched.
    """
    _assert_settled(plan, allow)
    _assert_unchanged(plan, place.images)
    journal = Journal(place.target)
    if plan.empty:
        return _already(journal)
    _assert_allowed(plan, allow)
    journal.create()
    journal.take_lease(place.holder)
    latest = journal.latest_run()
    stands = latest is not None and latest.purpose == plan.purpose and journal.still_stands(latest)
    if latest and stands and latest.state == "finished":
        plan = replace(plan, steps=_missing_revisions(plan, place))
    if plan.empty:
        journal.release_lease()
        return _already(journal)
    if latest and stands and latest.state == "running":
        # It goes on by the plan it began with: by now the target holds a part of the rows, and a
        # plan made today would take that for someone else's data.
        run, plan = latest.id, journal.plan_of(latest.id)
    else:
        _assert_ready(plan, place, journal)
        run = journal.begin_run(plan)
    done = journal.finished_steps(run)
    waiting = [step for step in plan.steps if step.id not in done]
    tools = Tools(journal=journal, run=run, emit=emit, rejecting=HazardKind.REJECT_ROWS in allow)
    for step in waiting:
        _carry_out(step, plan, place, tools)
    constrain.put_back(PutBack(id="put-back-rest", tables=()), journal, run, emit=emit)
    journal.finish_run(run)
    journal.release_lease()
    return Applied(run, len(waiting), journal.entries(run))


def _already(journal: Journal) -> Applied:
    """Return what an apply did that had nothing to do: what the run before it says."""
    latest = journal.latest_run()
    return Applied(latest.id, 0, journal.entries(latest.id)) if latest else Applied(None, 0)


def _missing_revisions(plan: Plan, place: Workplace) -> tuple[Step, ...]:
    """Return what is left of a plan whose rows are there: the revision that the target lacks."""
    found = revisions_of(place.url, schema=plan.schema)
    return tuple(s for s in plan.steps if isinstance(s, MigrateSchema) and s.head != found)


def _assert_ready(plan: Plan, place: Workplace, journal: Journal) -> None:
    """Refuse to begin a run that could not end well; nothing has been touched by then."""
    migrates = [step for step in plan.steps if isinstance(step, MigrateSchema)]
    for step in migrates:
        head = heads_of(place.base / step.set)
        if head != step.head:
            raise Refused(
                f'the set "{step.set}" has a new head since the plan was made',
                detail=f"the plan says {', '.join(step.head)}, the set {', '.join(head)}",
                hint="make a new plan: cutover plan",
            )
    if not migrates:
        _assert_expected(plan, place, journal)
    if any(isinstance(step, LoadTable) for step in plan.steps):
        _assert_empty(journal, plan)


def _assert_settled(plan: Plan, allow: Collection[str]) -> None:
    rejecting = HazardKind.REJECT_ROWS in allow
    open_ = [f for f in plan.unsettled if not (rejecting and f.rejectable)]
    if not open_:
        return
    first, more = open_[0], len(open_) - 1
    others = f" (and {more} more: cutover plan)" if more else ""
    raise Refused(f"{first.message}{others}", detail=_detail(first), hint=first.hint)


def _detail(finding: Finding) -> str:
    return finding.detail or "".join(f"key {s.key!r}: {s.value}" for s in finding.samples[:1])


def _assert_unchanged(plan: Plan, images: Mapping[str, str]) -> None:
    for state in plan.sources:
        if images.get(state.label) != state.image:
            raise Refused(
                f'the plan is outdated: "{state.path}" has been written since it was made',
                hint="stop the application's writers, then make a new plan: cutover plan",
            )


def _assert_allowed(plan: Plan, allow: Collection[str]) -> None:
    for hazard in plan.hazards:
        if hazard.kind not in allow:
            raise Refused(
                f"{hazard.subject}: {hazard.message}",
                detail=f'that is hazard "{hazard.kind}"; nothing was touched',
                hint=f"if that is what you want: --allow {hazard.kind}",
            )


def _assert_empty(journal: Journal, plan: Plan) -> None:
    """Refuse to load beside rows that came since the plan was made: they would be there twice."""
    if any(isinstance(step, ClearTables) for step in plan.steps):
        return
    live = {table.name for table in inspect(journal.connection, plan.schema).tables}
    names = tuple(table.target for table in plan.tables if table.target in live)
    occupied = nonempty_tables(journal.connection, plan.schema, names)
    if occupied:
        raise Refused(
            f'the target is not empty: "{occupied[0]}" holds rows',
            detail=f"{counted(len(occupied), 'table')} of the plan were empty when it was made",
            hint="make a new plan, which says what that means: cutover plan",
        )


def _assert_expected(plan: Plan, place: Workplace, journal: Journal) -> None:
    """Refuse a target whose tables are not those that the plan was made for.

    While definitions wait to be put back the target lacks them, and can't be compared.
    """
    latest = journal.latest_run()
    if latest and journal.taken_down(latest.id):
        return
    live = inspect(place.target, plan.schema)
    for table in plan.expected.tables:
        if table != live.table(table.name):
            raise Refused(
                f'table "{table.name}" of the target is not as its set makes it',
                detail="the plan was made for the set's head in an empty database",
                hint="bring the table back to its set, or load into a database of its own",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every step works with. `rejecting`: rows that can't be taken are left out."""

    journal: Journal
    run: int
    emit: Emit
    rejecting: bool


def _carry_out(step: Step, plan: Plan, place: Workplace, tools: Tools) -> None:
    journal, run, emit = tools.journal, tools.run, tools.emit
    total = step.rows if isinstance(step, LoadTable) else None
    emit(StepStarted(step=step.id, title=title_of(step), total=total))
    limit = f"{step.timeout_seconds}s"
    with target_errors(title_of(step)):
        place.target.execute("SELECT set_config('statement_timeout', %s, false)", (limit,))
    rows = _do(step, plan, place, tools)
    emit(StepFinished(step=step.id, title=title_of(step), rows=rows))
    if isinstance(step, MigrateSchema):
        _assert_expected(plan, place, journal)
        with journal.transaction():
            journal.finish_step(run, step.id)


def _do(step: Step, plan: Plan, place: Workplace, tools: Tools) -> int | None:
    journal, run, emit = tools.journal, tools.run, tools.emit
    match step:
        case MigrateSchema():
            with take_turn(place.url, plan.schema, Patience(seconds=TURN_SECONDS, emit=emit)):
                migrate_postgres(place.url, place.base / step.set, schema=plan.schema)
        case ClearTables():
            constrain.clear_tables(step, journal, run, schema=plan.schema)
        case TakeDown():
            constrain.take_down(step, journal, run, schema=plan.schema)
        case LoadTable():
            table = plan.table(step.table)
            loading = Loading(
                run=run,
                schema=plan.schema,
                source=place.sources[table.database],
                journal=journal,
                emit=emit,
                rejecting=tools.rejecting,
            )
            quarantine(table, loading.source, journal, run)
            return load(step, table, loading)
        case PutBack():
            if tools.rejecting:
                reject_conflicts(plan, journal, run)
            constrain.put_back(step, journal, run, emit=emit)
        case SetSequence():
            constrain.set_sequence(step, journal, run, schema=plan.schema)
        case Analyze():
            constrain.analyze(step, journal, run, schema=plan.schema)
        case _:
            assert_never(step)
    return None


def title_of(step: Step) -> str:
    """Return what a step does, in a few words."""
    match step:
        case MigrateSchema():
            return f"migrate to {', '.join(step.head)}"
        case ClearTables():
            return f"clear {counted(len(step.tables), 'table')}"
        case TakeDown():
            return f"take down keys, indexes, triggers of {counted(len(step.tables), 'table')}"
        case LoadTable():
            return f"load {step.table}"
        case PutBack():
            return "put back keys, indexes, triggers"
        case SetSequence():
            return f"set the sequence of {step.numbering.table}.{step.numbering.column}"
        case Analyze():
            return f"analyze {counted(len(step.tables), 'table')}"
        case _:
            assert_never(step)
