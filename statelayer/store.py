"""The data layer at run time: one run's events, on whichever provider the flag names.

SQLite creates a file that it is asked to open and cannot find; here a missing file is an error,
since an application that quietly starts with an empty database has lost everything.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg

from cutover.catalog import Provider
from cutover.flags import read_provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event, and where it landed."""

    provider: str
    id: int
    run_id: str
    sequence: int

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))


class StateLayer(Protocol):
    """What the application asks of its database, on either provider."""

    def record_event(self, run_id: str, event_type: str, payload: Any, *, at: datetime) -> Recorded:
        """Append an event to a run's stream and commit it; `at` is an aware datetime."""
        ...

    def count_events(self) -> int:
        """Return how many events there are."""
        ...


@contextmanager
def open_layer(
    flag: str, *, sqlite: Path, postgres: str, default: Provider | None = None
) -> Iterator[StateLayer]:
    """Open the provider that the flag store `flag` names, `default` where it was never set.

    FlagError where the flag cannot be read or holds anything else, whatever the default.
    """
    match read_provider(flag, default=default):
        case Provider.SQLITE:
            with closing(_open_sqlite(sqlite)) as connection:
                yield SqliteLayer(connection)
        case Provider.POSTGRES:
            with psycopg.connect(postgres, autocommit=True) as server:
                yield PostgresLayer(server)


def _open_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)
    connection.execute("PRAGMA foreign_keys = ON")
    # Without it INSERT OR REPLACE deletes rows behind the back of an append-only trigger.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


class SqliteLayer:
    """The events in memory.db."""

    INSERT = """
        INSERT INTO run_events (run_id, sequence, event_type, payload, created_at)
        SELECT ?1, coalesce(max(sequence), 0) + 1, ?2, ?3, ?4 FROM run_events WHERE run_id = ?1
        RETURNING id, sequence"""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def record_event(self, run_id: str, event_type: str, payload: Any, *, at: datetime) -> Recorded:
        """Append an event, in the form of the raw writer, in one statement."""
        instant = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f0")
        values = (run_id, event_type, _compact(payload), instant)
        with self.connection:
            number, sequence = self.connection.execute(self.INSERT, values).fetchone()
        return Recorded(provider="sqlite", id=number, run_id=run_id, sequence=sequence)

    def count_events(self) -> int:
        """Return how many events there are."""
        count: int = self.connection.execute("SELECT count(*) FROM run_events").fetchone()[0]
        return count


class PostgresLayer:
    """The events in PostgreSQL."""

    # max + 1 is safe in SQLite, which has one writer; here two of one stream would both compute
    # the same number, so they take turns.
    TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
    INSERT = """
        INSERT INTO run_events (run_id, sequence, event_type, payload, created_at)
        SELECT %(run)s, coalesce(max(sequence), 0) + 1, %(type)s, %(payload)s::jsonb, %(at)s
        FROM run_events WHERE run_id = %(run)s
        RETURNING id, sequence"""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def record_event(self, run_id: str, event_type: str, payload: Any, *, at: datetime) -> Recorded:
        """Append an event; writers of one stream wait for each other."""
        values = {"run": run_id, "type": event_type, "payload": _compact(payload), "at": at}
        with self.connection.transaction():
            self.connection.execute(self.TURN, (run_id,))
            row = self.connection.execute(self.INSERT, values).fetchone()
        number, sequence = row or (0, 0)
        return Recorded(provider="postgres", id=number, run_id=run_id, sequence=sequence)

    def count_events(self) -> int:
        """Return how many events there are."""
        row = self.connection.execute("SELECT count(*) FROM run_events").fetchone()
        return row[0] if row else 0


def _compact(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
