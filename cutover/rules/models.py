"""Does the set make what the application's models say?

Where a set's env.py has `target_metadata`, Alembic's autogenerate compares it with the scratch
database at the set's head. What it would still do is what somebody changed in a model and wrote no
revision for. It doesn't see predicates, CHECKs, triggers and views. A set without models has
nothing to be compared with.
"""

from collections.abc import Iterator

from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach
from cutover.set_facts import SetFacts

NAME = "models"


class Models:
    """Says what autogenerate found."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield each difference between the models and the set at head."""
        for each in facts.models:
            subject = f'table "{each.table}" of "{facts.name}"'
            hint = "write a revision for it (alembic revision --autogenerate), or mend the model"
            yield breach(NAME, subject, each.words, hint=hint)


rules.register(NAME, Models())
