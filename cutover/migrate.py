"""Step: bring a database to the head of its Alembic set, and prove that it got there.

Alembic keeps module-global state, has no lock, and exits without an error having applied nothing
when a statement ran on its connection before `context.configure()` (SQLAlchemy then rolls the
whole upgrade back). So its own word is not taken: the revision is read again, afterwards, on a
fresh connection.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg import sql

from cutover.errors import TargetError, UsageError
from cutover.targets.postgres.connect import connect, target_errors


def heads_of(directory: Path) -> tuple[str, ...]:
    """Return the head of a set. UsageError where it is no set, or has more than one head."""
    try:
        heads = ScriptDirectory.from_config(_config(directory)).get_heads()
    except (CommandError, OSError) as error:
        raise UsageError(
            f'"{directory}" is not an Alembic set',
            detail=str(error).partition("\n")[0],
            hint="name the folder that holds env.py and versions/ in cutover.toml, under [sets]",
        ) from error
    if len(heads) > 1:
        raise UsageError(
            f'the set "{directory}" has {len(heads)} heads',
            detail=", ".join(sorted(heads)),
            hint="join them: alembic merge heads",
        )
    return tuple(heads)


def migrate_postgres(url: str, directory: Path, *, schema: str = "public") -> tuple[str, ...]:
    """Upgrade a PostgreSQL database to head; return its revision as a fresh connection sees it.

    TargetError where the server refuses a statement, and where Alembic reports success without
    having reached head.
    """
    heads = heads_of(directory)
    if revisions_of(url, schema=schema) == heads:
        return heads
    with _engine(url, schema) as engine, target_errors(f'the set "{directory}"'):
        _upgrade(engine, directory, schema)
    _assert_head(revisions_of(url, schema=schema), heads, directory)
    return heads


def revisions_of(url: str, *, schema: str = "public") -> tuple[str, ...]:
    """Return the revisions in a database's `alembic_version`, sorted; () where there is none."""
    with closing(connect(url, schema=schema, autocommit=True)) as connection:
        name = sql.Identifier(schema, "alembic_version").as_string(connection)
        if connection.execute("SELECT to_regclass(%s)", (name,)).fetchone() == (None,):
            return ()
        query = sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(
            sql.Identifier(schema, "alembic_version")
        )
        return tuple(row[0] for row in connection.execute(query))


@contextmanager
def _engine(url: str, schema: str) -> Iterator[sqlalchemy.Engine]:
    """Yield an engine whose connections are ours: same session settings, same error texts."""
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(url, schema=schema),
        poolclass=sqlalchemy.NullPool,
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _upgrade(engine: sqlalchemy.Engine, directory: Path, schema: str) -> None:
    config = _config(directory)
    with engine.connect() as connection:
        config.attributes.update(connection=connection, schema=schema)
        try:
            command.upgrade(config, "heads")
        except sqlalchemy.exc.DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from error
            raise
        except CommandError as error:
            raise TargetError(f'the set "{directory}" cannot run', detail=str(error)) from error


def _assert_head(found: tuple[str, ...], wanted: tuple[str, ...], directory: Path) -> None:
    if found == wanted:
        return
    raise TargetError(
        f'nothing was applied: the set "{directory}" is not at its head',
        detail=f"Alembic reported success; the database is at {found or 'no revision'}, "
        f"head is {wanted}",
        hint="its env.py must not run a statement on the connection before context.configure()",
    )


def _config(directory: Path) -> Config:
    config = Config()
    # Config interpolates as ConfigParser does; a path may hold a per cent sign.
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
