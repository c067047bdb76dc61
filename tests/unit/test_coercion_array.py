"""Arrays: lists from JSON and from array literals, and what is neither."""

import pytest

from tests.coercion_facts import Coerced


@pytest.mark.parametrize(
    ("type_", "stored", "loaded"),
    [
        ("text[]", '["a", null, "", "NULL"]', '{a,NULL,"","NULL"}'),
        (
            "text[]",
            r'["say \"hi\"", "a\\b", "x,y", "{}", " "]',
            r'{"say \"hi\"","a\\b","x,y","{}"," "}',
        ),
        ("text[]", "[]", "{}"),
        ("text[]", "{}", "{}"),
        ("text[]", '{a,"b c",NULL,"null", d e }', '{a,"b c",NULL,"null","d e"}'),
        ("character varying[]", '["é😀"]', "{é😀}"),
        ("bigint[]", "[1, -9223372036854775808, null]", "{1,-9223372036854775808,NULL}"),
        ("bigint[]", "{1,2}", "{1,2}"),
        ("smallint[]", "[32767]", "{32767}"),
        ("boolean[]", "[true, false, null]", "{t,f,NULL}"),
        ("boolean[]", "{t,FALSE}", "{t,f}"),
        ("numeric[]", "[1.10, 1e3, 12345678901234567890.5]", "{1.10,1000,12345678901234567890.5}"),
        (
            "uuid[]",
            '["6F9619FF8B86D011B42D00CF4FC964FF"]',
            "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}",
        ),
    ],
)
def test_a_list_arrives_as_an_array(type_: str, stored: str, loaded: str) -> None:
    column = Coerced([stored, None], type_)
    assert column.refusals == []
    assert column.changes == {}
    assert column.agree(stored, column.sent(stored))
    assert column.agree(stored, loaded)
    other = {"boolean[]": "{f,f,f}", "uuid[]": "{00000000-0000-0000-0000-000000000000}"}
    assert not column.agree(stored, other.get(type_, "{9}"))
    assert column.altered(stored) is None


@pytest.mark.parametrize(
    ("type_", "odd"),
    [
        ("text[]", '{"a": 1}'),
        ("text[]", "[1]"),
        ("text[]", '[["a"]]'),
        ("text[]", "{{a},{b}}"),
        ("text[]", '["a\\u0000"]'),
        ("text[]", '["\\ud800"]'),
        ("text[]", "a,b"),
        ("text[]", "null"),
        ("text[]", '{"a'),
        ("text[]", "{a,}"),
        ("text[]", b"[]"),
        ("text[]", 5),
        ("bigint[]", "[1.5]"),
        ("bigint[]", "[true]"),
        ("bigint[]", "[9223372036854775808]"),
        ("boolean[]", "[1]"),
        ("numeric[]", "[NaN]"),
        ("uuid[]", '["x"]'),
        ("text[]", "[" * 5000),
    ],
)
def test_what_is_no_such_list_is_refused_or_null(type_: str, odd: object) -> None:
    (finding,) = Coerced(["[]", odd], type_).ruling.unsettled  # type: ignore[list-item]
    assert finding.count == 1
    assert "nested ones are not taken" in finding.detail
    assert 'invalid = "null"' in finding.hint
    column = Coerced(["[]", odd], type_, invalid="null")  # type: ignore[list-item]
    assert column.changes == {"invalid value as NULL": 1}
    assert column.sent(odd) is None  # type: ignore[arg-type]
    assert column.agree(odd, None)  # type: ignore[arg-type]
    assert not column.agree("[]", None)


def test_the_order_and_the_number_of_elements_count() -> None:
    column = Coerced(['["a", "b"]'], "text[]")
    for other in ("{b,a}", "{a,b,NULL}", "{a}", '{"a,b"}', "{}"):
        assert not column.agree('["a", "b"]', other)
    assert not Coerced(['[""]'], "text[]").agree('[""]', "{NULL}")


def test_an_empty_text_is_no_array() -> None:
    assert "is ''" in Coerced([""], "text[]").refusals[0]
    assert Coerced([""], "text[]", empty="null").sent("") is None
