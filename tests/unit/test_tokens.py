"""SQL is cut as SQLite cuts it."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.dialect import tokens as lexer
from cutover.dialect.tokens import Token, TokenKind, split_commas, text_of, tokenize


def texts(sql: str) -> list[str]:
    return [token.text for token in tokenize(sql)]


def only(sql: str) -> Token:
    (token,) = tokenize(sql)
    return token


@pytest.mark.parametrize(
    ("sql", "kind", "value"),
    [
        ("name", TokenKind.WORD, "name"),
        ("_a$1", TokenKind.WORD, "_a$1"),
        ("größe", TokenKind.WORD, "größe"),
        ('"a""b"', TokenKind.QUOTED, 'a"b'),
        ("`a``b`", TokenKind.QUOTED, "a`b"),
        ('[a"b]', TokenKind.QUOTED, 'a"b'),
        ("'it''s'", TokenKind.STRING, "it's"),
        ("''", TokenKind.STRING, ""),
        ("x'00fF'", TokenKind.BLOB, "x'00fF'"),
        ("X''", TokenKind.BLOB, "X''"),
        ("12", TokenKind.NUMBER, "12"),
        ("1.5e-3", TokenKind.NUMBER, "1.5e-3"),
        (".5", TokenKind.NUMBER, ".5"),
        ("1.", TokenKind.NUMBER, "1."),
        ("0xFf", TokenKind.NUMBER, "0xFf"),
        ("?", TokenKind.PARAMETER, "?"),
        ("?12", TokenKind.PARAMETER, "?12"),
        (":name", TokenKind.PARAMETER, ":name"),
        ("@name", TokenKind.PARAMETER, "@name"),
        ("$name", TokenKind.PARAMETER, "$name"),
    ],
)
def test_one_token_has_a_kind_and_a_value(sql: str, kind: TokenKind, value: str) -> None:
    token = only(sql)
    assert (token.kind, token.value, token.text) == (kind, value, sql)


OPERATORS = ["||", "->", "->>", "==", "=", "<>", "!=", "<=", ">=", "<<", ">>", "<", ">", "+", "-"]


@pytest.mark.parametrize("operator", [*OPERATORS, "*", "/", "%", "&", "|", "~"])
def test_an_operator_is_one_token(operator: str) -> None:
    assert texts(f"a{operator}b") == ["a", operator, "b"]
    assert tokenize(f"a{operator}b")[1].kind is TokenKind.OPERATOR


def test_comments_are_no_tokens_and_quotes_hide_them() -> None:
    sql = "a -- b 'c\n/* \"d\n*/ '-- e' \"/* f\""
    assert texts(sql) == ["a", "'-- e'", '"/* f"']


def test_a_comment_that_is_never_closed_reaches_to_the_end() -> None:
    assert texts("a /* b c") == ["a"]
    assert texts("a -- b") == ["a"]


def test_minus_minus_starts_a_comment_but_minus_does_not() -> None:
    assert texts("1 - -1") == ["1", "-", "-", "1"]
    assert texts("1--1") == ["1"]


def test_positions_point_into_the_text() -> None:
    sql = "select  'a' /* x */ , b"
    assert all(sql[token.start : token.end] == token.text for token in tokenize(sql))


@pytest.mark.parametrize("sql", ["'open", '"open', "`open", "[open", "a \\ b"])
def test_what_has_no_token_is_an_error_that_says_where(sql: str) -> None:
    with pytest.raises(ValueError, match="position"):
        tokenize(sql)


def test_only_a_word_is_a_keyword() -> None:
    assert only("check").keyword == "CHECK"
    assert only('"check"').keyword == ""
    assert only("'check'").keyword == ""
    # Its upper case is ASCII; SQLite's keywords know no other letters.
    assert only("\u017fet").keyword == ""


def test_a_quoted_token_tells_its_quote() -> None:
    assert [token.quote for token in tokenize("\"a\" `b` [c] 'd' e")] == ['"', "`", "[", "'", ""]


def test_commas_in_parentheses_do_not_split() -> None:
    parts = split_commas(tokenize("a, f(b, (c, d)), 'x,y'"))
    assert [[token.text for token in part] for part in parts] == [
        ["a"],
        ["f", "(", "b", ",", "(", "c", ",", "d", ")", ")"],
        ["'x,y'"],
    ]
    assert split_commas(()) == ()


def test_a_parenthesis_is_matched_with_its_own() -> None:
    tokens = tokenize("((a) ')' (b)) c")
    assert lexer.closing(tokens, 0) == 8
    assert lexer.closing(tokens, 1) == 3
    with pytest.raises(ValueError, match="never closed"):
        lexer.closing(tokenize("(a"), 0)


def test_text_of_tokens_leaves_comments_out_and_blanks_in() -> None:
    sql = "CHECK (a  > 0 -- not (b)\n AND /* c */b<>'--')"
    assert text_of(sql, tokenize(sql)[2:-1]) == "a  > 0 AND b<>'--'"
    assert text_of(sql, ()) == ""


_PIECES = st.sampled_from(OPERATORS) | st.sampled_from(
    ["a", "B1", '"q""x"', "[b c]", "`t`", "'s''t'", "x'0f'", "1", "2.5e3", ".5", "(", ")", ","]
)
_GAPS = st.sampled_from([" ", "\n", "\t", " /* c ' \" */ ", " -- c '\n", "\f"])


@settings(deadline=None)
@given(st.lists(st.tuples(_PIECES, _GAPS), max_size=30))
def test_what_was_put_together_comes_apart_again(pairs: list[tuple[str, str]]) -> None:
    sql = "".join(piece + gap for piece, gap in pairs)
    assert texts(sql) == [piece for piece, _ in pairs]


@settings(deadline=None)
@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_a_quoted_string_means_what_sqlite_reads(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    quoted = "'" + text.replace("'", "''") + "'"
    with closing(sqlite3.connect(":memory:")) as connection:
        (read,) = connection.execute(f"SELECT {quoted}").fetchone()
    assert only(quoted).value == read
