"""The commands as plain functions: what the command line calls, and a program can.

Each takes a `Session` and returns a value; none prints, exits, or reads a clock. They put the
verbs together (survey, plan, apply, verify, flip) and own nothing but the order.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cutover import flip as flips
from cutover.abc import Flag, FlagStore
from cutover.apply import Applied, Workplace
from cutover.apply import apply as apply_plan
from cutover.catalog import Catalog
from cutover.compare import Difference
from cutover.errors import Refused, SourceError
from cutover.flags import open_store
from cutover.founding import founded
from cutover.journal import Journal, Run, Verification, encode_key
from cutover.plan import Finding, HazardKind, ObjectPlan, Plan
from cutover.planner import make_plan
from cutover.profile import TableProfile
from cutover.scaffolding.triggers import proposal_file
from cutover.session import Session, target_url
from cutover.settings import Settings
from cutover.source_files import labels, named, open_sources
from cutover.survey import Inquiry, is_carried, profile, survey
from cutover.targets.postgres.connect import connect
from cutover.verify import Databases, Outcome
from cutover.verify import verify as verify_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What `inspect` found in the sources."""

    catalogs: tuple[Catalog, ...]
    profiles: tuple[tuple[str, TableProfile], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPlan:
    """What `apply` did, and by which plan."""

    plan: Plan
    applied: Applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `verify` found; `keys` is the file with every differing key, None without any."""

    plan: Plan
    outcome: Outcome
    keys: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What `run` did: all of it, or the plan alone where that leaves values unsettled."""

    plan: Plan
    applied: AppliedPlan | None = None
    verified: Verified | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a cutover stands."""

    flag: Flag | None
    run: Run | None
    verification: Verification | None
    drift: flips.Drift | None
    """What changed since the last verify; None where there was none, or no source any more."""
    missing: str = ""
    """Why the source can't be looked at."""

    @property
    def way_back(self) -> str:
        """Whether revert would lose something; empty before the flip."""
        if self.flag is None or self.flag.value != "postgres" or self.drift is None:
            return ""
        return "closed: the target has writes of its own" if self.drift.target else "open"

    @property
    def next(self) -> str:
        """The next command of the story."""
        if self.run is None or self.run.state == "running":
            return "cutover apply"
        if self.verification is None or not self.verification.passed:
            return "cutover verify"
        if self.flag is not None and self.flag.value == "postgres":
            back = "; while the way back is open: cutover revert"
            return "nothing" + (back if self.way_back == "open" else "")
        drifted = self.drift is not None and (self.drift.sources or self.drift.target)
        return "cutover apply, then cutover verify" if drifted else "cutover flip"


def inspect(session: Session) -> Inspection:
    """Read the sources: what they hold, and what their values really are."""
    settings = session.settings
    with open_sources(settings.databases) as sources:
        profiles = tuple(
            (source.label, profile(settings, source, table, None, emit=session.emit))
            for source in sources
            for table in source.catalog.tables
            if is_carried(settings, table)
        )
        return Inspection(catalogs=tuple(s.catalog for s in sources), profiles=profiles)


def plan(session: Session) -> Plan:
    """Decide what apply would do; both databases stay as they are."""
    named(session.settings.databases)
    with target_url(session) as url:
        return _plan(session, url)


def apply(
    session: Session, given: Plan | None = None, *, allow: Collection[str] = ()
) -> AppliedPlan:
    """Carry out the plan that was given, or one made now."""
    named(session.settings.databases)
    with target_url(session) as url:
        made = given or _plan(session, url)
        return _apply(session, url, made, allow)


def verify(session: Session) -> Verified:
    """Compare the two databases by the plan that was applied, or by one made now."""
    named(session.settings.databases)
    with target_url(session) as url:
        return _verify(session, url)


def run(session: Session, *, allow: Collection[str] = ()) -> RunResult:
    """Plan, apply and verify in one go; never flip. Unsettled values end it after the plan."""
    with target_url(session) as url:
        session = founded(session, url)
        made = _plan(session, url)
        rejecting = HazardKind.REJECT_ROWS in allow
        if any(not (rejecting and finding.rejectable) for finding in made.unsettled):
            return RunResult(plan=made)
        applied = _apply(session, url, made, allow)
        return RunResult(plan=made, applied=applied, verified=_verify(session, url))


def flip(session: Session) -> flips.Moved:
    """Point the provider flag at PostgreSQL."""
    with _stage(session) as stage:
        return flips.flip(stage)


def revert(session: Session, *, allow: Collection[str] = ()) -> flips.Moved:
    """Point the provider flag back at SQLite."""
    with _stage(session) as stage:
        return flips.revert(stage, allow=allow)


def status(session: Session) -> Status:
    """Tell where the cutover stands: the run, the flag, the last verify, and what changed since."""
    with _stage(session) as stage:
        journal = Journal(stage.target)
        latest = journal.latest_run()
        verification = journal.latest_verification(latest.id) if latest else None
        drift, missing = None, ""
        if latest and verification:
            try:
                drift = flips.drift(stage, journal.plan_of(latest.id), verification)
            except SourceError as error:  # archived after the flip, as it should be some day
                missing = error.message
        return Status(
            flag=stage.store.read(),
            run=latest,
            verification=verification,
            drift=drift,
            missing=missing,
        )


def ledger(session: Session, write: Callable[[Mapping[str, Any]], None]) -> int:
    """Hand every line of the last run's ledger to `write`; return how many there were."""
    with (
        target_url(session) as url,
        closing(connect(url, schema=session.settings.target.schema_, autocommit=True)) as target,
    ):
        journal = Journal(target)
        latest = journal.latest_run()
        count = 0
        for line in journal.ledger(latest.id) if latest else ():
            write(line)
            count += 1
        return count


def _plan(session: Session, url: str) -> Plan:
    settings = session.settings
    inquiry = Inquiry(settings=settings, url=url, now=session.now, emit=session.emit)
    with open_sources(settings.databases) as sources:
        return make_plan(survey(inquiry, sources))


def _apply(session: Session, url: str, made: Plan, allow: Collection[str]) -> AppliedPlan:
    settings = session.settings
    with ExitStack() as stack:
        sources = stack.enter_context(open_sources(settings.databases, made))
        target = connect(url, schema=made.schema, autocommit=True)
        place = Workplace(
            url=url,
            sources={source.label: source.connection for source in sources},
            images={source.label: source.image for source in sources},
            base=settings.base,
            target=stack.enter_context(closing(target)),
            holder=session.holder,
        )
        applied = apply_plan(made, place, emit=session.emit, allow=allow)
    return AppliedPlan(plan=made, applied=applied)


def _verify(session: Session, url: str) -> Verified:
    settings = session.settings
    with closing(connect(url, schema=settings.target.schema_, autocommit=True)) as target:
        journal = Journal(target)
        latest = journal.latest_run()
        if latest and latest.state == "running":
            raise Refused("the last apply is not finished", hint="finish it: cutover apply")
        made = journal.plan_of(latest.id) if latest else _plan(session, url)
        opened = open_sources(settings.databases, made)
        with opened as sources, _key_file(session) as (path, write):
            images = {source.label: source.image for source in sources}
            databases = Databases(
                sources={source.label: source.connection for source in sources},
                catalogs={source.label: source.catalog for source in sources},
                target=target,
                run=latest.id if latest else None,
            )
            values = settings.verify.level == "values"
            outcome = verify_plan(made, databases, found=write, emit=session.emit, values=values)
            outcome = _with_decisions(settings, made, outcome)
            if latest:
                journal.record_verification(_verification(made, images, outcome), latest.id)
    return Verified(plan=made, outcome=outcome, keys=path if path.exists() else None)


def _with_decisions(settings: Settings, made: Plan, outcome: Outcome) -> Outcome:
    """Add what the plan leaves open: it may not stop a load, and always stops a flip."""
    open_ = tuple(
        decision_finding(decision, _proposal(settings, decision))
        for decision in made.decisions
        if settings.waiver(decision.kind, decision.name) is None
    )
    return replace(outcome, findings=(*outcome.findings, *made.unsettled, *open_))


def _proposal(settings: Settings, decision: ObjectPlan) -> str:
    """Return the file that `init` wrote for a person to finish; empty where there is none."""
    if decision.kind != "trigger" or settings.sets.triggers is None:
        return ""
    name = proposal_file(settings.sets.triggers, decision.name)
    return name if settings.path(name).exists() else ""


def decision_finding(decision: ObjectPlan, proposal: str = "") -> Finding:
    """Return an open decision as a finding; `proposal` is the file to begin with."""
    begin = f"finish {proposal} and run it in" if proposal else "translate it in"
    return Finding(
        check="decisions",
        subject=f'"{decision.name}"',
        kind="decision",
        message=f'{decision.kind} "{decision.name}" is not carried',
        detail=decision.note,
        hint=f"{begin} the PostgreSQL set, or waive it: {decision.setting}",
    )


def _verification(made: Plan, images: dict[str, str], outcome: Outcome) -> Verification:
    return Verification(
        plan_digest=made.digest,
        images=images,
        target_fingerprint=outcome.target_fingerprint,
        target_image=outcome.target_image,
        passed=outcome.passed,
        differs=any(finding.kind != "decision" for finding in outcome.findings),
        findings=len(outcome.findings),
    )


@contextmanager
def _key_file(session: Session) -> Iterator[tuple[Path, Callable[[Difference], None]]]:
    """Yield where differing keys go, and what writes one; no file without a difference."""
    path = session.workdir / "differences.jsonl"
    path.unlink(missing_ok=True)
    with ExitStack() as stack:
        files: list[Any] = []

        def write(difference: Difference) -> None:
            if not files:
                path.parent.mkdir(parents=True, exist_ok=True)
                files.append(stack.enter_context(path.open("w", encoding="utf-8")))
            files[0].write(_line(difference))

        yield path, write


def _line(difference: Difference) -> str:
    names = [name for name, _ in difference.key]
    values = json.loads(encode_key(tuple(value for _, value in difference.key)))
    facts = {
        "table": difference.table,
        "kind": difference.kind,
        "key": dict(zip(names, values, strict=True)),
        "columns": list(difference.columns),
    }
    return json.dumps(facts, ensure_ascii=True) + "\n"


@contextmanager
def _stage(session: Session) -> Iterator[flips.Stage]:
    settings = session.settings
    paths = named(settings.databases)
    schema = settings.target.schema_
    with (
        target_url(session) as url,
        closing(connect(url, schema=schema, autocommit=True)) as target,
    ):
        yield flips.Stage(
            store=flag_store(settings, url),
            target=target,
            sources=dict(zip(labels(paths), paths, strict=True)),
            now=session.now,
            who=session.holder,
        )


def flag_store(settings: Settings, url: str) -> FlagStore:
    """Open the store of `[flag] store`; paths in it are relative to the settings file."""
    return open_store(settings.flag.store, base=settings.base, target_url=url)
