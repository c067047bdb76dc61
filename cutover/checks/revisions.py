"""Is the target at the revision that the plan was made for?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.plan import Finding
from cutover.registry import checks

NAME = "revisions"


class Revisions:
    """Compares `alembic_version` with the set's head."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding where the target stands at another revision."""
        wanted, found = evidence.plan.expected.revisions, evidence.target.revisions
        if wanted != found:
            at, head = ", ".join(found) or "no revision", ", ".join(wanted) or "none"
            yield Finding(
                check=NAME,
                subject="alembic_version",
                kind="mismatching",
                message=f"the target is at {at}, the set's head is {head}",
                hint="cutover plan, then cutover apply",
            )


checks.register(NAME, Revisions())
