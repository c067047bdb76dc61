"""Load's side of numbers: one Python number or decimal text for each stored value."""

import math
from collections.abc import Callable
from typing import Any

from cutover.abc import Converter, Options, Sent
from cutover.catalog import base_type
from cutover.coercions import _numeric_load_decimals as decimals
from cutover.coercions._numeric_load_doubles import double, real, rounded_real
from cutover.coercions._questions import Raised, answering, naming, null_answers, telling

INTEGRAL = "integral real as integer"
SHORTEST = "real as its shortest decimal"
DIGITS = "digits in text as number"

_HALF = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def converter(options: Options) -> Converter:
    """Return the conversion into one number type; ValueError for what it can't hold exactly."""
    answers = null_answers(options)
    if way := options.get("fraction"):
        answers |= _cutting(options["type"], way)
    return answering(strict(options["type"]), answers)


def _cutting(type_: str, way: str) -> dict[str, Converter]:
    if base_type(type_) == "real":
        return {"precision": rounded_real} if way == "round" else {}
    cut = _integer_cut if base_type(type_) in _HALF else _decimal_cut
    return {"fraction": cut(type_, decimals.WAYS[way])}


def _integer_cut(type_: str, way: decimals.Way) -> Converter:
    read = _integer(_HALF[base_type(type_)])
    return lambda value: read(way(decimals.exact(value)))


def _decimal_cut(type_: str, way: decimals.Way) -> Converter:
    read, places = decimals.reader(type_), decimals.modifier(type_)[1]
    return lambda value: read(decimals.spelled(way(decimals.shifted(value, places)), places))


def strict(type_: str) -> Converter:
    """Return what reads a value that a type holds exactly, and raises a question of any other."""
    kind = base_type(type_)
    if kind in _HALF:
        return _not_empty(_integer(_HALF[kind]))
    if kind == "numeric":
        return _not_empty(decimals.reader(type_))
    return _not_empty(double if kind == "double precision" else real)


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value."""
    type_ = options["type"]
    return naming(strict(type_), options, _altered(type_))


def tells(type_: str, given: Options) -> Callable[[Any], str | None]:
    """Return what names the question or the rule of a value, under the given settings."""
    return telling(strict(type_), converter({**given, "type": type_}), _altered(type_))


def whole_limit(type_: str) -> int:
    """Return the first integer that a decimal or four-byte type may not hold."""
    if base_type(type_) == "real":
        return 2**24
    before, after = decimals.modifier(type_)
    return int(10 ** min(before, 18)) if after >= 0 else 0


def _altered(type_: str) -> Callable[[object], str | None]:
    kind = base_type(type_)
    of_real = {"numeric": SHORTEST, "double precision": None, "real": None}.get(kind, INTEGRAL)

    def altered(value: object) -> str | None:
        if isinstance(value, str):
            return DIGITS
        return of_real if isinstance(value, float) else None

    return altered


def _not_empty(read: Converter) -> Converter:
    def convert(value: Any) -> Sent:
        if value == "":
            raise Raised("empty", "'' is no number")
        return read(value)

    return convert


def _integer(half: int) -> Converter:
    def convert(value: Any) -> Sent:
        number = value if isinstance(value, int) else _whole(value)
        if -half <= number < half:
            return number
        raise Raised("range", f"{value!r:.60} is out of range")

    return convert


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise Raised("invalid", f"{value!r} is no integer")
    number = decimals.exact(value)
    if number.denominator != 1:
        raise Raised("fraction", f"{value!r:.60} is no integer")
    return number.numerator
