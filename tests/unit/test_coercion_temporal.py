"""Dates and times: spellings, zones, truncation, counts since 1970, and what is refused."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.coercion_facts import Coerced, Values

INSTANT = "timestamp with time zone"
CLOCK = "timestamp without time zone"
DATE = "date"
TIME = "time without time zone"


def test_text_with_an_offset_and_six_digits_needs_no_conversion() -> None:
    column = Coerced(["2026-03-22T00:30:19.740467+00:00", "2026-03-22 00:30:19Z"], INSTANT)
    assert column.refusals == []
    assert column.leaf.convert(column.options) is None
    assert column.changes == {}


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("2026-06-28T09:00:00.1234567+00:00", "2026-06-28 09:00:00.123456+00"),
        ("2026-06-28T09:00:00.9999999+00:00", "2026-06-28 09:00:00.999999+00"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31 23:59:59.999999+00"),
        ("2026-06-28 09:00:00.12+00:00", "2026-06-28 09:00:00.12+00"),
        ("2026-06-28T09:00:00+02:00", "2026-06-28 07:00:00+00"),
        ("2026-06-28T09:00:00-0530", "2026-06-28 14:30:00+00"),
        ("2026-06-28 09:00+05", "2026-06-28 04:00:00+00"),
        ("2026-06-28T09:00Z", "2026-06-28 09:00:00+00"),
        ("0001-01-01T00:00:00Z", "0001-01-01 00:00:00+00"),
    ],
)
def test_an_instant_is_the_same_in_any_spelling(stored: str, loaded: str) -> None:
    column = Coerced([stored, "2026-06-28T09:00:00.1234567Z"], INSTANT)
    assert column.refusals == []
    assert column.agree(stored, loaded)
    assert repr(column.stored_means(stored)) == repr(column.loaded_means(loaded))


@pytest.mark.parametrize(
    "loaded",
    [
        "2026-06-28 09:00:00.123457+00",
        "2026-06-28 09:00:00.123455+00",
        "2026-06-28 09:00:00.123456+02",
        "2026-06-28 07:00:00.123456+00",
        "infinity",
        "-infinity",
        "0044-03-15 09:00:00+00 BC",
        "10000-01-01 00:00:00+00",
        None,
    ],
)
def test_another_instant_is_not(loaded: Any) -> None:
    stored = "2026-06-28T09:00:00.1234567+00:00"
    assert not Coerced([stored], INSTANT).agree(stored, loaded)


@pytest.mark.hazard("A9", "the seventh digit is truncated, never rounded, and counted")
@pytest.mark.hazard("H1", "digits past the sixth are truncated by load, and by verify's own code")
def test_the_seventh_digit_is_cut_never_rounded_and_counted_where_it_is_not_zero() -> None:
    values = ["2026-06-28 09:00:00.1234569Z", "2026-06-28 09:00:00.1234560Z"]
    column = Coerced(values, INSTANT)
    assert column.changes == {"fraction truncated to microseconds": 1}
    assert column.sent(values[0]) == "2026-06-28 09:00:00.123456Z"
    assert column.altered(values[0]) == "fraction truncated to microseconds"
    assert column.altered(values[1]) is None
    assert column.altered("2026-06-28 09:00:00.123456-05:00") is None
    assert column.altered("2026-06-28 09:00:00.123456") is None
    assert column.altered("2026-06-28 09:00:00.1-11:45") is None
    assert column.altered("2026-06-28 09:00:00Z") is None


@pytest.mark.hazard("A8", "local time without a declared zone is refused")
@pytest.mark.hazard("H3", "that local time means UTC must be said for its column")
def test_text_without_a_zone_is_unsettled_until_one_is_declared() -> None:
    values = ["2026-03-22 00:30:19", *["2026-03-22T00:30:19.740467+00:00"] * 3, "2026-03-23 00:00"]
    (finding,) = Coerced(values, INSTANT).ruling.unsettled
    assert finding.message == '2 values of "messages"."sent_at" carry no time zone'
    assert "first key 1, stored as '2026-03-22 00:30:19'" in finding.detail
    assert finding.detail.endswith("3 other values carry one")
    assert finding.hint == (
        'If they are UTC, say so in cutover.toml: [columns] "messages.sent_at" = { zone = "UTC" }'
    )
    settled = Coerced(values, INSTANT, zone="UTC")
    assert settled.refusals == []
    assert settled.sent("2026-03-22 00:30:19") == "2026-03-22 00:30:19+00:00"
    assert settled.agree("2026-03-22 00:30:19", "2026-03-22 00:30:19+00")
    assert not settled.agree("2026-03-22 00:30:19", "2026-03-22 01:30:19+00")


def test_load_and_verify_refuse_what_has_no_zone_and_needs_one() -> None:
    column = Coerced(["2026-03-22 00:30:19", "2026-03-22 00:30:19Z"], INSTANT)
    with pytest.raises(ValueError, match="no time zone"):
        column.sent("2026-03-22 00:30:19")
    with pytest.raises(ValueError, match="without a declared zone"):
        column.stored_means("2026-03-22 00:30:19")


@pytest.mark.parametrize(
    ("local", "loaded"),
    [
        ("2026-06-28 09:00:00.1234567", "2026-06-28 07:00:00.123456+00"),
        ("2026-12-28 09:00", "2026-12-28 08:00:00+00"),
        ("2026-06-28", "2026-06-27 22:00:00+00"),
        ("2026-06-28 09:00:00Z", "2026-06-28 09:00:00+00"),
    ],
)
def test_a_local_time_is_read_in_its_declared_zone(local: str, loaded: str) -> None:
    column = Coerced(["2026-06-28", "2026-06-28T09:00:00.1"], INSTANT, zone="Europe/Berlin")
    assert column.agree(local, loaded)


@pytest.mark.parametrize("local", ["2026-03-29 02:30:00", "2026-10-25 02:30:00"])
def test_a_local_time_that_a_zone_has_twice_or_not_at_all_is_refused(local: str) -> None:
    column = Coerced([local], INSTANT, zone="Europe/Berlin")
    with pytest.raises(ValueError, match="ambiguous or skipped"):
        column.sent(local)
    with pytest.raises(ValueError, match="ambiguous or skipped"):
        column.stored_means(local)


def test_an_unknown_zone_is_unsettled() -> None:
    (finding,) = Coerced(["2026-06-28 09:00"], INSTANT, zone="Mars/Olympus").ruling.unsettled
    assert "not known" in finding.message
    assert "Mars/Olympus" in finding.detail


def test_a_bare_date_is_midnight_in_the_zone_and_counted() -> None:
    column = Coerced(["2026-06-28"], INSTANT, zone="UTC")
    assert column.changes == {"date as midnight": 1}
    assert column.sent("2026-06-28") == "2026-06-28 00:00:00+00:00"
    assert column.agree("2026-06-28", "2026-06-28 00:00:00+00")
    assert column.altered("2026-06-28") == "date as midnight"
    assert Coerced(["2026-06-28"], INSTANT).refusals


@pytest.mark.parametrize(
    ("count", "unit"),
    [
        (1774139419, "s"),
        (1774139419_740, "ms"),
        (1774139419_740467, "us"),
        (1774139419_740467_999, "ns"),
    ],
)
def test_the_unit_of_a_count_is_told_from_its_range(count: int, unit: str) -> None:
    column = Coerced([count, count + 1], INSTANT)
    assert column.refusals == []
    assert column.options["unit"] == unit
    assert column.options["range"].startswith("2026-03-22 00:30:19")


@pytest.mark.parametrize(
    ("count", "unit", "loaded"),
    [
        (1774139419, "s", "2026-03-22 00:30:19+00"),
        (1774139419.740467, "s", "2026-03-22 00:30:19.740467+00"),
        (1774139419.7404678, "s", "2026-03-22 00:30:19.740467+00"),
        (0, "s", "1970-01-01 00:00:00+00"),
        (-1, "s", "1969-12-31 23:59:59+00"),
        (-0.25, "s", "1969-12-31 23:59:59.75+00"),
        (-1e-7, "s", "1969-12-31 23:59:59.999999+00"),
        (1e-7, "s", "1970-01-01 00:00:00+00"),
        (253402300799, "s", "9999-12-31 23:59:59+00"),
        (-62135596800, "s", "0001-01-01 00:00:00+00"),
        (1774139419123, "ms", "2026-03-22 00:30:19.123+00"),
        (1774139419123.4565, "ms", "2026-03-22 00:30:19.123456+00"),
        (1774139419123456, "us", "2026-03-22 00:30:19.123456+00"),
        (1774139419123456789, "ns", "2026-03-22 00:30:19.123456+00"),
        (-1, "ns", "1969-12-31 23:59:59.999999+00"),
        ("1774139419", "s", "2026-03-22 00:30:19+00"),
        ("1774139419.7404678", "s", "2026-03-22 00:30:19.740467+00"),
    ],
)
def test_a_count_is_floored_at_the_microsecond(count: Any, unit: str, loaded: str) -> None:
    column = Coerced([count], INSTANT, unit=unit)
    assert column.refusals == []
    sent = column.sent(count)
    assert column.loaded_means(sent) == column.loaded_means(loaded)
    assert column.agree(count, loaded)


@pytest.mark.hazard("A10", "microseconds arrive exactly")
def test_microseconds_lost_from_counts_are_entered_where_they_are_lost() -> None:
    column = Coerced([1774139419, 1774139419.740467, 1774139419.7404678], INSTANT)
    assert column.changes == {"count truncated to microseconds": 1}
    assert column.altered(1774139419.7404678) == "count truncated to microseconds"
    assert column.altered(1774139419.740467) is None
    assert column.altered(1774139419) is None


@pytest.mark.parametrize("values", [[0, 1774139419], [1774139419, 1774139419000], [20260628]])
@pytest.mark.hazard(
    "A5", "numbers that may count several units are refused, and the setting is named"
)
def test_counts_of_an_ambiguous_range_are_unsettled(values: Values) -> None:
    (finding,) = Coerced(values, INSTANT).ruling.unsettled
    assert "several units" in finding.message
    assert 'unit = "' in finding.hint
    assert Coerced(values, INSTANT, unit="s").refusals in (
        [],
        ['values of "messages"."sent_at" are outside the years 1 to 9999'],
    )


@pytest.mark.parametrize("count", [253402300800, -62135596801, 1e300])
def test_a_count_outside_the_years_is_unsettled_and_refused(count: float) -> None:
    column = Coerced([count], INSTANT, unit="s")
    assert "outside the years 1 to 9999" in column.refusals[0]
    with pytest.raises(ValueError, match=r"9999|literal"):
        column.sent(count)
    with pytest.raises(ValueError, match="9999"):
        column.stored_means(count)


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (["1774139419", "1774139419.5"], "s"),
        (["1774139419123"], "ms"),
        (["1774139419123456", 1774139419123456], "us"),
        (["1774139419123456789"], "ns"),
        (["2461121.5", "2461122"], "julian"),
        ([2461121.5, 2461122], "julian"),
    ],
)
@pytest.mark.hazard(
    "A5",
    "what numbers count is told from their range, shown as dates",
)
def test_what_numbers_count_is_told_by_their_range_in_digits_too(values: Values, unit: str) -> None:
    column = Coerced(values, INSTANT)
    assert column.refusals == []
    assert column.options["unit"] == unit
    assert column.options["range"].startswith("2026-03-2")
    assert all(column.agree(value, column.sent(value)) for value in values)


def test_digits_that_may_count_several_units_are_unsettled() -> None:
    for values in (["0", "1774139419"], ["17"], ["20260628"], [2461121, 2461122]):
        (finding,) = Coerced(values, INSTANT).ruling.unsettled
        assert 'unit = "' in finding.hint
        assert "they run from" in finding.detail


@pytest.mark.parametrize(
    ("day", "loaded"),
    [
        (2461121.5, "2026-03-22 00:00:00+00"),
        (2461121.520914815, "2026-03-22 00:30:07.04+00"),
        (2440587.5, "1970-01-01 00:00:00+00"),
        ("2440588", "1970-01-01 12:00:00+00"),
    ],
)
def test_a_julian_day_is_read_to_the_millisecond_as_sqlite_reads_it(day: Any, loaded: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        query = "SELECT strftime('%Y-%m-%d %H:%M:%f', ?)"
        (read,) = connection.execute(query, (float(day),)).fetchone()
    column = Coerced([day], INSTANT, unit="julian")
    assert column.loaded_means(f"{read}+00") == column.loaded_means(loaded)
    assert column.agree(day, loaded)
    assert column.agree(day, column.sent(day))
    assert not column.agree(day, loaded.replace(":0", ":1", 1))


def test_a_julian_day_between_two_milliseconds_is_entered() -> None:
    column = Coerced([2461121.5, 2461121.1234567], INSTANT, unit="julian")
    assert column.changes == {"Julian day rounded to milliseconds": 1}
    assert column.altered(2461121.1234567) == "Julian day rounded to milliseconds"
    assert column.altered(2461121.5) is None


@pytest.mark.hazard("A6", "numbers and ISO text in one column are told apart value by value")
@pytest.mark.hazard("H2", "several spellings in one column each mean their instant")
def test_text_and_counts_mixed_in_one_column_are_told_apart() -> None:
    column = Coerced(
        [1774139419, "2026-03-22T00:30:19Z", "2026-03-22 00:30:19"], INSTANT, zone="UTC"
    )
    assert column.refusals == []
    loaded = "2026-03-22 00:30:19+00"
    values: Values = (1774139419, "2026-03-22T00:30:19Z", "2026-03-22 00:30:19")
    assert all(column.agree(value, loaded) for value in values)


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "now",
        "forever",
        "2026-02-30 00:00:00Z",
        "0000-00-00",
        "24:00",
        "2026",
        "12:30:45",
        b"x",
    ],
)
def test_what_is_no_instant_is_unsettled(odd: Any) -> None:
    assert Coerced(["2026-06-28 09:00:00Z", odd], INSTANT, zone="UTC").refusals


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "now",
        "2026-06-28 24:00:01Z",
        "2026-06-28 23:59:60Z",
        "9999-12-31 24:00:00Z",
        "2026-06-28 09:00:00123Z",
        "2026-06-28 09:00123Z",
        "2026-06-28 09:00:00+05:30:15.5",
        "2026-W26-7",
        "2026-06-28 09:00:00+16:00",
        "0001-01-01 00:00:00+05:00",
        "9999-12-31 23:59:59-05:00",
        "12:30:45",
        "٢٠٢٦-06-28 09:00:00Z",
        b"x",
        17,
    ],
)
def test_load_refuses_what_the_profile_did_not_show(odd: Any) -> None:
    column = Coerced(["2026-06-28 09:00:00.1234567Z"], INSTANT)
    with pytest.raises(ValueError, match=r"."):
        column.sent(odd)


@pytest.mark.hazard("A24", "'' in a date column becomes NULL only where a setting says so")
@pytest.mark.hazard("H7", "24:00 and '' are no silent dates")
def test_an_empty_text_becomes_null_where_the_settings_say_so() -> None:
    for type_, value in ((INSTANT, "2026-06-28 09:00Z"), (DATE, "2026-06-28"), (TIME, "09:00")):
        column = Coerced([value, ""], type_, empty="null")
        assert column.refusals == []
        assert column.changes == {"'' as NULL": 1}
        assert column.sent("") is None
        assert column.agree("", None)
        assert column.altered("") == "'' as NULL"
        assert column.altered(value) is None


def test_a_clock_reading_is_kept_as_it_is() -> None:
    column = Coerced(["2026-06-28T09:00:00.1234567", "2026-06-28", "2026-06-28 09:00"], CLOCK)
    assert column.refusals == []
    assert column.agree("2026-06-28T09:00:00.1234567", "2026-06-28 09:00:00.123456")
    assert column.agree("2026-06-28", "2026-06-28 00:00:00")
    assert not column.agree("2026-06-28 09:00", "2026-06-28 09:00:00.000001")
    assert not column.agree("2026-06-28 09:00", "infinity")


@pytest.mark.parametrize("instant", ["2026-06-28T09:00:00+02:00", 1774139419])
def test_an_instant_in_a_clock_column_needs_to_know_whose_clock(instant: Any) -> None:
    column = Coerced(["2026-06-28 09:00", instant], CLOCK)
    assert any("mean" in refusal and "instants" in refusal for refusal in column.refusals)
    with pytest.raises(ValueError, match="clock is not known"):
        column.sent(instant)


def test_an_instant_is_put_on_the_clock_of_the_declared_zone_and_counted() -> None:
    values = ["2026-06-28T09:00:00+00:00", 1774139419, "2026-06-28 09:00"]
    column = Coerced(values, CLOCK, zone="Europe/Berlin")
    assert column.changes == {"instant as its zone's clock": 2}
    assert column.agree(values[0], "2026-06-28 11:00:00")
    assert column.agree(values[1], "2026-03-22 01:30:19")
    assert column.agree(values[2], "2026-06-28 09:00:00")
    assert not column.agree(values[0], "2026-06-28 09:00:00")
    assert column.sent(values[0]) == "2026-06-28 11:00:00"


def test_a_repeated_hour_on_the_clock_compares_as_the_clock_shows_it() -> None:
    column = Coerced(["2026-10-25T01:30:00Z"], CLOCK, zone="Europe/Berlin")
    assert column.agree("2026-10-25T01:30:00Z", "2026-10-25 02:30:00")
    meanings = (
        column.stored_means("2026-10-25T01:30:00Z"),
        column.loaded_means("2026-10-25 02:30:00"),
    )
    assert repr(meanings[0]) == repr(meanings[1])


def test_dates_are_taken_as_they_are_and_datetimes_are_not_cut_to_them() -> None:
    column = Coerced(["2026-06-28", "0001-01-01"], DATE)
    assert column.leaf.convert(column.options) is None
    assert column.agree("2026-06-28", "2026-06-28")
    assert not column.agree("2026-06-28", "2026-06-29")
    (finding,) = Coerced(["2026-06-28", "2026-06-28 09:00"], DATE).ruling.unsettled
    assert finding.message == '1 value of "messages"."sent_at" has both a date and a time'
    assert Coerced([20260628], DATE).refusals


def test_times_of_day_are_cut_at_the_microsecond() -> None:
    column = Coerced(["09:00", "23:59:59.9999999"], TIME)
    assert column.changes == {"fraction truncated to microseconds": 1}
    assert column.sent("23:59:59.9999999") == "23:59:59.999999"
    assert column.agree("23:59:59.9999999", "23:59:59.999999")
    assert column.agree("09:00", "09:00:00")
    assert not column.agree("09:00", "24:00:00")
    assert column.altered("23:59:59.9999999") == "fraction truncated to microseconds"
    for odd in ("09:00:00123", "2026-06-28", "", b"09:00", 9):
        with pytest.raises(ValueError, match=r"."):
            column.sent(odd)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("timestamp(3) with time zone", "2026-06-28 09:00:00.1234Z"),
        ("timestamp(3) with time zone", 1774139419_740467),
        ("timestamp(0) with time zone", 1774139419_740),
        ("time(0) without time zone", "09:00:00.5"),
    ],
)
def test_a_type_that_would_round_is_unsettled(type_: str, value: Any) -> None:
    assert any("digits after the second" in refusal for refusal in Coerced([value], type_).refusals)


def test_a_type_with_fewer_digits_takes_what_fits_it() -> None:
    type_ = "timestamp(3) with time zone"
    assert Coerced(["2026-06-28 09:00:00.123Z"], type_).refusals == []
    assert Coerced([1774139419_740], type_).refusals == []


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("2026-06-28t09:00:00z", "2026-06-28 09:00:00+00"),
        ("2026-06-28 09:00:00 +0530", "2026-06-28 03:30:00+00"),
        ("2026-06-28 09:00:00+05", "2026-06-28 04:00:00+00"),
        ("2026-06-28T09:00:00+05:30:15", "2026-06-28 03:29:45+00"),
        ("2026-06-28 09:00:00.5 +0000 UTC", "2026-06-28 09:00:00.5+00"),
        ("2026-06-28 09:00:00 UTC", "2026-06-28 09:00:00+00"),
        ("2026-06-28T09:00:00,25Z", "2026-06-28 09:00:00.25+00"),
        ("Infinity", "infinity"),
        ("-infinity", "-infinity"),
    ],
)
def test_a_seldom_spelling_is_the_instant_that_it_spells(stored: str, loaded: str) -> None:
    column = Coerced([stored], INSTANT)
    assert column.refusals == []
    assert column.changes == {}
    assert column.loaded_means(column.sent(stored)) == column.loaded_means(loaded)
    assert column.agree(stored, loaded)
    assert not column.agree(stored, "2026-06-28 09:00:00.000001+00")


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("2026-12-31 24:00:00Z", "2027-01-01 00:00:00+00"),
        ("2026-02-28T24:00+02:00", "2026-02-28 22:00:00+00"),
    ],
)
@pytest.mark.hazard("H7", "24:00 is the next day's midnight, and told in the ledger")
def test_the_end_of_a_day_is_the_beginning_of_the_next_one(stored: str, loaded: str) -> None:
    column = Coerced([stored, "2026-12-31 09:00Z"], INSTANT)
    assert column.refusals == []
    assert column.changes == {"24:00 as the next day": 1}
    assert column.altered(stored) == "24:00 as the next day"
    assert column.loaded_means(column.sent(stored)) == column.loaded_means(loaded)
    assert column.agree(stored, loaded)
    assert Coerced(["24:00:00"], TIME).agree("24:00:00", "24:00:00")


def test_a_local_time_that_a_zone_has_twice_or_never_is_found_by_the_plan() -> None:
    values = ["2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-06-28 02:30:00"]
    column = Coerced([*values, "2026-03-29 02:30:00Z"], INSTANT, zone="Europe/Berlin")
    (finding,) = column.ruling.unsettled
    assert finding.count == 2
    assert [sample.key for sample in finding.samples] == [(1,), (2,)]
    assert "in an hour that Europe/Berlin has twice or not at all" in finding.message
    assert Coerced(values[2:], INSTANT, zone="Europe/Berlin").refusals == []


@pytest.mark.parametrize(
    "odd",
    [
        "2026-02-30 10:00:00",
        "2026-02-30",
        "2026-06-28 23:59:60",
        "0000-00-00",
        "soon",
        b"x",
        "10000-01-01",
    ],
)
@pytest.mark.hazard("A25", "'0000-00-00' is refused, or NULL by a setting")
def test_what_is_no_instant_is_null_where_the_setting_says_so(odd: Any) -> None:
    values = ["2026-06-28 09:00:00", odd, "2026-06-28"]
    for type_ in (INSTANT, CLOCK):
        column = Coerced(values, type_, zone="UTC", invalid="null")
        assert column.refusals == []
        assert column.changes == {"invalid value as NULL": 1, "date as midnight": 1}
        assert column.sent(odd) is None
        assert column.altered(odd) == "invalid value as NULL"
        assert column.agree(odd, None)
        assert not column.agree(values[0], None)


@pytest.mark.parametrize(
    ("type_", "stored", "rounded", "truncated"),
    [
        ("timestamp(3) with time zone", "2026-06-28 09:00:00.1235Z", ".124+00", ".123+00"),
        ("timestamp(0) with time zone", "2026-12-31 23:59:59.5Z", None, "+00"),
        ("timestamp(3) without time zone", "2026-06-28 09:00:00.0009", ".001", ".000"),
        ("time(2) without time zone", "09:00:00.129", ".13", ".12"),
        ("timestamp(1) with time zone", 1774139419.16, ".2+00", ".1+00"),
    ],
)
def test_digits_that_a_precision_has_no_room_for_are_cut_where_the_setting_says_so(
    type_: str, stored: Any, rounded: str | None, truncated: str
) -> None:
    (finding,) = Coerced([stored], type_).ruling.unsettled
    assert "digits after the second" in finding.message
    assert '{ fraction = "round" }' in finding.hint
    day = "09:00:00" if type_.startswith("time(") else "2026-06-28 09:00:00"
    for way, ending in (("round", rounded), ("truncate", truncated)):
        column = Coerced([stored], type_, fraction=way)
        assert column.refusals == []
        assert column.altered(stored) in column.changes
        loaded = (
            f"{str(column.sent(stored))[: len(day)]}{ending}"
            if ending
            else "2027-01-01 00:00:00+00"
        )
        assert column.loaded_means(column.sent(stored)) == column.loaded_means(loaded)
        assert column.agree(stored, loaded)
        assert not column.agree(stored, f"{day}.05")


def test_an_offset_that_leads_out_of_the_years_is_found_by_the_plan() -> None:
    for odd in ("0001-01-01 00:00:00+05:00", "9999-12-31 23:59:59-05:00"):
        assert "outside the years" in Coerced([odd], INSTANT).refusals[0]
    assert Coerced(["2026-06-28 09:00:00+16:00"], INSTANT).refusals


@pytest.mark.hazard("H6", "0001-01-01 and 9999-12-31 arrive as these days, never as infinities")
@pytest.mark.parametrize(
    "stored", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31 23:59:59+00"]
)
def test_the_first_and_the_last_day_are_days_and_no_infinities(stored: str) -> None:
    column = Coerced([stored], INSTANT)
    assert column.refusals == []
    sent = column.loaded_means(column.sent(stored))
    assert sent == column.stored_means(stored)
    assert sent.year == int(stored[:4])
    assert not column.agree(stored, "infinity")
    assert not column.agree(stored, "-infinity")
    assert not column.agree(stored, "10000-01-01 00:00:00+00")
