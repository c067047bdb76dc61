"""Are the sources still made as they were when the plan was: no new table, no new column?

The values of what the plan carries are compared; what came to be since would not be, and a flip
would leave it behind.
"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.plan import Finding
from cutover.registry import checks

NAME = "sources"


class Sources:
    """Compares each source's catalog with the one that was planned for."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for every source whose schema has changed."""
        for state in evidence.plan.sources:
            if evidence.sources[state.label].fingerprint != state.catalog:
                yield Finding(
                    check=NAME,
                    subject=f'"{state.label}"',
                    kind="mismatching",
                    message=f'the schema of "{state.label}" changed after the plan was made',
                    hint="make a new plan: cutover plan, then cutover apply",
                )


checks.register(NAME, Sources())
