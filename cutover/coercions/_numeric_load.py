"""Load's side of numbers: one Python number or decimal text for each stored value."""

import math
import re
from collections.abc import Callable

from cutover.abc import Converter, Options, Sent
from cutover.catalog import base_type
from cutover.coercions._rulings import EMPTY_AS_NULL

INTEGRAL = "integral real as integer"
SHORTEST = "real as its shortest decimal"
DIGITS = "digits in text as number"

_HALF = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?")
_WHOLE_DIGITS, _FRACTION_DIGITS = 131072, 16383
"""What numeric holds without a modifier: https://www.postgresql.org/docs/current/datatype-numeric.html."""


def converter(options: Options) -> Converter:
    """Return the conversion into one number type; ValueError for what it can't hold exactly."""
    kind, nulled = base_type(options["type"]), "empty" in options
    if kind in _HALF:
        number = _integer(_HALF[kind])
    elif kind == "numeric":
        number = _decimal(options["type"])
    else:
        number = _double if kind == "double precision" else _nothing

    def convert(value: object) -> Sent:
        return None if nulled and value == "" else number(value)

    return convert


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value."""
    real = {"numeric": SHORTEST, "double precision": None}.get(base_type(options["type"]), INTEGRAL)

    def altered(value: object) -> str | None:
        if isinstance(value, str):
            return DIGITS if value else EMPTY_AS_NULL
        return real if isinstance(value, float) else None

    return altered


def whole_digits_limit(type_: str) -> int:
    """Return how many digits a numeric type holds before the point."""
    return _modifier(type_)[0]


def _modifier(type_: str) -> tuple[int, int]:
    """Return how many digits fit before and after the point."""
    found = re.search(r"\(([0-9]+)(?:,(-?[0-9]+))?\)", type_)
    if found is None:
        return _WHOLE_DIGITS, _FRACTION_DIGITS
    scale = int(found[2] or 0)
    return int(found[1]) - scale, scale


def _integer(half: int) -> Converter:
    def convert(value: object) -> Sent:
        number = value if isinstance(value, int) else _whole(value)
        if -half <= number < half:
            return number
        raise ValueError(f"{value!r:.60} is out of range")

    return convert


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise ValueError(f"{value!r:.60} is no integer")


def _double(value: object) -> Sent:
    if isinstance(value, float):
        return value
    if isinstance(value, int) and float(value) == value:
        return float(value)
    raise ValueError(f"{value!r:.60} is no double")


def _nothing(value: object) -> Sent:
    raise ValueError(f"{value!r:.60} may not fit a real")


def _decimal(type_: str) -> Converter:
    before, after = _modifier(type_)
    unbounded = type_ == "numeric"

    def convert(value: object) -> Sent:
        if unbounded and isinstance(value, int | float) and abs(value) != math.inf:
            return value
        text = repr(value) if isinstance(value, int | float) else value
        match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
        if match is None or not isinstance(text, str):
            raise ValueError(f"{value!r:.60} is no decimal number")
        whole, fraction = match[1], match[2] or ""
        digits, point = whole + fraction, len(whole) + int(match[3] or 0)
        leading = len(digits) - len(digits.lstrip("0"))
        ending = len(digits.rstrip("0"))
        if ending and (point - leading > before or ending - point > after):
            raise ValueError(f"{value!r:.60} does not fit {type_}")
        return text

    return convert
