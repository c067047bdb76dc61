"""Step: bring a database to the head of its Alembic set, and prove that it got there.

Alembic has no lock, and exits without an error having applied nothing when a statement ran on its
connection before `context.configure()` (SQLAlchemy then rolls the whole upgrade back). So its own
word is not taken: the revision is read again, afterwards, on a fresh connection.

Alembic and SQLAlchemy take a quarter of a second to import, so they are imported where a set is
looked at, and not by every command.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

from cutover.errors import TargetError
from cutover.targets.postgres.connect import connect, target_errors


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
    _assert_head(revisions_of(url, schema=schema), heads, directory)
    return heads


def migrate_sqlite(path: Path, directory: Path) -> tuple[str, ...]:
    """Upgrade a SQLite file to head, made where it is missing; return its revision, read anew.

    Errors as in `migrate_postgres`, but SourceError where the set or SQLite says no.
    """
    from cutover import alembic_set  # noqa: PLC0415 - see above

    heads = alembic_set.heads_of(directory)
    alembic_set.upgrade_sqlite(path, directory)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    _assert_head(tuple(version for (version,) in found), heads, directory)
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


def _assert_head(found: tuple[str, ...], wanted: tuple[str, ...], directory: Path) -> None:
    if found == wanted:
        return
    raise TargetError(
        f'nothing was applied: the set "{directory}" is not at its head',
        detail=f"Alembic reported success; the database is at {found or 'no revision'}, "
        f"head is {wanted}",
        hint="its env.py must not run a statement on the connection before context.configure()",
    )
