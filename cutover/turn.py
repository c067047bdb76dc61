"""Take turns at one PostgreSQL database: an advisory lock, on a connection of its own.

Alembic has no lock. Three facts decide how this one is taken
(https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS):

- CREATE INDEX CONCURRENTLY waits for every older snapshot, and who blocks in `pg_advisory_lock`
  holds one: the builder waits for the waiter and the waiter for the builder. So the lock is
  polled with `pg_try_advisory_lock`, outside of any transaction.
- It belongs to the session. A pooler in transaction mode gives the next statement another session,
  and the lock stays behind on the first: such a pooler is found out before the lock is asked for.
- It goes when the session's process ends. A session that sits in a long statement ends later than
  the client that was killed: so the session that works holds a second lock, and who has the turn
  waits for that one too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from cutover.errors import CutoverError, Partial, Refused, TryAgain
from cutover.targets.postgres.connect import Connection, connect, target_errors
from cutover.targets.postgres.sqlfile import read_blocks
from cutover.waiting import Patience

APPLICATION = "cutover-lock"
VERSION_TABLE = "alembic_version"

_SQL = read_blocks("cutover", "turn.sql")
_TURN, _WORK = "cutover", "cutover-work"
_SUBJECT = "the migration lock"


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn at one schema of one database; it lasts as long as its connection."""

    connection: Connection
    key: int
    backend: int

    def assert_held(self) -> None:
        """Raise Partial where the lock is lost: someone else may be migrating by now."""
        try:
            found = _row(self.connection, "held", key=self.key)
        except CutoverError as error:
            raise _lost(error.detail) from error
        if found != (self.backend, True):
            raise _lost(f"server process {self.backend} holds it no more")

    def give_back(self) -> None:
        """Let the next one begin. Partial where the lock was not ours any more."""
        if _row(self.connection, "unlock", key=self.key) != (True,):
            raise _lost("pg_advisory_unlock answered false")


@contextmanager
def take_turn(url: str, schema: str, patience: Patience) -> Iterator[Turn]:
    """Hold the turn at a schema while the block runs.

    TryAgain, naming the holder, where another has it for longer than `patience`. Refused behind a
    transaction-mode pooler. Partial where the lock was lost while the block ran.
    """
    opened = connect(url, schema=schema, autocommit=True, application_name=APPLICATION)
    with closing(opened) as connection:
        _assert_own_session(connection, url)
        key = lock_key(_TURN, connection, schema)
        _acquire(connection, key, patience)
        turn = Turn(connection, key, _backend(connection))
        turn.assert_held()
        _see_off_the_last(connection, schema, patience)
        yield turn
        turn.assert_held()
        turn.give_back()


def work_under_lock(connection: Connection, schema: str, patience: Patience) -> None:
    """Mark the session that does the work, so that the next turn waits for its end.

    Its server process looks once a second whether its client is still there.
    """
    connection.autocommit = True
    with target_errors(_SUBJECT):
        connection.execute("SELECT set_config('client_connection_check_interval', '1s', false)")
    _acquire(connection, lock_key(_WORK, connection, schema), patience)
    connection.autocommit = False


def _see_off_the_last(connection: Connection, schema: str, patience: Patience) -> None:
    """Wait for the server process of whoever had the turn before, and was killed."""
    key = lock_key(_WORK, connection, schema)
    _acquire(connection, key, patience)
    _row(connection, "unlock", key=key)


def lock_key(purpose: str, connection: Connection, schema: str) -> int:
    """Return the lock's number, the same for everyone who migrates this schema."""
    database = _row(connection, "database")[0]
    text = f"{purpose}:{database}:{schema}:{VERSION_TABLE}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def _acquire(connection: Connection, key: int, patience: Patience) -> None:
    tell, holder = patience.teller("turn"), ""
    for waited in patience.attempts():
        if _row(connection, "try_lock", key=key) == (True,):
            return
        holder = _holder(connection, key) or holder
        if waited < patience.seconds:
            tell("another process is migrating this database", waited, holder)
    raise TryAgain(
        f"another process is migrating this database, for more than {patience.seconds:g} seconds",
        detail=holder or "it let go of the lock at the last moment",
        hint="wait for it and run the same command again, or give it longer: --lock-timeout",
    )


def _holder(connection: Connection, key: int) -> str:
    """Say who holds a lock; empty where nobody does any more."""
    with target_errors(_SUBJECT):
        found = connection.execute(_SQL["holder"], {"key": key}).fetchall()
    if not found:
        return ""
    pid, name, seconds = found[0]
    # Of another role's session only the process can be seen.
    since = "" if seconds is None else f", for {seconds} s"
    return f'server process {pid}, application "{name or "unknown"}"{since}'


def _assert_own_session(connection: Connection, url: str) -> None:
    """Refuse where two connections, or two statements of one, can share or change a session.

    A transaction that is open on a second connection takes the session that a pooler gave to the
    first, which was idle; it can't take one that belongs to the first connection.
    """
    first, later = _backend(connection), set[int]()
    with closing(connect(url)) as other:
        # With one session for both, the first connection would now wait for the second.
        if (met := _backend(other)) != first:
            later = {_backend(connection) for _ in range(3)} - {first}
            if not later:
                return
        other.rollback()
        _leave_as_found(other, connection)
    raise Refused(
        "the target is behind a pooler in transaction mode, which can't keep a migration lock",
        detail=f"server process {met} served two connections at once"
        if met == first
        else f"server processes {', '.join(map(str, (first, *sorted(later))))} took turns at one "
        "connection",
        hint="name the server itself: --target, or without it CUTOVER_DIRECT_URL, or [target] "
        "direct_url in cutover.toml",
    )


def _leave_as_found(*connections: Connection) -> None:
    """Undo what `connect` has set: a pooler lends these sessions to others."""
    for connection in connections:
        connection.autocommit = True
        with target_errors(_SUBJECT):
            connection.execute("RESET ALL")


def _backend(connection: Connection) -> int:
    return int(_row(connection, "backend")[0])


def _row(connection: Connection, block: str, **params: Any) -> tuple[Any, ...]:
    with target_errors(_SUBJECT):
        return connection.execute(_SQL[block], params).fetchall()[0]


def _lost(detail: str) -> Partial:
    return Partial(
        "the migration lock was lost: another process may be migrating this database",
        detail=detail,
        hint="run the same command again",
    )
