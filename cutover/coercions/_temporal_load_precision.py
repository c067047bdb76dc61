"""Load's side of a type that keeps fewer than six digits of a second: `timestamp(3)`, `time(0)`."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from cutover.abc import Converter, Sent
from cutover.coercions._questions import Raised

_FRACTION = re.compile(r"(.*:\d\d)\.(\d+)(.*)", re.ASCII)


def kept_of(type_: str) -> int:
    """Return how many digits of a second a type keeps."""
    digits = type_[type_.find("(") + 1 : type_.find(")")]
    return min(int(digits), 6) if digits.isdigit() else 6


def cutting(read: Converter, kept: int, way: str) -> Converter:
    """Return a conversion whose texts have no more digits of a second than are kept.

    `way` is `round`, `truncate`, or nothing: then a text that has more raises a question.
    """
    if kept >= 6:
        return read
    cut = _WAYS.get(way, _refused)

    def convert(value: object) -> Sent:
        sent = read(value)
        found = _FRACTION.fullmatch(sent) if isinstance(sent, str) else None
        if found is None or not found[2][kept:].strip("0"):
            return sent
        return cut(found, kept)

    return convert


def _truncated(found: re.Match[str], kept: int) -> str:
    digits = found[2][:kept]
    return f"{found[1]}.{digits}{found[3]}" if digits else f"{found[1]}{found[3]}"


def _rounded(found: re.Match[str], kept: int) -> str:
    shorter = _truncated(found, kept)
    if found[2][kept] < "5":
        return shorter
    head = shorter.removesuffix(found[3]) if found[3] else shorter
    on_clock = len(head) < 19
    moment = datetime.fromisoformat(f"2000-01-01 {head}" if on_clock else head)
    try:
        next_ = moment + timedelta(microseconds=10 ** (6 - kept))
    except OverflowError as error:
        raise Raised("range", f"{found[0]!r} rounds to the year 10000") from error
    if on_clock and next_.day != moment.day:
        raise Raised("range", f"{found[0]!r} rounds to the next day")
    return f"{next_.isoformat(' ')[11 if on_clock else 0 :]}{found[3]}"


def _refused(found: re.Match[str], kept: int) -> str:
    raise Raised("fraction", f"{found[0]!r} has more than {kept} digits after the second")


_WAYS: dict[str, Callable[[re.Match[str], int], str]] = {"round": _rounded, "truncate": _truncated}
