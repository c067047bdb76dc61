"""Numbers: ranges, last bits, decimals, and what is none of them."""

import struct
from decimal import Decimal
from typing import Any

import pytest

from tests.coercion_facts import Coerced, Values


@pytest.mark.parametrize(
    ("type_", "low", "high"),
    [
        ("smallint", -(2**15), 2**15 - 1),
        ("integer", -(2**31), 2**31 - 1),
        ("bigint", -(2**63), 2**63 - 1),
    ],
)
@pytest.mark.hazard("A22", "integers of all 64 bits arrive as they are")
def test_integers_at_both_ends_of_a_type_are_taken_as_they_are(
    type_: str, low: int, high: int
) -> None:
    column = Coerced([low, 0, high], type_)
    assert column.refusals == []
    assert column.leaf.convert(column.options) is None
    assert column.agree(high, high)
    assert not column.agree(high, high - 1)


@pytest.mark.parametrize(("type_", "over"), [("smallint", 2**15), ("integer", -(2**31) - 1)])
@pytest.mark.hazard(
    "A21", "an integer beyond the target's type is found by the plan, with the range"
)
def test_integers_beyond_a_type_are_unsettled_and_bigint_is_advised(type_: str, over: int) -> None:
    column = Coerced([1, over], type_)
    (finding,) = column.ruling.unsettled
    assert f"outside what {type_} holds" in finding.message
    assert str(over) in finding.detail
    assert "the type bigint" in finding.hint
    with pytest.raises(ValueError, match="out of range"):
        column.sent(over)


@pytest.mark.hazard("A26", "2.0 in an integer column arrives as 2, and is counted")
@pytest.mark.hazard("H11", "a number stored as text is taken, and counted")
def test_integral_reals_and_digits_become_integers_and_are_counted() -> None:
    column = Coerced([1, 2.0, "3", "-04", "+5"], "bigint")
    assert column.changes == {"integral real as integer": 1, "digits in text as number": 3}
    assert [column.sent(v) for v in (1, 2.0, "3", "-04", "+5")] == [1, 2, 3, -4, 5]
    assert type(column.sent(2.0)) is int
    assert column.agree(2.0, 2)
    assert column.agree("-04", -4)
    assert not column.agree("-04", 4)
    assert not column.agree(2.0, 3)
    assert column.altered(2.0) == "integral real as integer"
    assert column.altered("3") == "digits in text as number"
    assert column.altered(1) is None


@pytest.mark.parametrize("type_", ["smallint", "integer", "bigint", "numeric", "double precision"])
@pytest.mark.parametrize("odd", ["abc", "", b"\x01", "2026-06-28", "0x10", "1_000"])
def test_what_is_no_number_is_unsettled_and_refused(type_: str, odd: Any) -> None:
    column = Coerced([1, odd], type_)
    assert len(column.refusals) == 1
    with pytest.raises(ValueError, match=r"no |number"):
        column.sent(odd)


@pytest.mark.parametrize(
    ("real", "why"),
    [
        (1.5, "has a fraction that bigint has no room for"),
        (1e19, "is outside what bigint holds"),
        (float("inf"), "is no number that bigint takes"),
    ],
)
@pytest.mark.hazard("A26", "1.5 in an integer column is refused by name")
def test_a_real_that_is_no_integer_is_unsettled(real: float, why: str) -> None:
    column = Coerced([1, real], "bigint")
    (refusal,) = column.refusals
    assert why in refusal
    with pytest.raises(ValueError, match=r"no integer|out of range"):
        column.sent(real)


@pytest.mark.hazard("A4", "a REAL becomes double precision, equal to the last bit")
def test_doubles_are_compared_to_the_last_bit() -> None:
    column = Coerced([0.1, -0.0, float("inf")], "double precision")
    assert column.leaf.convert(column.options) is None
    assert column.agree(0.1, 0.1)
    assert not column.agree(0.1, 0.1 + 2**-56)
    assert column.agree(-0.0, -0.0)
    assert not column.agree(-0.0, 0.0)
    assert column.agree(float("inf"), float("inf"))
    assert not column.agree(float("inf"), float("-inf"))
    assert not column.agree(0.1, float("nan"))


def test_integers_in_a_double_column_must_be_doubles() -> None:
    column = Coerced([2**53, 0.5], "double precision")
    assert column.refusals == []
    assert column.agree(2**53, float(2**53))
    refused = Coerced([2**53 + 1], "double precision")
    assert len(refused.refusals) == 1
    with pytest.raises(ValueError, match="no double"):
        refused.sent(2**53 + 1)
    with pytest.raises(ValueError, match="mean a double"):
        refused.stored_means(2**53 + 1)


@pytest.mark.hazard(
    "H10", "a REAL that four bytes would round is refused, and double precision advised"
)
def test_a_four_byte_real_takes_what_it_holds_exactly_and_says_what_to_use_for_the_rest() -> None:
    column = Coerced([0.5, 3, -0.0, 2.0**-149], "real")
    assert column.refusals == []
    assert [column.sent(value) for value in (0.5, 3)] == [0.5, 3.0]
    (finding,) = Coerced([0.5, 0.1, 2**24 + 1], "real").ruling.unsettled
    assert finding.count == 2
    assert "the type double precision" in finding.hint
    assert 'fraction = "round"' in finding.hint
    with pytest.raises(ValueError, match="four bytes"):
        column.sent(0.1)


@pytest.mark.parametrize("value", [0.1, 1e-45, 16777217, 3.4e38, "0.3", -1e-40])
def test_a_real_is_rounded_where_the_setting_says_so(value: Any) -> None:
    column = Coerced([value], "real", fraction="round")
    assert column.refusals == []
    (rule,) = {"number rounded to 4 bytes"} & column.changes.keys()
    assert column.altered(value) == rule
    sent = column.sent(value)
    assert struct.unpack("<f", struct.pack("<f", sent)) == (sent,)
    assert column.agree(value, sent)
    assert not column.agree(value, sent * 1.5 + 1e-44)


def test_a_number_beyond_four_bytes_is_refused_whatever_the_setting() -> None:
    (finding,) = Coerced([1e39], "real", fraction="round").ruling.unsettled
    assert "outside what real holds" in finding.message


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        (0.1, "0.1"),
        (3, "3"),
        (2.0, "2.0"),
        ("1.10", "1.10"),
        ("1.10", "1.1"),
        ("11e-1", "1.1"),
        (".5", "0.5"),
        ("-007.50", "-7.50"),
        ("1e30", "1" + "0" * 30),
        (1e22, "1" + "0" * 22),
        (1e-7, "0.0000001"),
        ("0.00", "0.00"),
    ],
)
def test_a_decimal_is_the_same_in_any_spelling(stored: Any, loaded: str) -> None:
    column = Coerced([1, 0.1, "1.10"], "numeric")
    assert column.agree(stored, loaded)
    assert hash(column.stored_means(stored)) == hash(column.loaded_means(loaded))


@pytest.mark.parametrize("loaded", ["0.10000000000000001", "0.2", "-0.1", "NaN", "Infinity", "0"])
def test_another_decimal_is_not(loaded: str) -> None:
    assert not Coerced([0.1], "numeric").agree(0.1, loaded)


def test_a_numeric_counts_what_it_reads_as_decimals() -> None:
    column = Coerced([1, 0.1, "1.10"], "numeric")
    assert column.changes == {"real as its shortest decimal": 1, "digits in text as number": 1}


@pytest.mark.parametrize("value", [0.125, "0.125", "100000000", "1e8", 1e-3])
def test_a_value_that_a_scale_or_precision_would_round_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Coerced([1], "numeric(10,2)", empty="null").leaf.convert(
            {"type": "numeric(10,2)", "classes": "integer,real,text"}
        )(value)  # type: ignore[misc]


@pytest.mark.parametrize("value", [0.25, "0.250", 99999999, "99999999.99", "0.0e9", 0])
def test_a_value_that_fits_is_taken(value: Any) -> None:
    column = Coerced([1, 0.25, "0.250"], "numeric(10,2)")
    assert column.refusals == []
    assert column.sent(value) is not None


@pytest.mark.parametrize("values", [[100_000_000], [1e8], ["1e8", -1e9]])
def test_too_many_digits_before_the_point_are_seen_in_the_profile(values: Values) -> None:
    assert any("outside what numeric" in r for r in Coerced([1, *values], "numeric(10,2)").refusals)


@pytest.mark.hazard(
    "A16", "an infinity is refused where the target is numeric, and kept by double precision"
)
def test_infinity_is_no_numeric() -> None:
    column = Coerced([float("-inf")], "numeric")
    assert len(column.refusals) == 1
    with pytest.raises(ValueError, match="no decimal"):
        column.sent(float("-inf"))


@pytest.mark.parametrize(
    ("way", "sent"),
    [("round", [3, -3, 0, 1, 2, -1]), ("truncate", [2, -2, 0, 0, 1, 0])],
)
def test_a_fraction_is_cut_in_an_integer_column_where_the_setting_says_so(
    way: str, sent: list[int]
) -> None:
    values = [2.5, -2.5, 0.4999999999999999, "0.5", "1.6", -0.9]
    column = Coerced(values, "integer", fraction=way)
    assert column.refusals == []
    assert sum(column.changes.values()) == len(values)
    assert [column.sent(value) for value in values] == sent
    for stored, loaded in zip(values, sent, strict=True):
        assert column.altered(stored) in column.changes
        assert column.agree(stored, loaded)
        assert not column.agree(stored, loaded + 1)


@pytest.mark.parametrize(
    ("stored", "way", "loaded"),
    [
        (1.005, "round", "1.01"),
        (1.005, "truncate", "1.00"),
        ("-1.995", "round", "-2.00"),
        ("-1.995", "truncate", "-1.99"),
        ("0.004", "round", "0.00"),
        ("1e-3000", "round", "0.00"),
    ],
)
def test_a_scale_cuts_decimals_where_the_setting_says_so(
    stored: Any, way: str, loaded: str
) -> None:
    column = Coerced([stored], "numeric(10,2)", fraction=way)
    assert column.refusals == []
    assert column.altered(stored) in column.changes
    assert Decimal(column.sent(stored)) == Decimal(loaded)
    assert column.agree(stored, loaded)
    assert not column.agree(stored, str(Decimal(loaded) + Decimal("0.01")))


def test_what_rounding_drives_out_of_range_is_found_by_the_plan() -> None:
    column = Coerced([32767.5, 1.5], "smallint", fraction="round")
    (finding,) = column.ruling.unsettled
    assert (finding.count, finding.samples[0].key) == (1, (1,))
    assert column.changes == {"fraction rounded": 1}


@pytest.mark.hazard("A58", "what a scale would round is refused, or cut by a setting")
def test_a_scale_that_rounds_is_refused_by_name() -> None:
    (finding,) = Coerced([0.25, 0.125], "numeric(10,2)").ruling.unsettled
    assert finding.count == 1
    assert finding.samples[0].value == "0.125"
    assert 'choose "round" or "truncate" in cutover.toml: [columns] "messages.sent_at"' in (
        finding.hint
    )


@pytest.mark.hazard("A23", "'abc' in an integer column is refused, or NULL by a setting")
def test_values_of_another_kind_are_null_where_the_setting_says_so() -> None:
    column = Coerced([1, "abc", b"x", "0000-00-00"], "bigint", invalid="null")
    assert column.refusals == []
    assert column.changes == {"invalid value as NULL": 3}
    assert column.sent("abc") is None
    assert column.altered("abc") == "invalid value as NULL"
    assert column.agree("abc", None)
    assert not column.agree("abc", 0)
    assert not column.agree(1, None)


def test_null_is_no_answer_where_the_target_takes_none() -> None:
    column = Coerced([1, "abc"], "bigint", nullable=False, invalid="null")
    (finding,) = column.ruling.unsettled
    assert "take NULL" in finding.hint


@pytest.mark.parametrize("text", ["0.1", "-Infinity", "nan", "1e-320", "+2.5E3"])
def test_digits_in_a_double_column_are_the_nearest_double(text: str) -> None:
    column = Coerced([text], "double precision")
    assert column.changes == {"digits in text as number": 1}
    assert column.agree(text, column.sent(text))
    assert column.agree(text, float(text))
    assert not column.agree(text, 0.30000000000000004)
