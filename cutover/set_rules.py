"""Ask every rule about every migration set: what must hold whatever the schema is.

A set is run in a scratch database: a temporary file for SQLite, a borrowed database for PostgreSQL.
One database serves all the questions about a set: up, step by step where a step is asked about; its
models; down; up again. A set that has several heads is only read.

Alembic keeps module-global state, so the sets are run one after the other.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg import sql

from cutover.catalog import Catalog, Provider
from cutover.errors import SourceError, TargetError
from cutover.events import Emit, StepFinished, StepStarted
from cutover.operations import operations_of
from cutover.plan import Finding
from cutover.registry import rules
from cutover.set_facts import Failure, MigrationSet, RoundTrip, SetFacts, Step
from cutover.sources.sqlite.inspect import inspect as inspect_sqlite
from cutover.targets.postgres.connect import connect, target_errors
from cutover.targets.postgres.inspect import inspect as inspect_postgres
from cutover.targets.postgres.sqlfile import read_blocks

Scratch = Callable[[], AbstractContextManager[str]]
"""Lends the URL of an empty PostgreSQL database."""

_STEP = "rules"
_SQL = read_blocks("cutover", "set_rules.sql")


def find_breaches(
    sets: Sequence[MigrationSet], *, scratch: Scratch, schema: str = "public", emit: Emit
) -> tuple[Finding, ...]:
    """Return what breaks a rule, set by set, rule by rule.

    UsageError for a set that can't be loaded; SourceError or TargetError for one that has one head
    and doesn't reach it from an empty database.
    """
    names = _names(sets)
    read = [_read(each, name) for each, name in zip(sets, names, strict=True)]
    found: list[Finding] = []
    for facts in read:
        title = f'rules of the set "{facts.name}"'
        emit(StepStarted(step=_STEP, title=title))
        whole = replace(_built(facts, scratch, schema), others=_others(facts, read))
        breaches = [breach for rule in rules.all().values() for breach in rule.find(whole)]
        note = f"{len(breaches)} broken" if breaches else ""
        emit(StepFinished(step=_STEP, title=title, note=note))
        found += breaches
    return tuple(found)


def _names(sets: Sequence[MigrationSet]) -> list[str]:
    """Return the shortest ends of the sets' folders that are different from one another."""
    parts = [each.directory.resolve().parts for each in sets]
    for length in range(1, max(map(len, parts), default=0)):
        names = ["/".join(each[-length:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    return [str(each.directory) for each in sets]


def _read(each: MigrationSet, name: str) -> SetFacts:
    from cutover import alembic_walk  # noqa: PLC0415 - a quarter of a second, as in `migrate`

    heads, revisions = alembic_walk.load_revisions(each.directory)
    return SetFacts(set=each, name=name, heads=heads, revisions=revisions)


def _others(facts: SetFacts, read: Sequence[SetFacts]) -> tuple[SetFacts, ...]:
    return tuple(other for other in read if other.set.provider is not facts.set.provider)


def _built(facts: SetFacts, scratch: Scratch, schema: str) -> SetFacts:
    """Return the facts with what a database tells."""
    if len(facts.heads) != 1:
        return facts
    if facts.set.provider is Provider.POSTGRES:
        with scratch() as url:
            _make_schema(url, schema)
            return _Bench(facts, url, schema).facts()
    with tempfile.TemporaryDirectory(prefix="cutover-rules-") as folder:
        return _Bench(facts, Path(folder) / "scratch.db", schema).facts()


def _make_schema(url: str, schema: str) -> None:
    """Make the schema that the set is run in; every database comes with `public`."""
    if schema != "public":
        with closing(connect(url, autocommit=True)) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))


@dataclass(frozen=True, slots=True)
class _Bench:
    """A set, and the scratch database that it is run on."""

    read: SetFacts
    place: str | Path
    """The URL of PostgreSQL's, the path of SQLite's."""
    schema: str

    @property
    def directory(self) -> Path:
        """The set's folder."""
        return self.read.set.directory

    def facts(self) -> SetFacts:
        """Run the set up, down and up; return what was read of it, and what the runs told."""
        from cutover import alembic_walk  # noqa: PLC0415 - as above

        steps = tuple(self._steps())
        self._up("heads")
        first = self._catalog()
        models = alembic_walk.model_differences(self.place, self.directory, self.schema)
        if isinstance(models, Failure):
            raise self._failure(models)
        trip = self._down_and_up(RoundTrip(first=first))
        return replace(self.read, steps=steps, models=models, round_trip=trip)

    def _steps(self) -> Iterator[Step]:
        """Yield the revisions of a SQLite set that rebuild a table, each as a step."""
        if isinstance(self.place, str):
            return
        held: Catalog | None = None
        for revision in self.read.revisions:
            if not any(each.batch for each in operations_of(revision.tree)):
                held = None
                continue
            if held is None:
                for parent in revision.down:
                    self._up(parent)
                held = self._catalog()
            self._up(revision.id)
            before, held = held, self._catalog()
            yield Step(revision=revision.id, before=before, after=held)

    def _down_and_up(self, trip: RoundTrip) -> RoundTrip:
        from cutover import alembic_walk  # noqa: PLC0415 - as above

        if failure := alembic_walk.downgrade(self.place, self.directory, self.schema):
            return replace(trip, down_failure=failure)
        trip = replace(trip, left=self._left())
        if failure := alembic_walk.upgrade(self.place, self.directory, "heads", self.schema):
            return replace(trip, up_failure=failure)
        return replace(trip, second=self._catalog())

    def _up(self, revision: str) -> None:
        from cutover import alembic_walk  # noqa: PLC0415 - as above

        if failure := alembic_walk.upgrade(self.place, self.directory, revision, self.schema):
            raise self._failure(failure)

    def _failure(self, failure: Failure) -> SourceError | TargetError:
        named = f'revision "{failure.revision}" of ' if failure.revision else ""
        class_ = SourceError if isinstance(self.place, Path) else TargetError
        return class_(
            f'{named}the set "{self.directory}" failed on an empty database',
            detail=failure.words,
            hint="mend it, then run the same command again",
        )

    def _catalog(self) -> Catalog:
        if isinstance(self.place, Path):
            return inspect_sqlite(self.place) if self.place.exists() else _NOTHING
        with closing(connect(self.place, schema=self.schema, autocommit=True)) as connection:
            return inspect_postgres(connection, self.schema)

    def _left(self) -> tuple[str, ...]:
        """Return what the database still holds at the base, in words."""
        if isinstance(self.place, Path):
            query = (
                "SELECT type, name FROM sqlite_master WHERE tbl_name NOT IN (?, ?) ORDER BY 1, 2"
            )
            with closing(sqlite3.connect(self.place)) as connection:
                rows = connection.execute(query, ("alembic_version", "sqlite_sequence")).fetchall()
            return tuple(f'{kind} "{name}"' for kind, name in rows)
        opened = closing(connect(self.place, schema=self.schema, autocommit=True))
        with opened as connection, target_errors(f'reading schema "{self.schema}"'):
            named = sql.Identifier(self.schema).as_string(connection)
            found = connection.execute(_SQL["leftovers"], {"schema": named})
            return tuple(words for (words,) in found)


_NOTHING = Catalog(provider=Provider.SQLITE, label="")
