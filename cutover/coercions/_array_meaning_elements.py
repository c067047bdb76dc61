"""Verify's side of an array's elements: what one of them means."""

from collections.abc import Callable, Hashable
from decimal import Decimal, InvalidOperation
from typing import Any

_ENDS = {"smallint": 1 << 15, "integer": 1 << 31, "bigint": 1 << 63}


def meaning_of(element: str) -> Callable[[Any], Hashable]:
    """Return what gives the meaning of one element. ValueError where it is none of the type."""
    if element in _ENDS:
        return lambda item: _whole(item, _ENDS[element])
    known = {"boolean": _truth, "uuid": _uuid, "numeric": _decimal}
    return known.get(element, _characters)


def _characters(item: Any) -> Hashable:
    if isinstance(item, str) and not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in item):
        return item
    raise ValueError(f"{item!r:.60} means no text")


def _decimal(item: Any) -> Hashable:
    if isinstance(item, bool) or not isinstance(item, int | Decimal | str):
        raise ValueError(f"{item!r:.60} means no number")  # noqa: TRY004 - a value, not a type
    try:
        number = Decimal(item)
    except InvalidOperation as error:
        raise ValueError(f"{item!r:.60} means no number") from error
    if not number.is_finite():
        raise ValueError(f"{item!r:.60} means no number")
    return number


def _whole(item: Any, end: int) -> Hashable:
    number = item if isinstance(item, int) and not isinstance(item, bool) else _digits(item)
    if number >= end or number < -end:
        raise ValueError(f"{item!r:.60} is out of range")
    return number


def _digits(item: Any) -> int:
    if isinstance(item, str) and item.isascii() and item.lstrip("+-").isdigit():
        return int(item)
    raise ValueError(f"{item!r:.60} means no integer")


def _truth(item: Any) -> Hashable:
    if isinstance(item, bool):
        return item
    if isinstance(item, str) and item.casefold() in ("t", "true", "f", "false"):
        return item.casefold().startswith("t")
    raise ValueError(f"{item!r:.60} means no truth")


def _uuid(item: Any) -> Hashable:
    if isinstance(item, str) and len(item) in (32, 36):
        return bytes.fromhex(item.replace("-", ""))
    raise ValueError(f"{item!r:.60} means no uuid")
