"""Are the foreign keys what the set promised, with their actions, and validated?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.checks.common import compare_named, expected_tables
from cutover.plan import Finding
from cutover.registry import checks

NAME = "foreign_keys"


class ForeignKeys:
    """Compares the foreign keys of every table of the set.

    A validated foreign key is the server's own proof that no row is an orphan; one that is NOT
    VALID where the set wants it validated is a mismatch.
    """

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing, extraneous and mismatching foreign keys."""
        for expected, live in expected_tables(evidence):
            if live is not None:
                keys = (expected.foreign_keys, live.foreign_keys)
                yield from compare_named(NAME, "foreign key", expected.name, keys)


checks.register(NAME, ForeignKeys())
