"""UUIDs: three spellings of one value, and numbers that were uuids once."""

import pytest

from tests.coercion_facts import Coerced

CANONICAL = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
HEX = "a0eebc999c0b4ef8bb6d6bb9bd380a11"


@pytest.mark.parametrize("spelling", [CANONICAL, CANONICAL.upper(), HEX, bytes.fromhex(HEX)])
def test_every_spelling_means_the_same_uuid(spelling: str | bytes) -> None:
    column = Coerced([CANONICAL, HEX, bytes.fromhex(HEX)], "uuid")
    assert column.refusals == []
    assert column.agree(spelling, CANONICAL)
    assert not column.agree(spelling, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12")


def test_bytes_are_sent_as_hex_digits() -> None:
    column = Coerced([bytes.fromhex(HEX)], "uuid")
    assert column.sent(bytes.fromhex(HEX)) == HEX
    assert column.changes == {"16 bytes as uuid": 1}


def test_the_rules_that_alter_a_value_are_told_apart() -> None:
    column = Coerced([HEX, bytes.fromhex(HEX)], "uuid")
    assert column.altered(HEX) == "32 hex digits as uuid"
    assert column.altered(bytes.fromhex(HEX)) == "16 bytes as uuid"
    assert column.altered(CANONICAL) is None


@pytest.mark.hazard(
    "A17", "a uuid that SQLite's affinity made a number is reported as destroyed in the source"
)
def test_numbers_are_reported_as_destroyed_in_the_source() -> None:
    column = Coerced([CANONICAL, 123, 1.2e31], "uuid")
    (finding,) = column.ruling.unsettled
    assert finding.message == '2 values of "messages"."sent_at" are numbers, not uuids'
    assert "numeric affinity has destroyed" in finding.detail


@pytest.mark.parametrize("odd", ["not a uuid", CANONICAL + "0", "", b"\x00" * 15, "true", 7])
def test_what_is_no_uuid_is_unsettled_and_refused(odd: str | bytes | int) -> None:
    column = Coerced([odd], "uuid")
    assert len(column.refusals) >= 1
    with pytest.raises(ValueError, match="uuid"):
        column.sent(odd)
    with pytest.raises(ValueError, match="uuid"):
        column.stored_means(odd)


def test_an_empty_text_becomes_null_where_the_settings_say_so() -> None:
    column = Coerced([CANONICAL, ""], "uuid", empty="null")
    assert column.refusals == []
    assert column.sent("") is None
    assert column.agree("", None)
