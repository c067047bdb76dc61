"""Verify's side of spellings: those that Python's datetime does not read, and those not taken.

A day ends at 24:00, which is the beginning of the next one. `infinity` is its own meaning, as a
loaded value's is.
"""

from datetime import datetime, timedelta

_FAR = timedelta(hours=16)
"""No zone of PostgreSQL is that far from UTC."""


def read(text: str) -> datetime | str:
    """Return a date and time in any spelling that is taken. ValueError for what is none."""
    folded = text.casefold()
    if folded.removeprefix("-").removeprefix("+") == "infinity":
        return folded.removeprefix("+")
    _look(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _respelled(folded)
    offset = moment.utcoffset()
    if offset is not None and (abs(offset) >= _FAR or offset.microseconds):
        raise ValueError(f"{text!r:.60} is in no zone that is known")
    return moment


def _look(text: str) -> None:
    """Refuse what ISO 8601 knows and nobody takes here: weeks, days of a year, no hyphens."""
    parts = (text[:4], text[5:7], text[8:10])
    if not (text.isascii() and text[4:5] == text[7:8] == "-" and all(map(str.isdigit, parts))):
        raise ValueError(f"{text!r:.60} means no date or time")
    if len(text) > 10 and not (text[10] in "Tt " and text[13:14] == ":"):
        raise ValueError(f"{text!r:.60} means no date or time")


def _respelled(folded: str) -> datetime:
    day, clock = folded[:10], folded[11:]
    for word in (" utc", " gmt"):
        clock = clock.removesuffix(word) if clock[-6:-4].isdigit() and "+" in clock else clock
    for word in ("utc", "gmt", "z"):
        clock = clock.removesuffix(word).rstrip() + "+00:00" if clock.endswith(word) else clock
    clock = clock.replace(" ", "").replace(",", ".")
    if clock[:5] != "24:00":
        return datetime.fromisoformat(f"{day} {clock}")
    end = datetime.fromisoformat(f"{day} 00:00{clock[5:]}")
    if end.second or end.microsecond:
        raise ValueError(f"{folded!r:.60} is past the end of its day")
    try:
        return end + timedelta(days=1)
    except OverflowError as error:
        raise ValueError(f"{folded!r:.60} is in no year from 1 to 9999") from error
