"""Verify's side of binary numbers: their eight bytes, a four-byte one widened to eight."""

import math
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from cutover.coercions._columns import Doubles

by_bytes = Doubles()


def double(value: object) -> Hashable:
    """Return the eight bytes of a number that is a double. ValueError where it is none."""
    match value:
        case float():
            return by_bytes(value)
        case int() if int(value / 1) == value:
            return by_bytes(value)
        case str() if value.isascii() and "_" not in value:
            return by_bytes(_nearest(value))
    raise ValueError(f"{value!r:.60} does not mean a double")


def _nearest(text: Any) -> float:
    try:
        number = Decimal(text)
        nearest = float(number)
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"{text!r:.60} does not mean a double") from error
    if math.isinf(nearest) and number.is_finite():
        raise ValueError(f"{text!r:.60} is beyond any double")
    return nearest


def narrow(value: Any) -> Hashable:
    """Return the eight bytes of a number that has room in four."""
    if double(value) != rounded(value):
        raise ValueError(f"{value!r:.60} has more digits than a real")
    return double(value)


def rounded(value: Any) -> Hashable:
    """Return the eight bytes of the nearest number of 24 bits, a half to the even one."""
    number = value / 1 if isinstance(value, int | float) else _nearest(value)
    if not math.isfinite(number) or number == 0:
        return by_bytes(number)
    _, exponent = math.frexp(number)
    unit = 2.0 ** (max(exponent, -125) - 24)
    return by_bytes(math.copysign(round(number / unit) * unit, number))
