"""Verify's side of counts: the instant in UTC, floored at the microsecond.

A Julian day means the nearest millisecond: SQLite itself knows no finer one.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHIFT = {"s": 6, "ms": 3, "us": 0, "ns": -3}
_DIGITS_MAX = 30
_WIDE = Context(prec=400, rounding=ROUND_FLOOR)


def instants(unit: str) -> Callable[[object], datetime]:
    """Return what gives the instant of a count. ValueError as in `since_1970`."""
    return _julian if unit == "julian" else since_1970(unit)


def _julian(value: Any) -> datetime:
    if isinstance(value, bytes) or not _is_plain(value):
        value = "no number"
    try:
        days = _WIDE.subtract(Decimal(value), Decimal("2440587.5"))
        millis = _WIDE.multiply(days, Decimal(86_400_000)) + Decimal("0.5")
        return _EPOCH + timedelta(milliseconds=math.floor(millis))
    except ArithmeticError as error:
        raise ValueError(f"{value!r:.60} is no day in the years 1 to 9999") from error


def _is_plain(value: object) -> bool:
    """Tell whether a number is none of those that only Python reads: 1_000, or other digits."""
    return str(value).isascii() and "_" not in str(value)


def since_1970(unit: str) -> Callable[[object], datetime]:
    """Return what gives the instant of a count.

    ValueError where the years 1 to 9999 don't hold it, or the value counts nothing.
    """
    shift = _SHIFT.get(unit)
    per_count = 10 ** max(shift or 0, 0)

    def instant(value: Any) -> datetime:
        if shift is None or isinstance(value, bytes) or not _is_plain(value):
            raise ValueError(f"{value!r:.60} means no instant")
        try:
            if isinstance(value, int) and shift >= 0:
                return _EPOCH + timedelta(0, 0, value * per_count)
            return _EPOCH + timedelta(0, 0, _floored(value, shift))
        except ArithmeticError as error:
            raise ValueError(f"{value!r:.60} {unit} is outside the years 1 to 9999") from error

    return instant


def _floored(value: float | str, shift: int) -> int:
    # Below 2^32 s doubles lie closer than a microsecond, so a count of microseconds that divides
    # to this very double is the shortest decimal's own.
    if shift == 6 and isinstance(value, float) and abs(value) < 2**32:
        micros = round(value * 1e6)
        if micros / 1e6 == value:
            return micros
    number = Decimal(str(value))
    if number.adjusted() > _DIGITS_MAX:
        raise OverflowError(f"{value} is beyond any date")
    return math.floor(_WIDE.scaleb(number, shift))
