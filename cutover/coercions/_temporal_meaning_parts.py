"""Verify's side of bare dates and times of day, and of the server's own text."""

from collections.abc import Callable, Hashable
from datetime import date, time

from cutover.abc import Meaning
from cutover.coercions._temporal_meaning_loose import read


def reading(parse: Callable[[str], Hashable]) -> Meaning:
    """Return the meaning of the server's text: what it parses to, else the text itself."""

    def loaded(text: str) -> Hashable:
        try:
            return parse(text)
        except ValueError:
            return text

    return loaded


def day(value: object) -> Hashable:
    """Return the day of a stored date, as ISO text."""
    shown = _text(value)
    if shown[4:5] == shown[7:8] == "-" and len(shown) == 10:
        return date.fromisoformat(shown).isoformat()
    if isinstance(infinite := read(shown), str):
        return infinite
    raise ValueError(f"{value!r:.60} means no day")


def time_of_day(value: object) -> Hashable:
    """Return the time of a stored time of day; 24:00 is none of Python's, and its own text."""
    shown = _text(value)
    if shown[:5] == "24:00" and not shown[5:].strip(":0."):
        return "24:00:00"
    moment = time.fromisoformat(shown)
    if shown[2:3] != ":" or moment.tzinfo:
        raise ValueError(f"{value!r:.60} means no time of day")
    return moment


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r:.60} means no date or time")
