"""Compare by an ordered merge: two sorted reads, side by side, in constant memory.

For tables whose key both engines sort alike: integers, bytes, and text compared bytewise. That the
keys do come in the order in which Python sorts them is checked on the way: a database in UTF-16, a
key that is NULL or was retyped in the target may not keep it.
"""

import operator
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain

from cutover.compare.values import (
    Block,
    Comparer,
    Difference,
    Key,
    KeysOf,
    OutOfOrderError,
    Rows,
    Sides,
    Tally,
    equal_run,
    source_blocks,
    target_blocks,
)
from cutover.plan import TablePlan


def merged(table: TablePlan, sides: Sides, tally: Tally) -> Iterator[Difference | None]:
    """Yield the differences of two sorted reads, and None after every block.

    OutOfOrderError where they are not sorted alike; what was yielded by then is void.
    """
    comparer = Comparer(table, width=len(table.match))
    by_source, by_target = zip(*table.match, strict=True)
    with closing(target_blocks(table, sides, by_target)) as blocks:
        source = _sorted(source_blocks(table, sides, by_source), comparer.source_keys)
        yield from _merged(comparer, source, _sorted(blocks, comparer.target_keys), tally)


def _merged(
    comparer: Comparer, source: Iterator[Block], target: Iterator[Block], tally: Tally
) -> Iterator[Difference | None]:
    left = right = Block([], [])
    while True:
        left, right = _filled(left, source), _filled(right, target)
        if not left.rows or not right.rows:
            break
        step = _step(left, right)
        left, right = step.left, step.right
        tally.source_rows += len(step.pairs[0]) + len(step.missing)
        tally.target_rows += len(step.pairs[1]) + len(step.extraneous)
        yield from (comparer.missing(row) for row in step.missing)
        yield from (comparer.extraneous(row) for row in step.extraneous)
        yield from comparer.unequal(*step.pairs)
        yield None
    for block in chain([left], source):
        tally.source_rows += len(block.rows)
        yield from (comparer.missing(row) for row in block.rows)
    for block in chain([right], target):
        tally.target_rows += len(block.rows)
        yield from (comparer.extraneous(row) for row in block.rows)


def _sorted(blocks: Iterator[Rows], keys_of: KeysOf) -> Iterator[Block]:
    """Give the blocks of one side their keys; OutOfOrderError where one is less than the last."""
    before: list[Key] = []
    for rows in blocks:
        keys = keys_of(rows)
        try:
            in_order = all(map(operator.le, chain(before, keys), keys if before else keys[1:]))
        except TypeError as error:
            raise OutOfOrderError from error
        if not in_order:
            raise OutOfOrderError
        yield Block(keys, rows)
        before = [keys[-1]]


def _filled(block: Block, rest: Iterator[Block]) -> Block:
    return block if block.rows else next(rest, block)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Rows with equal keys, rows of one side only, and what is left for the next step."""

    pairs: tuple[Rows, Rows]
    missing: Rows
    extraneous: Rows
    left: Block
    right: Block


def _step(left: Block, right: Block) -> _Step:
    """Pair the rows of two sorted blocks by key, as far as both blocks reach."""
    pairs: tuple[Rows, Rows] = ([], [])
    missing: Rows = []
    extraneous: Rows = []
    i = j = 0
    while i < len(left.rows) and j < len(right.rows):
        run = equal_run(left, right, i, j)
        pairs[0].extend(left.rows[i : i + run])
        pairs[1].extend(right.rows[j : j + run])
        i, j = i + run, j + run
        if i == len(left.rows) or j == len(right.rows):
            break
        if _less(left.keys[i], right.keys[j]):
            missing.append(left.rows[i])
            i += 1
        else:
            extraneous.append(right.rows[j])
            j += 1
    return _Step(
        pairs=pairs,
        missing=missing,
        extraneous=extraneous,
        left=left.after(i),
        right=right.after(j),
    )


def _less(one: Key, other: Key) -> bool:
    try:
        return one < other
    except TypeError as error:
        raise OutOfOrderError from error
