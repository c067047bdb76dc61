"""Is every column as the set promised it: type, NULL, default, numbering, collation, place?"""

from collections.abc import Iterator
from dataclasses import fields

from cutover.abc import Evidence
from cutover.catalog import Column, Table
from cutover.checks.common import expected_tables, pairs
from cutover.plan import Finding
from cutover.registry import checks

NAME = "columns"


class Columns:
    """Compares every column of the set's tables, those that only the live ones have included."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching columns."""
        for expected, live in expected_tables(evidence):
            if live is None:
                subject = f'"{expected.name}"'
                said = f"table {subject} is missing"
                yield Finding(check=NAME, subject=subject, kind="missing", message=said)
                continue
            for one, other in pairs(expected.columns, live.columns):
                yield from _column(expected.name, one, other)
            yield from _order(expected, live)


def _order(expected: Table, live: Table) -> Iterator[Finding]:
    """Yield a finding where an INSERT that names no columns would mix them up."""
    wanted, found = ([column.name for column in table.columns] for table in (expected, live))
    if wanted != found and sorted(wanted) == sorted(found):
        said = f'columns of "{expected.name}" stand in another order'
        yield Finding(
            check=NAME,
            subject=f'"{expected.name}"',
            kind="mismatching",
            message=said,
            detail=f"expected {', '.join(wanted)}; found {', '.join(found)}",
        )


def _column(table: str, expected: Column | None, live: Column | None) -> Iterator[Finding]:
    subject = f'"{table}"."{(expected or live or _NOTHING).name}"'
    if expected is None or live is None:
        kind = "missing" if live is None else "extraneous"
        yield Finding(check=NAME, subject=subject, kind=kind, message=f"column {subject} is {kind}")
        return
    for field in fields(Column):
        wanted, found = getattr(expected, field.name), getattr(live, field.name)
        if wanted != found:
            said = f"{field.name} of column {subject} is {found}, expected {wanted}"
            yield Finding(check=NAME, subject=subject, kind="mismatching", message=said)


_NOTHING = Column(name="", type="")

checks.register(NAME, Columns())
