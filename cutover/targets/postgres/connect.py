"""Connect to the target, with the session settings that make what it says one text everywhere.

A role or a database can set any parameter for its sessions, and a client's environment too
(`PGDATESTYLE`, `PGTZ`). Everything that decides how a value or a definition is written, or whether
rows are left out (row security), is therefore set here. Only integers, floats, booleans and bytea
become Python values; all else is read as the server's own text, because Python's datetime can't
hold `infinity` or year 10000, and `json.loads` loses a number's digits.
"""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.adapt import AdaptersMap
from psycopg.types.string import TextLoader

from cutover.auth import login, split_url
from cutover.targets.postgres.errors import connection_error, target_errors
from cutover.targets.postgres.urls import is_local, parse_url

__all__ = ["Connection", "connect", "place_of", "target_errors"]

Connection = psycopg.Connection[tuple[Any, ...]]

_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}

_SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "lock_timeout": "5s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # A query that row security would filter fails instead of returning fewer rows.
    "row_security": "off",
    # A walk in stored order starts at the beginning, not where another's walk happens to be.
    "synchronize_seqscans": "off",
    "client_connection_check_interval": "1s",
    "transaction_timeout": "0",
    # A cursor of ours is always read to its end; the default plans for a tenth of it.
    "cursor_tuple_fraction": "1",
    "idle_session_timeout": "0",
}

_PYTHON_VALUES = frozenset({"int2", "int4", "int8", "float4", "float8", "bool", "bytea"})


def _adapters() -> AdaptersMap:
    adapters = AdaptersMap(psycopg.adapters)
    for info in psycopg.adapters.types:
        if info.name not in _PYTHON_VALUES:
            adapters.register_loader(info.oid, TextLoader)
        if info.array_oid:
            adapters.register_loader(info.array_oid, TextLoader)
    return adapters


class _Context:
    """What psycopg asks a connection's adapters of."""

    adapters = _adapters()
    connection = None


def connect(
    url: str,
    *,
    schema: str = "public",
    autocommit: bool = False,
    application_name: str = "cutover",
    as_found: bool = False,
) -> Connection:
    """Open a connection whose `search_path` is `schema`, after `pg_catalog`, which is implied.

    A table named "text" has a row type of that name: in a path that lists `pg_catalog` last, it
    would take the place of the type text.

    UsageError for a URL that can't be read, TryAgain where the server can't be reached or is not
    ready, TargetError where it says no. TLS is required of a host that is not local unless the
    URL says otherwise. Every lock is waited for at most five seconds. A login that the URL asks
    for is done anew for each connection, because tokens expire. `as_found` sets nothing: behind a
    pooler in transaction mode it would be set for the applications that get the session next.
    """
    stated = parse_url(url)
    stated |= login(split_url(url)[1], stated)
    parameters = _DEFAULTS | _sslmode(stated) | stated | {"application_name": application_name}
    try:
        connection = psycopg.connect(
            **parameters,
            autocommit=True,
            client_encoding="UTF8",
            context=_Context(),
            prepare_threshold=None,  # a pooler may hand each transaction another backend
        )
    except psycopg.OperationalError as error:
        password = str(stated.get("password", ""))
        raise connection_error(error, place_of(stated), password) from None
    try:
        if not as_found:
            _set_session(connection, schema)
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def place_of(parameters: dict[str, Any]) -> str:
    """Name a server and database to a person, without user and password."""
    host = parameters.get("host") or parameters.get("hostaddr") or "the local socket"
    port = f":{parameters['port']}" if "port" in parameters else ""
    return f'"{host}{port}", database "{parameters.get("dbname", "")}"'


def _sslmode(stated: dict[str, Any]) -> dict[str, str]:
    return {} if "service" in stated or is_local(stated) else {"sslmode": "require"}


def _set_session(connection: Connection, schema: str) -> None:
    wanted = {**_SESSION, "search_path": sql.Identifier(schema).as_string(connection)}
    # Joined with pg_settings, because a server of another age does not know all of them.
    statement = (
        "SELECT set_config(s.name, w.value, false) FROM pg_catalog.pg_settings s"
        " JOIN unnest(%s::text[], %s::text[]) w(name, value) ON lower(w.name) = lower(s.name)"
    )
    with target_errors("setting up the session"):
        connection.execute(statement, (list(wanted), list(wanted.values())))
