"""Pairs of one meaning, left as PostgreSQL tells it, right as a person wrote it."""

import pytest

from cutover.catalog import Provider
from cutover.dialect.canonical import canonical, conjuncts

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
        ("(x = ANY (ARRAY[1, 2, 3]))", "x = 3 OR x IN (1, 2) OR x = 1"),
        ("(x <> ALL (ARRAY['a'::text, 'b'::text]))", "x <> 'b' AND NOT (x = 'a')"),
        ("((y > 1) AND (x <> ALL (ARRAY[1, 2])))", "x <> 1 AND y > 1 AND x <> 2"),
        ("timezone('UTC'::text, now())", "now() AT TIME ZONE 'UTC'"),
        ("(x > 1)", "x > 1 AND true"),
        ("(x > 1)", "x > 1 OR NOT true"),
        ("true", "x > 1 OR true"),
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
        ("x = 1 OR y = 2", "x IN (1, 2)"),
        ("x = 1 AND x = 2", "x IN (1, 2)"),
        ("x <> 1 OR x <> 2", "x NOT IN (1, 2)"),
        ("x = 1 OR x <> 2", "x IN (1, 2)"),
        ("x IN (1, 2) AND x IN (2, 3)", "x IN (1, 2, 3)"),
        ("x IN (1, 2) AND x IN (2, 3)", "x NOT IN (1, 2, 3)"),
        ("x = y OR x = 1", "x IN (y, 1)"),
        ("x IS TRUE", "x"),
        ("x IS NOT DISTINCT FROM 1", "x = 1"),
        ("x IS NOT NULL", "true"),
        ("x > 1 AND false", "x > 1"),
    ],
)
def test_two_meanings_have_two_texts(one: str, other: str) -> None:
    assert canonical(one, PG) != canonical(other, PG)


def test_both_engines_spellings_meet_where_flags_are_known() -> None:
    sqlite = canonical("[flag] == 1 AND n IN (2,1)", Provider.SQLITE, booleans=frozenset({"flag"}))
    assert sqlite == canonical("((n = ANY (ARRAY[1, 2])) AND flag)", PG)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flag IS TRUE", "flag"),
        ("flag IS NOT TRUE", "NOT flag"),
        ("flag IS FALSE", "NOT flag"),
        ("NOT (flag IS NOT FALSE)", "NOT flag"),
        ("flag IS NOT DISTINCT FROM true", "flag"),
        ("x IS NOT DISTINCT FROM 'a'", "x = 'a'"),
        ("x IS DISTINCT FROM 'a'", "x <> 'a'"),
        ("x IS NOT NULL", "true"),
        ("NOT (x IS NOT NULL)", "x IS NULL"),
        ("y > 1 AND OLD.x IS NOT NULL", "y > 1"),
        ("x IS NULL OR y > 1", "y > 1"),
        ("x IS NOT DISTINCT FROM flag", "x = flag"),
    ],
)
def test_what_is_never_null_needs_no_is(one: str, other: str) -> None:
    known = {"booleans": frozenset({"flag"}), "required": frozenset({"Flag", "x"})}
    assert canonical(one, PG, **known) == canonical(other, PG, **known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x IS NOT DISTINCT FROM y", "x = y"),
        ("x IS NOT DISTINCT FROM NULL", "x = NULL"),
        ("NEW.x IS NOT NULL", "true"),
        ("y IS NOT NULL", "true"),
        ("lower(x) IS NOT NULL", "true"),
    ],
)
def test_what_may_be_null_keeps_its_is(one: str, other: str) -> None:
    required = frozenset({"x"})
    assert canonical(one, PG, required=required) != canonical(other, PG, required=required)


def test_conditions_that_always_hold_are_none() -> None:
    assert conjuncts("x IS NOT NULL AND true", PG, required=frozenset({"x"})) == ()
    assert conjuncts("((", PG) is None


@pytest.mark.parametrize("text", ["", "a b c", "a, b", "select 1 from t", "(("])
def test_what_is_no_expression_has_no_text(text: str) -> None:
    assert canonical(text, PG) is None
