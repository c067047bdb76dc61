"""What a machine is told of a comparison of schemas: one note a difference, with its place.

The outputs that point into files (annotations, SARIF) print the same notes, each in its own form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cutover.differences import Accepted, Comparison, SchemaDiff, Verdict, finding_key
from cutover.locate import Location
from cutover.plan import Finding
from cutover.words import counted

About = Comparison | Finding | Accepted
Locate = Callable[[About], Location | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing to tell. `rule` groups those of a kind; `key` stays the same from run to run."""

    rule: str
    title: str
    message: str
    key: str
    about: About
    error: bool = True
    accepted: str = ""
    """Why a baseline accepts it; empty where none does."""


def notes_of(diff: SchemaDiff) -> Iterator[Note]:
    """Yield what fails, then what is stale, then what passes and is worth knowing."""
    yield from (_of_comparison(each) for each in diff.unexplained)
    yield from (_of_finding(each) for each in diff.breaches)
    yield from (_of_stale(each) for each in diff.stale)
    for each in diff.comparisons:
        if each.verdict is Verdict.TIGHTENED:
            yield replace(_of_comparison(each), error=False)


def accepted_of(diff: SchemaDiff) -> Iterator[Note]:
    """Yield what would fail, and doesn't because a baseline says why."""
    reasons = {each.key: each.reason for each in diff.accepted}
    for each in diff.comparisons:
        if not each.verdict.passes and each.key in reasons:
            yield replace(_of_comparison(each), accepted=reasons[each.key])
    for finding in diff.findings:
        if (key := finding_key(finding)) in reasons:
            yield replace(_of_finding(finding), accepted=reasons[key])


def beside_differences(diff: SchemaDiff) -> Iterator[str]:
    """Yield what else fails, counted: broken rules, and what the baseline accepts in vain."""
    if diff.breaches:
        yield counted(len(diff.breaches), "broken rule")
    if diff.stale:
        yield f"{counted(len(diff.stale), 'stale entry')} of the baseline"


def _of_comparison(each: Comparison) -> Note:
    said = f"{each.verdict}: {each.subject}{f' ({each.rule})' if each.rule else ''}"
    sides = (f"left: {each.left or 'nothing'}", f"right: {each.right or 'nothing'}")
    lines = (said, *sides, *_hint(each.hint))
    rule = f"{each.verdict}/{each.kind.replace(' ', '-')}"
    # Not the key of a baseline, which may hold what both sides say: that changes with a server.
    title = f"{each.verdict} {each.subject}"
    return Note(rule=rule, title=title, message="\n".join(lines), key=title, about=each)


def _of_finding(finding: Finding) -> Note:
    said = f"{finding.subject}: {finding.message}"
    lines = (said, *filter(None, (finding.detail,)), *_hint(finding.hint))
    return Note(
        rule=finding.check,
        title=f"{finding.check}: {finding.subject}",
        message="\n".join(lines),
        key=finding_key(finding),
        about=finding,
    )


def _of_stale(stale: Accepted) -> Note:
    return Note(
        rule="baseline/stale",
        title="stale entry of the baseline",
        message=f"the baseline accepts {stale.key}, and there is no such difference any more\n"
        f"its reason was: {stale.reason}\nhint: take the entry out",
        key=f"stale {stale.key}",
        about=stale,
    )


def _hint(hint: str) -> tuple[str, ...]:
    return (f"hint: {hint}",) if hint else ()
