"""Times of day with an offset, which stays as it is."""

import pytest

from tests.coercion_facts import Coerced

TIMETZ = "time with time zone"


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("10:00:00+02", "10:00:00+02"),
        ("10:00z", "10:00:00+00"),
        ("23:59:59.123456-05:30", "23:59:59.123456-05:30"),
        ("10:00:00 +0530", "10:00:00+05:30"),
    ],
)
def test_a_time_keeps_its_offset(stored: str, loaded: str) -> None:
    column = Coerced([stored], TIMETZ)
    assert column.refusals == []
    assert column.changes == {}
    assert column.loaded_means(column.sent(stored)) == column.loaded_means(loaded)
    assert column.agree(stored, loaded)
    assert not column.agree(stored, "10:00:01+02")


def test_the_same_instant_at_another_offset_is_another_time() -> None:
    assert not Coerced(["10:00:00+02"], TIMETZ).agree("10:00:00+02", "08:00:00+00")


def test_a_time_without_an_offset_is_refused_until_it_is_said_to_be_utc() -> None:
    (finding,) = Coerced(["10:00", "10:00Z"], TIMETZ).ruling.unsettled
    assert "carries no offset" in finding.message
    assert '{ zone = "UTC" }' in finding.hint
    column = Coerced(["10:00"], TIMETZ, zone="UTC")
    assert column.agree("10:00", column.sent("10:00"))
    assert column.agree("10:00", "10:00:00+00")
    assert Coerced(["10:00"], TIMETZ, zone="Europe/Berlin").refusals


@pytest.mark.parametrize("odd", ["24:00:00+00", "25:00Z", "now", 5, b"x", "10:00:00+16"])
def test_what_is_no_time_is_refused_or_null(odd: object) -> None:
    assert "is no time of day" in Coerced([odd], TIMETZ).refusals[0]  # type: ignore[list-item]
    column = Coerced([odd], TIMETZ, invalid="null")  # type: ignore[list-item]
    assert column.sent(odd) is None  # type: ignore[arg-type]


def test_digits_past_the_sixth_are_truncated_and_counted() -> None:
    column = Coerced(["10:00:00.1234567Z"], TIMETZ)
    assert column.changes == {"fraction truncated to microseconds": 1}
    assert column.agree("10:00:00.1234567Z", "10:00:00.123456+00")
    assert not column.agree("10:00:00.1234567Z", "10:00:00.123457+00")


def test_a_precision_is_a_question_of_its_own() -> None:
    assert (
        "digits after the second" in Coerced(["10:00:00.5Z"], "time(0) with time zone").refusals[0]
    )
    column = Coerced(["10:00:00.5Z"], "time(0) with time zone", fraction="round")
    assert column.agree("10:00:00.5Z", "10:00:01+00")
