"""Load's side of decimals: their digits, whether a type has room for them, and how they are cut.

A half is rounded away from zero, as PostgreSQL rounds numeric
(https://www.postgresql.org/docs/current/datatype-numeric.html) and SQLite's round() does.
"""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from cutover.abc import Converter, Sent
from cutover.coercions._questions import Raised

Way = Callable[[Fraction], int]

_DECIMAL = re.compile(
    r"[+-]?(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?", re.ASCII
)
_WHOLE_DIGITS, _FRACTION_DIGITS = 131072, 16383
"""What numeric holds without a modifier: https://www.postgresql.org/docs/current/datatype-numeric.html."""
_CHARACTERS_MAX, _EXPONENT_MAX = 4_000, 4_000
"""Of a number that is calculated with; Python makes no integer of 4,300 digits."""


def modifier(type_: str) -> tuple[int, int]:
    """Return how many digits fit before and after the point."""
    found = re.search(r"\(([0-9]+)(?:,(-?[0-9]+))?\)", type_)
    if found is None:
        return _WHOLE_DIGITS, _FRACTION_DIGITS
    scale = int(found[2] or 0)
    return int(found[1]) - scale, scale


def reader(type_: str) -> Converter:
    """Return what gives the decimal text of a value that a numeric type holds exactly."""
    before, after = modifier(type_)
    unbounded = type_ == "numeric"

    def convert(value: Any) -> Sent:
        if unbounded and isinstance(value, int | float) and math.isfinite(value):
            return value
        text, match = _matched(value)
        whole, fraction = match[1], match[2] or ""
        digits, point = whole + fraction, len(whole) + int(match[3] or 0)
        leading = len(digits) - len(digits.lstrip("0"))
        ending = len(digits.rstrip("0"))
        if ending and point - leading > before:
            raise Raised("range", f"{value!r:.60} does not fit {type_}")
        if ending and ending - point > after:
            raise Raised("fraction", f"{value!r:.60} does not fit {type_}")
        return text

    return convert


def exact(value: object) -> Fraction:
    """Return a number, of a real its shortest decimal. Raises a question for what is none."""
    text, match = _matched(value)
    if len(text) > _CHARACTERS_MAX or abs(int(match[3] or 0)) > _EXPONENT_MAX:
        raise Raised("range", f"{value!r:.60} is out of range")
    # Fraction wants a digit before the point, and after it.
    return Fraction(f"{text[: match.start(1)]}{match[1] or 0}.{match[2] or 0}e{match[3] or 0}")


def shifted(value: object, places: int) -> Fraction:
    """Return a number times ten to the power of `places`."""
    return exact(value) * Fraction(10) ** places


def spelled(count: int, places: int) -> str:
    """Return the decimal text of so many units of a decimal place."""
    return f"{count}e{-places}"


def _matched(value: object) -> tuple[str, re.Match[str]]:
    text = repr(value) if isinstance(value, int | float) else value
    match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        raise Raised("invalid", f"{value!r:.60} is no decimal number")
    return text, match


def _rounded(number: Fraction) -> int:
    half_up = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return half_up if number >= 0 else -half_up


WAYS: Mapping[str, Way] = {"round": _rounded, "truncate": math.trunc}
