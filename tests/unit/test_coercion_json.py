r"""JSON: documents compared as documents, json as text, and what jsonb cannot hold."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cutover.coercions._json_document import document
from cutover.coercions._json_meaning import Whole
from tests.coercion_facts import Coerced, coercion_of, facts_of


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ('{"b":1,"a":[1,2]}', '{"a": [1, 2], "b": 1}'),
        ('{"a":1,"a":2}', '{"a": 2}'),
        ("[1.10]", "[1.1]"),
        ("[1e3]", "[1000]"),
        ("[1.0]", "[1]"),
        ("[-0.0]", "[0]"),
        ('"\\u00e9"', '"é"'),
        ('"\\ud83d\\ude00"', '"😀"'),
        (" [ ] ", "[]"),
        ("null", "null"),
        ("1e400", "1" + "0" * 400),
        ('"\\\\u0000"', '"\\\\u0000"'),
        ("[" + "9" * 5000 + "]", "[" + "9" * 5000 + "]"),
    ],
)
@pytest.mark.hazard(
    "H16", "jsonb documents are compared as documents, whatever the order of their keys"
)
def test_a_document_is_the_same_in_any_spelling(stored: str, loaded: str) -> None:
    column = Coerced([stored], "jsonb")
    assert column.refusals == []
    assert column.agree(stored, loaded)
    assert hash(column.stored_means(stored)) == hash(column.loaded_means(loaded))
    assert repr(column.stored_means(stored)) == repr(column.loaded_means(loaded))


@pytest.mark.parametrize(
    "texts",
    [
        ("1,2", "[3", "4]"),
        ("1", "2]"),
        ("[1", "2"),
        ('"a', 'b"'),
        ("", "1"),
        ('1,"\\u0000",2', "3"),
        ('["\\u0000"', '"x"]'),
        ("[" * 100_000 + "]" * 100_000, "1"),
    ],
)
def test_a_column_is_not_read_at_once_where_a_text_is_no_single_document(
    texts: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever made it doubt
        Whole().column(texts)


def test_a_column_read_at_once_means_what_its_values_mean() -> None:
    texts = ['{"a": [1.10, null]}', None, "null", "[]", '"x"', "1e3"]
    whole = Whole().column(texts)
    assert list(whole) == [None if text is None else document(text) for text in texts]
    assert whole == Whole().column(['{"a":[1.10,null]}', *texts[1:]])
    assert whole != Whole().column([None, *texts[1:]])
    assert whole != Whole().column([*texts[:1], "null", *texts[2:]])
    assert list(whole) == list(Whole().column(['{"a":[1.1,null]}', *texts[1:-1], "1000"]))


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        ("[1,2]", "[2, 1]"),
        ("[true]", "[1]"),
        ("[false]", "[0]"),
        ("[1]", '["1"]'),
        ("[null]", "[]"),
        ('{"a":1}', '{"A": 1}'),
        ('{"a":null}', "{}"),
        ("[0.1]", "[0.10000000000000001]"),
        ("[12345678901234567]", "[12345678901234568]"),
        ("[0.12345678901234567]", "[0.12345678901234568]"),
        ("1e400", "1" + "0" * 401),
        ('["a"]', '["a "]'),
        ('"[]"', "[]"),
        ("null", '"null"'),
    ],
)
def test_another_document_is_not(stored: str, loaded: str) -> None:
    column = Coerced([stored], "jsonb")
    assert not column.agree(stored, loaded)
    assert repr(column.stored_means(stored)) != repr(column.loaded_means(loaded))


def test_clean_text_needs_no_conversion() -> None:
    for type_ in ("json", "jsonb"):
        column = Coerced(['{"a": 1}'], type_)
        assert column.leaf.convert(column.options) is None
        assert column.changes == {}


@pytest.mark.hazard("H16", "json keeps the text and the order of its keys")
def test_json_is_compared_as_text() -> None:
    column = Coerced(['{"b":1,  "b":2}'], "json")
    assert column.agree('{"b":1,  "b":2}', '{"b":1,  "b":2}')
    assert not column.agree('{"b":1,  "b":2}', '{"b":1, "b":2}')


@pytest.mark.hazard("H19", "documents are compared by what they mean, not by their text")
def test_numbers_and_bytes_arrive_as_the_json_they_stand_for() -> None:
    column = Coerced([1, 1.5, b'{"a":1}', "[]"], "jsonb")
    assert column.refusals == []
    assert column.changes == {"number as JSON": 2}
    assert [column.sent(value) for value in (1, 1.5, b'{"a":1}')] == ["1", "1.5", '{"a":1}']
    assert column.agree(1, "1")
    assert column.agree(1.5, "1.50")
    assert column.agree(b'{"a":1}', '{"a": 1}')
    assert not column.agree(1, "true")
    assert column.altered(1) == "number as JSON"
    assert column.altered("[]") is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", "not JSON"),
        ("NaN", "not JSON"),
        ("", "is ''"),
        ('"\\u0000"', "\\u0000"),
        ('"\\ud800"', "lone surrogate"),
        ("1e200000", "beyond numeric"),
        (b"\xff", "not JSON"),
        (float("inf"), "infinite"),
    ],
)
def test_what_jsonb_cannot_hold_is_unsettled(value: Any, words: str) -> None:
    column = Coerced(["[]", value], "jsonb")
    assert len(column.refusals) == 1
    assert words in column.refusals[0]
    assert column.ruling.unsettled[0].hint


def test_json_takes_what_only_jsonb_refuses() -> None:
    assert Coerced(['"\\u0000"', '"\\ud800"', "1e200000"], "json").refusals == []


def test_an_empty_text_becomes_null_where_the_settings_say_so() -> None:
    column = Coerced(["[]", ""], "jsonb", empty="null")
    assert column.refusals == []
    assert column.changes == {"'' as NULL": 1}
    assert column.sent("") is None
    assert column.agree("", None)
    assert column.altered("") == "'' as NULL"
    mixed = Coerced(["[]", "", "{"], "jsonb", empty="null")
    assert mixed.refusals == ['1 value of "messages"."sent_at" is not JSON']


def test_an_unchecked_column_is_not_taken_on_trust() -> None:
    facts = facts_of(["[]", "{}"], "jsonb")
    unchecked = replace(facts, profile=replace(facts.profile, json_checked=False))
    (finding,) = coercion_of(unchecked).rule(unchecked).unsettled
    assert finding.message == ('2 values of "messages"."sent_at" have not been checked to be JSON')


@pytest.mark.parametrize("garbage", ["", "{", '"\\u0000"', "NaN", "[" * 100_000])
def test_verify_reports_what_means_no_document(garbage: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Coerced(["[]"], "jsonb").stored_means(garbage)


@pytest.mark.parametrize("type_", ["json", "jsonb"])
@pytest.mark.parametrize("odd", ["{", "NaN", "abc", 'a "quote"', "[1,]", "[" * 5000, "\t"])
@pytest.mark.hazard(
    "A51", "what is no JSON is refused, or NULL or a string by a setting; no value is made up"
)
def test_what_is_no_json_is_null_or_a_string_where_the_setting_says_so(
    type_: str, odd: str
) -> None:
    for policy, sent in (("null", None), ("string", json.dumps(odd))):
        column = Coerced(["[]", odd, 1], type_, json=policy)
        assert column.refusals == []
        rule = column.altered(odd)
        assert column.changes[rule or ""] == 1
        assert column.sent(odd) == sent
        assert column.agree(odd, sent)
        assert not column.agree(odd, "{}")
        assert not column.agree("[]", None)
        assert column.altered("[]") is None


def test_bytes_that_are_no_text_are_no_json_string() -> None:
    assert "no JSON string" in Coerced([b"\xff"], "jsonb", json="string").refusals[0]
    column = Coerced([b"\xff", "{}"], "jsonb", json="null")
    assert column.refusals == []
    assert column.changes == {"not JSON, as NULL": 1}
    assert column.sent(b"\xff") is None
    assert column.agree(b"\xff", None)


@pytest.mark.parametrize(
    ("stored", "escaped", "stripped"),
    [
        (r'{"a": "x\u0000y"}', r'{"a": "x\\u0000y"}', '{"a": "xy"}'),
        (r'"\uD800"', r'"\\ud800"', '""'),
        (r'["\uDC00\uD83D\uDE00", 1e2]', r'["\\udc00\uD83D\uDE00", 1e2]', r'["\uD83D\uDE00", 1e2]'),
        (r'{"\u0000": [true]}', r'{"\\u0000": [true]}', '{"": [true]}'),
        (r'"\\u0000\u0000"', r'"\\u0000\\u0000"', r'"\\u0000"'),
    ],
)
@pytest.mark.hazard("A12", "\\u0000 in JSON is found by the plan, and has a setting")
@pytest.mark.hazard("H17", "what jsonb refuses is found by the plan, and has settings")
def test_what_jsonb_cannot_hold_is_spelled_out_or_left_out(
    stored: str, escaped: str, stripped: str
) -> None:
    for policy, sent in (("escape", escaped), ("strip", stripped), ("null", None)):
        column = Coerced(["[]", stored], "jsonb", nul=policy)
        assert column.refusals == []
        assert column.changes[column.altered(stored) or ""] == 1
        assert column.sent(stored) == sent
        assert column.agree(stored, sent)
        assert not column.agree(stored, '"x"')
        assert column.altered("[]") is None
        assert column.sent(r'"\\u0000"') == r'"\\u0000"'


def test_the_settings_for_json_stand_in_the_hints() -> None:
    (finding,) = Coerced(["{"], "jsonb").ruling.unsettled
    assert '{ json = "null" }' in finding.hint
    (finding,) = Coerced([r'"\u0000"'], "jsonb").ruling.unsettled
    assert '{ nul = "escape" }' in finding.hint


@pytest.mark.hazard("H18", "NULL, the JSON null, [] and '' stay four things")
def test_no_value_and_the_json_null_are_two_things() -> None:
    column = Coerced([None, "null", "[]"], "jsonb")
    assert column.refusals == []
    assert not column.agree("null", None)
    assert not column.agree("[]", "null")
    assert column.agree("null", "null")
    assert "is ''" in Coerced([""], "jsonb").refusals[0]
