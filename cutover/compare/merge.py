"""Compare by an ordered merge: two sorted reads, side by side, in constant memory.

For tables whose key both engines sort alike: integers, bytes, and text compared bytewise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from cutover.compare.values import (
    Comparer,
    Difference,
    Rows,
    Sides,
    Tally,
    source_blocks,
    target_blocks,
)
from cutover.plan import TablePlan


def merged(table: TablePlan, sides: Sides, tally: Tally) -> Iterator[Difference | None]:
    """Yield the differences of two sorted reads, and None after every block."""
    comparer = Comparer(table, width=len(table.match))
    source = source_blocks(table, sides, tuple(name for name, _ in table.match))
    target = target_blocks(table, sides, tuple(name for _, name in table.match))
    left: Rows = []
    right: Rows = []
    while True:
        left, right = left or next(source, []), right or next(target, [])
        if not left or not right:
            break
        step = _step(comparer, left, right)
        left, right = step.left, step.right
        tally.source_rows += len(step.pairs[0]) + len(step.missing)
        tally.target_rows += len(step.pairs[1]) + len(step.extraneous)
        yield from (comparer.missing(row) for row in step.missing)
        yield from (comparer.extraneous(row) for row in step.extraneous)
        yield from comparer.unequal(*step.pairs)
        yield None
    for rows in chain([left], source):
        tally.source_rows += len(rows)
        yield from (comparer.missing(row) for row in rows)
    for rows in chain([right], target):
        tally.target_rows += len(rows)
        yield from (comparer.extraneous(row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Step:
    """Rows with equal keys, rows of one side only, and what is left for the next step."""

    pairs: tuple[Rows, Rows]
    missing: Rows
    extraneous: Rows
    left: Rows
    right: Rows


def _step(comparer: Comparer, left: Rows, right: Rows) -> _Step:
    """Pair the rows of two sorted blocks by key, as far as both blocks reach."""
    size = min(len(left), len(right))
    head, tail = left[:size], right[:size]
    if comparer.source_keys(head) == comparer.target_keys(tail):
        return _Step((head, tail), [], [], left[size:], right[size:])
    return _walk(comparer, left, right)


def _walk(comparer: Comparer, left: Rows, right: Rows) -> _Step:
    step = _Step(([], []), [], [], [], [])
    source_keys, target_keys = comparer.source_keys(left), comparer.target_keys(right)
    i = j = 0
    while i < len(left) and j < len(right):
        if source_keys[i] == target_keys[j]:
            step.pairs[0].append(left[i])
            step.pairs[1].append(right[j])
            i, j = i + 1, j + 1
        elif source_keys[i] < target_keys[j]:
            step.missing.append(left[i])
            i += 1
        else:
            step.extraneous.append(right[j])
            j += 1
    return _Step(step.pairs, step.missing, step.extraneous, left[i:], right[j:])
