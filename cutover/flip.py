"""Fence, re-check, flip; and the way back. Exactly two outcomes: flipped, or as before.

The flip trusts a passing verify of this very data. Under the fence (the write lock of every
source file, SHARE locks on the target's tables) it proves that neither side has changed since,
and then makes one compare-and-set on the flag's value and generation. Nothing before that changes
anything, and nothing comes after it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from cutover.abc import Flag, FlagStore
from cutover.catalog import Provider
from cutover.compare import Sides, Tally, compare
from cutover.errors import Refused
from cutover.journal import Journal, Verification
from cutover.plan import HazardKind, Plan
from cutover.source_files import assert_planned, open_sources
from cutover.sources.sqlite.connect import write_lock
from cutover.sources.sqlite.image import image_of
from cutover.targets.postgres.connect import target_errors
from cutover.targets.postgres.inspect import inspect
from cutover.verify import target_image
from cutover.words import counted

FENCE_SECONDS = 10.0
UNSET = Flag(value=Provider.SQLITE, generation=0)
"""What a flag that was never set stands for: the application is on SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything a flip or a revert looks at. `now` is ISO 8601 in UTC, `who` names the caller."""

    store: FlagStore
    target: Connection[Any]
    sources: Mapping[str, Path]
    """The SQLite files by label."""
    now: str
    who: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The flag as it is after a flip or a revert; `already` where it was so before."""

    flag: Flag
    already: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What has changed since the last verify."""

    sources: tuple[str, ...]
    """Labels of the files that were written."""
    target_schema: bool
    target_rows: bool

    @property
    def target(self) -> bool:
        """Tell whether anything of the target has changed."""
        return self.target_schema or self.target_rows


def flip(stage: Stage) -> Moved:
    """Point the flag at PostgreSQL.

    Refused without a passing verify, or where either side changed since it; FlagError where the
    flag was moved meanwhile. Then everything is as before.
    """
    flag = stage.store.read()
    if flag and flag.value == Provider.POSTGRES:
        return Moved(flag, already=True)
    plan, verification = verified(stage.target)
    with fence(stage, plan):
        _assert_no_drift(drift(stage, plan, verification))
        return _set(stage, flag, Provider.POSTGRES, verification.plan_digest)


def revert(stage: Stage, *, allow: Collection[str] = ()) -> Moved:
    """Point the flag back at SQLite.

    Refused where the target was written since the flip, unless losing that is allowed by name.
    """
    flag = stage.store.read()
    if flag is None or flag.value == Provider.SQLITE:
        return Moved(flag or UNSET, already=True)
    # The verify that the flip had trusted: one that failed since says what the application wrote.
    plan, verification = verified(stage.target, passing=True)
    with fence(stage, plan):
        changed = drift(stage, plan, verification)
        if changed.target and HazardKind.LOSE_WRITES not in allow:
            raise Refused(
                "the target has been written since the flip; reverting would lose that",
                detail=losses(stage, plan),
                hint=f"if it may be lost: cutover revert --allow {HazardKind.LOSE_WRITES}",
            )
        return _set(stage, flag, Provider.SQLITE, verification.plan_digest)


def verified(target: Connection[Any], *, passing: bool = False) -> tuple[Plan, Verification]:
    """Return the plan that was verified last, and its passing outcome. Refused without one.

    With `passing`, the last outcome that passed serves, whatever came after it.
    """
    journal = Journal(target)
    run = journal.latest_run()
    verification = journal.latest_verification(run.id, passing=passing) if run else None
    if verification is None or run is None:
        raise Refused("nothing has been verified", hint="cutover verify, then cutover flip")
    if not verification.passed:
        raise Refused(
            f"the last verify did not pass: {counted(verification.findings, 'finding')}",
            detail=f"it ran at {verification.verified_at}",
            hint="repair them, then cutover verify",
        )
    return journal.plan_of(run.id), verification


def losses(stage: Stage, plan: Plan) -> str:
    """Say, table by table, what the target has and the source hasn't."""
    with open_sources(tuple(stage.sources.values()), plan) as sources:
        opened = {source.label: source.connection for source in sources}
        tallies = [
            compare(
                table,
                Sides(source=opened[table.database], target=stage.target, schema=plan.schema),
                found=lambda _difference: None,
                progress=lambda _rows: None,
            )
            for table in plan.tables
        ]
    lost = [f'"{tally.name}": {_lost_rows(tally)}' for tally in tallies if not tally.same]
    return "; ".join(lost) or "its tables were rewritten, no value differs"


def _lost_rows(tally: Tally) -> str:
    counts = {
        "new": tally.extraneous,
        "changed": tally.mismatching,
        "deleted": tally.missing,
    }
    return ", ".join(f"{counted(count, 'row')} {word}" for word, count in counts.items() if count)


@contextmanager
def fence(stage: Stage, plan: Plan) -> Iterator[None]:
    """Keep every writer out of both sides while the block runs; change nothing.

    TryAgain where a writer doesn't let go in time.
    """
    assert_planned(list(stage.sources), plan)
    with ExitStack() as locks:
        for path in stage.sources.values():
            locks.enter_context(write_lock(path, timeout_seconds=FENCE_SECONDS))
        locks.enter_context(target_errors("the fence"))
        locks.enter_context(stage.target.transaction(force_rollback=True))
        for table in plan.tables:
            name = sql.Identifier(plan.schema, table.target)
            stage.target.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(name))
        yield


def drift(stage: Stage, plan: Plan, verification: Verification) -> Drift:
    """Tell what has changed since a verify; exact under the fence, a snapshot without it."""
    assert_planned(list(stage.sources), plan)
    written = tuple(
        state.label
        for state in plan.sources
        if image_of(stage.sources[state.label]) != verification.images[state.label]
    )
    live = inspect(stage.target, plan.schema)
    return Drift(
        sources=written,
        target_schema=live.fingerprint != verification.target_fingerprint,
        target_rows=target_image(stage.target, plan, live) != verification.target_image,
    )


def _assert_no_drift(changed: Drift) -> None:
    if changed.sources:
        names = ", ".join(f'"{label}"' for label in changed.sources)
        raise Refused(
            f"the source has been written since verify: {names}",
            detail="what was written is not in the target; the flag is as before",
            hint="stop the writers, then cutover plan, apply and verify again",
        )
    if changed.target:
        what = "schema" if changed.target_schema else "rows"
        raise Refused(
            f"the target's {what} changed since verify",
            detail="the flag is as before",
            hint="cutover verify, then cutover flip",
        )


def _set(stage: Stage, flag: Flag | None, provider: Provider, plan_digest: str) -> Moved:
    new = Flag(
        value=provider,
        generation=(flag or UNSET).generation + 1,
        changed_at=stage.now,
        changed_by=stage.who,
        plan_digest=plan_digest,
    )
    stage.store.compare_and_set(flag, new)
    return Moved(new, already=False)
