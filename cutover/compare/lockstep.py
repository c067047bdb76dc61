"""Compare in the order in which both sides are stored: no sorting, one sequential read each.

COPY stores rows in the order in which the load sent them, which is the source's own, but for a few
that find room on an earlier page. So right after a load two walks in stored order meet row by row.
A row that comes early waits for its twin; when too many wait, the two are not in step, and another
way has to be taken.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

from cutover.compare.values import (
    Block,
    Comparer,
    Difference,
    Key,
    KeysOf,
    OutOfOrderError,
    Row,
    Rows,
    Sides,
    Tally,
    equal_run,
    source_blocks,
    target_blocks,
)
from cutover.plan import TablePlan

WAITING_ROWS_MAX = 20_000
WAITING_BYTES_MAX = 16 * 1024 * 1024


def in_step(table: TablePlan, sides: Sides, tally: Tally) -> Iterator[Difference | None]:
    """Yield the differences of two walks in stored order, and None after every block.

    OutOfOrderError where they are not in step; what was yielded by then is void.
    """
    with closing(target_blocks(table, sides, ())) as target:
        source = source_blocks(table, sides, table.cursor)
        yield from _meet(table, source, target, tally)


def _meet(
    table: TablePlan, source: Iterator[Rows], target: Iterator[Rows], tally: Tally
) -> Iterator[Difference | None]:
    comparer, walk = Comparer(table, width=len(table.cursor)), _Walk(table)
    left = right = Block([], [])
    while True:
        if not left.rows:
            left = _next(source, comparer.source_keys)
            tally.source_rows += len(left.rows)
        if not right.rows:
            right = _next(target, comparer.target_keys)
            tally.target_rows += len(right.rows)
        if not left.rows and not right.rows:
            break
        left, right = walk.step(left, right)
        yield from comparer.unequal(*walk.take_pairs())
        yield None
    yield from (comparer.missing(row) for row in walk.source_rows())
    yield from (comparer.extraneous(row) for row in walk.target_rows())


def _next(blocks: Iterator[Rows], keys_of: KeysOf) -> Block:
    rows = next(blocks, [])
    return Block(keys_of(rows) if rows else [], rows)


class _Walk:
    """Pairs the rows of two walks. Without a key, equal rows can wait more than once."""

    def __init__(self, table: TablePlan) -> None:
        row_bytes = max(1, table.bytes // max(1, table.rows))
        self._most = max(100, min(WAITING_ROWS_MAX, WAITING_BYTES_MAX // row_bytes))
        self._source: dict[Key, Rows] = defaultdict(list)
        self._target: dict[Key, Rows] = defaultdict(list)
        self._waiting = 0
        self._pairs: tuple[Rows, Rows] = ([], [])

    def step(self, left: Block, right: Block) -> tuple[Block, Block]:
        """Pair rows as far as both sides reach; return what is left of each."""
        if not left.rows or not right.rows:
            return self._rest(left, right)
        i = j = 0
        while i < len(left.rows) and j < len(right.rows):
            run = equal_run(left, right, i, j)
            self._pairs[0].extend(left.rows[i : i + run])
            self._pairs[1].extend(right.rows[j : j + run])
            i, j = i + run, j + run
            if i < len(left.rows) and j < len(right.rows):
                i, j = self._misfit(left, right, i, j)
        return left.after(i), right.after(j)

    def _misfit(self, left: Block, right: Block, i: int, j: int) -> tuple[int, int]:
        """Let a row meet a twin that waits; where neither has one, both wait.

        A row that came early puts the walks one apart; meeting its neighbour's twin puts them back.
        """
        if left.keys[i] in self._target:
            self._came(left.keys[i], left.rows[i], self._source, self._target)
            return i + 1, j
        if right.keys[j] not in self._source:
            self._came(left.keys[i], left.rows[i], self._source, self._target)
            i += 1
        self._came(right.keys[j], right.rows[j], self._target, self._source)
        return i, j + 1

    def _rest(self, left: Block, right: Block) -> tuple[Block, Block]:
        for key, row in zip(left.keys, left.rows, strict=True):
            self._came(key, row, self._source, self._target)
        for key, row in zip(right.keys, right.rows, strict=True):
            self._came(key, row, self._target, self._source)
        return Block([], []), Block([], [])

    def _came(self, key: Key, row: Row, own: dict[Key, Rows], other: dict[Key, Rows]) -> None:
        """Pair a row with its twin that waits, or let it wait itself."""
        if key not in other:
            own[key].append(row)
            self._waiting += 1
            if self._waiting > self._most:
                raise OutOfOrderError
            return
        twin = other[key].pop()
        self._waiting -= 1
        if not other[key]:
            del other[key]
        pair = (row, twin) if own is self._source else (twin, row)
        self._pairs[0].append(pair[0])
        self._pairs[1].append(pair[1])

    def take_pairs(self) -> tuple[Rows, Rows]:
        """Return the pairs found since the last call."""
        pairs, self._pairs = self._pairs, ([], [])
        return pairs

    def source_rows(self) -> Iterator[Row]:
        """Yield the source rows that waited in vain."""
        return (row for rows in self._source.values() for row in rows)

    def target_rows(self) -> Iterator[Row]:
        """Yield the target rows that waited in vain."""
        return (row for rows in self._target.values() for row in rows)
