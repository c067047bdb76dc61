"""Is every column as the set promised it: type, NULL, default, identity, generation, collation?"""

from collections.abc import Iterator
from dataclasses import fields

from cutover.abc import Evidence
from cutover.catalog import Column
from cutover.checks.common import expected_tables, missing, pairs
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
                yield missing(NAME, "table", expected.name, expected.name)
                continue
            for one, other in pairs(expected.columns, live.columns):
                yield from _column(expected.name, one, other)


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
