"""A column read at once means what its values mean one by one."""

import struct
from datetime import UTC, datetime

import pytest

from cutover.abc import ColumnFunction, Options
from cutover.coercions import _temporal_load as load
from cutover.coercions import _temporal_load_rules as made
from cutover.coercions._columns import Doubles, Instants

DOUBLES = [0.0, -0.0, 5e-324, float("inf"), float("nan"), 0.1]


def test_doubles_are_their_bytes() -> None:
    whole = Doubles().column(DOUBLES)
    assert list(whole) == [Doubles()(value) for value in DOUBLES]
    assert whole == Doubles().column(DOUBLES)
    assert len(whole) == len(DOUBLES)


@pytest.mark.parametrize("place", range(len(DOUBLES)))
def test_one_bit_of_one_double_makes_a_column_another(place: int) -> None:
    ((bits,),) = [struct.unpack(">q", struct.pack(">d", DOUBLES[place]))]
    (moved,) = struct.unpack(">d", struct.pack(">q", bits ^ 1))
    other = [*DOUBLES[:place], moved, *DOUBLES[place + 1 :]]
    assert Doubles().column(DOUBLES) != Doubles().column(other)


def test_null_among_doubles_is_left_to_the_values() -> None:
    with pytest.raises(struct.error):
        Doubles().column([1.0, None])


def test_instants_are_read_at_once_in_utc_only() -> None:
    texts = ["2026-01-02T03:04:05.1234567+00:00", "2026-01-02 03:04:05Z"]
    first = datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert Instants(str).column(texts) == [first, first.replace(microsecond=0)]
    for other in ("2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05", "infinity"):
        with pytest.raises(ValueError, match=r"UTC|isoformat"):
            Instants(str).column([*texts, other])


INSTANTS: Options = {"type": "timestamp with time zone", "zone": "UTC", "text": "mixed"}
USUAL = [
    "2026-01-02T03:04:05.1234567+00:00",
    "2026-01-02 03:04:05.123456000",
    "2026-01-02 03:04:05.1Z",
    "2026-01-02T03:04:05-07:30",
]


def test_usual_instants_are_converted_at_once_as_one_by_one() -> None:
    convert, alters = load.converter(INSTANTS), made.alterations(INSTANTS)
    assert isinstance(convert, ColumnFunction)
    assert isinstance(alters, ColumnFunction)
    assert convert.column(USUAL) == [
        "2026-01-02T03:04:05.123456+00:00",
        "2026-01-02 03:04:05.123456+00:00",
        "2026-01-02 03:04:05.1Z",
        "2026-01-02T03:04:05-07:30",
    ]
    assert alters.column(USUAL) == [made.TRUNCATED, None, None, None]
    assert convert.column(USUAL) == [convert(value) for value in USUAL]
    assert alters.column(USUAL) == [alters(value) for value in USUAL]


@pytest.mark.parametrize(
    "other",
    [
        None,
        7,
        "",
        "2026-01-02",
        "2026-01-02 03:04:05.12345678901Z",
        "2026-01-02 03:04:05.12345 6",
        "2026-01-02 24:00:00Z",
        "2026-01-02 03:04:05+16:00",
        "2026-01-02 03:04:05Z\n2026-01-02 03:04:05Z",
        "2026-01-02 03:04:05Z\n",
        "2026-01-02 03:04:0\u0665Z",
    ],
)
def test_an_instant_of_another_form_is_left_to_the_values(other: object) -> None:
    for function in (load.converter(INSTANTS), made.alterations(INSTANTS)):
        assert isinstance(function, ColumnFunction)
        with pytest.raises((ValueError, TypeError)):
            function.column([*USUAL, other])


@pytest.mark.parametrize("edge", ["0001-01-01 00:00:00+01:00", "9999-12-31 23:00:00-01:00"])
def test_an_offset_at_the_edge_of_the_calendar_is_left_to_the_values(edge: str) -> None:
    convert = load.converter(INSTANTS)
    assert isinstance(convert, ColumnFunction)
    with pytest.raises(ValueError, match="years"):
        convert.column([*USUAL, edge])


def test_without_a_zone_a_text_without_an_offset_is_left_to_the_values() -> None:
    convert = load.converter({"type": "timestamp with time zone", "text": "zoned"})
    assert isinstance(convert, ColumnFunction)
    with pytest.raises(ValueError, match="offset"):
        convert.column(["2026-01-02 03:04:05"])
    assert convert.column(USUAL[2:]) == USUAL[2:]


def test_settings_that_answer_questions_are_asked_value_by_value() -> None:
    options = {**INSTANTS, "invalid": "null"}
    assert not isinstance(load.converter(options), ColumnFunction)
    assert not isinstance(made.alterations(options), ColumnFunction)
