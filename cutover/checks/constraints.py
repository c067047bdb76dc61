"""Are the primary keys, unique constraints and CHECKs what the set promised?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.catalog import Key, Table
from cutover.checks.common import compare_named, expected_tables
from cutover.plan import Finding
from cutover.registry import checks

NAME = "constraints"


class Constraints:
    """Compares the constraints of every table of the set, foreign keys apart."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching constraints."""
        for expected, live in expected_tables(evidence):
            if live is None:
                continue  # the check of columns has said it
            keys = (_keys(expected), _keys(live))
            yield from compare_named(NAME, "key", expected.name, keys)
            rules = (expected.checks, live.checks)
            yield from compare_named(NAME, "CHECK", expected.name, rules)


def _keys(table: Table) -> tuple[Key, ...]:
    return (*((table.primary_key,) if table.primary_key else ()), *table.uniques)


checks.register(NAME, Constraints())
