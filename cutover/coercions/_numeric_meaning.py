"""Verify's side of numbers: the integer, the eight bytes, or the decimal that is meant.

A decimal is an integer where it is one, else the one text that has neither an exponent nor a
needless zero: `1.10`, `1.1` and `11e-1` are one number. The server writes no exponents.
"""

from collections.abc import Hashable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

from cutover.abc import Meaning, Options
from cutover.coercions._answers_meant import or_null
from cutover.coercions._numeric_meaning_doubles import by_bytes, double, narrow, rounded

_DIGITS_MAX = 131_072
"""More than numeric has on either side of the point."""
_HALVES = {"round": ROUND_HALF_UP, "truncate": ROUND_DOWN}
_WIDE = Context(prec=2 * _DIGITS_MAX)


def stored(options: Options) -> Meaning | None:
    """Return the number that a stored value means, in the terms of the type."""
    exact, classes = "exact" in options, options["classes"]
    if options["type"] == "double precision":
        return by_bytes if exact and classes == "real" else or_null(double, options)
    if options["type"] == "real":
        return or_null(rounded if options.get("fraction") == "round" else narrow, options)
    if exact and classes == "integer":
        return None
    way = options.get("fraction")
    return or_null(_cut(options["type"], _HALVES[way]) if way else _number, options)


def loaded(options: Options) -> Meaning | None:
    """Return the number that a loaded value is."""
    if options["type"] == "double precision":
        return by_bytes
    if options["type"] == "real":
        return rounded
    return _plain if options["type"].startswith("numeric") else None


def _cut(type_: str, rounding: str) -> Meaning:
    """Return what gives a number as it is with so many digits after the point."""
    scale = int(type_.rstrip(")").partition(",")[2] or 0)
    if type_ == "numeric":
        scale = _DIGITS_MAX // 8 - 1
    unit = Decimal((0, (1,), -scale))

    def cut(value: object) -> Hashable:
        number = _number(value)
        if isinstance(number, int) and scale >= 0:
            return number
        try:
            digits = Decimal(str(number)).quantize(unit, rounding, _WIDE)
        except InvalidOperation as error:
            raise ValueError(f"{value!r:.60} is beyond numeric") from error
        return _plain(f"{digits:f}") if digits else 0

    return cut


def _number(value: object) -> Hashable:
    match value:
        case int():
            return value
        case float():
            text = repr(value)
            return _plain(text if "e" not in text else _positional(text))
        case str() if value.isascii() and "_" not in value:
            return _plain(_positional(value))
    raise ValueError(f"{value!r:.60} does not mean a number")


def _positional(text: str) -> str:
    """Return a decimal without exponent, plus sign or needless zeros before it."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r:.60} does not mean a number") from error
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS_MAX:
        raise ValueError(f"{text!r:.60} is beyond numeric")
    return f"{number:f}"


def _plain(text: str) -> Hashable:
    """Return an integer where a positional decimal is one, else its text without needless zeros."""
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    if "." in text:
        return text
    try:
        return int(text)
    except ValueError:  # infinite, not a number, or of more digits than Python makes an int of
        return text
