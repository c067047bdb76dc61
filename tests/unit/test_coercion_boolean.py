"""Booleans: what is taken as true and false, and what is left to a person."""

from typing import Any

import pytest

from tests.coercion_facts import Coerced


def test_a_column_of_zeros_and_ones_needs_no_conversion() -> None:
    column = Coerced([0, 1, None, 1], "boolean")
    assert column.leaf.convert(column.options) is None
    assert column.leaf.meaning_of_stored(column.options) is None
    assert column.changes == {}
    assert column.agree(1, loaded=True)
    assert not column.agree(1, loaded=False)
    assert not column.agree(0, loaded=True)
    assert not column.agree(0, None)


@pytest.mark.parametrize("word", ["true", "TRUE", "t", "Yes", "y", "on", "1", 1, 1.0])
def test_every_word_for_true_is_true(word: str | float) -> None:
    column = Coerced(["true", "f", 1, 0.0, "1"], "boolean")
    assert column.refusals == []
    assert column.sent(word) is True
    assert column.agree(word, loaded=True)
    assert not column.agree(word, loaded=False)


@pytest.mark.parametrize("word", ["false", "False", "f", "NO", "n", "off", "0", 0, 0.0])
def test_every_word_for_false_is_false(word: str | float) -> None:
    column = Coerced(["true", "f", 1, 0.0, "1"], "boolean")
    assert column.sent(word) is False
    assert column.agree(word, loaded=False)
    assert not column.agree(word, loaded=True)


def test_words_and_reals_are_counted_as_changes() -> None:
    column = Coerced([0, 1, 1.0, "yes", "no", "0"], "boolean")
    assert column.changes == {"word as boolean": 3, "real as boolean": 1}
    assert column.altered("yes") == "word as boolean"
    assert column.altered(1.0) == "real as boolean"
    assert column.altered(1) is None


@pytest.mark.parametrize("odd", [2, -1, 0.5, 2.0, "maybe", "", "2", b"\x01", "2026-06-28"])
def test_anything_else_is_unsettled_and_refused_by_load_and_verify(odd: Any) -> None:
    column = Coerced([0, 1, odd], "boolean")
    assert len(column.refusals) == 1
    assert '"messages"."sent_at"' in column.refusals[0]
    with pytest.raises(ValueError, match="boolean"):
        column.sent(odd)
    with pytest.raises(ValueError, match="boolean"):
        column.stored_means(odd)


def test_an_empty_text_becomes_null_where_the_settings_say_so() -> None:
    column = Coerced([0, ""], "boolean", empty="null")
    assert column.refusals == []
    assert column.changes == {"'' as NULL": 1}
    assert column.sent("") is None
    assert column.agree("", None)
    assert not column.agree("", loaded=False)
    assert column.altered("") == "'' as NULL"


def test_an_empty_text_cannot_become_null_in_a_column_that_takes_none() -> None:
    column = Coerced([0, ""], "boolean", empty="null", nullable=False)
    assert column.refusals == [
        """1 value of "messages"."sent_at" is '', and the target takes no NULL"""
    ]


def test_the_finding_names_the_first_key_and_the_repair() -> None:
    (finding,) = Coerced([0, 1, "maybe", "maybe"], "boolean").ruling.unsettled
    assert finding.message == '2 values of "messages"."sent_at" are no boolean'
    assert finding.detail == "first key 3, stored as 'maybe'"
    assert finding.hint == (
        'repair them in SQLite: UPDATE "messages" SET "sent_at" = ... WHERE "sent_at" NOT IN (0, 1)'
        '; or choose "null" in cutover.toml: [columns] "messages.sent_at" = { invalid = "null" }'
    )
    assert finding.kind == "unsettled"
    assert finding.count == 2


@pytest.mark.parametrize(
    ("stored", "truth"),
    [(2, True), (-1, True), (0.5, True), ("2", True), (0.0, False), ("-0", False)],
)
def test_anything_but_zero_is_true_where_the_setting_says_so(stored: Any, truth: bool) -> None:
    column = Coerced([0, 1, stored], "boolean", boolean="nonzero")
    assert column.refusals == []
    assert sum(column.changes.values()) == 1
    assert column.sent(stored) is truth
    assert column.altered(stored) in column.changes
    assert column.agree(stored, loaded=truth)
    assert not column.agree(stored, loaded=not truth)


@pytest.mark.hazard("A18", "a boolean other than 0, 1 and the known words is refused by name")
@pytest.mark.hazard("H8", "numbers other than 0 and 1 are refused, or true by a setting")
def test_a_number_that_is_no_truth_names_its_setting() -> None:
    (finding,) = Coerced([0, 1, 2], "boolean").ruling.unsettled
    assert finding.detail.endswith("the numbers run from 0 to 2")
    assert '{ boolean = "nonzero" }' in finding.hint
