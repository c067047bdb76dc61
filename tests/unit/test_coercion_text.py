"""Text: characters as they are, NUL by policy, numbers as SQLite spells them."""

import sqlite3
from contextlib import closing

import pytest

from tests.coercion_facts import Coerced


def test_clean_text_needs_no_conversion() -> None:
    column = Coerced(["a", "", "é\\0", "😀\n\t"], "text")
    assert column.leaf.convert(column.options) is None
    assert column.leaf.meaning_of_stored(column.options) is None
    assert not column.agree("a ", "a")
    assert not column.agree("", None)


@pytest.mark.hazard("A11", "text with a NUL is refused until a setting says what becomes of it")
@pytest.mark.hazard("H12", "a NUL or odd bytes in text never arrive in silence")
def test_a_nul_is_unsettled_until_a_policy_is_set() -> None:
    column = Coerced(["a", "a\0b"], "text")
    (finding,) = column.ruling.unsettled
    assert finding.message == '1 value of "messages"."sent_at" holds a NUL character'
    assert '[columns] "messages.sent_at" = { nul = "escape" }' in finding.hint
    with pytest.raises(ValueError, match="NUL"):
        column.sent("a\0b")


@pytest.mark.parametrize(
    ("stored", "escaped"),
    [
        ("a\0b", "a\\0b"),
        ("\0\\", "\\0\\\\"),
        ("plain \\ text \\n", "plain \\ text \\n"),
        ("reads \\0", "reads \\\\0"),
        ("\\\0", "\\\\\\0"),
        ("\\\\0", "\\\\\\\\0"),
    ],
)
def test_escaping_is_reversible(stored: str, escaped: str) -> None:
    column = Coerced(["a\0b"], "text", nul="escape")
    assert column.sent(stored) == escaped
    assert column.loaded_means(escaped) == stored
    assert column.agree(stored, escaped)
    assert (column.altered(stored) is None) == (stored == escaped)


def test_escaping_leaves_no_two_values_alike() -> None:
    column = Coerced(["a\0b"], "text", nul="escape")
    values = ["\0", "\\0", "\\\\0", "\\\0", "\\", "\\\\", "0", ""]
    assert len({column.sent(value) for value in values}) == len(values)


def test_nul_can_be_stripped_or_make_the_value_null() -> None:
    stripped = Coerced(["a\0b", "c"], "text", nul="strip")
    assert stripped.changes == {"NUL left out": 1}
    assert stripped.sent("a\0b") == "ab"
    assert stripped.agree("a\0b", "ab")
    assert not stripped.agree("a\0b", "a")
    nulled = Coerced(["a\0b", "c"], "text", nul="null")
    assert nulled.changes == {"text with NUL as NULL": 1}
    assert nulled.sent("a\0b") is None
    assert nulled.agree("a\0b", None)
    assert nulled.sent("c") == "c"


def test_a_policy_that_the_column_cannot_follow_is_unsettled() -> None:
    assert "takes no NULL" in Coerced(["\0"], "text", nul="null", nullable=False).refusals[0]
    (finding,) = Coerced(["\0"], "text", nul="bytea").ruling.unsettled
    assert "the type bytea" in finding.hint


def test_bytes_are_unsettled_and_bytea_is_advised() -> None:
    column = Coerced(["a", b"\xff"], "text")
    (finding,) = column.ruling.unsettled
    assert finding.message == '1 value of "messages"."sent_at" is stored as BLOB'
    assert "bytea" in finding.hint
    with pytest.raises(ValueError, match="not text"):
        column.sent(b"\xff")


@pytest.mark.parametrize(
    "number", [1, -5, 2**63 - 1, 1.0, 0.1, -2.5, 1e15, 1e14, 1e20, 1e-5, 0.0001, 1.5e300, 12345.678]
)
def test_a_number_arrives_as_the_text_that_sqlite_makes_of_it(number: float) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        (expected,) = connection.execute("SELECT CAST(? AS TEXT)", (number,)).fetchone()
    column = Coerced(["a", number], "text")
    assert column.changes == {"number as text": 1}
    assert column.sent(number) == expected
    assert column.agree(number, expected)
    assert not column.agree(number, expected + "0")


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308])
def test_a_real_that_needs_more_than_fifteen_digits_gets_them(number: float) -> None:
    column = Coerced([number], "text")
    assert float(column.sent(number)) == number
    assert column.agree(number, column.sent(number))


@pytest.mark.parametrize(
    ("type_", "value", "words"),
    [
        ("character varying(3)", "four", "more than 3 characters"),
        ("character(3)", "four", "more than 3 characters"),
        ("name", "x" * 64, "exceed 63 bytes"),
        ('"char"', "é", "exceed 1 bytes"),
    ],
)
@pytest.mark.hazard("A57", "text longer than its type is found by the plan")
def test_what_is_too_long_is_unsettled(type_: str, value: str, words: str) -> None:
    assert words in Coerced([value], type_).refusals[0]


def test_what_just_fits_is_taken() -> None:
    assert Coerced(["éé😀"], "character varying(3)").refusals == []
    assert Coerced(["x" * 63], "name").refusals == []


def test_trailing_blanks_mean_nothing_in_a_padded_type_only() -> None:
    padded = Coerced(["ab", "ab "], "character(4)")
    assert padded.agree("ab", "ab  ")
    assert padded.agree("ab ", "ab  ")
    assert not padded.agree("ab", " ab ")
    assert padded.changes == {"text padded with blanks": 2}
    assert not Coerced(["ab"], "character varying(4)").agree("ab", "ab  ")


ODD = "a\udcffb"


def test_odd_bytes_are_unsettled_until_a_policy_is_set() -> None:
    column = Coerced(["a", ODD], "text")
    (finding,) = column.ruling.unsettled
    assert "is not UTF-8" in finding.message
    assert "the type bytea" in finding.hint
    assert '{ utf8 = "replace" }' in finding.hint
    with pytest.raises(ValueError, match="UTF-8"):
        column.sent(ODD)


@pytest.mark.parametrize(
    ("policy", "sent"),
    [("replace", "a\N{REPLACEMENT CHARACTER}b"), ("escape", r"a\xffb"), ("null", None)],
)
@pytest.mark.hazard(
    "A50", "text that is not UTF-8 is refused, or replaced, escaped or NULL by a setting"
)
def test_odd_bytes_are_replaced_escaped_or_make_the_value_null(
    policy: str, sent: str | None
) -> None:
    column = Coerced(["é", ODD], "text", utf8=policy)
    assert column.refusals == []
    assert sum(column.changes.values()) == 1
    assert column.sent(ODD) == sent
    assert column.sent("é") == "é"
    assert column.altered(ODD) in column.changes
    assert column.agree(ODD, sent)
    assert not column.agree(ODD, "ab")
    assert not column.agree("é", None)


def test_escaped_bytes_are_told_from_text_that_reads_like_them() -> None:
    values = [ODD, r"a\xffb", r"a\\xffb", "a\\\udcff", "\0\udc80", r"\0\x80", r"\x7f", "\\"]
    column = Coerced(values, "text", nul="escape", utf8="escape")
    sent = [column.sent(value) for value in values]
    assert len(set(sent)) == len(values)
    assert [column.loaded_means(text) for text in sent] == values
    assert sum(column.changes.values()) == sum(column.altered(v) is not None for v in values)


@pytest.mark.parametrize(("policy", "sent"), [("truncate", "éé😀"), ("null", None)])
def test_text_that_is_too_long_is_cut_or_null_where_the_setting_says_so(
    policy: str, sent: str | None
) -> None:
    column = Coerced(["éé😀", "éé😀!", 12345], "character varying(3)", overlong=policy)
    assert column.refusals == []
    assert column.sent("éé😀!") == sent
    assert column.sent("éé😀") == "éé😀"
    assert column.altered("éé😀") is None
    assert column.changes[column.altered("éé😀!") or ""] == 2
    assert column.agree("éé😀!", sent)
    assert not column.agree("éé😀!", "éé")
    assert column.agree(12345, "123" if policy == "truncate" else None)


def test_an_escaped_text_without_room_is_not_cut_in_the_middle_of_an_escape() -> None:
    column = Coerced(["ab\0"], "character varying(3)", nul="escape", overlong="truncate")
    (refusal,) = column.refusals
    assert "no room once" in refusal
    nulled = Coerced(["ab\0"], "character varying(3)", nul="escape", overlong="null")
    assert nulled.refusals == []
    assert nulled.sent("ab\0") is None
    assert nulled.agree("ab\0", None)


def test_bytes_in_a_text_column_are_null_where_the_setting_says_so() -> None:
    column = Coerced(["a", b"\xff"], "text", invalid="null")
    assert column.changes == {"invalid value as NULL": 1}
    assert column.agree(b"\xff", None)
    assert not column.agree(b"\xff", "")


@pytest.mark.hazard("A15", "'' and NULL stay two things")
@pytest.mark.hazard("H14", "'' and NULL stay two things")
def test_an_empty_text_is_a_text_whatever_the_setting_for_empty_says() -> None:
    column = Coerced(["", "a"], "text", empty="null")
    assert column.changes == {}
    assert column.sent("") == ""
    assert not column.agree("", None)
