"""A few values that a person can look at, each as SQL would write it, cut short."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover.profile import Sample, Stored, Tally

SAMPLES_MAX = 3
"""Samples kept of each class, form and problem: the first ones."""

_CHARACTERS_MAX = 60

Matches = Callable[[Any], bool]


def literal(value: Stored) -> str:
    """Return a value as SQL writes it, in at most 60 characters.

    >>> literal("it's"), literal(b"ab"), literal(None)
    ("'it''s'", "x'6162'", 'NULL')
    """
    match value:
        case None:
            return "NULL"
        case str():
            text = "'" + value[:_CHARACTERS_MAX].replace("'", "''") + "'"
            more = len(value) > _CHARACTERS_MAX
        case bytes():
            text = "x'" + value[: _CHARACTERS_MAX // 2].hex() + "'"
            more = len(value) > _CHARACTERS_MAX // 2
        case _:
            return repr(value)
    return text[: _CHARACTERS_MAX - 1] + "…" if more or len(text) > _CHARACTERS_MAX else text


def sample(key: tuple[Stored, ...], value: Stored) -> Sample:
    """Return a sample of one value."""
    return Sample(key, literal(value))


@dataclass(frozen=True, slots=True)
class Batch:
    """One column of some rows; each row starts with its key."""

    rows: Sequence[tuple[Stored, ...]]
    key_width: int
    values: Sequence[Any]

    def find(self, matches: Matches, wanted: int) -> Iterator[Sample]:
        """Yield the first samples of values that match, as many as are wanted."""
        for row, value in zip(self.rows, self.values, strict=True):
            if wanted == 0:
                return
            if matches(value):
                wanted -= 1
                yield sample(row[: self.key_width], value)


@dataclass(slots=True)
class Tallies:
    """Counts by name, and the first samples of each."""

    _counts: dict[str, int] = field(default_factory=dict)
    _samples: dict[str, list[Sample]] = field(default_factory=dict)

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
