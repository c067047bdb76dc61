"""A few values that a person can look at, each as SQL would write it, cut short."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover.dialect.literals import literal
from cutover.profile import Sample, Stored, Tally

SAMPLES_MAX = 3
"""Samples kept of each class, form and problem: the first ones."""

Matches = Callable[[Any], bool]


def sample(key: tuple[Stored, ...], value: Stored) -> Sample:
    """Return a sample of one value."""
    return Sample(key, literal(value))


@dataclass(frozen=True, slots=True)
class Batch:
    """One column of some rows; each row starts with its cursor, `key` says where its key stands."""

    rows: Sequence[tuple[Stored, ...]]
    cursor_width: int
    values: Sequence[Any]
    key: tuple[int, ...] = ()

    def find(self, matches: Matches, wanted: int) -> Iterator[Sample]:
        """Yield the first samples of values that match, as many as are wanted."""
        for row, value in zip(self.rows, self.values, strict=True):
            if wanted == 0:
                return
            if matches(value):
                wanted -= 1
                yield sample(self._key_of(row), value)

    def _key_of(self, row: tuple[Stored, ...]) -> tuple[Stored, ...]:
        key = tuple(row[place] for place in self.key)
        return row[: self.cursor_width] if not key or None in key else key


@dataclass(slots=True)
class Tallies:
    """Counts by name, and the first samples of each."""

    _counts: dict[str, int] = field(default_factory=dict)
    _samples: dict[str, list[Sample]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What was seen so far."""
        return tuple(self._counts)

    def add(self, name: str, number: int, batch: Batch, matches: Matches) -> None:
        """Count, and look for samples in the batch while there are too few."""
        self._counts[name] = self._counts.get(name, 0) + number
        known = self._samples.setdefault(name, [])
        if len(known) < SAMPLES_MAX:
            known.extend(batch.find(matches, min(SAMPLES_MAX - len(known), number)))

    def frozen(self) -> dict[str, Tally]:
        """Return the tallies by name, sorted."""
        return {
            str(name): Tally(number, tuple(self._samples[name]))
            for name, number in sorted(self._counts.items())
        }
