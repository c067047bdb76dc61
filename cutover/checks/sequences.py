"""Will the next number be new: is every sequence past what was ever handed out?

A column may take its numbers from a sequence that it doesn't own (`DEFAULT nextval('…')` alone).
`pg_get_serial_sequence` doesn't find that one, so no step sets it.
"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.catalog import Column, Identity
from cutover.checks._sequence_state import default_sequence, owned_sequence, stored_range
from cutover.plan import ColumnPlan, Finding, Numbering, TablePlan
from cutover.registry import checks

NAME = "sequences"
INTEGERS = ("smallint", "integer", "bigint")


class Sequences:
    """Compares each sequence with the numbers stored, and with the highest one ever used."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for every sequence that would hand out a number again."""
        for number in evidence.plan.numbers:
            target = _as_planned(evidence, number.table, number.column)
            if target:
                yield from _owned(evidence, number, target)
        planned = {(number.table, number.column) for number in evidence.plan.numbers}
        for table in evidence.plan.tables:
            for column in table.columns:
                target = _as_planned(evidence, table.target, column.target)
                asks = target is not None and "nextval(" in (target.default or "")
                if target and asks and (table.target, target.name) not in planned:
                    settled = _settled(evidence, table, column, target)
                    yield from _unowned(table, target, settled=settled)


def _as_planned(evidence: Evidence, table: str, column: str) -> Column | None:
    """Return a column as expected; None if the live one is gone or of another type.

    The check of columns says that.
    """
    tables = (evidence.plan.expected.table(table), evidence.target.table(table))
    expected, live = (found.column(column) if found else None for found in tables)
    return expected if expected and live and expected.type == live.type else None


def _owned(evidence: Evidence, number: Numbering, column: Column) -> Iterator[Finding]:
    subject = f'"{number.table}"."{number.column}"'
    state = owned_sequence(evidence, number.table, number.column)
    if state is None:
        yield _finding(subject, "missing", f"{subject} has no sequence")
        return
    if column.type not in INTEGERS:
        said = f"whether the sequence of {subject} is past its {column.type} can't be told"
        yield _finding(subject, "unprovable", said)
        return
    stored = stored_range(evidence, number.table, number.column) or ()
    used = (*stored, *(() if number.last_value is None else (number.last_value,)))
    if used and state.will_meet((min(used), max(used))):
        said = f"the sequence of {subject} goes on with {state.next}, {max(used)} was used before"
        yield _finding(subject, "mismatching", said)


def _settled(
    evidence: Evidence, table: TablePlan, column: ColumnPlan, target: Column
) -> bool | None:
    """Tell whether someone has set the column's sequence past its numbers; None: can't be told.

    Only SQLite knows which numbers AUTOINCREMENT has used and whose rows are gone.
    """
    source = evidence.sources[table.database].table(table.source)
    stored = source.column(column.source) if source else None
    state = default_sequence(evidence, table.target, target.name)
    remembers = stored is not None and stored.identity is Identity.AUTOINCREMENT
    if state is None or target.type not in INTEGERS or remembers:
        return None
    used = stored_range(evidence, table.target, target.name)
    return used is None or not state.will_meet(used)


def _unowned(table: TablePlan, column: Column, *, settled: bool | None) -> Iterator[Finding]:
    if settled:
        return
    subject = f'"{table.target}"."{column.name}"'
    _, _, rest = (column.default or "").partition("nextval('")
    sequence = rest.partition("'")[0] or "…"
    said = f"no step sets sequence {sequence}, which {subject} asks and doesn't own"
    if settled is False:
        said += ": it would hand out numbers that are stored"
    hint = f"add it to the PostgreSQL set: ALTER SEQUENCE {sequence} OWNED BY {subject}"
    yield _finding(subject, "unprovable" if settled is None else "mismatching", said, hint)


def _finding(subject: str, kind: str, message: str, hint: str = "") -> Finding:
    return Finding(check=NAME, subject=subject, kind=kind, message=message, hint=hint)


checks.register(NAME, Sequences())
