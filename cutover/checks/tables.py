"""Do all rows get into every table and out again: no rule, no row security, nothing unlogged?

A rule or a policy that the set doesn't make lets a statement succeed, and drops or hides rows. An
UNLOGGED table is empty after a crash, and on every standby
(https://www.postgresql.org/docs/current/sql-createtable.html). What the set itself makes is fine.
"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.checks.common import compare_named, expected_tables
from cutover.plan import Finding
from cutover.registry import checks

NAME = "tables"


class Tables:
    """Compares what belongs to a table as a whole."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield tables that are logged or secured otherwise, and their rules and policies."""
        for expected, live in expected_tables(evidence):
            if live is None:
                continue  # the check of columns has said it
            subject = f'"{expected.name}"'
            if expected.logged != live.logged:
                words = {True: "logged", False: "unlogged"}
                said = f"table {subject} is {words[live.logged]}, expected {words[expected.logged]}"
                yield Finding(check=NAME, subject=subject, kind="mismatching", message=said)
            if expected.row_security != live.row_security:
                wanted, found = expected.row_security, live.row_security
                said = f"row security of {subject} is {found}, expected {wanted}"
                yield Finding(check=NAME, subject=subject, kind="mismatching", message=said)
            rewrites = (expected.rewrites, live.rewrites)
            yield from compare_named(NAME, "rule or policy", expected.name, rewrites)


checks.register(NAME, Tables())
