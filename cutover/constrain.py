"""Steps: take down what slows a bulk load, put it back as it was, let sequences continue.

What is put back is the server's own definition (`pg_get_constraintdef`, `pg_get_indexdef`,
`pg_get_triggerdef`), so names, predicates and expressions come back to the letter. Each definition
is in the journal before it is dropped, and is marked in the transaction that recreates it: a run
killed in between finds every one of them.
"""

from dataclasses import replace
from typing import Any

from psycopg import Connection, sql

from cutover.events import Emit, StepProgress
from cutover.journal import Journal, TakenDown
from cutover.plan import Analyze, ClearTables, PutBack, SetSequence, TakeDown
from cutover.targets.postgres.definitions import definitions

Connected = Connection[Any]


def take_down(step: TakeDown, journal: Journal, run: int, *, schema: str) -> int:
    """Journal and drop the foreign keys, indexes and triggers of the step's tables, all at once."""
    with journal.transaction("taking down keys, indexes, triggers") as connection:
        found = definitions(connection, schema, step.tables)
        journal.record_taken_down(run, found)
        journal.forget_inherited(run)
        for definition in found:
            _run(connection, definition.drop)
        journal.finish_step(run, step.id, rows=len(found))
    return len(found)


def put_back(step: PutBack, journal: Journal, run: int, *, emit: Emit) -> int:
    """Recreate what a run took down; return how many definitions came back now.

    One transaction each, so that an interruption costs one index at most.
    """
    waiting = journal.taken_down(run)
    for done, definition in enumerate(waiting, start=1):
        _restore(journal, run, _as_planned(step, definition))
        emit(StepProgress(step=step.id, done=done))
    with journal.transaction():
        journal.finish_step(run, step.id, rows=len(waiting))
    return len(waiting)


def _as_planned(step: PutBack, definition: TakenDown) -> TakenDown:
    """Let a foreign key whose orphans are loaded stand without looking at the rows there."""
    named = definition.kind == "foreign key" and (definition.table, definition.name)
    if named not in step.not_valid or definition.create.endswith("NOT VALID"):
        return definition
    return replace(definition, create=f"{definition.create} NOT VALID")


def _restore(journal: Journal, run: int, definition: TakenDown) -> None:
    subject = f'{definition.kind} "{definition.name}" of "{definition.table}"'
    with journal.transaction(subject) as connection:
        for statement in (definition.create, *definition.after):
            _run(connection, statement)
        journal.mark_put_back(run, definition.position)


def clear_tables(step: ClearTables, journal: Journal, run: int, *, schema: str) -> None:
    """Empty the step's tables, whose triggers and foreign keys have been taken down before.

    TRUNCATE without CASCADE: it empties these tables and no other.
    """
    names = [sql.Identifier(schema, table) for table in step.tables]
    with journal.transaction("the tables to be cleared") as connection:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))
        journal.finish_step(run, step.id)


def set_sequence(step: SetSequence, journal: Journal, run: int, *, schema: str) -> None:
    """Let a column's sequence continue after the highest number that was ever handed out.

    `pg_get_serial_sequence` finds the sequence of a serial and of an identity column alike
    (https://www.postgresql.org/docs/current/functions-info.html).
    """
    number = step.numbering
    table = sql.Identifier(schema, number.table).as_string(journal.connection)
    last = number.last_value
    subject = f'the sequence of "{number.table}"."{number.column}"'
    with journal.transaction(subject) as connection:
        connection.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
            (table, number.column, 1 if last is None else last, last is not None),
        )
        journal.finish_step(run, step.id)


def analyze(step: Analyze, journal: Journal, run: int, *, schema: str) -> None:
    """Gather statistics of the step's tables."""
    with journal.transaction("ANALYZE") as connection:
        for table in step.tables:
            name = sql.Identifier(schema, table)
            connection.execute(sql.SQL("ANALYZE {}").format(name))
        journal.finish_step(run, step.id)


def _run(connection: Connected, statement: str) -> None:
    # The text is the server's own definition, from its catalog or from our journal of it.
    connection.execute(statement.encode())
