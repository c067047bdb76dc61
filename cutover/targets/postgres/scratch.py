"""Lend an empty database on the target's server, and drop it afterwards.

The database's name carries the OID of the target's, and its lender holds an advisory lock on that
name for as long as it lives. A lock ends with its session, wherever that ran and however it ended,
so a database of that name whose lock is free is a leftover, and is dropped by the next lender.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from cutover.errors import Refused
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.errors import target_errors
from cutover.targets.postgres.urls import database_url

_PREFIX = "cutover_scratch"
# The columns of pg_database have changed from version to version: 14 has no provider, 15 and 16
# call the locale daticulocale, 17 and later datlocale.
_FACTS: LiteralString = (
    "SELECT oid::bigint, pg_encoding_to_char(encoding), datcollate, datctype,"
    " coalesce(to_jsonb(d) ->> 'datlocprovider', ''),"
    " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''),"
    " coalesce(to_jsonb(d) ->> 'daticurules', '')"
    " FROM pg_database d WHERE datname = current_database()"
)


@contextmanager
def scratch_database(url: str, *, token: str | None = None) -> Iterator[str]:
    """Yield the URL of an empty database beside the target's, of its encoding and locale.

    `token` makes its name unique; without one it is drawn, because two plans may be made at the
    same time. Refused where the role may not create databases.
    """
    with connect(url, autocommit=True, application_name="cutover scratch") as connection:
        facts = _facts(connection)
        name = f"{_PREFIX}_{facts[0]}_{token or secrets.token_hex(6)}"
        with target_errors(f'scratch database "{name}"'):
            _drop_leftovers(connection, f"{_PREFIX}_{facts[0]}_")
            _lock(connection, name)
            _create(connection, name, facts)
        try:
            yield database_url(url, name)
        finally:
            _give_back(url, name)


def _give_back(url: str, name: str) -> None:
    # On a connection of its own: the lender's has been idle, and may have been cut off.
    subject = f'dropping scratch database "{name}"'
    with connect(url, autocommit=True) as connection, target_errors(subject):
        _drop(connection, name)


def _facts(connection: Connection) -> tuple[Any, ...]:
    with target_errors("reading the target's locale"):
        return connection.execute(_FACTS).fetchall()[0]


def _lock(connection: Connection, name: str) -> bool:
    query = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    return bool(connection.execute(query, (name,)).fetchall()[0][0])


def _drop_leftovers(connection: Connection, prefix: str) -> None:
    query = (
        "SELECT datname FROM pg_database"
        " WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'MEMBER') ORDER BY datname"
    )
    for (name,) in connection.execute(query, (prefix,)).fetchall():
        if _lock(connection, name):
            _drop(connection, name)
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def _create(connection: Connection, name: str, facts: tuple[Any, ...]) -> None:
    _, encoding, collate, ctype, provider, locale, rules = facts
    options = {"ENCODING": encoding, "LC_COLLATE": collate, "LC_CTYPE": ctype}
    if provider == "i":
        options |= {"LOCALE_PROVIDER": "icu", "ICU_LOCALE": locale}
    if provider == "b":
        options |= {"LOCALE_PROVIDER": "builtin", "BUILTIN_LOCALE": locale}
    if rules:
        options["ICU_RULES"] = rules
    # The names of the options are those above; only their values come from the server.
    listed = [sql.SQL(key) + sql.SQL(" ") + sql.Literal(value) for key, value in options.items()]
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(
        sql.Identifier(name), sql.SQL(" ").join(listed)
    )
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        role = connection.info.user
        raise Refused(
            f'role "{role}" may not create a scratch database on the target\'s server',
            detail=str(error.diag.message_primary),
            hint=f'let it: ALTER ROLE "{role}" CREATEDB; '
            "or name a server with --target where it may",
        ) from error


def _drop(connection: Connection, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    connection.execute(statement)
