"""The command `migrate`: bring the database that the application opens to the head of its set.

It is what an init container runs before every start, by as many as start at once: nothing to do is
the usual case, and costs no lock. Which of the two databases is meant, the provider flag says; an
application whose flag was never set is on SQLite.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cutover.catalog import Provider
from cutover.errors import UsageError
from cutover.flags import open_store
from cutover.migrate import Migrated, Place, migrate_in_turn
from cutover.migrate_files import File, migrate_files
from cutover.session import Session, target_url
from cutover.settings import Settings
from cutover.waiting import Patience, wait_for_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long to wait: for the server to answer, and for others who are migrating."""

    server_seconds: float = 0.0
    lock_seconds: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What `migrate` did: to one target, or to every source file."""

    provider: Provider
    databases: tuple[Migrated, ...]
    waited_seconds: float = 0.0
    """For the server."""

    @property
    def applied(self) -> bool:
        """Whether there was something to do."""
        return any(database.applied for database in self.databases)


def migrate(session: Session, provider: Provider | None = None, *, wait: Wait) -> Migration:
    """Bring one provider's schema to head. Without `provider` the flag says which one.

    FlagError for a flag that names neither; UsageError where the settings name no set.
    """
    settings, in_target = session.settings, _flag_in_target(session.settings)
    if provider is None and not in_target:
        provider = _flag_of(settings, None)
    if provider is Provider.SQLITE:
        return _migrate_sources(session, wait)
    directory = _postgres_set(settings) if provider else None
    with _target(session, wait) as (url, waited):
        if (provider or _flag_of(settings, url)) is Provider.SQLITE:
            return replace(_migrate_sources(session, wait), waited_seconds=waited)
        place = Place(
            url=url,
            directory=directory or _postgres_set(settings),
            schema=settings.target.schema_,
            holder=session.holder,
        )
        done = migrate_in_turn(place, _patience(session, wait.lock_seconds))
    return Migration(provider=Provider.POSTGRES, databases=(done,), waited_seconds=waited)


def _migrate_sources(session: Session, wait: Wait) -> Migration:
    files = _files(session)
    done = migrate_files(files, _patience(session, wait.lock_seconds))
    return Migration(provider=Provider.SQLITE, databases=done)


@contextmanager
def _target(session: Session, wait: Wait) -> Iterator[tuple[str, float]]:
    """Yield the URL of the target, once it answers, and how long that took."""
    with target_url(session) as url:
        yield url, wait_for_server(url, _patience(session, wait.server_seconds))


def _patience(session: Session, seconds: float) -> Patience:
    return Patience(seconds=seconds, emit=session.emit)


def _flag_in_target(settings: Settings) -> bool:
    return settings.flag.store.partition(":")[0] == "postgres"


def _flag_of(settings: Settings, url: str | None) -> Provider:
    flag = open_store(settings.flag.store, base=settings.base, target_url=url).read()
    return Provider(flag.value) if flag else Provider.SQLITE


def _postgres_set(settings: Settings) -> Path:
    if settings.sets.postgres is None:
        hint = 'name it in cutover.toml: [sets] postgres = "alembic_postgres"'
        raise UsageError("no migration set of the target is named", hint=hint)
    return settings.path(settings.sets.postgres)


def _files(session: Session) -> tuple[File, ...]:
    """Return each source file with its set, which stands in the same place of its list."""
    settings = session.settings
    paths, sets = settings.databases, settings.sets.sqlite
    if not paths:
        raise UsageError(
            "no source file is named",
            detail='[source] databases is empty, or there is no "cutover.toml" here',
            hint="name the settings with --config, or write some: cutover init SOURCE",
        )
    if len(paths) != len(sets):
        raise UsageError(
            "every source file needs the set that makes its schema",
            detail=f"[source] databases names {len(paths)}, [sets] sqlite {len(sets)}",
            hint="name as many sets as files, in the same order: [sets] sqlite = […]",
        )
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError(
            "[source] databases names one file twice", hint="name each file once, with its set"
        )
    return tuple(
        File(
            path=path,
            directory=settings.path(name),
            backups=session.workdir / "backups",
            now=session.now,
        )
        for path, name in zip(paths, sets, strict=True)
    )
