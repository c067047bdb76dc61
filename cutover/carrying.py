"""How one table of a source is carried: which coercion takes each column, and what stands open.

Every value is taken by exactly one coercion or listed with the setting that settles it; every
object that hangs on the table ends in exactly one bucket.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cutover.abc import ColumnFacts
from cutover.catalog import Column, Generated, Table, TableKind, base_type
from cutover.claiming import claims, column_facts, unclaimed
from cutover.counterparts import Answer, Pair, table_answers, unique_columns
from cutover.dialect.literals import literal
from cutover.dialect.render import quoted
from cutover.facts import PlanInput, SourceFacts
from cutover.limits import COLUMNS_MAX, too_long_for_field, too_long_for_index
from cutover.long_values import is_many
from cutover.plan import Bucket, ColumnPlan, Finding, ObjectPlan, TablePlan
from cutover.profile import Clash, ColumnProfile, Problem, Stored, TableProfile
from cutover.settings import Settings
from cutover.target_columns import left_empty, met_twice
from cutover.words import counted


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a table is carried (None: not at all), where its objects end, what is unsettled."""

    table: TablePlan | None = None
    objects: tuple[ObjectPlan, ...] = ()
    findings: tuple[Finding, ...] = ()


_UNCARRIED = {
    TableKind.INTERNAL: "belongs to SQLite",
    TableKind.HISTORY: "belongs to the tool that manages the schema",
    TableKind.SHADOW: "belongs to a virtual table",
}


def rule_table(facts: PlanInput, source: SourceFacts, table: Table) -> Verdict:
    """Decide how one table of a source is carried, or why it isn't."""
    database = source.catalog.label
    settings = facts.settings.for_source(database)
    if table.kind in _UNCARRIED:
        note = _UNCARRIED[table.kind]
        return Verdict(objects=(_object(database, "table", table.name, note=note),))
    if pattern := settings.excludes(table.name):
        return Verdict(objects=(_excluded(database, "table", table.name, pattern),))
    if table.kind is TableKind.VIRTUAL:
        note = f"virtual table ({table.module}): its rows live in its module"
        answer = Answer("virtual table", table.name, found=False, note=note)
        return Verdict(objects=(answered(settings, database, answer),))
    expected = facts.target.expected.table(settings.target_name(table.name))
    if expected is None:
        return _no_such_table(source, table)
    return _carried(facts, source, table, expected)


def _no_such_table(source: SourceFacts, table: Table) -> Verdict:
    database = source.catalog.label
    rows = source.profiles[table.name].rows if table.name in source.profiles else 0
    setting = f'[tables] exclude = ["{table.name}"]'
    note = f"the target's set has no such table; {counted(rows, 'row')}"
    object_ = ObjectPlan(
        database=database,
        kind="table",
        name=table.name,
        bucket=Bucket.DECISION,
        note=note,
        setting=setting,
    )
    if not rows:
        return Verdict(objects=(object_,))
    finding = Finding(
        check="tables",
        subject=quoted(table.name),
        kind="unsettled",
        message=f'table "{table.name}" has {counted(rows, "row")} and no counterpart in the target',
        count=rows,
        detail=f"it has {len(table.columns):,} columns, and a table of PostgreSQL "
        f"{COLUMNS_MAX:,} at most"
        if len(table.columns) > COLUMNS_MAX
        else "",
        hint=f'add it to the PostgreSQL set, or [tables] rename = {{ "{table.name}" = "…" }}, '
        f"or leave it out: {setting}",
    )
    return Verdict(objects=(object_,), findings=(finding,))


def _carried(facts: PlanInput, source: SourceFacts, table: Table, expected: Table) -> Verdict:
    database = source.catalog.label
    settings = facts.settings.for_source(database)
    pair = Pair(
        source=table,
        target=expected,
        column_name=settings.column_name,
        table_name=settings.target_name,
    )
    profile = source.profiles[table.name]
    columns = [_column(settings, pair, profile, column) for column in table.columns]
    plans = tuple(c.column for c in columns if c.column)
    answers = [answered(settings, database, answer) for answer in table_answers(pair)]
    plan = _table_plan(settings, source, pair, plans)
    carried = ObjectPlan(database=database, kind="table", name=table.name, bucket=Bucket.CARRIED)
    objects = [replace(o, database=database) for c in columns for o in c.objects]
    findings = [f for c in columns for f in c.findings]
    findings += [*met_twice(pair, plans), *left_empty(pair, plans)]
    loaded = _loaded_orphans(settings, table)
    findings += [_clash(table, c) for c in profile.clashes if not (loaded and c.kind == "orphan")]
    findings += [too_long_for_index(table.name, clash) for clash in profile.too_long]
    return Verdict(plan, (carried, *objects, *answers), tuple(map(_writable, findings)))


def column_plans(settings: Settings, pair: Pair, profile: TableProfile) -> tuple[ColumnPlan, ...]:
    """Return how the columns of a table are carried, as far as each is taken by a coercion."""
    verdicts = (_column(settings, pair, profile, column) for column in pair.source.columns)
    return tuple(verdict.column for verdict in verdicts if verdict.column)


def _writable(finding: Finding) -> Finding:
    """Return a finding whose keys JSON can hold: bytes, infinities, text that is not UTF-8."""
    samples = (replace(s, key=tuple(map(_plain, s.key))) for s in finding.samples)
    return replace(finding, samples=tuple(samples))


def _plain(value: Stored) -> Stored:
    if isinstance(value, bytes) or (isinstance(value, str) and _is_bytes(value)):
        return literal(value)
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _is_bytes(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True)
class _ColumnVerdict:
    column: ColumnPlan | None = None
    objects: tuple[ObjectPlan, ...] = ()
    findings: tuple[Finding, ...] = ()


def _column(
    settings: Settings, pair: Pair, profile: TableProfile, column: Column
) -> _ColumnVerdict:
    name = f"{pair.source.name}.{column.name}"
    if column.hidden:
        return _ColumnVerdict(objects=(_object("", "column", name, note="hidden"),))
    if pattern := settings.excludes_column(pair.source.name, column.name):
        return _ColumnVerdict(objects=(_excluded("", "column", name, pattern),))
    values = profile.column(column.name)
    facts = column_facts(settings, pair, column, values)
    return _coerced(facts) if facts else _no_such_column(pair.source, column, values)


def _no_such_column(table: Table, column: Column, values: ColumnProfile) -> _ColumnVerdict:
    name = f"{table.name}.{column.name}"
    setting = f'[tables] exclude = ["{name}"]'
    note = f"the target's table has no such column; {counted(values.values, 'value')}"
    object_ = ObjectPlan(
        database="", kind="column", name=name, bucket=Bucket.DECISION, note=note, setting=setting
    )
    if not values.values:
        return _ColumnVerdict(objects=(object_,))
    finding = Finding(
        check="columns",
        subject=f"{quoted(table.name)}.{quoted(column.name)}",
        kind="unsettled",
        message=f'column "{table.name}"."{column.name}" has {counted(values.values, "value")} '
        "and no counterpart in the target",
        count=values.values,
        hint=f"add it to the PostgreSQL set, or leave it out: {setting}",
    )
    return _ColumnVerdict(objects=(object_,), findings=(finding,))


def _coerced(facts: ColumnFacts) -> _ColumnVerdict:
    leaves = claims(facts)
    if len(leaves) != 1:
        return _ColumnVerdict(findings=(unclaimed(facts, sorted(leaves)),))
    ((name, leaf),) = leaves.items()
    ruling = leaf.rule(facts)
    column = ColumnPlan(
        source=facts.source.name,
        target=facts.target.name,
        declared=facts.source.type,
        type=facts.target.type,
        coercion=name,
        options=dict(sorted(ruling.options.items())),
        evidence=_evidence(facts.profile),
        changes=ruling.changes,
        generated=facts.target.generated is not Generated.NO,
        secret=facts.settings.secret,
    )
    long = too_long_for_field(facts.subject, facts.setting, facts.target.type, facts.profile)
    return _ColumnVerdict(column, findings=(*ruling.unsettled, *_nulls(facts), *long))


def _nulls(facts: ColumnFacts) -> Iterator[Finding]:
    """Find NULLs that the target's NOT NULL would refuse."""
    nulls = facts.profile.classes.get("null")
    if facts.target.nullable or nulls is None or not nulls.count or _computed(facts.target):
        return
    values = counted(nulls.count, "value")
    yield Finding(
        check="not null",
        subject=facts.subject,
        kind="unsettled",
        message=f"{values} of {facts.subject}: NULL, which the target refuses",
        count=nulls.count,
        hint="fill them in the source, or let the PostgreSQL set allow NULL",
        samples=nulls.samples,
        rejectable=True,
    )


def _computed(column: Column) -> bool:
    return column.generated is not Generated.NO


def _evidence(profile: ColumnProfile) -> dict[str, Any]:
    """Return the counts behind a decision, as plan.json shows them."""
    ranges = {
        "integer_min": profile.integer_min,
        "integer_max": profile.integer_max,
        "real_min": profile.real_min,
        "real_max": profile.real_max,
        # Told of long values alone: load looks for them where there are any.
        "bytes_max": profile.bytes_max if is_many(profile.bytes_max) else None,
    }
    return {
        "classes": {name: tally.count for name, tally in sorted(profile.classes.items())},
        "forms": {name: tally.count for name, tally in sorted(profile.forms.items())},
        "problems": {name: tally.count for name, tally in sorted(profile.problems.items())},
        "questions": {name: tally.count for name, tally in sorted(profile.questions.items())},
        **{name: _plain(value) for name, value in ranges.items() if value is not None},
    }


def _loaded_orphans(settings: Settings, table: Table) -> bool:
    rows = settings.rows.get(table.name)
    return rows is not None and rows.orphans == "not-valid"


def _clash(table: Table, clash: Clash) -> Finding:
    setting = f'[rows] "{table.name}" = '
    out = f'or leave them out: {setting}{{ where = "…", reason = "…" }}'
    remedies = {
        "orphan": "add the missing parents in the source, or choose what becomes of the rows: "
        f'{setting}{{ orphans = "quarantine", reason = "…" }} keeps them apart, '
        'orphans = "not-valid" loads them',
        "duplicate": f"make them different in the source, {out}",
        "null key": f"fill the key in the source, {out}",
    }
    rows = counted(clash.count, "row")
    return Finding(
        check=f"{clash.kind}s",
        subject=quoted(table.name),
        kind="unsettled",
        message=f'{rows} of "{table.name}" against {clash.constraint}: {clash.kind}',
        count=clash.count,
        hint=remedies[clash.kind],
        samples=clash.samples,
        rejectable=True,
    )


def _table_plan(
    settings: Settings, source: SourceFacts, pair: Pair, columns: tuple[ColumnPlan, ...]
) -> TablePlan:
    profile = source.profiles[pair.source.name]
    rows, apart = settings.rows.get(pair.source.name), source.apart.get(pair.source.name)
    loaded = _loaded_orphans(settings, pair.source)
    orphans = [clash for clash in profile.clashes if clash.kind == "orphan"] if loaded else []
    match = _match(pair, columns)
    carried = {column.source: column for column in columns}
    ordered = all(_sorts_alike(carried[name], profile.column(name)) for name, _ in match)
    exact = not any(column.problem(Problem.INVALID_UTF8).count for column in profile.columns)
    return TablePlan(
        database=source.catalog.label,
        source=pair.source.name,
        target=pair.target.name,
        columns=columns,
        cursor=source.cursors[pair.source.name],
        match=match,
        ordered=bool(match) and ordered,
        rows=profile.rows,
        bytes=profile.bytes,
        where=rows.where if rows else None,
        where_reason=rows.reason if rows and rows.where else None,
        excluded_rows=profile.excluded_rows - (apart.rows if apart else 0),
        quarantine=apart.condition if apart else None,
        quarantined_rows=apart.rows if apart else 0,
        not_valid=tuple(dict.fromkeys(clash.name for clash in orphans)),
        orphans_reason=rows.reason if rows and (apart or orphans) else None,
        exact_text=exact,
    )


def _match(pair: Pair, columns: tuple[ColumnPlan, ...]) -> tuple[tuple[str, str], ...]:
    """Return the columns by which a row of one side finds its twin: a key without NULLs."""
    by_target = {column.target: column.source for column in columns}
    for key in unique_columns(pair.target):
        found = [(by_target[name], name) for name in key if name in by_target]
        if len(found) == len(key) and all(_not_null(pair.target, name) for name in key):
            return tuple(found)
    return ()


def _not_null(table: Table, column: str) -> bool:
    found = table.column(column)
    return found is not None and not found.nullable


_SORTS_ALIKE = {
    "smallint": {"integer"},
    "integer": {"integer"},
    "bigint": {"integer"},
    "bytea": {"blob"},
    "text": {"text"},
    "character varying": {"text"},
}


def _sorts_alike(column: ColumnPlan, profile: ColumnProfile) -> bool:
    """Tell whether both engines sort a key column alike.

    Numbers do, bytes do, and text does where both compare bytewise: SQLite's BINARY collation,
    and COLLATE "C" in PostgreSQL. A converted value may sort otherwise than what it came from.
    """
    classes = {name for name, tally in profile.classes.items() if tally.count}
    known = _SORTS_ALIKE.get(base_type(column.type))
    return known is not None and classes <= known and not column.changes


def answered(settings: Settings, database: str, answer: Answer) -> ObjectPlan:
    """Return the bucket of an object whose counterpart was looked for."""
    reason = settings.waiver(answer.kind, answer.name)
    bucket = Bucket.CARRIED if answer.found else Bucket.DECISION
    note, setting = answer.note, ""
    if bucket is Bucket.DECISION and reason:
        bucket, note = Bucket.EXCLUDED, f"waived: {reason}"
    elif bucket is Bucket.DECISION:
        setting = f'[waive] "{answer.kind}:{answer.name}" = "why it is not needed"'
    return ObjectPlan(
        database=database,
        kind=answer.kind,
        name=answer.name,
        bucket=bucket,
        note=note,
        setting=setting,
    )


def _object(database: str, kind: str, name: str, *, note: str) -> ObjectPlan:
    return ObjectPlan(database=database, kind=kind, name=name, bucket=Bucket.EQUIVALENT, note=note)


def _excluded(database: str, kind: str, name: str, pattern: str) -> ObjectPlan:
    note = f'[tables] exclude has "{pattern}"'
    return ObjectPlan(database=database, kind=kind, name=name, bucket=Bucket.EXCLUDED, note=note)
