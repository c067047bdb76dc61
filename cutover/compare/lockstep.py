"""Compare in the order in which both sides are stored: no sorting, one sequential read each.

COPY stores rows in the order in which the load sent them, which is the source's own. So right after
a load the two walks meet row by row. A row that one side has a little earlier waits for its twin;
when too many wait, the two are not in step, and another way has to be taken.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest

from cutover.compare.values import (
    Comparer,
    Difference,
    Key,
    Row,
    Rows,
    Sides,
    Tally,
    source_blocks,
    target_blocks,
)
from cutover.plan import TablePlan

WAITING_ROWS_MAX = 20_000
WAITING_BYTES_MAX = 16 * 1024 * 1024


class OutOfStepError(Exception):
    """The two sides are not stored in one order."""


def in_step(table: TablePlan, sides: Sides, tally: Tally) -> Iterator[Difference | None]:
    """Yield the differences of two walks in stored order, and None after every block.

    OutOfStepError where they are not in step; what was yielded by then is void.
    """
    comparer = Comparer(table, width=len(table.cursor))
    waiting = _Waiting(table)
    source = source_blocks(table, sides, table.cursor)
    target = target_blocks(table, sides, ())
    nothing: Rows = []
    for left, right in zip_longest(source, target, fillvalue=nothing):
        tally.source_rows += len(left)
        tally.target_rows += len(right)
        yield from comparer.unequal(*_pairs(comparer, waiting, left, right))
        yield None
    yield from (comparer.missing(row) for row in waiting.source_rows())
    yield from (comparer.extraneous(row) for row in waiting.target_rows())


def _pairs(comparer: Comparer, waiting: "_Waiting", left: Rows, right: Rows) -> tuple[Rows, Rows]:
    source_keys, target_keys = comparer.source_keys(left), comparer.target_keys(right)
    if source_keys == target_keys:
        return left, right
    waiting.add(zip(source_keys, left, strict=True), zip(target_keys, right, strict=True))
    return waiting.met()


Keyed = Iterator[tuple[Key, Row]]


class _Waiting:
    """Rows whose twin has not come by. Without a key, equal rows can wait more than once."""

    def __init__(self, table: TablePlan) -> None:
        row_bytes = max(1, table.bytes // max(1, table.rows))
        self._most = max(100, min(WAITING_ROWS_MAX, WAITING_BYTES_MAX // row_bytes))
        self._source: dict[Key, Rows] = defaultdict(list)
        self._target: dict[Key, Rows] = defaultdict(list)

    def add(self, source: Keyed, target: Keyed) -> None:
        """Let the rows of a block wait."""
        for key, row in source:
            self._source[key].append(row)
        for key, row in target:
            self._target[key].append(row)

    def met(self) -> tuple[Rows, Rows]:
        """Take out the rows that have found their twin, pairwise."""
        pairs: tuple[Rows, Rows] = ([], [])
        for key in [key for key in self._source if key in self._target]:
            left, right = self._source.pop(key), self._target.pop(key)
            both = min(len(left), len(right))
            pairs[0].extend(left[:both])
            pairs[1].extend(right[:both])
            for side, rest in ((self._source, left[both:]), (self._target, right[both:])):
                if rest:
                    side[key] = rest
        if len(self._source) + len(self._target) > self._most:
            raise OutOfStepError
        return pairs

    def source_rows(self) -> Iterator[Row]:
        """Yield the source rows that waited in vain."""
        return (row for rows in self._source.values() for row in rows)

    def target_rows(self) -> Iterator[Row]:
        """Yield the target rows that waited in vain."""
        return (row for rows in self._target.values() for row in rows)
