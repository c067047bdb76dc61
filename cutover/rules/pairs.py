"""Has every revision its counterpart in the other provider's set, or a reason for having none?

A revision that is written for one provider only is how two sets begin to drift. Two revisions are a
pair when they have one id, or when one names the other at the top of its module:
`pairs = "the other's id"`. One that stands alone on purpose says why: `unpaired = "SQLite has one
process"`. Several SQLite sets together are the counterpart of one PostgreSQL set.
"""

from collections.abc import Iterator

from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach, listed
from cutover.set_facts import RevisionFacts, SetFacts

NAME = "pairs"


class Pairs:
    """Holds the revisions of one set against those of the other provider's."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield the revisions without counterpart or reason, and the words that are wrong."""
        if not facts.others:
            return
        theirs = {r.id: r for other in facts.others for r in other.revisions}
        named = {r.attributes.get("pairs") for r in theirs.values()}
        for revision in facts.revisions:
            paired = bool({revision.id, revision.attributes.get("pairs")} & theirs.keys())
            for message, hint in _wrong(revision, theirs, paired=paired or revision.id in named):
                detail = f"looked for in {_sets(facts)}"
                subject = facts.subject(revision.id)
                yield breach(NAME, subject, message, detail=detail, hint=hint)


def _wrong(
    revision: RevisionFacts, theirs: dict[str, RevisionFacts], *, paired: bool
) -> Iterator[tuple[str, str]]:
    partner = revision.attributes.get("pairs")
    reason = revision.attributes.get("unpaired")
    if partner is not None and partner not in theirs:
        yield f'it names "{partner}" as its pair, and there is no such revision', "mend `pairs`"
    elif not paired and reason is None:
        yield (
            "it has no counterpart",
            f'write one with the id "{revision.id}"; or name it: pairs = "its id"; '
            'or say why there is none: unpaired = "the reason"',
        )
    elif not paired and not (reason or "").strip():
        yield "it is waived without a reason", 'say why: unpaired = "the reason"'
    elif paired and reason is not None:
        yield "it is waived, and has a counterpart", "take `unpaired` out"


def _sets(facts: SetFacts) -> str:
    return listed(tuple(other.name for other in facts.others))


rules.register(NAME, Pairs())
