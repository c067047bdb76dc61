"""Asks both databases all that a plan is decided from: the only reading that planning does.

The target is planned against as it will be: its set runs to head in a scratch database, on the
same server where that is allowed, and what it makes there is inspected. The sources are scanned
once, in one read transaction each.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cutover.carrying import column_plans
from cutover.catalog import Catalog, ForeignKey, Table, TableKind, base_type
from cutover.claiming import probes
from cutover.counterparts import Pair
from cutover.dialect.clock import asks_clock, frozen
from cutover.errors import UsageError
from cutover.events import Emit, StepFinished, StepProgress, StepStarted
from cutover.facts import Apart, PlanInput, SourceFacts, TargetFacts
from cutover.journal import Journal, Run
from cutover.long_keys import find_long_keys
from cutover.migrate import assert_known, heads_of, migrate_postgres
from cutover.plan import Plan, SourceState
from cutover.profile import Clash, TableProfile
from cutover.registry import coercions
from cutover.secrecy import untold
from cutover.settings import RowSettings, Settings, redacted, unknown_name
from cutover.source_files import SourceFile
from cutover.sources.sqlite.apart import Family, apart_from
from cutover.sources.sqlite.clashes import find_clashes
from cutover.sources.sqlite.collations import assert_comparable
from cutover.sources.sqlite.connect import check_integrity, source_errors
from cutover.sources.sqlite.inspect import sequence_values
from cutover.sources.sqlite.rows import all_of, count, cursor_of, told_by
from cutover.sources.sqlite.scan import scan
from cutover.target_keys import target_keys
from cutover.targets.postgres.connect import connect, target_errors
from cutover.targets.postgres.inspect import inspect as inspect_target
from cutover.targets.postgres.inspect import nonempty_tables
from cutover.targets.postgres.scratch import scratch_database
from cutover.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What a survey is made with. `now` is what row filters take for the current time, if any."""

    settings: Settings
    url: str
    now: str
    emit: Emit


def survey(inquiry: Inquiry, sources: list[SourceFile]) -> PlanInput:
    """Return everything a plan is decided from. Both databases stay as they are."""
    settings, url, emit = inquiry.settings, inquiry.url, inquiry.emit
    directory = postgres_set(settings)
    with _examined(sources):
        expected = expected_catalog(url, directory, settings.target.schema_, emit=emit)
    _assert_known(settings, sources)
    images = {source.label: source.image for source in sources}
    run, plan = _latest(url, settings.target.schema_)
    moment = _moment(settings, plan, images) or inquiry.now
    asks, settings = _frozen(settings, moment)
    apart: dict[str, dict[str, Apart]] = {}
    for source in sources:
        apart[source.label], settings = _set_apart(settings, source, expected)
    facts = tuple(
        replace(
            _source_facts(
                replace(inquiry, settings=settings.for_source(source.label)), source, expected
            ),
            apart=apart[source.label],
        )
        for source in sources
    )
    target = _target_facts(settings, url, expected, run)
    return PlanInput(settings=settings, sources=facts, target=target, moment=moment if asks else "")


@contextmanager
def _examined(sources: list[SourceFile]) -> Iterator[None]:
    """Read the sources for damage while the server is busy; SourceError at the end, where any is.

    What a broken index hides would be missing from every count. Broken rules are no damage, and
    some that SQLite tells of are none: 3.40 takes the columns of a WITHOUT ROWID table for others.
    The scan counts what a rule of the target would refuse.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        found = [reader.submit(check_integrity, each.connection, each.label) for each in sources]
        try:
            yield
        except BaseException:
            reader.shutdown(wait=False, cancel_futures=True)
            for source in sources:
                source.connection.interrupt()  # nobody waits for the end of a large file
            raise
        for each in found:
            each.result()


def _latest(url: str, schema: str) -> tuple[Run | None, Plan | None]:
    opened = closing(connect(url, schema=schema, autocommit=True))
    with opened as connection, target_errors("the journal"):
        journal = Journal(connection)
        run = journal.latest_run()
        return run, journal.plan_of(run.id) if run else None


def _moment(settings: Settings, plan: Plan | None, images: dict[str, str]) -> str:
    """Return the moment of the run that has this very data: planning again must mean the same."""
    same = plan is not None and {s.label: s.image for s in plan.sources} == images
    return plan.moment if plan is not None and same and settings.rows else ""


def _assert_known(settings: Settings, sources: list[SourceFile]) -> None:
    """Refuse a setting about a table that no source has: a typo must not be a setting ignored."""
    for source in sources:
        rows = settings.for_source(source.label).rows
        for table in source.catalog.tables:
            if where := rows.get(table.name, RowSettings()).where:
                assert_comparable(table, where)
    known = {name for source in sources for name in _names(source)}
    for section, names in (("rows", settings.rows), ("tables.rename", settings.tables.rename)):
        for name in names:
            if name not in known:
                raise unknown_name(f"[{section}]", name, known)


def _names(source: SourceFile) -> Iterator[str]:
    for table in source.catalog.tables:
        yield from (table.name, f"{source.label}:{table.name}")


def _frozen(settings: Settings, moment: str) -> tuple[bool, Settings]:
    """Return settings whose row filters ask for one moment, and whether any asked the clock."""
    filters = {name: rows.where for name, rows in settings.rows.items() if rows.where}
    asking = {name for name, where in filters.items() if asks_clock(where)}
    rows = dict(settings.rows) | {
        name: settings.rows[name].model_copy(update={"where": frozen(where, moment)})
        for name, where in filters.items()
    }
    return bool(asking), settings.model_copy(update={"rows": rows})


def _set_apart(
    settings: Settings, source: SourceFile, expected: Catalog
) -> tuple[dict[str, Apart], Settings]:
    """Find the rows that go into quarantine; return settings whose row filters leave them out."""
    if all(rows.orphans != "quarantine" for rows in settings.rows.values()):
        return {}, settings
    seen = settings.for_source(source.label)
    families = tuple(_families(seen, source, expected))
    found: dict[str, Apart] = {}
    reasons = [rows.reason for rows in seen.rows.values() if rows.orphans == "quarantine"]
    rows = dict(settings.rows)
    with source_errors(source.label):
        for name, condition in apart_from(families).items():
            given = seen.rows.get(name, RowSettings())
            within = all_of(given.where, condition)
            if number := count(source.connection, name, where=within):
                reason = given.reason or f"their parents are kept apart: {'; '.join(reasons)}"
                found[name] = Apart(condition=within, rows=number, reason=reason)
                where = all_of(given.where, f"NOT {condition}")
                rows[f"{source.label}:{name}"] = given.model_copy(
                    update={"where": where, "reason": reason}
                )
    return found, settings.model_copy(update={"rows": rows})


def _families(settings: Settings, source: SourceFile, expected: Catalog) -> Iterator[Family]:
    """Yield the tables that are carried, with the target's foreign keys and what is set of each."""
    for table in source.catalog.tables:
        pair = _pair(settings, table, expected) if is_carried(settings, table) else None
        if pair is None:
            continue
        given = settings.rows.get(table.name, RowSettings())
        if given.orphans == "quarantine" and not cursor_of(table):
            raise UsageError(
                f'orphans of "{table.name}" cannot be kept apart: its rows have no name',
                detail="its columns take all three names of the rowid, and it has no other key",
                hint=f'[rows] "{table.name}" = {{ orphans = "not-valid", reason = "…" }}',
            )
        yield Family(
            table=table,
            links=tuple(_links(settings, pair, source.catalog)),
            where=given.where,
            begins=given.orphans == "quarantine",
            follows=given.orphans != "not-valid",
        )


def postgres_set(settings: Settings) -> Path:
    """Return the folder of the PostgreSQL set. UsageError where none is set."""
    if settings.sets.postgres is None:
        raise UsageError(
            "no Alembic set for PostgreSQL is named",
            hint="write one: cutover init SOURCE; or name it in cutover.toml: "
            '[sets] postgres = "alembic_postgres"',
        )
    return settings.path(settings.sets.postgres)


def expected_catalog(url: str, directory: Path, schema: str, *, emit: Emit) -> Catalog:
    """Return the target as its set makes it, read from a scratch database that is then dropped."""
    heads_of(directory)
    emit(StepStarted(step="scratch", title="run the set in a scratch database"))
    with scratch_database(url) as scratch:
        migrate_postgres(scratch, directory, schema=schema)
        with closing(connect(scratch, schema=schema, autocommit=True)) as connection:
            # The scratch database's name is an accident, and would change every plan's digest.
            catalog = replace(inspect_target(connection, schema), label=f"{directory.name} at head")
    count = sum(table.kind is TableKind.TABLE for table in catalog.tables)
    note = f"{counted(count, 'table')} at {', '.join(catalog.revisions)}"
    emit(StepFinished(step="scratch", title="run the set in a scratch database", note=note))
    return catalog


def _source_facts(inquiry: Inquiry, source: SourceFile, expected: Catalog) -> SourceFacts:
    settings = inquiry.settings
    tables = [table for table in source.catalog.tables if is_carried(settings, table)]
    pairs = {table.name: _pair(settings, table, expected) for table in tables}
    with source_errors(source.label):
        sequences = sequence_values(source.connection)
    return SourceFacts(
        state=SourceState(
            label=source.label,
            path=str(source.path),
            catalog=source.catalog.fingerprint,
            image=source.image,
        ),
        catalog=source.catalog,
        profiles={
            table.name: _measured(inquiry, source, table, pairs[table.name]) for table in tables
        },
        cursors={table.name: cursor_of(table) for table in tables},
        sequences=sequences,
    )


def is_carried(settings: Settings, table: Table) -> bool:
    """Tell whether a table's rows are to be carried, as far as settings and its kind decide it."""
    return table.kind is TableKind.TABLE and settings.excludes(table.name) is None


def _pair(settings: Settings, table: Table, expected: Catalog | None) -> Pair | None:
    target = expected.table(settings.target_name(table.name)) if expected else None
    if target is None:
        return None
    return Pair(
        source=table,
        target=target,
        column_name=settings.column_name,
        table_name=settings.target_name,
    )


def profile(
    settings: Settings, source: SourceFile, table: Table, pair: Pair | None, *, emit: Emit
) -> TableProfile:
    """Scan one table; look for what its target's type and keys could refuse."""
    step, rows = f"profile {table.name}", settings.rows.get(table.name)
    emit(StepStarted(step=step, title=step))
    with source_errors(source.label):
        found = scan(
            source.connection,
            table,
            where=rows.where if rows else None,
            json_columns=_json_columns(pair),
            probes=probes(settings, pair) if pair else {},
            emit=lambda done: emit(StepProgress(step=step, done=done)),
        )
    if pair is not None:
        found = replace(found, clashes=_clashes(settings, source, pair, found))
    emit(StepFinished(step=step, title=step, rows=found.rows))
    names = (column.name for column in table.columns)
    secret = {name for name in names if settings.column(table.name, name).secret}
    return untold(found, secret, told_by(table))


def _measured(
    inquiry: Inquiry, source: SourceFile, table: Table, pair: Pair | None
) -> TableProfile:
    """Return a profile with the rows that are too long for an index of the target."""
    found = profile(inquiry.settings, source, table, pair, emit=inquiry.emit)
    if pair is None:
        return found
    rows = inquiry.settings.rows.get(table.name)
    with source_errors(source.label):
        long = find_long_keys(
            inquiry.url, source.connection, pair, found, where=rows.where if rows else None
        )
    return replace(found, too_long=long)


def _clashes(
    settings: Settings, source: SourceFile, pair: Pair, found: TableProfile
) -> tuple[Clash, ...]:
    """Find the rows that the target's own constraints would refuse, in terms of the source."""
    links = tuple(_links(settings, pair, source.catalog))
    filters = {name: rows.where for name, rows in settings.rows.items() if rows.where}
    meanings = {
        column.source: coercions.get(column.coercion).meaning_of_stored(column.options)
        for column in column_plans(settings, pair, found)
    }
    keys = tuple(target_keys(pair, meanings))
    table = replace(pair.source, foreign_keys=links)
    with source_errors(source.label):
        return find_clashes(source.connection, table, keys=keys, filters=filters)


def _links(settings: Settings, pair: Pair, catalog: Catalog) -> Iterator[ForeignKey]:
    """Yield the target's foreign keys in the source's names, where the source has their columns."""
    names = {settings.column_name(column.name): column.name for column in pair.source.columns}
    tables = {settings.target_name(table.name): table.name for table in catalog.tables}
    for key in pair.target.foreign_keys:
        parent = catalog.table(tables.get(key.table, ""))
        own = [names[name] for name in key.columns if name in names]
        if parent is None or len(own) != len(key.columns):
            continue
        known = {pair.column_name(column.name): column.name for column in parent.columns}
        if all(name in known for name in key.references):
            references = tuple(known[name] for name in key.references)
            yield replace(key, columns=tuple(own), table=parent.name, references=references)


def _json_columns(pair: Pair | None) -> frozenset[str]:
    types = pair.types if pair else {}
    return frozenset(name for name, type_ in types.items() if base_type(type_) in _JSON)


_JSON = frozenset({"json", "jsonb"})


def _target_facts(settings: Settings, url: str, expected: Catalog, run: Run | None) -> TargetFacts:
    schema = settings.target.schema_
    names = tuple(table.name for table in expected.tables if table.kind is TableKind.TABLE)
    opened = closing(connect(url, schema=schema, autocommit=True))
    with opened as connection, target_errors("the target"):
        live = inspect_target(connection, schema)
        assert_known(live.revisions, postgres_set(settings))
        present = tuple(name for name in names if live.table(name))
        occupied = nonempty_tables(connection, schema, present)
        standing = run is not None and Journal(connection).still_stands(run)
    finished = run is not None and run.state == "finished"
    return TargetFacts(
        url=redacted(url),
        schema=schema,
        set=str(settings.sets.postgres),
        expected=expected,
        revisions=live.revisions,
        occupied=occupied,
        applied=frozenset({run.purpose}) if run and standing and finished else frozenset(),
        resumable=run.purpose if run and standing and not finished else None,
    )
