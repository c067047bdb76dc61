"""Step: bring a database to the head of its Alembic set, and prove that it got there.

Alembic has no lock, and exits without an error having applied nothing when a statement ran on its
connection before `context.configure()` (SQLAlchemy then rolls the whole upgrade back). So its own
word is not taken: the revision is read again, afterwards, on a fresh connection.

Alembic and SQLAlchemy take a quarter of a second to import, so they are imported where a set is
looked at, and not by every command.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from cutover import leftovers
from cutover.errors import CutoverError, Refused, SourceError, TargetError
from cutover.events import Emit, StepFinished, StepStarted
from cutover.journal import Journal, TakenDown
from cutover.leftovers import invalid_indexes
from cutover.targets.postgres.connect import Connection, connect, place_of, target_errors
from cutover.targets.postgres.inspect import inspect
from cutover.targets.postgres.urls import parse_url
from cutover.turn import take_turn, work_under_lock
from cutover.waiting import Patience
from cutover.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What bringing one database to the head of its set came to."""

    database: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    applied: bool
    tables: int | None = None
    """How many there are now; only where something was applied to PostgreSQL."""
    dropped: tuple[str, ...] = ()
    """Invalid indexes that an earlier attempt had left."""
    backup: str = ""
    """Where the file as it was lies; SQLite only, and only where there was work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A PostgreSQL database and the set that it follows. `holder` is who asks, to a person."""

    url: str
    directory: Path
    schema: str = "public"
    holder: str = ""


def heads_of(directory: Path) -> tuple[str, ...]:
    """Return the head of a set, which is loaded but not run. UsageError as in `alembic_set`."""
    from cutover import alembic_set  # noqa: PLC0415 - see above

    return alembic_set.heads_of(directory)


def migrate_postgres(url: str, directory: Path, *, schema: str = "public") -> tuple[str, ...]:
    """Upgrade a PostgreSQL database to head; return its revision as a fresh connection sees it.

    A schema that is missing is made first. UsageError as in `heads_of`. TargetError, naming the
    set and the revision, whatever the set raises, and where Alembic reports success without
    having reached head; TryAgain and Partial for a lock and a lost connection.
    """
    from cutover import alembic_set  # noqa: PLC0415 - see above

    heads = alembic_set.heads_of(directory)
    _make_schema(url, schema)
    if revisions_of(url, schema=schema) == heads:
        return heads
    alembic_set.upgrade_postgres(url, directory, schema)
    assert_head(revisions_of(url, schema=schema), heads, directory)
    return heads


def migrate_in_turn(place: Place, patience: Patience) -> Migrated:
    """Upgrade a PostgreSQL database to head, one process at a time; at head, only say so.

    Whoever waited for the turn looks again before it works. Errors as in `migrate_postgres` and
    `take_turn`; TryAgain too while a run is in progress, Refused where one was left unfinished.
    """
    heads = heads_of(place.directory)
    before = revisions_of(place.url, schema=place.schema)
    if before == heads:
        return _as_it_is(place, before)
    with take_turn(place.url, place.schema, patience) as turn:
        before = revisions_of(place.url, schema=place.schema)
        if before == heads:
            return _as_it_is(place, before)
        with _no_run(turn.connection, place.holder):
            dropped = _drop_leftovers(place, patience.emit)
            upgrade = f"upgrade to {', '.join(heads)}"
            patience.emit(StepStarted(step="upgrade", title=upgrade))
            _upgrade(place, patience)
    after, tables = _read_anew(place)
    assert_head(after, heads, place.directory)
    _assert_all_valid(place)
    # Not before: Alembic's own word that it is done is no reason to call it so.
    patience.emit(StepFinished(step="upgrade", title=upgrade))
    return Migrated(
        database=_name(place),
        before=before,
        after=after,
        applied=True,
        tables=tables,
        dropped=dropped,
    )


def migrate_sqlite(path: Path, directory: Path) -> tuple[str, ...]:
    """Upgrade a SQLite file to head, made where it is missing; return its revision, read anew.

    Errors as in `migrate_postgres`, but SourceError where the set or SQLite says no.
    """
    from cutover import alembic_set  # noqa: PLC0415 - see above

    heads = alembic_set.heads_of(directory)
    alembic_set.upgrade_sqlite(path, directory)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    found = tuple(version for (version,) in rows)
    assert_head(found, heads, directory, error=SourceError)
    return heads


def revisions_of(url: str, *, schema: str = "public") -> tuple[str, ...]:
    """Return the revisions in a database's `alembic_version`, sorted.

    () where there is no such table, or no such schema; TargetError where it can't be read.
    """
    name = sql.Identifier(schema, "alembic_version")
    subject = f'reading "{schema}"."alembic_version"'
    opened = closing(connect(url, schema=schema, autocommit=True))
    with opened as connection, target_errors(subject):
        found = connection.execute("SELECT to_regclass(%s)", (name.as_string(connection),))
        if found.fetchone() == (None,):
            return ()
        query = sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(name)
        return tuple(row[0] for row in connection.execute(query))


def _make_schema(url: str, schema: str) -> None:
    """Make a schema that is missing. TargetError where the role may not."""
    if schema == "public":
        return
    name = sql.Identifier(schema)
    opened = closing(connect(url, autocommit=True))
    with opened as connection, target_errors(f'making schema "{schema}"'):
        found = connection.execute("SELECT to_regnamespace(%s)", (name.as_string(connection),))
        if found.fetchone() != (None,):
            return
        try:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
        except psycopg.errors.InsufficientPrivilege as error:
            raise _no_schema(error, schema, connection.info) from error


def _no_schema(error: psycopg.Error, schema: str, info: psycopg.ConnectionInfo) -> TargetError:
    return TargetError(
        f'schema "{schema}" is missing, and role "{info.user}" may not make it',
        detail=str(error.diag.message_primary),
        hint=f'make it: CREATE SCHEMA "{schema}" AUTHORIZATION "{info.user}"; '
        f'or let the role: GRANT CREATE ON DATABASE "{info.dbname}" TO "{info.user}"',
    )


def assert_known(found: tuple[str, ...], directory: Path) -> None:
    """Refuse a target that another set has migrated: its tables are not this set's to judge."""
    from cutover import alembic_walk  # noqa: PLC0415 - see above

    known = {revision.id for revision in alembic_walk.load_revisions(directory)[1]}
    strange = [revision for revision in found if revision not in known]
    if strange:
        raise Refused(
            f'the target is at revision "{strange[0]}", which "{directory}" does not have',
            detail="its alembic_version was written by another set, or by a newer one",
            hint="name the set that made the target: [sets] postgres; "
            "or move into a database or [target] schema of its own",
        )


def assert_head(
    found: tuple[str, ...],
    wanted: tuple[str, ...],
    directory: Path,
    *,
    error: type[CutoverError] = TargetError,
) -> None:
    """Raise where Alembic reported success and the database is not at the head of the set."""
    if found == wanted:
        return
    raise error(
        f'nothing was applied: the set "{directory}" is not at its head',
        detail=f"Alembic reported success; the database is at {', '.join(found) or 'no revision'}, "
        f"head is {', '.join(wanted)}",
        hint="its env.py must not run a statement on the connection before context.configure()",
    )


def _as_it_is(place: Place, found: tuple[str, ...]) -> Migrated:
    return Migrated(database=_name(place), before=found, after=found, applied=False)


def _name(place: Place) -> str:
    return place_of(parse_url(place.url))


def _read_anew(place: Place) -> tuple[tuple[str, ...], int]:
    """Return revision and number of tables as a fresh connection finds them in the catalog."""
    with closing(connect(place.url, schema=place.schema, autocommit=True)) as connection:
        found = inspect(connection, place.schema)
    return found.revisions, len(found.tables)


@contextmanager
def _no_run(connection: Connection, holder: str) -> Iterator[None]:
    """Keep runs out while the block changes the schema under them; only where there is a journal.

    The lease is not given back after an error: its connection ends then, and so does the lease.
    """
    journal = Journal(connection)
    if not journal.exists():
        yield
        return
    journal.take_lease(holder)
    run = journal.latest_run()
    if run and run.state == "running" and (down := journal.taken_down(run.id)):
        journal.release_lease()
        raise _unfinished(run.id, down)
    yield
    journal.release_lease()


def _unfinished(run: int, down: tuple[TakenDown, ...]) -> Refused:
    first, more = down[0], len(down) - 1
    also = f" and {counted(more, 'other')}" if more else ""
    return Refused(
        "an unfinished run has taken keys and indexes of this target down",
        detail=f'run {run} was interrupted; still down: {first.kind} "{first.name}" of '
        f'"{first.table}"{also}, which the revisions of a set would miss',
        hint="finish it: cutover apply; then run the same command again",
    )


def _drop_leftovers(place: Place, emit: Emit) -> tuple[str, ...]:
    found = invalid_indexes(place.url, place.schema, place.directory)
    return leftovers.drop(found, place.url, place.schema, emit=emit)


def _upgrade(place: Place, patience: Patience) -> None:
    """Run the set; whatever ends it, no index that it left half built stays behind."""
    from cutover import alembic_set  # noqa: PLC0415 - see above

    _make_schema(place.url, place.schema)
    try:
        alembic_set.upgrade_postgres(
            place.url,
            place.directory,
            place.schema,
            prepare=lambda connection: work_under_lock(connection, place.schema, patience),
        )
    except BaseException:  # Terminated too; and what this can't drop, the next attempt will
        with suppress(CutoverError):
            _drop_leftovers(place, patience.emit)
        raise


def _assert_all_valid(place: Place) -> None:
    """Raise TargetError where the set reached its head with an index that no query will use."""
    found = invalid_indexes(place.url, place.schema, place.directory)
    if not found:
        return
    names = ", ".join(index.name for index in found)
    rebuild = sql.SQL("REINDEX INDEX CONCURRENTLY {}")
    first = rebuild.format(sql.Identifier(place.schema, found[0].name)).as_string()
    raise TargetError(
        f'index "{found[0].name}" of the set is invalid, although the set is at its head',
        detail=f"{names}; a revision went on after CREATE INDEX CONCURRENTLY had failed",
        hint=f"build it again: {first}",
    )
