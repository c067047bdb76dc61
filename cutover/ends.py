"""The ends of a comparison: a set, a database, or a snapshot, each opened as a catalog.

A set is run to its head where nobody else is: a PostgreSQL set in a scratch database, a SQLite set
in a file of its own. While the end is open, its server writes expressions as it would store them.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cutover.catalog import Catalog, Provider
from cutover.counterparts import Deparse, Select, no_rows, no_server
from cutover.counterparts.views import DeparseView, no_view_server
from cutover.errors import UsageError
from cutover.migrate import migrate_postgres, migrate_sqlite
from cutover.settings import Settings, redacted
from cutover.snapshot import read_snapshot
from cutover.sources.sqlite.connect import open_source, source_errors
from cutover.sources.sqlite.inspect import inspect as inspect_source
from cutover.sources.sqlite.rows import selected as select_source
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.deparse import Deparser
from cutover.targets.postgres.inspect import inspect as inspect_target
from cutover.targets.postgres.rows import selected as select_target
from cutover.targets.postgres.scratch import scratch_database

Server = Callable[[], AbstractContextManager[str]]
"""Lends the URL of a server where scratch databases may be made; started only if it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end, open. `sets` are the directories that its objects come from."""

    catalog: Catalog
    deparse: Deparse = no_server
    deparse_view: DeparseView = no_view_server
    select: Select = no_rows
    sets: tuple[Path, ...] = ()


@contextmanager
def open_end(text: str, settings: Settings, server: Server) -> Iterator[End]:
    """Open one end of the command line. UsageError where it is none of the known forms."""
    kind, _, rest = text.partition(":")
    if kind in ("postgresql", "postgres"):
        with _live(text, settings) as end:
            yield end
    elif kind == "set" and rest:
        directory = _set_directory(Path(rest))
        with open_set(directory, provider_of(directory, settings), settings, server) as end:
            yield end
    elif kind == "sqlite" and rest:
        with _file(Path(rest)) as end:
            yield end
    elif kind == "snapshot" and rest:
        yield End(catalog=read_snapshot(Path(rest)))
    else:
        # Only its first word: the rest may be a URL with a typo, and hold a password.
        said = re.sub(r"(?<=[:=]).+", "…", text, count=1, flags=re.DOTALL)
        forms = "set:PATH, sqlite:FILE, postgresql://… or snapshot:FILE"
        raise UsageError(f'"{said}" is no end of a comparison', hint=f"an end is {forms}")


@contextmanager
def open_set(
    directory: Path, provider: Provider, settings: Settings, server: Server
) -> Iterator[End]:
    """Run a set to its head, and open what it makes."""
    if provider is Provider.SQLITE:
        yield End(catalog=_sqlite_set(directory), sets=(directory,))
        return
    schema = settings.target.schema_
    with server() as url, scratch_database(url) as scratch:
        migrate_postgres(scratch, directory, schema=schema)
        with closing(connect(scratch, schema=schema, autocommit=True)) as connection:
            catalog = replace(inspect_target(connection, schema), label=directory.name)
            yield _asked(End(catalog=catalog, sets=(directory,)), connection, schema)


def in_order(left: End, right: End) -> tuple[End, End]:
    """Return two ends with SQLite's on the left, where only one is SQLite's."""
    if (left.catalog.provider, right.catalog.provider) == (Provider.POSTGRES, Provider.SQLITE):
        return right, left
    return left, right


def provider_of(directory: Path, settings: Settings) -> Provider:
    """Return whose set a directory holds: as the settings say, or else as its path does."""
    resolved = directory.resolve()
    if resolved in {settings.path(name).resolve() for name in settings.sets.sqlite}:
        return Provider.SQLITE
    postgres = settings.sets.postgres
    if postgres is not None and resolved == settings.path(postgres).resolve():
        return Provider.POSTGRES
    for part in reversed(resolved.parts):
        said = [provider for provider in Provider if provider.value in part.lower()]
        if len(said) == 1:
            return said[0]
    raise UsageError(
        f"whose set is \"{directory}\": SQLite's or PostgreSQL's?",
        hint="name it in cutover.toml, under [sets] sqlite or [sets] postgres",
    )


def _set_directory(directory: Path) -> Path:
    """Return a set's folder. UsageError where it is none: before it is asked whose it is."""
    if (directory / "env.py").is_file():
        return directory
    there = directory.is_dir()
    raise UsageError(
        f'"{directory}" is not an Alembic set' if there else f'set "{directory}" does not exist',
        detail="it has no env.py" if there else "",
        hint="name the folder that holds env.py and versions/: set:PATH",
    )


def _sqlite_set(directory: Path) -> Catalog:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "at-head.db"
        migrate_sqlite(path, directory)
        with closing(open_source(path)) as connection, source_errors(str(path)):
            return inspect_source(connection, directory.name)


@contextmanager
def _file(path: Path) -> Iterator[End]:
    with closing(open_source(path)) as connection:
        with source_errors(str(path)):
            catalog = inspect_source(connection, path.name)
        yield End(catalog=catalog, select=partial(select_source, connection))


@contextmanager
def _live(url: str, settings: Settings) -> Iterator[End]:
    schema = settings.target.schema_
    with closing(connect(url, schema=schema, autocommit=True)) as connection:
        catalog = replace(inspect_target(connection, schema), label=redacted(url))
        select = partial(select_target, connection, schema)
        yield _asked(End(catalog=catalog, select=select), connection, schema)


def _asked(end: End, connection: Connection, schema: str) -> End:
    """Return an end whose server can be asked how it writes things."""
    deparser = Deparser(connection, schema)
    return replace(end, deparse=deparser.expression, deparse_view=deparser.view)
