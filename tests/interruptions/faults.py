"""Count every place where a command can be stopped, and stop it at one of them.

A point is a round trip to PostgreSQL (a statement, a COMMIT, a piece of a COPY, a fetch), a call
to SQLite, or a system call that writes the flag. Nothing of the product knows of it: the drivers
are patched, in a process that was forked for one command.
"""

import errno
import os
import signal
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from cutover.flags import _files

REFUSAL = b"DO $$BEGIN RAISE 'the disk says no' USING ERRCODE = '58030'; END$$"
FLAG_CALLS = ("open", "fstat", "fsync", "replace")


@dataclass
class Faults:
    """What is done at the n-th point of a kind, counted from 1; 0 only counts.

    `refuse`: the call fails, as it would on a broken disk. `kill`: the process is gone before the
    call; `kill-after`: after it. `int`, `term`: the signal arrives before it.
    """

    side: str
    action: str
    at: int
    seen: Counter[str] = field(default_factory=Counter)

    def strike(self, side: str, *, after: bool = False) -> bool:
        """Count a point; kill or signal if it is the one; tell whether the call must fail."""
        place = f"{side}-after" if after else side
        self.seen[place] += 1
        wanted = (self.side, self.at, self.action == "kill-after")
        if (side, self.seen[place], after) != wanted:
            return False
        match self.action:
            case "kill" | "kill-after":
                os.kill(os.getpid(), signal.SIGKILL)
            case "int":
                signal.raise_signal(signal.SIGINT)
            case "term":
                signal.raise_signal(signal.SIGTERM)
        return self.action == "refuse"

    def install(self) -> None:
        """Patch the drivers of this process."""
        self._watch_postgres()
        self._watch_sqlite()
        self._watch_flag()

    def _watch_postgres(self) -> None:
        wait = psycopg.Connection.wait

        def watched(connection: Any, gen: Any, *args: Any, **kwargs: Any) -> Any:
            if _is_no_point(connection, gen):
                return wait(connection, gen, *args, **kwargs)
            if self.strike("postgres"):
                _break(connection, gen)
            result = wait(connection, gen, *args, **kwargs)
            if connection.pgconn.transaction_status == TransactionStatus.IDLE:
                self.strike("postgres", after=True)
            return result

        psycopg.Connection.wait = watched  # type: ignore[method-assign]

    def _watch_sqlite(self) -> None:
        faults, connect = self, sqlite3.connect

        class Cursor(sqlite3.Cursor):
            execute = _sqlite_point(faults, sqlite3.Cursor.execute)
            fetchone = _sqlite_point(faults, sqlite3.Cursor.fetchone)
            fetchmany = _sqlite_point(faults, sqlite3.Cursor.fetchmany)
            fetchall = _sqlite_point(faults, sqlite3.Cursor.fetchall)

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def execute(self, *args: Any) -> Any:
                return self.cursor().execute(*args)

        def watched(*args: Any, **kwargs: Any) -> Any:
            return connect(*args, **{"factory": Connection, **kwargs})

        sqlite3.connect = watched  # type: ignore[assignment]

    def _watch_flag(self) -> None:
        class Watched:
            def __getattr__(self, name: str) -> Any:
                return getattr(os, name)

        watched = Watched()
        for name in FLAG_CALLS:
            setattr(watched, name, self._flag_point(getattr(os, name)))
        _files.os = watched  # type: ignore[assignment,attr-defined]
        _files.sync = self._flag_point(_files.sync)  # type: ignore[assignment]

    def _flag_point(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def point(*args: Any, **kwargs: Any) -> Any:
            if self.strike("flag"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            result = call(*args, **kwargs)
            self.strike("flag", after=True)
            return result

        return point


def _name(gen: Any) -> str:
    return str(getattr(gen, "__name__", ""))


def _is_no_point(connection: Any, gen: Any) -> bool:
    """Tell whether nothing is sent, or a ROLLBACK: one that is lost ends in the same."""
    idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
    match _name(gen):
        case "_rollback_gen":
            return True
        case "_commit_gen":
            return idle
        case "_exit_gen":
            facts = gen.gi_frame.f_locals
            return bool(facts["exc_val"] or facts["self"].force_rollback)
    return _name(gen).startswith("_set_")


def _break(connection: Any, gen: Any) -> None:
    """Let the server refuse a statement.

    Neither end of a transaction, nor what is under way, can well be refused: there the connection
    is lost, and what follows is the driver's own.
    """
    pgconn = connection.pgconn
    under_way = pgconn.transaction_status == TransactionStatus.ACTIVE
    if under_way or _name(gen) in ("_enter_gen", "_commit_gen", "_exit_gen"):
        with socket.socket(fileno=os.dup(pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        return
    raise psycopg.errors.error_from_result(pgconn.exec_(REFUSAL))


def _sqlite_point(faults: Faults, call: Callable[..., Any]) -> Callable[..., Any]:
    def point(*args: Any, **kwargs: Any) -> Any:
        if faults.strike("sqlite"):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            error.sqlite_errorname = "SQLITE_IOERR"
            raise error
        result = call(*args, **kwargs)
        faults.strike("sqlite", after=True)
        return result

    return point
