"""Are the indexes what the set promised: keys, order, uniqueness, predicate, validity?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.checks.common import compare_named, expected_tables
from cutover.plan import Finding
from cutover.registry import checks

NAME = "indexes"


class Indexes:
    """Compares the indexes of every table of the set, to the letter of their definitions."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching indexes."""
        for expected, live in expected_tables(evidence):
            if live is not None:
                indexes = (expected.indexes, live.indexes)
                yield from compare_named(NAME, "index", expected.name, indexes)


checks.register(NAME, Indexes())
