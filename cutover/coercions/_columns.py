"""Verify's side of whole columns: what is common is read by C code, the rest value by value."""

import struct
from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from cutover.abc import ColumnFunction, Meaning

_fromisoformat = datetime.fromisoformat
_tzinfo = attrgetter("tzinfo")


class Instants(ColumnFunction):
    """Instants as ISO text; `one` says what a single value means."""

    def __init__(self, one: Meaning) -> None:
        self._one = one

    def __call__(self, value: Any) -> Hashable:
        """Return the instant of one value."""
        return self._one(value)

    def column(self, values: Sequence[Any]) -> Collection[Any]:
        """Return the instants, where all of them are written in UTC."""
        moments = list(map(_fromisoformat, values))
        if {*map(_tzinfo, moments)} - {UTC}:
            raise ValueError("some are not in UTC")
        return moments


class Doubles(ColumnFunction):
    """Doubles by their eight bytes: 0.0 is not -0.0, and NaN is itself."""

    def __call__(self, value: Any) -> Hashable:
        """Return the bytes of one double."""
        return struct.pack(">d", value)

    def column(self, values: Sequence[Any]) -> Collection[Any]:
        """Return the bytes of each; struct.error where one is NULL."""
        return Bytes(struct.pack(f">{len(values)}d", *values))


class Bytes(Collection[bytes]):
    """Eights of bytes, compared all at once."""

    __slots__ = ("joined",)
    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __init__(self, joined: bytes) -> None:
        self.joined = joined

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bytes) and self.joined == other.joined

    def __len__(self) -> int:
        return len(self.joined) // 8

    def __iter__(self) -> Iterator[bytes]:
        return (self.joined[at : at + 8] for at in range(0, len(self.joined), 8))

    def __contains__(self, eight: object) -> bool:
        return any(eight == each for each in self)
