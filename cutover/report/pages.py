"""Results and errors as pages: what a person reads on standard output, and what a script gets."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from cutover.commands import AppliedPlan, Inspection, RunResult, Status, Verified
from cutover.errors import CutoverError
from cutover.flip import Moved
from cutover.founding import Written
from cutover.plan import Bucket, Finding, Plan, TablePlan
from cutover.report.grids import grid
from cutover.report.ledger import ledger_facts, print_ledger
from cutover.words import counted

PLAIN = frozenset({"text", "numeric", "binary"})
"""Coercions that are no news in an overview."""

SHORT = {"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp"}

_REASON_WIDTH = 24
"""Columns that a reason needs beside a name; in fewer its words would be broken."""


def print_error(console: Console, error: CutoverError) -> None:
    """Write an error as PostgreSQL does: message, detail, hint."""
    for word, style, text in (
        ("error", "bold red", error.message),
        ("detail", "default", error.detail),
        ("hint", "cyan", error.hint),
    ):
        if text:
            console.print(Text.assemble((f"{word}: ", style), text), soft_wrap=True)


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Write findings one below the other, each with what to do about it."""
    for finding in findings:
        console.print()
        console.print(
            Text.assemble((f"{finding.kind}: ", "bold yellow"), finding.message), soft_wrap=True
        )
        if text := detail_of(finding):
            console.print(Text.assemble("detail: ", text), soft_wrap=True)
        if finding.hint:
            console.print(Text.assemble(("hint: ", "cyan"), finding.hint), soft_wrap=True)


def detail_of(finding: Finding) -> str:
    """Return a finding's detail, or its first keys where it has none."""
    if finding.detail or not finding.samples:
        return finding.detail
    keys = "; ".join(f"{', '.join(map(repr, s.key))}: {s.value}" for s in finding.samples)
    return f"first keys {keys}"


def print_plan(console: Console, plan: Plan) -> None:
    """Write a plan: what goes where, what changes, what is left out, what is open."""
    rows = sum(table.rows for table in plan.tables)
    head = ", ".join(plan.expected.revisions) or "no revision"
    console.print(Text(f"Plan {plan.digest[:12]}", style="bold"))
    for source in plan.sources:
        console.print(Text(f"source  {source.path}"), soft_wrap=True)
    console.print(Text(f"target  {plan.target}"), soft_wrap=True)
    console.print(Text(f"schema  {plan.schema}, head {head}"))
    tables = counted(len(plan.tables), "table")
    console.print(Text(f"carried {tables}, {counted(rows, 'row')}"))
    _print_tables(console, plan)
    _print_zones(console, plan)
    _print_changes(console, plan)
    _print_objects(console, plan, Bucket.EXCLUDED, "left out")
    _print_objects(console, plan, Bucket.DECISION, "to be decided (stops the flip, not the load)")
    _print_hazards(console, plan)
    if plan.unsettled:
        print_findings(console, plan.unsettled)
        console.print()
        console.print(
            Text(
                f"{counted(len(plan.unsettled), 'finding')} to settle: nothing moves before",
                style="bold",
            )
        )
    elif plan.empty:
        console.print(Text("\nnothing to do: this very data has been applied", style="green"))
    else:
        console.print(Text(f"\n{counted(len(plan.steps), 'step')}; carry them out: cutover apply"))


def _print_tables(console: Console, plan: Plan) -> None:
    if not plan.tables:
        return
    table = grid("\ntable", ">\nrows", ">\nleft out", "\nconverted")
    for each in plan.tables:
        kinds = Counter(c.type for c in each.columns if c.coercion not in PLAIN)
        notes = [f"{count} {SHORT.get(type_, type_)}" for type_, count in kinds.items()]
        notes += [] if each.match else ["no key: compared as whole rows"]
        count = each.excluded_rows + each.quarantined_rows
        left_out = f"{count:,}" if count else ""
        table.add_row(each.target, f"{each.rows:,}", left_out, ", ".join(notes))
    console.print(table)


def _print_zones(console: Console, plan: Plan) -> None:
    """Write in which zone datetimes without one are read: an assumption, unless it was set."""
    table = grid("\ndatetimes without a zone", "\nread as")
    for each in plan.tables:
        for column in each.columns:
            if zone := column.options.get("zone"):
                table.add_row(f"{each.target}.{column.target}", zone)
    if table.row_count:
        console.print(table)


def _print_changes(console: Console, plan: Plan) -> None:
    """Write, rule by rule, how many values of which columns do not arrive as stored."""
    changes = [
        (change.rule, each.target, column.target, change.count)
        for each in plan.tables
        for column in each.columns
        for change in column.changes
    ]
    for rule in dict.fromkeys(rule for rule, *_ in changes):
        total = sum(count for other, *_, count in changes if other == rule)
        table = grid(f"\n{rule}", f">\n{total:,}", "\ncolumns")
        for name in dict.fromkeys(name for other, name, *_ in changes if other == rule):
            of_table = [c for c in changes if c[:2] == (rule, name)]
            count = sum(count for *_, count in of_table)
            table.add_row(name, f"{count:,}", ", ".join(column for _, _, column, _ in of_table))
        console.print(table)


def _print_objects(console: Console, plan: Plan, bucket: Bucket, heading: str) -> None:
    rows = []
    for object_ in plan.objects:
        if object_.bucket is bucket:
            why = "; ".join(text for text in (object_.note, object_.setting) if text)
            rows.append((object_.kind, object_.name, why))
    for each in plan.tables if bucket is Bucket.EXCLUDED else ():
        rows += _left_out(each)
    _print_reasons(console, heading, rows)


def _left_out(table: TablePlan) -> Iterator[tuple[str, str, str]]:
    """Yield what becomes of rows that are not loaded, or loaded without a parent."""
    if table.excluded_rows:
        condition = "" if table.quarantine else f" ({table.where})"
        why = f"{table.where_reason}{condition}"
        yield "rows", f"{table.excluded_rows:,} of {table.source}", why
    if table.quarantined_rows:
        name = f"{table.quarantined_rows:,} of {table.source}"
        yield "rows", name, f"into quarantine: {table.orphans_reason}"
    for key in table.not_valid:
        why = f"put back NOT VALID, over rows without a parent: {table.orphans_reason}"
        yield "validation", f"{key} of {table.target}", why


def _print_reasons(console: Console, heading: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Write kinds, names and reasons; a reason below its name where none fits beside it."""
    if not rows:
        return
    kinds, names, reasons = ([len(cell) for cell in column] for column in zip(*rows, strict=True))
    room = console.width - max(len(heading), *kinds) - max(names) - 4
    if room >= min(_REASON_WIDTH, max(reasons)):
        table = grid(f"\n{heading}", "", "\nwhy")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        return
    console.print(Text(f"\n{heading}", style="dim"))
    for kind, name, why in rows:
        console.print(Text(f"{kind}  {name}"), soft_wrap=True)
        console.print(Text(f"  {' '.join(why.split())}"), soft_wrap=True)


def _print_hazards(console: Console, plan: Plan) -> None:
    for hazard in plan.hazards:
        console.print(
            Text.assemble(
                ("\nhazard: ", "bold yellow"),
                f"{hazard.subject}: {hazard.message}\n",
                ("hint: ", "cyan"),
                f"--allow {hazard.kind}",
            ),
            soft_wrap=True,
        )


def json_text(facts: dict[str, Any]) -> str:
    """Return the one JSON object that a command prints on standard output."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)


def print_verified(console: Console, verified: Verified) -> None:
    """Write the outcome of a verify: a line a table, then what was found, then the verdict."""
    table = grid("table", ">source", ">target", ">missing", ">extraneous", ">mismatching")
    for each in verified.outcome.tables:
        counts = (each.source_rows, each.target_rows, each.missing, each.extraneous)
        table.add_row(each.name, *(f"{n:,}" for n in (*counts, each.mismatching)))
    console.print(table)
    print_verdict(console, verified)


def print_verdict(console: Console, verified: Verified) -> None:
    """Write what a verify found, and its verdict."""
    outcome = verified.outcome
    print_findings(console, outcome.findings)
    console.print()
    tables, rows = counted(len(outcome.tables), "table"), counted(outcome.rows, "row")
    if outcome.passed:
        said = f"the same: {tables}, {rows}, every value compared"
        console.print(Text(said, style="bold green"))
        return
    said = f"not the same: {counted(len(outcome.findings), 'finding')} over {tables}, {rows}"
    console.print(Text(said, style="bold red"))
    if verified.keys:
        console.print(Text(f"every differing key: {verified.keys}"), soft_wrap=True)


def verified_facts(verified: Verified) -> dict[str, Any]:
    """Return what `verify --format json` has."""
    outcome, plan = verified.outcome, verified.plan
    names = ("name", "source_rows", "target_rows", "missing", "extraneous", "mismatching")
    told = ("check", "subject", "kind", "message", "count", "detail", "hint")
    return {
        "tables": [{name: getattr(t, name) for name in names} for t in outcome.tables],
        "findings": [
            {name: getattr(finding, name) for name in told} for finding in outcome.findings
        ],
        "source": [state.path for state in plan.sources],
        "target": plan.target,
        "revisions": {"target": list(plan.expected.revisions)},
        "keys": str(verified.keys) if verified.keys else None,
    }


def print_applied(console: Console, done: AppliedPlan) -> None:
    """Write what an apply did."""
    if not done.applied.steps:
        console.print(Text("already applied: nothing to do", style="green"))
        return
    rows = counted(sum(table.rows for table in done.plan.tables), "row")
    tables = counted(len(done.plan.tables), "table")
    said = f"applied plan {done.plan.digest[:12]}: {tables}, {rows}"
    console.print(Text(said, style="green"))
    print_ledger(console, done.applied.ledger)
    console.print(Text("next: cutover verify"))


def applied_facts(done: AppliedPlan) -> dict[str, Any]:
    """Return what `apply --format json` has."""
    return {
        "plan_digest": done.plan.digest,
        "run": done.applied.run,
        "steps": done.applied.steps,
        "ledger": ledger_facts(done.applied.ledger),
    }


def print_run(console: Console, done: RunResult) -> None:
    """Write what a run did and what its verify found, or the plan that it could not carry out."""
    if done.applied is None or done.verified is None:
        print_plan(console, done.plan)
        return
    if not done.applied.applied.steps:
        console.print(Text("nothing to do: this very data has been applied", style="green"))
    _print_changes(console, done.plan)
    _print_objects(console, done.plan, Bucket.EXCLUDED, "left out")
    print_ledger(console, done.applied.applied.ledger)
    print_verified(console, done.verified)
    console.print(Text(f"target: {done.plan.target}"), soft_wrap=True)


def run_facts(done: RunResult) -> dict[str, Any]:
    """Return what `run --format json` has: the facts of verify and apply, or the plan's."""
    if done.applied is None or done.verified is None:
        return {"plan": done.plan.to_json()}
    return {**verified_facts(done.verified), **applied_facts(done.applied)}


def print_moved(console: Console, moved: Moved) -> None:
    """Write where the flag points now."""
    flag = moved.flag
    word = "already on" if moved.already else "now on"
    said = f"the application is {word} {flag.value} (generation {flag.generation})"
    console.print(Text(said, style="bold green"))


def flag_facts(moved: Moved) -> dict[str, Any]:
    """Return what `flip --format json` and `revert --format json` have."""
    flag = moved.flag
    return {"provider": flag.value, "generation": flag.generation, "already": moved.already}


def print_written(console: Console, written: Written) -> None:
    """Write what `init` made, and what it leaves to a person."""
    count = counted(len(written.files), "file")
    console.print(Text(f"{count} written to {written.directory}", style="green"))
    for path in written.files:
        console.print(Text(f"  {path}"), soft_wrap=True)
    decisions = [(each.kind, each.name, each.note) for each in written.scaffold.decisions]
    _print_reasons(console, "to be decided", decisions)
    remarks = [(each.kind, each.name, each.note) for each in written.scaffold.remarks]
    _print_reasons(console, "carried, and to be known", remarks)
    console.print(Text("next: read them, then cutover plan"))


def written_facts(written: Written) -> dict[str, Any]:
    """Return what `init --format json` has."""
    made = written.scaffold
    names = ("kind", "name", "note", "setting")
    return {
        "directory": str(written.directory),
        "files": [str(path) for path in written.files],
        "types": dict(made.types),
        "decisions": [{name: getattr(d, name) for name in names} for d in made.decisions],
        "remarks": [{name: getattr(r, name) for name in names[:3]} for r in made.remarks],
    }


def inspection_facts(inspection: Inspection) -> dict[str, Any]:
    """Return what `inspect --format json` has: the catalogs, and the profile of every table."""
    profiles = [{"database": label, **asdict(p)} for label, p in inspection.profiles]
    return {"catalogs": [asdict(c) for c in inspection.catalogs], "profiles": profiles}


def print_inspection(console: Console, inspection: Inspection) -> None:
    """Write what the sources hold, and what would be hard."""
    for catalog in inspection.catalogs:
        tables = counted(len(catalog.tables), "table")
        console.print(Text(f"{catalog.label}: {tables}", style="bold"))
        for problem in catalog.problems:
            console.print(Text(f"  could not be read: {problem}"))
    table = grid("\ntable", ">\nrows", "\ncolumn", "\ndeclared", "\nstored", "\nnotable")
    catalogs = {catalog.label: catalog for catalog in inspection.catalogs}
    for label, profile in inspection.profiles:
        found = catalogs[label].table(profile.table)
        for column in found.columns if found else ():
            values = profile.column(column.name)
            stored = ", ".join(f"{t.count:,} {name}" for name, t in values.classes.items())
            notable = [f"{t.count:,} {form}" for form, t in values.forms.items() if form != "other"]
            notable += [f"{t.count:,} {problem}" for problem, t in values.problems.items()]
            rows = f"{profile.rows:,}"
            cells = (profile.table, rows, column.name, column.type, stored, "; ".join(notable))
            table.add_row(*cells)
    console.print(table)


def print_status(console: Console, status: Status) -> None:
    """Write where a cutover stands, and what is next."""
    table = grid("", "")
    for name, text in status_lines(status):
        table.add_row(Text(name, style="dim"), text)
    console.print(table)


def status_lines(status: Status) -> list[tuple[str, str]]:
    """Return what there is to say of a status, in the order of the story."""
    flag, run, last = status.flag, status.run, status.verification
    lines = [("flag", f"{flag.value}, generation {flag.generation}" if flag else "never set")]
    lines.append(("run", f"{run.id}, {run.state}, plan {run.plan_digest[:12]}" if run else "none"))
    verdict = "none"
    if last:
        verdict = f"{'passed' if last.passed else 'failed'} at {last.verified_at}"
    lines.append(("last verify", verdict))
    if status.drift:
        sources = ", ".join(status.drift.sources) or "no file"
        lines.append(("written since", f"source: {sources}; target: {_yes(status.drift.target)}"))
    facts = (("source", status.missing), ("way back", status.way_back), ("next", status.next))
    lines += [fact for fact in facts if fact[1]]
    return lines


def _yes(truth: object) -> str:
    return "yes" if truth else "no"
