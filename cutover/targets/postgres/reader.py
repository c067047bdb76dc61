"""Answer the questions that checks ask of the live target, and leave it unchanged."""

from contextlib import AbstractContextManager
from typing import Any

import psycopg

from cutover.catalog import Catalog
from cutover.targets.postgres.connect import Connection
from cutover.targets.postgres.errors import statement_error, target_errors
from cutover.targets.postgres.inspect import inspect

# A lock, a conflict, a lost connection, a shortage, a transaction that is no good: they say nothing
# about the statement. Nor does a session that takes no writes (25006); the caller must tell it.
_NOT_A_REFUSAL = ("55P03", "55006", "25", "40", "53", "57", "58", "08", "XX")
READ_ONLY = "25006"


class LiveTarget:
    """The `TargetReader` of one schema, on a connection that belongs to the caller."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def catalog(self) -> Catalog:
        """Return the target as it is now."""
        return inspect(self._connection, self._schema)

    def fetch(self, query: Any, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one query; what it wrote, if it did, is undone."""
        with target_errors("a check's question"), self._undone():
            cursor = self._connection.execute(query, params or None)
        return cursor.fetchall()

    def refusal_of(self, statement: Any) -> str | None:
        """Run a statement and undo it; return the SQLSTATE that refused it, None if it ran.

        Deferred constraints are asked too. TryAgain or its kin where the answer is not the
        statement's doing: a lock that was not to be had must not pass for a guard. A missing
        privilege (42501) and a session that takes no writes (25006) are returned.
        """
        try:
            with self._undone():
                self._connection.execute("SET LOCAL lock_timeout = '2s'")
                self._connection.execute(statement)
                self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            state = error.sqlstate
            nobodys = state is None or state.startswith(_NOT_A_REFUSAL)
            if nobodys and state != READ_ONLY:
                raise statement_error(error, "a check's probe") from error
            return state
        return None

    def _undone(self) -> AbstractContextManager[psycopg.Transaction]:
        # A savepoint, or a transaction of its own where none is open.
        return self._connection.transaction(force_rollback=True)
