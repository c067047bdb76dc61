"""A filter that asks the clock asks for one moment, and selects the same rows for ever."""

import sqlite3
from contextlib import closing

import pytest

from cutover.dialect.clock import asks_clock, frozen

MOMENT = "2026-07-01T12:00:00Z"
SECONDS = 1_782_907_200

CLOCKS = [
    (f"unixepoch() = {SECONDS}", True),
    (f"unixepoch('now') = {SECONDS}", True),
    (f"strftime('%s', 'now') = '{SECONDS}'", True),
    (f"strftime('%s') = '{SECONDS}'", True),
    ("datetime() = '2026-07-01 12:00:00'", True),
    ("datetime('now', '-1 day') = '2026-06-30 12:00:00'", True),
    ("date('NOW') = '2026-07-01'", True),
    ("CURRENT_TIMESTAMP = '2026-07-01 12:00:00'", True),
    ("current_date = '2026-07-01' AND current_time = '12:00:00'", True),
    (f"unixepoch('{MOMENT}') = {SECONDS}", False),
    ("'it is now' <> 'never' /* unixepoch() */", False),
    ("'now' IN ('now', 'x') AND 'now' = lower('NOW')", False),
]


@pytest.mark.parametrize(("condition", "asks"), CLOCKS)
def test_a_frozen_condition_holds_at_its_moment(condition: str, asks: bool) -> None:
    assert asks_clock(condition) is asks
    with closing(sqlite3.connect(":memory:")) as connection:
        query = f"SELECT {frozen(condition, MOMENT)}"
        assert connection.execute(query).fetchone() == (1,)


@pytest.mark.parametrize("condition", [condition for condition, _ in CLOCKS])
def test_a_frozen_condition_asks_no_clock(condition: str) -> None:
    assert not asks_clock(frozen(condition, MOMENT))
