"""Are the foreign keys what the set promised, with their actions, and validated?"""

from collections.abc import Iterator
from dataclasses import replace

from cutover.abc import Evidence
from cutover.catalog import ForeignKey, Table
from cutover.checks.common import compare_named, expected_tables
from cutover.plan import Finding, Plan
from cutover.registry import checks

NAME = "foreign_keys"


class ForeignKeys:
    """Compares the foreign keys of every table of the set.

    A validated foreign key is the server's own proof that no row is an orphan; one that is NOT
    VALID where the set wants it validated is a mismatch, but for those that the plan puts back so.
    """

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching foreign keys."""
        for expected, live in expected_tables(evidence):
            if live is not None:
                keys = (tuple(_planned(evidence.plan, expected, live)), live.foreign_keys)
                yield from compare_named(NAME, "foreign key", expected.name, keys)


def _planned(plan: Plan, expected: Table, live: Table) -> Iterator[ForeignKey]:
    """Yield the keys of the set as the plan leaves them; one validated since is none the worse."""
    open_ = {
        name for table in plan.tables if table.target == expected.name for name in table.not_valid
    }
    open_ -= {key.name for key in live.foreign_keys if key.validated}
    for key in expected.foreign_keys:
        yield replace(key, validated=False) if key.name in open_ else key


checks.register(NAME, ForeignKeys())
