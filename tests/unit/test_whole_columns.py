"""A column read at once means what its values mean one by one."""

import struct
from datetime import UTC, datetime

import pytest

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
