"""Every value of every row of one table, on both sides, compared.

Three ways lead to the same answer. In the order in which both sides are stored, which after a load
is one order; by an ordered merge over the key, where both engines sort it alike; by digests joined
on disk, for all else. The first two can turn out not to be the way to go, so what they find is held
back until they have come to their end.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from cutover.compare.apart import compare_apart
from cutover.compare.bag import joined
from cutover.compare.lockstep import in_step
from cutover.compare.merge import merged
from cutover.compare.values import Difference, OutOfOrderError, Sides, Tally
from cutover.plan import TablePlan

__all__ = ["Difference", "Sides", "Tally", "compare", "compare_apart"]

HELD_BYTES = 4 * 1024 * 1024
"""Differences held back in memory; more of them go to a temporary file."""


def compare(
    table: TablePlan,
    sides: Sides,
    *,
    found: Callable[[Difference], None],
    progress: Callable[[int], None],
) -> Tally:
    """Compare one table; hand every difference to `found`, and return the counts.

    SourceError or TargetError where a side can't be read.
    """
    for way in (in_step, merged) if table.ordered else (in_step,):
        tally = Tally(table.target)
        with tempfile.SpooledTemporaryFile(max_size=HELD_BYTES) as held:
            try:
                _hold(_told(way(table, sides, tally), tally, progress), held)
            except OutOfOrderError:
                continue
            return _counted(_held(held), tally, found)
    tally = Tally(table.target)
    return _counted(_told(joined(table, sides, tally), tally, progress), tally, found)


def _hold(differences: Iterator[Difference], file: IO[bytes]) -> None:
    for difference in differences:
        pickle.dump(difference, file)


def _held(file: IO[bytes]) -> Iterator[Difference]:
    end = file.tell()
    file.seek(0)
    while file.tell() < end:
        yield pickle.load(file)  # noqa: S301 - written by `_hold`, to a file without a name


def _counted(
    differences: Iterable[Difference], tally: Tally, found: Callable[[Difference], None]
) -> Tally:
    for difference in differences:
        tally.count(difference)
        found(difference)
    return tally


def _told(
    differences: Iterator[Difference | None], tally: Tally, progress: Callable[[int], None]
) -> Iterator[Difference]:
    """Pass the differences on, and tell how far it is after every block."""
    for difference in differences:
        if difference is None:
            progress(tally.source_rows)
        else:
            yield difference
