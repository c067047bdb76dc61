"""Intervals: months, days and microseconds, from what reads only one way."""

from datetime import timedelta

import pytest

from tests.coercion_facts import Coerced


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("P1Y2M3DT4H5M6.5S", "1 year 2 mons 3 days 04:05:06.5"),
        ("P-1YT-1S", "-1 years -00:00:01"),
        ("P2W", "14 days"),
        ("PT36H", "36:00:00"),
        ("1 day 02:03:04", "1 day 02:03:04"),
        ("-1 day, 23:00:00", "-1 days +23:00:00"),
        ("1 year 2 mons -3 days +04:05:06.123456", "1 year 2 mons -3 days +04:05:06.123456"),
        ("90 minutes", "01:30:00"),
        ("-00:00:01.5", "-00:00:01.5"),
        (str(timedelta(days=400, microseconds=1)), "400 days 00:00:00.000001"),
    ],
)
def test_an_interval_keeps_months_days_and_microseconds_apart(stored: str, loaded: str) -> None:
    column = Coerced([stored, None], "interval")
    assert column.refusals == []
    assert column.changes == {}
    assert column.agree(stored, loaded)
    assert column.loaded_means(loaded) == column.stored_means(stored)
    assert not column.agree(stored, "00:00:00.000001")


def test_a_day_is_not_twenty_four_hours_and_a_year_not_days() -> None:
    assert not Coerced(["P1D"], "interval").agree("P1D", "24:00:00")
    assert not Coerced(["P1M"], "interval").agree("P1M", "30 days")


@pytest.mark.parametrize(
    "odd",
    [
        "10:20",
        "1-2",
        "5m",
        "1.5 days",
        "-P1D",
        "P",
        "PT",
        "P1S",
        "1 day 1 day",
        "soon",
        b"x",
        "1 fortnight",
    ],
)
def test_what_reads_two_ways_or_none_is_refused_or_null(odd: object) -> None:
    (finding,) = Coerced([odd], "interval").ruling.unsettled  # type: ignore[list-item]
    assert "no interval that reads only one way" in finding.message
    column = Coerced([odd], "interval", invalid="null")  # type: ignore[list-item]
    assert column.sent(odd) is None  # type: ignore[arg-type]
    assert column.altered(odd) == "invalid value as NULL"  # type: ignore[arg-type]
    assert column.agree(odd, None)  # type: ignore[arg-type]


def test_numbers_count_what_the_settings_say() -> None:
    (finding,) = Coerced([90_000_000, "5"], "interval").ruling.unsettled
    assert finding.message == '2 values of "messages"."sent_at" count no known unit'
    assert '{ unit = "us" }' in finding.hint
    column = Coerced([90_000_000, -1, "5"], "interval", unit="us")
    assert column.refusals == []
    assert column.agree(90_000_000, "00:01:30")
    assert column.agree(-1, "-00:00:00.000001")
    assert not column.agree("5", "00:00:05")


def test_digits_past_the_sixth_are_truncated_and_counted() -> None:
    column = Coerced(["PT1.1234567S", "PT1.123456S"], "interval")
    assert column.changes == {"fraction truncated to microseconds": 1}
    assert column.altered("PT1.1234567S") == "fraction truncated to microseconds"
    assert column.agree("PT1.1234567S", "00:00:01.123456")
    assert column.loaded_means("00:00:01.123456") == column.stored_means("PT1.1234567S")
