"""Two catalogs and a profile → a plan. Pure: the same inputs give the same plan, to the digest.

What is unsettled stops the whole plan before a byte moves; an object that holds no values only
stops the flip. How a single table is carried is decided in `carrying`.
"""

from collections.abc import Iterator
from dataclasses import replace

from cutover.carrying import answered, rule_table
from cutover.catalog import Identity
from cutover.counterparts import view_answers
from cutover.facts import PlanInput, SourceFacts
from cutover.plan import (
    Analyze,
    ClearTables,
    Finding,
    Hazard,
    HazardKind,
    LoadTable,
    MigrateSchema,
    Numbering,
    ObjectPlan,
    Plan,
    PutBack,
    SetSequence,
    Step,
    TablePlan,
    TakeDown,
)


def make_plan(facts: PlanInput) -> Plan:
    """Decide what a run will do."""
    verdicts = [
        rule_table(facts, source, table)
        for source in facts.sources
        for table in source.catalog.tables
    ]
    tables = tuple(v.table for v in verdicts if v.table)
    findings = [f for v in verdicts for f in v.findings]
    objects = [o for v in verdicts for o in v.objects]
    objects += [o for source in facts.sources for o in _views(facts, source)]
    numbers = tuple(_numbers(facts, tables))
    plan = Plan(
        sources=tuple(source.state for source in facts.sources),
        target=facts.target.url,
        schema=facts.target.schema,
        expected=facts.target.expected,
        tables=tables,
        objects=tuple(objects),
        numbers=numbers,
        steps=(),
        findings=(*_same_name_twice(tables), *findings),
        moment=facts.moment,
    )
    return replace(plan, steps=_steps(facts, plan))


def _views(facts: PlanInput, source: SourceFacts) -> Iterator[ObjectPlan]:
    label = source.catalog.label
    settings = facts.settings.for_source(label)
    for answer in view_answers(source.catalog, facts.target.expected, settings.target_name):
        yield answered(settings, label, answer)


def _same_name_twice(tables: tuple[TablePlan, ...]) -> Iterator[Finding]:
    seen: dict[str, TablePlan] = {}
    for table in tables:
        other = seen.setdefault(table.target, table)
        if other is table:
            continue
        yield Finding(
            check="tables",
            subject=f'"{table.target}"',
            kind="unsettled",
            message=f'"{other.source}" of {other.database} and "{table.source}" of '
            f'{table.database} would both become "{table.target}"',
            count=table.rows,
            hint="give one another name: [tables] rename = "
            f'{{ "{table.database}:{table.source}" = "…" }}',
        )


def _steps(facts: PlanInput, plan: Plan) -> tuple[Step, ...]:
    steps = tuple(_all_steps(facts, plan))
    if plan.purpose not in facts.target.applied:
        return steps
    # The rows are there; what is left is a revision that changed none of their tables.
    return tuple(step for step in steps if isinstance(step, MigrateSchema))


def _all_steps(facts: PlanInput, plan: Plan) -> Iterator[Step]:
    head = facts.target.expected.revisions
    names = tuple(sorted(table.target for table in plan.tables))
    if facts.target.revisions != head:
        yield MigrateSchema(id="migrate", set=facts.target.set, head=head)
    if not names:
        return
    occupied = tuple(name for name in names if name in facts.target.occupied)
    yield TakeDown(id="take-down", tables=names)
    if occupied and facts.target.resumable != plan.purpose:
        # After the triggers are down: a guard against TRUNCATE is one of them.
        yield ClearTables(id="clear", tables=names, hazards=_replaced(occupied))
    for table in plan.tables:
        yield LoadTable(id=f"load {table.target}", table=table.target, rows=table.rows)
    not_valid = tuple((table.target, key) for table in plan.tables for key in table.not_valid)
    yield PutBack(id="put-back", tables=names, not_valid=not_valid)
    for number in plan.numbers:
        yield SetSequence(id=f"sequence {number.table}.{number.column}", numbering=number)
    yield Analyze(id="analyze", tables=names)


def _replaced(occupied: tuple[str, ...]) -> tuple[Hazard, ...]:
    message = "the target's table holds rows, which would be deleted and loaded anew"
    return tuple(
        Hazard(kind=HazardKind.REPLACE_ROWS, subject=f'"{name}"', message=message)
        for name in occupied
    )


def _numbers(facts: PlanInput, tables: tuple[TablePlan, ...]) -> Iterator[Numbering]:
    """Find the highest number ever handed out for every column that a sequence numbers.

    SQLite's AUTOINCREMENT remembers numbers whose rows are gone (`sqlite_sequence`,
    https://sqlite.org/autoinc.html), so the greater of that and the greatest stored is taken.
    """
    sources = {source.catalog.label: source for source in facts.sources}
    for table in tables:
        source = sources[table.database]
        expected = facts.target.expected.table(table.target)
        for column in table.columns:
            target = expected.column(column.target) if expected else None
            if target is None or target.identity is Identity.NONE:
                continue
            highest = source.profiles[table.source].column(column.source).integer_max or 0
            last = max(highest, source.sequences.get(table.source, 0))
            number = last if last > 0 else None
            yield Numbering(table=table.target, column=column.target, last_value=number)
