"""The flag in PostgreSQL: `postgres:` beside the data it is about, `postgres:URL` elsewhere.

One row of `cutover.flag`, made by the first change; schema or table missing means never set. The
compare-and-set is one UPDATE on (value, generation): of two at once the second waits for the
first one's row lock, sees its outcome (READ COMMITTED evaluates WHERE again) and matches nothing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutover.abc import Flag
from cutover.auth import login, split_url
from cutover.errors import FlagError, UsageError
from cutover.flags import assert_same, known, without_credentials
from cutover.registry import flag_stores

if TYPE_CHECKING:
    from psycopg import Connection

_SELECT = "SELECT value, generation, changed_at, changed_by, plan_digest FROM cutover.flag"
_INSERT = "INSERT INTO cutover.flag VALUES (true, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
_UPDATE = """
    UPDATE cutover.flag SET (value, generation, changed_at, changed_by, plan_digest)
        = (%s, %s, %s, %s, %s) WHERE value = %s AND generation = %s"""
# Two sessions can't run CREATE … IF NOT EXISTS at once: the catalog's unique index stops one.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('cutover.flag', 0))"
_CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS cutover"
_CREATE = """
    CREATE TABLE IF NOT EXISTS cutover.flag (only_row boolean PRIMARY KEY CHECK (only_row),
        value text NOT NULL, generation bigint NOT NULL CHECK (generation >= 0),
        changed_at text NOT NULL, changed_by text NOT NULL, plan_digest text NOT NULL)"""
_EXISTS = "SELECT to_regclass('cutover.flag') IS NOT NULL"
# In the transaction: a transaction pooler takes no session settings in the startup packet.
_TIMEOUTS = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '30s'"


class PostgresStore:
    """One flag, one row."""

    def __init__(self, place: str) -> None:
        self.url = place
        self.where = f'the flag in "{without_credentials(place)}"'

    @staticmethod
    def resolve(place: str, _base: Path, target_url: str | None) -> str:
        """Return the URL of its own, else the target's. UsageError where there is neither."""
        if place.startswith("//"):
            return f"postgres:{place}"
        if not (place or target_url):
            hint = "give it a URL, postgres:postgresql://…, or configure the target"
            raise UsageError('the flag store "postgres:" needs a target', hint=hint)
        return place or target_url or ""

    def read(self) -> Flag | None:
        """Return the flag, None where there is no table or no row."""
        with self._session() as connection:
            return self._read(connection)

    def compare_and_set(self, expected: Flag | None, new: Flag) -> None:
        """Change the row, or make it. FlagError as `FlagStore` says."""
        values = (known(str(new.value), "the new flag"), *astuple(new)[1:])
        position = (str(expected.value), expected.generation) if expected else ()
        with self._session() as connection:
            if not _has_table(connection):
                connection.execute(f"{_TURN}; {_CREATE_SCHEMA}; {_CREATE}")
            statement = _UPDATE if expected else _INSERT
            if connection.execute(statement, (*values, *position)).rowcount != 1:
                assert_same(self._read(connection), expected, self.where)
                raise FlagError(f"{self.where} moved to and fro meanwhile", hint="try again")

    def _read(self, connection: "Connection[Any]") -> Flag | None:
        row = connection.execute(_SELECT).fetchone() if _has_table(connection) else None
        if row is None:
            return None
        known(row[0], self.where)
        return Flag(**dict(zip((field.name for field in fields(Flag)), row, strict=True)))

    @contextmanager
    def _session(self) -> Iterator["Connection[Any]"]:
        """Yield a connection with one transaction, committed at the end; its errors are ours."""
        import psycopg  # noqa: PLC0415 - an application on SQLite need not have a driver for it

        try:
            with psycopg.connect(**_parameters(self.url), prepare_threshold=None) as connection:
                connection.execute(_TIMEOUTS)
                yield connection
        except psycopg.Error as error:
            detail = (error.diag.message_primary or str(error)).strip()
            hint = "check its URL, that the server runs, and the role's rights on schema cutover"
            raise FlagError(f"{self.where} did not answer", detail=detail, hint=hint) from error


def _has_table(connection: "Connection[Any]") -> bool:
    return connection.execute(_EXISTS).fetchone() == (True,)


def _parameters(url: str) -> dict[str, Any]:
    """Return libpq's parameters; TLS is asked of a host that isn't local, unless the URL says."""
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - see _session

    url, method = split_url(url)
    try:
        stated = conninfo.conninfo_to_dict(url if "://" in url else "postgresql:")
    except ProgrammingError:  # whose text repeats the URL, password and all
        message = 'the URL of the flag store "postgres:" cannot be read'
        raise UsageError(message, hint="postgres:postgresql://user@host/database") from None
    hosts = str(stated.get("hostaddr") or stated.get("host") or "").split(",")
    local = all(re.fullmatch(r"([/@].*|localhost|127(\.\d+){3}|::1)?", host) for host in hosts)
    defaults: dict[str, Any] = {"connect_timeout": 5, "application_name": "cutover"}
    defaults |= {} if local else {"sslmode": "require"}
    return defaults | stated | login(method, stated)


flag_stores.register("postgres", PostgresStore)
