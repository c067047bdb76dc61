"""What a comparison of two schemas finds, as values.

An object of the left end is held against its counterpart on the right; what it is called matters
less than what it does. Seven verdicts, of which the last four fail.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from cutover.plan import Finding


class Verdict(StrEnum):
    """How two objects compare, seen from the left."""

    EQUAL = "equal"
    EQUIVALENT = "equivalent"
    """Written differently, and the same by a rule that is named."""
    TIGHTENED = "tightened"
    """The right refuses more, by the nature of its types: a primary key there is never NULL."""
    LOOSENED = "loosened"
    """The right keeps less of what the left promises or can hold, or does something else."""
    MISSING = "missing"
    """Only the left has it."""
    EXTRA = "extra"
    """Only the right has it."""
    UNKNOWN = "unknown"
    """It can't be decided without a person."""

    @property
    def passes(self) -> bool:
        """Tell whether a diff may exit 0 over it."""
        return self in (Verdict.EQUAL, Verdict.EQUIVALENT, Verdict.TIGHTENED)


_OF_COLUMNS = frozenset(
    {"column", "type", "default", "not null", "conflict clause", "identity", "generated column"}
) | {"collation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One object of a schema, on both sides.

    `kind` is a word such as table, column, type, default, not null, primary key, unique,
    foreign key, check, index, trigger, view. `table` is empty for what belongs to none. `left` and
    `right` are each side in its own words, empty where it has none.
    """

    kind: str
    name: str
    verdict: Verdict
    table: str = ""
    rule: str = ""
    """Which rule gave the verdict; the reason, for a verdict that fails."""
    left: str = ""
    right: str = ""
    hint: str = ""

    @property
    def subject(self) -> str:
        """The object as a person names it: `index "ix" of "t"`, `type "t"."c"`."""
        if not self.table or self.kind == "table":
            return f'{self.kind} "{self.name}"'
        if self.kind in _OF_COLUMNS:
            return f'{self.kind} "{self.table}"."{self.name}"'
        if self.kind in ("primary key", "unique", "foreign key"):
            return f'{self.kind} ({self.name}) of "{self.table}"'
        return f'{self.kind} "{self.name}" of "{self.table}"'

    @property
    def mark(self) -> str:
        """Eight digits that stand for what both sides say: another change is another difference."""
        sides = "\0".join(" ".join(side.split()) for side in (self.left, self.right))
        return hashlib.sha256(sides.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def key(self) -> str:
        """What a baseline accepts it by: the verdict, the object, and what both sides say of it."""
        return f"{self.verdict} {self.subject} #{self.mark}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A difference that a baseline accepts, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDiff:
    """Two schemas compared: every comparison, and what the rules of the sets found.

    `accepted` and `stale` are of the baseline: its entries that answer to a difference, and those
    that answer to none any more.
    """

    left: str
    right: str
    comparisons: tuple[Comparison, ...]
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    stale: tuple[Accepted, ...] = ()

    def about(self, table: str) -> tuple[Comparison, ...]:
        """Return every comparison of one table's objects, or of one view."""
        return tuple(c for c in self.comparisons if (c.table or c.name) == table)

    @property
    def unexplained(self) -> tuple[Comparison, ...]:
        """The comparisons that fail and that no baseline accepts."""
        known = {each.key for each in self.accepted}
        return tuple(c for c in self.comparisons if not c.verdict.passes and c.key not in known)

    @property
    def breaches(self) -> tuple[Finding, ...]:
        """The findings of the rules that no baseline accepts."""
        known = {each.key for each in self.accepted}
        return tuple(f for f in self.findings if finding_key(f) not in known)

    @property
    def passed(self) -> bool:
        """Tell whether nothing is left unexplained, and nothing explained in vain."""
        return not (self.unexplained or self.breaches or self.stale)


def finding_key(finding: Finding) -> str:
    """Return what a baseline accepts a finding of a rule by: the rule and its subject."""
    return f"{finding.check} {finding.subject}"
