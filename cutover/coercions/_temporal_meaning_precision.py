"""Verify's side of a type that keeps fewer than six digits of a second."""

from collections.abc import Hashable
from datetime import date, datetime, time, timedelta
from typing import Any

from cutover.abc import Meaning


def kept(meaning: Meaning, digits: int, way: str) -> Meaning:
    """Return a meaning with only so many digits of a second, a half rounded up."""
    unit = 10 ** (6 - digits)

    def shortened(value: Any) -> Hashable:
        moment = meaning(value)
        if not isinstance(moment, datetime | time):
            return moment
        lost = moment.microsecond % unit
        whole = moment.replace(microsecond=moment.microsecond - lost)
        if way != "round" or 2 * lost < unit:
            return whole
        if isinstance(whole, datetime):
            return _next(whole, unit)
        next_ = _next(datetime.combine(date(1, 1, 1), whole), unit)
        if next_.day != 1:
            raise ValueError(f"{value!r:.60} rounds to the next day")
        return next_.timetz()

    return shortened


def _next(moment: datetime, unit: int) -> datetime:
    try:
        return moment + timedelta(0, 0, unit)
    except OverflowError as error:
        raise ValueError(f"{moment} rounds to the year 10000") from error
