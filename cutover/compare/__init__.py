"""Every value of every row of one table, on both sides, compared.

Three ways lead to the same answer. In the order in which both sides are stored, which after a load
is one order; by an ordered merge over the key, where both engines sort it alike; by digests joined
on disk, for all else.
"""

from collections.abc import Callable, Iterator

from cutover.compare.bag import joined
from cutover.compare.lockstep import OutOfStepError, in_step
from cutover.compare.merge import merged
from cutover.compare.values import Difference, Sides, Tally
from cutover.plan import TablePlan

__all__ = ["Difference", "Sides", "Tally", "compare"]

FOUND_IN_STEP_MAX = 10_000
"""Differences held back until a walk in step has proved to be one."""


def compare(
    table: TablePlan,
    sides: Sides,
    *,
    found: Callable[[Difference], None],
    progress: Callable[[int], None],
) -> Tally:
    """Compare one table; hand every difference to `found`, and return the counts."""
    tally, differences = _in_step(table, sides, progress)
    if differences is None:
        tally = Tally(table.target)
        way = merged if table.ordered else joined
        differences = _told(way(table, sides, tally), tally, progress)
    for difference in differences:
        tally.count(difference)
        found(difference)
    return tally


def _in_step(
    table: TablePlan, sides: Sides, progress: Callable[[int], None]
) -> tuple[Tally, "Iterator[Difference] | None"]:
    """Try the fastest way; None where the sides are out of step, or differ all over."""
    tally = Tally(table.target)
    held: list[Difference] = []
    try:
        for difference in _told(in_step(table, sides, tally), tally, progress):
            held.append(difference)
            if len(held) > FOUND_IN_STEP_MAX:
                return tally, None
    except OutOfStepError:
        return tally, None
    return tally, iter(held)


def _told(
    differences: Iterator[Difference | None], tally: Tally, progress: Callable[[int], None]
) -> Iterator[Difference]:
    """Pass the differences on, and tell how far it is after every block."""
    for difference in differences:
        if difference is None:
            progress(tally.source_rows)
        else:
            yield difference
