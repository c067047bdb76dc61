"""The forms in which the reference system's writers put an instant into SQLite.

An instant is an integer here: ticks of 100 ns since 1970, the resolution of the writers' platform
and one digit finer than PostgreSQL's timestamptz.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 10_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks(instant: datetime) -> int:
    """Return an aware datetime as ticks, exactly."""
    return (instant - _EPOCH) // timedelta(microseconds=1) * 10


@lru_cache(maxsize=1 << 16)
def now_text(seconds: int) -> str:
    """Write whole seconds since 1970 as SQLite's `datetime('now')` does: no zone, meaning UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")


def offset_text(instant: int) -> str:
    """Write seven digits and an offset: `2026-06-28T09:00:00.1234567+00:00`."""
    seconds, fraction = divmod(instant, SECOND)
    return f"{now_text(seconds).replace(' ', 'T')}.{fraction:07d}+00:00"


def naive_text(instant: int) -> str:
    """Write seven digits and no zone: `2026-06-28 09:00:00.1234567`."""
    seconds, fraction = divmod(instant, SECOND)
    return f"{now_text(seconds)}.{fraction:07d}"


def naive_trimmed_text(instant: int) -> str:
    """Write what `naive_text` does without trailing zeros, and without a dot that ends it."""
    return naive_text(instant).rstrip("0").rstrip(".") if instant % 10 == 0 else naive_text(instant)


def trimmed_text(instant: int) -> str:
    """Write the trimmed form with an offset: `2026-06-28 09:00:00.12+00:00`."""
    return naive_trimmed_text(instant) + "+00:00"


def iso_text(instant: int) -> str:
    """Write microseconds and an offset, without a fraction that is zero, as `isoformat()` does."""
    return (_EPOCH + timedelta(microseconds=instant // 10)).isoformat()


def epoch_seconds(instant: int) -> float:
    """Return REAL seconds since 1970."""
    return instant / SECOND
