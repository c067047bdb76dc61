"""Addresses: what everybody reads the same way, and what not."""

import pytest

from tests.coercion_facts import Coerced


@pytest.mark.parametrize(
    ("type_", "stored", "loaded"),
    [
        ("inet", "10.0.0.1", "10.0.0.1"),
        ("inet", "10.0.0.1/24", "10.0.0.1/24"),
        ("inet", "2001:DB8:0:0::1", "2001:db8::1"),
        ("inet", "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("cidr", "10.0.0.0/8", "10.0.0.0/8"),
        ("cidr", "10.0.0.1", "10.0.0.1/32"),
        ("macaddr", "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"),
        ("macaddr", "aabb.ccdd.eeff", "aa:bb:cc:dd:ee:ff"),
        ("macaddr8", "aabbccddeeff0011", "aa:bb:cc:dd:ee:ff:00:11"),
    ],
)
def test_an_address_is_taken_in_its_usual_spellings(type_: str, stored: str, loaded: str) -> None:
    column = Coerced([stored, None], type_)
    assert column.refusals == []
    assert column.changes == {}
    assert column.leaf.convert(column.options) is None
    assert column.agree(stored, loaded)
    other = {"inet": "10.0.0.2", "cidr": "10.0.0.0/9"}.get(type_, "00:00:00:00:00:00")
    assert not column.agree(stored, other + (":00:00" if type_ == "macaddr8" else ""))


def test_a_mask_is_part_of_an_address() -> None:
    column = Coerced(["10.0.0.1/24"], "inet")
    assert not column.agree("10.0.0.1/24", "10.0.0.1")
    assert column.agree("10.0.0.1/24", "10.0.0.1/24")
    assert Coerced(["10.0.0.1/32"], "inet").agree("10.0.0.1/32", "10.0.0.1")


@pytest.mark.parametrize(
    ("type_", "odd"),
    [
        ("inet", "10.1"),
        ("inet", "010.0.0.1"),
        ("inet", "fe80::1%eth0"),
        ("inet", "10.0.0.1/33"),
        ("inet", "10.0.0.1/024"),
        ("inet", "host"),
        ("inet", 167772161),
        ("cidr", "10.0.0.1/8"),
        ("cidr", "10.1"),
        ("macaddr", "aa:bb:cc:dd:ee"),
        ("macaddr", "aa:bb-cc:dd:ee:ff"),
        ("macaddr", b"\xaa\xbb\xcc\xdd\xee\xff"),
        ("macaddr8", "aa:bb:cc:dd:ee:ff"),
    ],
)
def test_what_reads_two_ways_or_none_is_refused_or_null(type_: str, odd: object) -> None:
    (finding,) = Coerced([odd], type_).ruling.unsettled  # type: ignore[list-item]
    assert f"is no {type_}" in finding.message
    column = Coerced([odd], type_, invalid="null")  # type: ignore[list-item]
    assert column.changes == {"invalid value as NULL": 1}
    assert column.sent(odd) is None  # type: ignore[arg-type]
    assert column.agree(odd, None)  # type: ignore[arg-type]
