"""Load's side of whole columns of instants: one search finds what is usual in all of them."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from cutover.abc import ColumnFunction, Converter, Sent
from cutover.coercions._temporal_load_zones import FIRST_DAY, LAST_DAY

# A line each: head, further digits, zone. `moment_match` is wider: it takes times without seconds.
_MOMENTS = re.compile(
    r"^(\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(?:\.\d{6}|\.\d{1,5}(?!\d)|(?![.\d])))(\d{0,3})"
    r"(Z|[+-](?:0\d|1[0-5]):[0-5]\d|)$",
    re.ASCII | re.MULTILINE,
).findall
_Parts = list[tuple[str, str, str]]


class Instants(ColumnFunction):
    """The conversion of `one` value for many; `offset` is what a text without one gains."""

    def __init__(self, one: Converter, offset: str | None) -> None:
        self._one = one
        self._offset = offset

    def __call__(self, value: Any) -> Sent:
        """Convert one value."""
        return self._one(value)

    def column(self, values: Sequence[Any]) -> list[str]:
        """Convert values that are texts of usual form, far from the first day and the last."""
        moments = _moments(values)
        heads = [head for head, _, _ in moments]
        if not FIRST_DAY < min(heads) <= max(heads) < LAST_DAY:
            raise ValueError("an offset may lead out of the years 1 to 9999")
        if self._offset is None and not all(zone for _, _, zone in moments):
            raise ValueError("some have no offset")
        return [f"{head}{zone or self._offset}" for head, _, zone in moments]


class Truncations(ColumnFunction):
    """The rule by which each of many instants is altered: `truncated`, or none."""

    def __init__(self, one: Callable[[Any], str | None], truncated: str) -> None:
        self._one = one
        self._truncated = truncated

    def __call__(self, value: Any) -> str | None:
        """Name the rule that alters one value."""
        return self._one(value)

    def column(self, values: Sequence[Any]) -> list[str | None]:
        """Name the rule for each text of usual form."""
        return [self._truncated if more.strip("0") else None for _, more, _ in _moments(values)]


def _moments(values: Sequence[Any]) -> _Parts:
    lines = "\n".join(values)
    moments: _Parts = _MOMENTS(lines)
    if len(moments) != len(values) or lines.count("\n") != len(values) - 1:
        raise ValueError("some are not of usual form")
    return moments
