"""Pairs of one meaning, left as PostgreSQL tells it, right as a person wrote it."""

import pytest

from cutover.catalog import Provider
from cutover.dialect.canonical import canonical

PG = Provider.POSTGRES


@pytest.mark.parametrize(
    ("told", "written"),
    [
        (
            "((state = ANY (ARRAY['a'::text, 'b'::text])) AND (archived_at IS NULL))",
            "archived_at IS NULL AND \"state\" IN ('b', 'a')",
        ),
        ("(x <> ALL (ARRAY[1, 2]))", "x NOT IN (2, 1)"),
        ("(x ~~ like_escape('a'::text, ''::text))", "x LIKE 'a' ESCAPE ''"),
        ("(x !~~ 'a%'::text)", "NOT (x LIKE 'a%')"),
        ("(n = '-1'::integer)", "n = -1"),
        ("((n >= 1) AND (n <= 2))", "n BETWEEN 1 AND 2"),
        ("(NOT (x IS DISTINCT FROM 'a'::text))", "x IS NOT DISTINCT FROM 'a'"),
        ("(flag = true)", "flag"),
        ("(NOT flag)", "flag = false"),
        ("(x IS NOT NULL)", "NOT x IS NULL"),
        ("((a OR b) AND c)", "c AND (b OR a)"),
        ("(5 < n)", "n > 5"),
        ('lower((email COLLATE "C"))', 'lower("email" COLLATE "C")'),
        ("(x = E'a\\\\b'::text)", "x = 'a\\b'"),
        ("((ts AT TIME ZONE 'UTC'::text))::date", "(ts AT TIME ZONE 'UTC')::date"),
        ("(f > (1.5)::double precision)", "f > 1.50"),
        ("((email)::text <> ''::text)", "email != ''"),
        ("CASE WHEN (n > 1) THEN 'a'::text ELSE NULL::text END", "CASE WHEN n > 1 THEN 'a' END"),
    ],
)
def test_two_spellings_of_one_meaning_have_one_text(told: str, written: str) -> None:
    assert canonical(told, PG) == canonical(written, PG)
    assert canonical(told, PG) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x <> 0"),
        ("x = 1", "x"),
        ("x = '1'", "x = 1"),
        ("(a + b) * c > 1", "a + b * c > 1"),
        ("a - (b - c) = 1", "a - b - c = 1"),
        ("a AND (b OR c)", "(a AND b) OR c"),
        ("x IN (1, 2)", "x NOT IN (1, 2)"),
        ("x < 1", "x <= 1"),
        ("x LIKE 'a'", "x ILIKE 'a'"),
        ('"X" = 1', '"x" = 1'),
        ("lower(x) = 'a'", "lower(x COLLATE \"C\") = 'a'"),
    ],
)
def test_two_meanings_have_two_texts(one: str, other: str) -> None:
    assert canonical(one, PG) != canonical(other, PG)


def test_both_engines_spellings_meet_where_flags_are_known() -> None:
    sqlite = canonical("[flag] == 1 AND n IN (2,1)", Provider.SQLITE, booleans=frozenset({"flag"}))
    assert sqlite == canonical("((n = ANY (ARRAY[1, 2])) AND flag)", PG)


@pytest.mark.parametrize("text", ["", "a b c", "a, b", "select 1 from t", "(("])
def test_what_is_no_expression_has_no_text(text: str) -> None:
    assert canonical(text, PG) is None
