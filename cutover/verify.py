"""Asks every check and compares every value: the answer that a flip is allowed to trust.

The source is read in one transaction per file, the target in one REPEATABLE READ snapshot. The
outcome is bound to exactly that data: the sources' images, the target's catalog, and a digest of
the target's row versions. The flip compares all three again.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection, IsolationLevel, sql

from cutover.abc import Evidence
from cutover.catalog import Catalog, TableKind, digest
from cutover.compare import Difference, Sides, Tally, compare, compare_apart
from cutover.events import Emit, StepFinished, StepProgress, StepStarted
from cutover.journal import Journal
from cutover.plan import Finding, Plan, TablePlan
from cutover.profile import Sample
from cutover.registry import checks
from cutover.sources.sqlite import rows as source_rows
from cutover.targets.postgres import rows as target_rows
from cutover.targets.postgres.connect import target_errors
from cutover.targets.postgres.inspect import inspect
from cutover.targets.postgres.reader import LiveTarget
from cutover.words import counted

SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """The open databases of a verify. `sources` and `catalogs` are keyed by the file's label."""

    sources: Mapping[str, sqlite3.Connection]
    catalogs: Mapping[str, Catalog]
    target: Connection[Any]
    run: int | None = None
    """The run whose quarantine is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a verify found. `target_image` names the row versions that it saw."""

    tables: tuple[Tally, ...]
    findings: tuple[Finding, ...]
    target_fingerprint: str
    target_image: str

    @property
    def passed(self) -> bool:
        """Tell whether nothing at all was found."""
        return not self.findings

    @property
    def rows(self) -> int:
        """Source rows compared."""
        return sum(table.source_rows for table in self.tables)


def verify(
    plan: Plan,
    databases: Databases,
    *,
    found: Callable[[Difference], None],
    emit: Emit,
    values: bool = True,
) -> Outcome:
    """Compare the two sides of a plan; hand every differing row's key to `found`.

    With `values` false only rows are counted, and each table answers `unprovable`: counts prove
    nothing about values, so such a verify never opens the flip.
    """
    target = databases.target
    target.isolation_level = IsolationLevel.REPEATABLE_READ
    with target_errors("verify"), target.transaction():
        live = inspect(target, plan.schema)
        findings = list(_object_findings(plan, databases, live, emit))
        tallies = []
        for table in (_present(table, live) for table in plan.tables):
            tally, differing = _table(plan, table, databases, (found, emit, values))
            tallies.append(tally)
            findings += [*differing, *_quarantined(table, databases, found)]
        image = target_image(target, plan, live)
    return Outcome(
        tables=tuple(tallies),
        findings=tuple(findings),
        target_fingerprint=live.fingerprint,
        target_image=image,
    )


def _present(table: TablePlan, live: Catalog) -> TablePlan:
    """Return the part of a table's plan that can still be compared.

    A column that is gone has been named by the check of columns; the rest is compared all the same.
    """
    found = live.table(table.target)
    names = {column.name for column in found.columns} if found else set()
    columns = tuple(column for column in table.columns if column.target in names)
    if len(columns) == len(table.columns):
        return table
    matched = all(target in names for _, target in table.match)
    match = table.match if matched else ()
    return replace(table, columns=columns, match=match, ordered=table.ordered and bool(match))


def _object_findings(
    plan: Plan, databases: Databases, live: Catalog, emit: Emit
) -> Iterator[Finding]:
    evidence = Evidence(
        plan=plan,
        sources=databases.catalogs,
        target=live,
        reader=LiveTarget(databases.target, plan.schema),
    )
    for name, check in checks.all().items():
        title = name.replace("_", " ")
        emit(StepStarted(step=f"check {name}", title=f"check {title}"))
        findings = list(check.find(evidence))
        note = counted(len(findings), "finding") if findings else ""
        emit(StepFinished(step=f"check {name}", title=f"check {title}", note=note))
        yield from findings


Ways = tuple[Callable[[Difference], None], Emit, bool]


def _table(
    plan: Plan, table: TablePlan, databases: Databases, ways: Ways
) -> tuple[Tally, list[Finding]]:
    found, emit, values = ways
    step = f"verify {table.target}"
    emit(StepStarted(step=step, title=f"compare {table.target}", total=table.rows))
    sides = Sides(
        source=databases.sources[table.database], target=databases.target, schema=plan.schema
    )
    if not table.columns:
        tally, findings = _nothing_to_compare(table, sides)
    elif not values:
        tally, findings = _counted(table, sides)
    else:
        gathered = _Gathered(table, found)
        tally = compare(
            table,
            sides,
            found=gathered.add,
            progress=lambda done: emit(StepProgress(step=step, done=done)),
        )
        findings = gathered.findings()
    note = counted(len(findings), "finding") if findings else ""
    title = f"compare {table.target}"
    emit(StepFinished(step=step, title=title, rows=tally.source_rows, note=note))
    return tally, findings


def _quarantined(
    table: TablePlan, databases: Databases, found: Callable[[Difference], None]
) -> Iterator[Finding]:
    """Compare what is in quarantine with the rows of the source that should be."""
    if table.quarantine is None:
        return
    run, journal = databases.run, Journal(databases.target)
    kept = [row for _, row in journal.quarantined(run, table.target)] if run is not None else []
    counts: Counter[str] = Counter()
    for difference in compare_apart(table, databases.sources[table.database], kept):
        found(difference)
        counts[difference.kind] += 1
    said = {"missing": "should be in quarantine", "extraneous": "should not be in quarantine"}
    for kind, count in sorted(counts.items()):
        yield Finding(
            check="quarantine",
            subject=f'"{table.target}"',
            kind=kind,
            message=f'{counted(count, "row")} of "{table.target}" {said[kind]}',
            count=count,
            hint="load them anew: cutover apply",
        )


def _nothing_to_compare(table: TablePlan, sides: Sides) -> tuple[Tally, list[Finding]]:
    rows = source_rows.count(sides.source, table.source, where=table.where)
    finding = Finding(
        check="values",
        subject=f'"{table.target}"',
        kind="missing",
        message=f'"{table.target}" is not in the target; {counted(rows, "row")} to compare with',
        count=rows,
    )
    return Tally(table.target, source_rows=rows, missing=rows), [finding]


def _counted(table: TablePlan, sides: Sides) -> tuple[Tally, list[Finding]]:
    tally = Tally(
        table.target,
        source_rows=source_rows.count(sides.source, table.source, where=table.where),
        target_rows=target_rows.count(sides.target, sides.schema, table.target),
    )
    rows = counted(tally.source_rows, "row")
    counts = f"{rows} in the source, {tally.target_rows:,} in the target"
    finding = Finding(
        check="values",
        subject=f'"{table.target}"',
        kind="unprovable" if tally.source_rows == tally.target_rows else "mismatching",
        message=f'"{table.target}" was only counted: {counts}',
        hint='compare the values: [verify] level = "values"',
    )
    return tally, [finding]


class _Gathered:
    """Differences of one table, summed up as they pass by: one finding a kind, or a column."""

    def __init__(self, table: TablePlan, found: Callable[[Difference], None]) -> None:
        self._table = table
        self._found = found
        self._counts: dict[tuple[str, str], int] = {}
        self._samples: dict[tuple[str, str], list[Sample]] = {}

    def add(self, difference: Difference) -> None:
        """Take one difference."""
        self._found(difference)
        for column in difference.columns or ("",):
            place = (difference.kind, column)
            self._counts[place] = self._counts.get(place, 0) + 1
            samples = self._samples.setdefault(place, [])
            if len(samples) < SAMPLES:
                samples.append(Sample(tuple(v for _, v in difference.key), key_text(difference)))

    def findings(self) -> list[Finding]:
        """Return what was gathered, as findings."""
        return [self._finding(*place) for place in sorted(self._counts)]

    def _finding(self, kind: str, column: str) -> Finding:
        count, samples = self._counts[kind, column], self._samples[kind, column]
        table = self._table.target
        subject = f'"{table}"."{column}"' if column else f'"{table}"'
        said = {
            "missing": f"{counted(count, 'row')} of {subject}: in the source only",
            "extraneous": f"{counted(count, 'row')} of {subject}: in the target only",
            "mismatching": f"{counted(count, 'value')} of {subject}: not the same on both sides",
        }
        return Finding(
            check="values",
            subject=subject,
            kind=kind,
            message=said[kind],
            count=count,
            detail=f"first key {samples[0].value}",
            samples=tuple(samples),
        )


def key_text(difference: Difference) -> str:
    """Return a difference's key for a person: `id=17, name='x'`."""
    return ", ".join(f"{name}={value!r}" for name, value in difference.key)


def target_image(connection: Connection[Any], plan: Plan, live: Catalog) -> str:
    """Return a digest of the row versions of every table of the schema, and of its sequences.

    A row version is where it stands and which transaction wrote it (`ctid`, `xmin`): any INSERT,
    UPDATE or DELETE changes the sum, and nothing else but a table rewrite does
    (https://www.postgresql.org/docs/current/ddl-system-columns.html).
    """
    present = [table.name for table in live.tables if table.kind is TableKind.TABLE]
    tables = [_table_image(connection, plan.schema, name) for name in present]
    return digest([*tables, *_sequence_images(connection, plan, set(present))])


def _sequence_images(
    connection: Connection[Any], plan: Plan, present: set[str]
) -> Iterator[list[str]]:
    query = "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)::text"
    for number in plan.numbers:
        if number.table not in present:
            continue
        table = sql.Identifier(plan.schema, number.table).as_string()
        ((last,),) = connection.execute(query, (table, number.column)).fetchall()
        yield [number.table, number.column, str(last)]


def _table_image(connection: Connection[Any], schema: str, table: str) -> list[str]:
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(ctid::text || ' ' || xmin::text, 0)), 0)"
        " FROM {}"
    ).format(sql.Identifier(schema, table))
    rows, versions = connection.execute(query).fetchall()[0]
    return [table, str(rows), str(versions)]
