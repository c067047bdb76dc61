"""Verify's side of intervals: (months, days, microseconds), never one counted as another."""

import re
from collections.abc import Hashable
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import Any

from cutover.abc import Meaning

_UNIT_MICROS = {
    "s": Decimal(10) ** 6,
    "ms": Decimal(10) ** 3,
    "us": Decimal(1),
    "ns": Decimal(10) ** -3,
}
_PLACES = {"y": (0, 12), "mo": (0, 1), "w": (1, 7), "d": (1, 1)}
_CLOCKS = {"h": 3600, "mi": 60, "s": 1}
_DIGITS_MAX = 30
_WIDE = Context(prec=100, rounding=ROUND_DOWN)

Parts = tuple[int, int, int]


def stored(unit: str) -> Meaning:
    """Return what gives the parts of a stored interval. ValueError where it reads no one way."""

    def meaning(value: Any) -> Hashable:
        if isinstance(value, int | float) or (isinstance(value, str) and _is_number(value)):
            return _held((0, 0, _counted(Decimal(str(value)), unit)))
        text = "" if isinstance(value, bytes) else str(value)
        return _held(_iso(text) if text.startswith("P") else _spoken(text))

    return meaning


def _is_number(text: str) -> bool:
    whole, point, fraction = text.removeprefix("-").removeprefix("+").partition(".")
    return text.isascii() and whole.isdigit() and (not point or fraction.isdigit())


def _counted(number: Decimal, unit: str) -> int:
    if unit not in _UNIT_MICROS or not number.is_finite() or number.adjusted() > _DIGITS_MAX:
        raise ValueError(f"{number} is a number of no known unit, or too large")
    return _whole(_WIDE.multiply(number, _UNIT_MICROS[unit])) if number.adjusted() > -50 else 0


def _held(parts: Parts) -> Parts:
    """Return the parts of an interval that PostgreSQL can hold."""
    if max(map(abs, parts[:2])) >= 1 << 31 or abs(parts[2]) >= 1 << 63:
        raise ValueError(f"{parts} is longer than any interval")
    return parts


def loaded(text: str) -> Hashable:
    """Return the parts of the server's own text."""
    return _spoken(text)


def _whole(micros: Decimal) -> int:
    return int(micros.to_integral_value(ROUND_DOWN))


def _iso(text: str) -> Parts:
    day, mark, clock = text[1:].partition("T")
    parts = [0, 0, 0]
    for number, letter in _designated(day, "YMWD", text):
        place, factor = _PLACES[{"M": "mo"}.get(letter, letter.lower())]
        parts[place] += int(number) * factor
    seconds = Decimal(0)
    for number, letter in _designated(clock, "HMS", text):
        seconds += Decimal(number) * _CLOCKS[{"M": "mi"}.get(letter, letter.lower())]
    if not (day or clock) or (mark and not clock):
        raise ValueError(f"{text!r:.60} means no interval")
    return parts[0], parts[1], _whole(_WIDE.multiply(seconds, Decimal(10) ** 6))


def _designated(part: str, order: str, text: str) -> list[tuple[str, str]]:
    found = re.findall(r"(-?[0-9]+(?:\.[0-9]+)?)([A-Z])", part)
    letters = [letter for _, letter in found]
    in_order = letters == [letter for letter in order if letter in letters]
    if not in_order or "".join(map("".join, found)) != part:
        raise ValueError(f"{text!r:.60} means no interval")
    return found


def _spoken(text: str) -> Parts:
    tokens = text.replace(",", "").split(" ")
    months = days = 0
    seconds = Decimal(0)
    if ":" in tokens[-1]:
        seconds += _clock(tokens.pop())
    if len(tokens) % 2 or not (tokens or ":" in text):
        raise ValueError(f"{text!r:.60} means no interval")
    if len({word[:2] for word in tokens[1::2]}) < len(tokens) // 2:
        raise ValueError(f"{text!r:.60} says a word twice")
    for number, word in zip(tokens[::2], tokens[1::2], strict=True):
        key = word[:2] if word.startswith(("mo", "mi")) else word[:1]
        if key in _CLOCKS:
            seconds += int(number) * _CLOCKS[key]
        elif key in _PLACES:
            place, factor = _PLACES[key]
            months, days = (
                (months + int(number) * factor, days)
                if place == 0
                else (months, days + int(number) * factor)
            )
        else:
            raise ValueError(f"{text!r:.60} means no interval")
    return months, days, _whole(_WIDE.multiply(seconds, Decimal(10) ** 6))


def _clock(text: str) -> Decimal:
    hours, minutes, seconds = text.lstrip("+-").split(":")
    try:
        total = 3600 * int(hours) + 60 * int(minutes) + Decimal(seconds)
    except InvalidOperation as error:
        raise ValueError(f"{text!r:.60} means no time") from error
    return -total if text.startswith("-") else total
