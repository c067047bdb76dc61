"""Verify's side of numbers: the integer, the eight bytes, or the decimal that is meant.

A decimal is an integer where it is one, else the one text that has neither an exponent nor a
needless zero: `1.10`, `1.1` and `11e-1` are one number. The server writes no exponents.
"""

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation

from cutover.abc import Meaning, Options
from cutover.coercions._columns import Doubles

_DIGITS_MAX = 131_072
"""More than numeric has on either side of the point."""

_bytes = Doubles()


def stored(options: Options) -> Meaning | None:
    """Return the number that a stored value means, in the terms of the type."""
    exact, classes = "exact" in options, options["classes"]
    if options["type"] == "double precision":
        return _bytes if exact and classes == "real" else _or_null(_double, options)
    if exact and classes == "integer":
        return None
    return _or_null(_number, options)


def loaded(options: Options) -> Meaning | None:
    """Return the number that a loaded value is."""
    if options["type"] in {"double precision", "real"}:
        return _bytes
    return _plain if options["type"].startswith("numeric") else None


def _or_null(meaning: Meaning, options: Options) -> Meaning:
    if "empty" not in options:
        return meaning
    return lambda value: None if value == "" else meaning(value)


def _double(value: object) -> Hashable:
    match value:
        case float():
            return _bytes(value)
        case int() if int(value / 1) == value:
            return _bytes(value)
    raise ValueError(f"{value!r:.60} does not mean a double")


def _number(value: object) -> Hashable:
    match value:
        case int():
            return value
        case float():
            text = repr(value)
            return _plain(text if "e" not in text else _positional(text))
        case str():
            return _plain(_positional(value))
    raise ValueError(f"{value!r:.60} does not mean a number")


def _positional(text: str) -> str:
    """Return a decimal without exponent, plus sign or needless zeros before it."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r:.60} does not mean a number") from error
    if abs(number.adjusted()) > _DIGITS_MAX:
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
