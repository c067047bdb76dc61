"""Are the triggers what the set promised, enabled as it says, and do the guards still bite?

A catalog entry proves that a trigger exists, not that it raises. So every statement that a guard
must refuse is tried on one row, in a savepoint that is rolled back. A database or a role can be set
to a `session_replication_role` in which triggers and foreign keys don't fire at all
(https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE).
"""

from collections.abc import Iterator

from psycopg import sql

from cutover.abc import Evidence
from cutover.catalog import Column, Generated, Identity, Table
from cutover.checks.common import compare_named, expected_tables
from cutover.counterparts import guarded_events
from cutover.plan import Finding
from cutover.registry import checks

NAME = "triggers"

_SILENCED = """
SELECT DISTINCT setting FROM pg_db_role_setting, unnest(setconfig) AS setting
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND starts_with(setting, 'session_replication_role=')
  AND setting <> 'session_replication_role=origin'
ORDER BY 1
"""
# What refuses a statement before, or instead of, a guard, and so says nothing about it.
_NOT_THE_GUARDS = {
    "42501": "no privilege",
    "25006": "the session takes no writes",
    "23503": "a foreign key refused it, which a guard would have come before",
}


class Triggers:
    """Compares the triggers of every table of the set, and probes the append-only ones."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching triggers, and guards that don't bite."""
        for (setting,) in evidence.reader.fetch(_SILENCED):
            said = (
                f"a database or a role is set to {setting}: its triggers and foreign keys are off"
            )
            yield Finding(
                check=NAME, subject="session_replication_role", kind="mismatching", message=said
            )
        for expected, live in expected_tables(evidence):
            if live is None:
                continue
            triggers = (expected.triggers, live.triggers)
            yield from compare_named(NAME, "trigger", expected.name, triggers)
            for event in guarded_events(expected):
                yield from _probe(evidence, expected, event)


def _probe(evidence: Evidence, table: Table, event: str) -> Iterator[Finding]:
    name = sql.Identifier(evidence.plan.schema, table.name)
    row = sql.SQL("ctid = (SELECT ctid FROM {} LIMIT 1)").format(name)
    if event != "TRUNCATE" and not evidence.reader.fetch(
        sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)
    ):
        return  # a row trigger can't fire without a row; the catalog has been compared
    column = sql.Identifier(next(c.name for c in table.columns if _writable(c)))
    statements = {
        "UPDATE": sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(name, column, column, row),
        "DELETE": sql.SQL("DELETE FROM {} WHERE {}").format(name, row),
        # CASCADE, because without it a foreign key's refusal would pass for the guard's.
        "TRUNCATE": sql.SQL("TRUNCATE {} CASCADE").format(name),
    }
    yield from _answer(table.name, event, evidence.reader.refusal_of(statements[event]))


def _answer(table: str, event: str, refusal: str | None) -> Iterator[Finding]:
    if refusal is None:
        said = f'{event} on "{table}" is not refused: its append-only guard is open'
        yield Finding(check=NAME, subject=f'"{table}"', kind="mismatching", message=said)
    elif refusal in _NOT_THE_GUARDS:
        said = (
            f'whether {event} on "{table}" is refused can\'t be tried: {_NOT_THE_GUARDS[refusal]}'
        )
        yield Finding(check=NAME, subject=f'"{table}"', kind="unprovable", message=said)


def _writable(column: Column) -> bool:
    return column.generated is Generated.NO and column.identity is not Identity.ALWAYS


checks.register(NAME, Triggers())
