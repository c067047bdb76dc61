"""Has the set one head?

Two branches that each add a revision to the same parent give it two. `alembic upgrade head` then
refuses, on the day of a release; `upgrade heads` runs both in an order that nobody tested. A
revision that joins them changes nothing, and says which order was meant:
https://alembic.sqlalchemy.org/en/latest/branches.html#merging-branches
"""

from collections.abc import Iterator

from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach, listed
from cutover.set_facts import SetFacts

NAME = "heads"


class Heads:
    """Counts the heads."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield the heads where there is not one; each with its file."""
        if len(facts.heads) < 2:
            return
        files = (f'"{r.id}" ({r.path.name})' for r in facts.revisions if r.id in facts.heads)
        yield breach(
            NAME,
            facts.title,
            f"it has {len(facts.heads)} heads: {', '.join(files)}",
            detail=_fork(facts),
            hint=f"join them: alembic merge -m join {' '.join(facts.heads)}",
        )


def _fork(facts: SetFacts) -> str:
    """Say where the lines part: the last revision that is behind every head."""
    behind = [_behind(facts, head) for head in facts.heads]
    shared = tuple(r.id for r in facts.revisions if all(r.id in ids for ids in behind))
    return f"both come after {listed(shared[-1:])}" if shared else "they share no revision"


def _behind(facts: SetFacts, head: str) -> frozenset[str]:
    down = {revision.id: revision.down for revision in facts.revisions}
    found, waiting = set(), [head]
    while waiting:
        each = waiting.pop()
        found.add(each)
        waiting += [parent for parent in down.get(each, ()) if parent not in found]
    return frozenset(found)


rules.register(NAME, Heads())
