"""An Alembic set: load it, run it. The only module that imports Alembic and SQLAlchemy.

A set is a program of its user's. Its env.py decides which database it changes, and Alembic's own
template doesn't look at the connection that is handed over: such a set is refused before it runs.
Whatever it raises is told with the set's name; SQLAlchemy's texts hold statement and parameters,
so the driver's error stands in for its own.

Alembic keeps module-global state: one set at a time in a process.
"""

import ast
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from urllib.parse import quote

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from cutover.errors import CutoverError, SourceError, TargetError, UsageError
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.errors import statement_error
from cutover.targets.postgres.urls import parse_url

Prepare = Callable[[Connection], None]

_NO_SET = "name the folder that holds env.py and versions/ in cutover.toml, under [sets]"
_TAKE_THE_CONNECTION = """\
make its last `if` an `elif`, and put these three lines above it:
if (connection := context.config.attributes.get("connection")) is not None:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction(): context.run_migrations()"""
# Alembic only warns of these two, and then fails with a bare KeyError, or runs one of the two.
_BROKEN_GRAPH = r"Revision .* (is present more than once|referenced from .* is not present)"


def heads_of(directory: Path) -> tuple[str, ...]:
    """Return the head of a set, which is loaded but not run.

    UsageError where it is no set, can't be loaded, has more than one head, or would not run on
    the connection that is handed to it.
    """
    _assert_takes_connection(directory)
    try:
        heads = _load_heads(directory)
    except (Exception, SystemExit) as error:
        raise _unloadable(error, directory) from error
    if len(heads) > 1:
        raise UsageError(
            f'the set "{directory}" has {len(heads)} heads',
            detail=", ".join(sorted(heads)),
            hint="join them: alembic merge heads",
        )
    return heads


def upgrade_postgres(
    url: str, directory: Path, schema: str, *, prepare: Prepare = lambda _connection: None
) -> None:
    """Upgrade a PostgreSQL database to head, on a connection of ours.

    `prepare` gets that connection before Alembic does. TargetError, naming the set and the
    revision, whatever the set raises; TryAgain and Partial for a lock and a lost connection.
    """
    try:
        with _engine(url, schema, prepare) as engine:
            _upgrade(engine, directory, schema)
    except CutoverError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a set may raise anything
        _raise_interrupt(error)
        raise _failure(error, directory, url) from _cause(error)


def upgrade_sqlite(path: Path, directory: Path) -> None:
    """Upgrade a SQLite file to head. SourceError, naming the set, whatever the set raises."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        upgrade_file(connection, directory, path.name)


def upgrade_file(connection: sqlite3.Connection, directory: Path, name: str) -> None:
    """Upgrade a SQLite file on a connection that stays the caller's. Errors as above.

    The driver opens no transaction for DDL by itself; here a revision is in one, and whole or not
    there at all. Foreign keys are not enforced: a batch operation drops the table that it
    rebuilds, and that would delete every row that refers to it.
    """
    try:
        _upgrade(_file_engine(connection), directory, None)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a set may raise anything
        _raise_interrupt(error)
        raise SourceError(
            f'the set "{directory}" failed on "{name}"',
            detail=_told(_cause(error), _place(error, directory)),
            hint="mend it, then run the same command again",
        ) from _cause(error)


def _file_engine(connection: sqlite3.Connection) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(
        "sqlite://", creator=lambda: connection, poolclass=sqlalchemy.StaticPool
    )
    sqlalchemy.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sqlalchemy.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    # Again and again: code that a set imports may turn it on for every new connection. Inside of
    # a transaction the pragma does nothing.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _assert_takes_connection(directory: Path) -> None:
    path = directory / "env.py"
    try:
        tree = ast.parse(path.read_bytes(), path.name)
    except OSError as error:
        detail = f"{error.strerror}: {path}"
        raise UsageError(
            f'"{directory}" is not an Alembic set', detail=detail, hint=_NO_SET
        ) from error
    except (SyntaxError, ValueError) as error:
        raise _unloadable(error, directory) from error
    if not _takes_connection(tree):
        raise UsageError(
            f'"{path}" does not use the connection that is handed to it',
            detail="it would choose a database by itself, and even a plan could change that one",
            hint=_TAKE_THE_CONNECTION,
        )


def _takes_connection(tree: ast.Module) -> bool:
    """Tell whether an env.py has code for `attributes` and for "connection"; comments are none."""
    nodes = tuple(ast.walk(tree))
    attributes = any(isinstance(n, ast.Attribute) and n.attr == "attributes" for n in nodes)
    return attributes and any(
        isinstance(n, ast.Constant) and n.value == "connection" for n in nodes
    )


def _load_heads(directory: Path) -> tuple[str, ...]:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=_BROKEN_GRAPH)
        return tuple(ScriptDirectory.from_config(_config(directory)).get_heads())


def _unloadable(error: BaseException, directory: Path) -> UsageError:
    hint = "mend the file, then run the same command again"
    if isinstance(error, ImportError):
        hint = "make it importable: install the application beside cutover, or set PYTHONPATH"
    detail = _told(error, _place(error, directory))
    return UsageError(f'the set "{directory}" cannot be loaded', detail=detail, hint=hint)


@contextmanager
def _engine(url: str, schema: str, prepare: Prepare) -> Iterator[sqlalchemy.Engine]:
    """Yield an engine whose connections are ours: same session settings, same error texts."""

    def opened() -> Connection:
        connection = with_own_types(connect(url, schema=schema))
        try:
            prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=opened,
        poolclass=sqlalchemy.NullPool,
        # Each connection is closed after its use. SQLAlchemy's own ROLLBACK before that would, on
        # a connection that was lost, print a traceback.
        pool_reset_on_return=None,
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _upgrade(engine: sqlalchemy.Engine, directory: Path, schema: str | None) -> None:
    config = _config(directory)
    with engine.connect() as connection:
        config.attributes.update(connection=connection, schema=schema)
        command.upgrade(config, "heads")


def _failure(error: BaseException, directory: Path, url: str) -> CutoverError:
    """Return what an upgrade's error means, in words without statement, parameter or password."""
    cause, subject = _cause(error), f'the set "{directory}"'
    frames = [frame for frame, _ in _frames(error, directory)]
    if frames and "down_revision" in frames[-1].f_globals:
        subject = f'revision "{frames[-1].f_globals.get("revision")}" of {subject}'
    if isinstance(cause, psycopg.Error):
        return statement_error(cause, subject)
    detail = _without_password(_told(cause, _place(error, directory)), url)
    hint = "mend it, then run the same command again"
    return TargetError(f"{subject} failed", detail=detail, hint=hint)


def _cause(error: BaseException) -> BaseException:
    """Return the driver's error that SQLAlchemy wrapped, or else the error itself."""
    first = _first(error)
    wrapped = first.orig if isinstance(first, sqlalchemy.exc.StatementError) else None
    return wrapped or first


def _first(error: BaseException) -> BaseException:
    """Return what broke a connection, where an error only says that it is broken.

    The end of `autocommit_block()` uses the connection, whatever the block came to.
    """
    while isinstance(error, sqlalchemy.exc.PendingRollbackError) and error.__context__:
        error = error.__context__
    return error


def _raise_interrupt(error: BaseException) -> None:
    """Raise the interrupt that an error took the place of, if it did."""
    if isinstance(first := _first(error), KeyboardInterrupt):
        raise first


def _told(error: BaseException, place: str) -> str:
    """Say in one line what went wrong, and where."""
    said = " ".join(str(error).split())
    if isinstance(error, (CommandError, Warning)):
        return f"{place}{said}"
    return f"{place}{type(error).__name__}: {said}"


def _place(error: BaseException, directory: Path) -> str:
    """Return the last line of the set that an error came by, as the beginning of a text."""
    frames = _frames(error, directory)
    if not frames:
        return ""
    frame, line = frames[-1]
    path = _path_of(frame).relative_to(directory.resolve())
    return f"{path.as_posix()}, line {line}: "


def _frames(error: BaseException, directory: Path) -> list[tuple[FrameType, int]]:
    """Return the frames of an error that are in the files of the set, the deepest last."""
    top = directory.resolve()
    frames = walk_tb(error.__traceback__)
    return [(frame, line) for frame, line in frames if _path_of(frame).is_relative_to(top)]


def _path_of(frame: FrameType) -> Path:
    return Path(frame.f_code.co_filename).resolve()


def _without_password(text: str, url: str) -> str:
    password = str(parse_url(url).get("password", ""))
    for spelling in filter(None, (password, quote(password, safe=""))):
        text = text.replace(spelling, "***")
    return text


def _config(directory: Path) -> Config:
    config = Config()
    # Config interpolates as ConfigParser does; a path may hold a per cent sign.
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def with_own_types(connection: Connection) -> Connection:
    """Let a connection read values as psycopg does by itself, and return it.

    Our connections read most values as text. SQLAlchemy's reflection stops at an array that is
    text, and a revision that moves data expects a datetime.
    """
    for info in psycopg.adapters.types:
        for oid in filter(None, (info.oid, info.array_oid)):
            if loader := psycopg.adapters.get_loader(oid, psycopg.pq.Format.TEXT):
                connection.adapters.register_loader(oid, loader)
    return connection


def script_of(directory: Path) -> ScriptDirectory:
    """Return a set, loaded but not run, whatever number of heads it has. UsageError as above."""
    _assert_takes_connection(directory)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=_BROKEN_GRAPH)
            script = ScriptDirectory.from_config(_config(directory))
            script.get_heads()
    except (Exception, SystemExit) as error:
        raise _unloadable(error, directory) from error
    return script


@contextmanager
def opened(place: str | Path, directory: Path, schema: str) -> Iterator[Config]:
    """Yield a set's config with a connection of ours: to a PostgreSQL, or to a SQLite file."""
    config = _config(directory)
    named = schema if isinstance(place, str) else None
    with _engine_of(place, schema) as engine, engine.connect() as connection:
        config.attributes.update(connection=connection, schema=named)
        yield config


@contextmanager
def _engine_of(place: str | Path, schema: str) -> Iterator[sqlalchemy.Engine]:
    if isinstance(place, str):
        with _engine(place, schema, lambda _connection: None) as engine:
            yield engine
    else:
        with closing(sqlite3.connect(place, isolation_level=None)) as file:
            yield _file_engine(file)


def blame(error: BaseException, directory: Path) -> tuple[str, str]:
    """Return the revision that raised, empty where none did, and in one line what it said.

    An interrupt that an error took the place of is raised.
    """
    _raise_interrupt(error)
    cause = _cause(error)
    found = [frame.f_globals for frame, _ in _frames(error, directory)]
    revisions = [str(names["revision"]) for names in found if "down_revision" in names]
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    words = f"{_place(error, directory)}{said}" if said else _told(cause, _place(error, directory))
    return (revisions[-1] if revisions else ""), words
