"""Load's side of binary numbers: eight bytes, or four."""

import math
import re
import struct

from cutover.abc import Sent
from cutover.coercions._questions import Raised

_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)",
    re.ASCII | re.IGNORECASE,
)


def double(value: object) -> Sent:
    """Return a value as the double that it is; of digits in text the nearest one."""
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        if float(value) == value:
            return float(value)
        raise Raised("range", f"{value!r:.60} is no double")
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
        if math.isfinite(number) or "n" in value.lower():
            return number
        raise Raised("range", f"{value!r:.60} is beyond any double")
    raise Raised("invalid", f"{value!r:.60} is no number")


def real(value: object) -> Sent:
    """Return a value that four bytes hold exactly."""
    number = double(value)
    narrow = rounded_real(value)
    if narrow == number or narrow != narrow:  # noqa: PLR0124 - NaN
        return narrow
    raise Raised("precision", f"{value!r:.60} has more digits than four bytes hold")


def rounded_real(value: object) -> Sent:
    """Return the number of four bytes that is nearest to a value."""
    try:
        packed = struct.pack("<f", double(value))
    except OverflowError as error:
        raise Raised("range", f"{value!r:.60} is beyond four bytes") from error
    (number,) = struct.unpack("<f", packed)
    return float(number)
