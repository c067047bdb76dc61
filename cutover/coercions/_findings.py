"""How the leaves word a finding: so many values of a column, the first of them, what to do."""

from collections.abc import Iterable
from types import NoneType
from typing import Any

from cutover.abc import ColumnFacts
from cutover.dialect.literals import literal
from cutover.plan import Finding
from cutover.profile import Sample, Tally

_SINGULAR = {
    "are": "is",
    "have": "has",
    "carry": "carries",
    "hold": "holds",
    "mean": "means",
    "count": "counts",
    "may": "may",
}
_SAMPLES_MAX = 10


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of several; its samples are in SQLite's order of their keys."""
    kept = tuple(tallies)
    samples = sorted((sample for tally in kept for sample in tally.samples), key=_place)
    return Tally(sum(tally.count for tally in kept), tuple(samples[:_SAMPLES_MAX]))


def _place(sample: Sample) -> list[tuple[int, Any]]:
    # NULL, numbers, text, bytes: https://sqlite.org/datatype3.html#sort_order
    ranks = {NoneType: 0, int: 1, float: 1, str: 2, bytes: 3}
    return [(ranks[type(part)], 0 if part is None else part) for part in sample.key]


def counted(tally: Tally, subject: str, predicate: str) -> str:
    """Return the sentence of a tally; `predicate` begins with its verb's plural.

    >>> counted(Tally(1), '"t"."c"', "carry no time zone")
    '1 value of "t"."c" carries no time zone'
    """
    verb, space, rest = predicate.partition(" ")
    if tally.count == 1:
        return f"1 value of {subject} {_SINGULAR[verb]}{space}{rest}"
    return f"{tally.count:,} values of {subject} {predicate}"


def finding(name: str, facts: ColumnFacts, tally: Tally, words: tuple[str, str, str]) -> Finding:
    """Return the finding of coercion `name` that some values are unsettled.

    `words` are the message, the detail after the first sample, and the hint.
    """
    message, detail, hint = words
    return Finding(
        check=name,
        subject=facts.subject,
        kind="unsettled",
        message=message,
        count=tally.count,
        detail="; ".join(part for part in (_first(tally.samples), detail) if part),
        hint=hint,
        samples=tally.samples,
        rejectable=True,
    )


def _first(samples: tuple[Sample, ...]) -> str:
    if not samples:
        return ""
    key = ", ".join(literal(value) for value in samples[0].key)
    return f"first key {key}, stored as {samples[0].value}"
