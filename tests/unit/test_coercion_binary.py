"""Binary: bytes stay bytes, text becomes its own bytes, numbers have none."""

import pytest

from tests.coercion_facts import Coerced


def test_bytes_need_no_conversion() -> None:
    column = Coerced([b"", b"\x00\xff"], "bytea")
    assert column.leaf.convert(column.options) is None
    assert column.agree(b"\x00\xff", b"\x00\xff")
    assert not column.agree(b"\x00\xff", b"\x00\xfe")
    assert not column.agree(b"", None)


@pytest.mark.hazard("A13", "text in a BLOB column arrives as its bytes, never decoded as base64")
def test_text_is_sent_as_its_utf8_bytes_never_decoded() -> None:
    column = Coerced([b"\x01", "aGk=", "é"], "bytea")
    assert column.changes == {"text as its bytes": 2}
    assert column.sent("aGk=") == b"aGk="
    assert column.sent("é") == b"\xc3\xa9"
    assert column.agree("é", b"\xc3\xa9")
    assert not column.agree("aGk=", b"hi")
    assert column.altered("é") == "text as its bytes"
    assert column.altered(b"\x01") is None


def test_text_that_is_not_utf8_keeps_its_stored_bytes() -> None:
    column = Coerced(["x"], "bytea")
    assert column.sent("a\udcff") == b"a\xff"
    assert column.agree("a\udcff", b"a\xff")


@pytest.mark.parametrize("number", [1, 1.5])
def test_numbers_are_unsettled(number: float) -> None:
    column = Coerced([b"\x01", number], "bytea")
    assert len(column.refusals) == 1
    assert "typeof" in column.ruling.unsettled[0].hint
    with pytest.raises(ValueError, match="no bytes"):
        column.sent(number)
    with pytest.raises(ValueError, match="no bytes"):
        column.stored_means(number)
