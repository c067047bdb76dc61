"""Look the target over before a cutover: what it is, what the role may do, what stands between.

A pooler in transaction mode hands each transaction whichever backend is free
(https://www.pgbouncer.org/features.html), so what a session sets or locks is lost, or somebody
else's. Two connections of ours show it: they meet on one backend, or one of them changes its own.
"""

import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from psycopg import pq

from cutover.machine import FileSystem, file_system
from cutover.settings import redacted
from cutover.signs import (
    ApplicationSigns,
    Collation,
    NotOwned,
    Pooling,
    Privileges,
    ServerDisk,
    TargetSigns,
)
from cutover.targets.postgres.connect import Connection, connect, target_errors
from cutover.targets.postgres.sqlfile import read_blocks
from cutover.targets.postgres.urls import is_local, parse_url

_BLOCKS = read_blocks("cutover.targets.postgres", "signs.sql")
_ROUND_TRIPS = 3


def signs_of(url: str, schema: str, *, clock: Callable[[], float]) -> TargetSigns:
    """Return what is seen of the target; `clock` gives seconds since 1970.

    TryAgain, TargetError or UsageError where no connection can be made.
    """
    opened = closing(connect(url, schema=schema, autocommit=True))
    with opened as connection, target_errors("looking the target over"):
        return _looked_over(connection, url, schema, clock)


def application_signs_of(url: str) -> ApplicationSigns:
    """Return what is seen through the URL that applications use. Errors as in `signs_of`."""
    opened = closing(connect(url, autocommit=True, as_found=True))
    with opened as connection, target_errors("looking through the URL of applications"):
        return ApplicationSigns(
            place=redacted(url),
            pooling=_pooling(connection, url),
            identity=_row(connection, "identity")[0],
        )


def _looked_over(
    connection: Connection, url: str, schema: str, clock: Callable[[], float]
) -> TargetSigns:
    parameters = parse_url(url)
    local = is_local(parameters)
    version, standby, read_only, encoding, zone, max_wal, slots, tls = _row(connection, "server")
    return TargetSigns(
        place=redacted(url),
        local=local,
        version=version,
        libpq=pq.version(),
        tls=(tls or "TLS") if connection.pgconn.ssl_in_use else "",
        standby=standby,
        read_only=read_only,
        encoding=encoding,
        time_zone=zone or "",
        max_wal_bytes=max_wal,
        lock_slots=slots,
        seconds_apart=_apart(connection, clock),
        privileges=_privileges(connection, schema),
        collation=_collation(connection, version),
        pooling=_pooling(connection, url),
        identity=_row(connection, "identity")[0],
        disk=_disk(connection, local=local),
        extensions=dict(_rows(connection, "extensions")),
    )


def _rows(connection: Connection, block: str, **values: Any) -> list[Any]:
    return connection.execute(_BLOCKS[block], values or None).fetchall()


def _row(connection: Connection, block: str, **values: Any) -> Any:
    return _rows(connection, block, **values)[0]


def _apart(connection: Connection, clock: Callable[[], float]) -> float:
    """Return how far the clocks are apart at least, by the quickest of some round trips."""
    query = "SELECT extract(epoch FROM clock_timestamp())::float8"
    seen: list[tuple[float, float]] = []
    for _ in range(_ROUND_TRIPS):
        asked = clock()
        theirs = connection.execute(query).fetchall()[0][0]
        answered = clock()
        seen.append((answered - asked, theirs - (asked + answered) / 2))
    trip, apart = min(seen)
    certain = max(0.0, abs(apart) - trip / 2)
    return certain if apart > 0 else -certain


def _privileges(connection: Connection, schema: str) -> Privileges:
    role, database, exists, create, create_schema, create_database, journal = _row(
        connection, "privileges", schema=schema
    )
    tables = _rows(connection, "tables", schema=schema)
    return Privileges(
        role=role,
        database=database,
        schema=schema,
        schema_exists=exists,
        create_in_schema=create,
        create_in_database=create_schema,
        create_database=create_database,
        journal_usable=journal,
        not_owned=tuple(NotOwned(*of) for *of, owned, _ in tables if not owned),
        no_trigger=tuple(name for name, *_, trigger in tables if not trigger),
    )


def _collation(connection: Connection, version: int) -> Collation:
    provider, locale, recorded = _row(connection, "collation")
    actual = _row(connection, "collation_now")[0] if version >= 150000 else None
    return Collation(provider=provider, locale=locale, recorded=recorded, actual=actual)


def _pooling(connection: Connection, url: str) -> Pooling:
    shared = _shared(connection, url)
    if shared:  # what was set here would be set for whoever gets the backend next
        connection.execute("RESET ALL")
    return Pooling(shared=shared, host=str(parse_url(url).get("host") or ""))


def _shared(connection: Connection, url: str) -> bool:
    """Tell whether transactions of two connections of ours share backends.

    The second one is asked alone first: where the pool has one backend only, it would keep that
    from the first for as long as its transaction is open.
    """
    token = secrets.token_hex(8)
    query = "SELECT pg_backend_pid(), current_setting('cutover.probe', true)"
    connection.execute("SELECT set_config('cutover.probe', %s, false)", (token,))
    (before,) = connection.execute(query).fetchall()
    opened = connect(url, autocommit=True, application_name="cutover doctor", as_found=True)
    with closing(opened) as other:
        (beside,) = other.execute(query).fetchall()
        if beside[0] == before[0] or beside[1] == token:
            return True
        with other.transaction():
            (beside,) = other.execute(query).fetchall()
            (after,) = connection.execute(query).fetchall()
    return token == beside[1] or after != (before[0], token)


def _disk(connection: Connection, *, local: bool) -> ServerDisk:
    data, tablespace, size = _row(connection, "disk")
    seen = local and bool(data) and Path(data).exists()
    return ServerDisk(
        data=_there(tablespace or data) if seen else None,
        wal=_there(f"{data}/pg_wal") if seen else None,
        database_bytes=size,
    )


def _there(path: str) -> FileSystem | None:
    return file_system(Path(path))
