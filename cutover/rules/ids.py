"""Does every revision id fit into the version table?

`alembic_version.version_num` is varchar(32). PostgreSQL refuses a longer id when the revision is
applied; SQLite takes it, so the set works where it was written and fails where it is needed.
"""

from collections.abc import Iterator

from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach
from cutover.set_facts import SetFacts

NAME = "ids"
_LENGTH_MAX = 32


class Ids:
    """Measures the ids."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield the revisions whose id is too long."""
        for revision in facts.revisions:
            if (length := len(revision.id)) > _LENGTH_MAX:
                yield breach(
                    NAME,
                    facts.subject(revision.id),
                    f"its id has {length} characters, and alembic_version holds {_LENGTH_MAX}",
                    hint=f'shorten it, here and in the "down_revision" that names it: '
                    f'revision = "{revision.id[:_LENGTH_MAX].rstrip("_-")}"',
                )


rules.register(NAME, Ids())
