"""Every row of C4, C5 and C6; what they mean on both engines is tested against the engines."""

import pytest

from cutover.dialect.expressions import Use, translate_expression

TYPES = {
    "flag": "boolean",
    "state": "text",
    "Name": "text",
    "n": "bigint",
    "f": "double precision",
    "price": "numeric",
    "ts": "timestamp with time zone",
    "day": "date",
    "doc": "jsonb",
    "b": "bytea",
    "email": "text",
}


def check(sql: str) -> str | None:
    return translate_expression(sql, types=TYPES, collations={"email": "NOCASE"}).sql


def problem(sql: str, use: Use = Use.CHECK) -> str:
    translation = translate_expression(sql, types=TYPES, collations={"email": "NOCASE"}, use=use)
    assert translation.sql is None, translation.sql
    return translation.problem or ""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("n == 1", '"n" = 1'),
        ("name != 'x'", "\"Name\" <> 'x'"),
        ("state IS 'x'", "\"state\" IS NOT DISTINCT FROM 'x'"),
        ("state IS NOT 'x'", "\"state\" IS DISTINCT FROM 'x'"),
        ("state NOTNULL", '"state" IS NOT NULL'),
        ("n IS NOT NULL AND n BETWEEN 1 AND 9", '"n" IS NOT NULL AND "n" BETWEEN 1 AND 9'),
        ("(n = 1 OR n = 2) AND n <> 3", '("n" = 1 OR "n" = 2) AND "n" <> 3'),
        ('state = "active"', "\"state\" = 'active'"),
        ("[state] = 'a' AND `n` = 1", '"state" = \'a\' AND "n" = 1'),
        ("state = 5", "\"state\" = '5'"),
        ("n = '5'", '"n" = 5'),
        ("n", '"n" <> 0'),
        ("NOT n", 'NOT ("n" <> 0)'),
        ("day >= '2026-01-01'", "\"day\" >= '2026-01-01'"),
        ("doc <> '[]'", "\"doc\" <> '[]'::jsonb"),
        ("b = x'00FF'", "\"b\" = '\\x00ff'::bytea"),
        ("state < 'm'", '"state" COLLATE "C" < \'m\''),
        ("n / 2 > 1", '"n" / 2 > 1'),
        ("6 / n > 1", '6 / NULLIF("n", 0) > 1'),
        ("CAST(f AS INTEGER) = 1", 'trunc("f")::bigint = 1'),
        ("substr(state, -3) = 'abc'", "right(\"state\", 3) = 'abc'"),
        ("instr(state, 'x') > 0", "strpos(\"state\", 'x') > 0"),
        ("ifnull(state, '') <> ''", "coalesce(\"state\", '') <> ''"),
        ("state LIKE '%@%'", "\"state\" LIKE '%@%'"),
        ("state LIKE 'A%'", 'lower("state" COLLATE "C") LIKE \'a%\''),
        ("state LIKE '1\\%'", "\"state\" LIKE '1\\%' ESCAPE ''"),
        ("state GLOB 'A*'", "\"state\" ~ '^A'"),
        ("state GLOB '[0-9]?.x'", "\"state\" ~ '^[0-9].\\.x$'"),
        ("json_extract(doc, '$.a.b') = 'x'", "(\"doc\" #>> '{a,b}') = 'x'"),
        ("date(ts) = day", '("ts" AT TIME ZONE \'UTC\')::date = "day"'),
        ("OLD.state <> NEW.state", 'OLD."state" <> NEW."state"'),
    ],
)
def test_translates_by_the_types_of_the_columns(source: str, target: str) -> None:
    assert check(source) == target


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("flag = 1", '"flag"'),
        ("flag = 0", 'NOT "flag"'),
        ("flag <> 0", '"flag"'),
        ("1 = flag", '"flag"'),
        ("flag = TRUE", '"flag"'),
        ("flag IS 1", '"flag" IS TRUE'),
        ("flag IS NOT 1", '"flag" IS NOT TRUE'),
        ("flag IN (1)", '"flag"'),
        ("flag = 2", '"flag"::integer = 2'),
        ("flag + n = 2", '"flag"::integer + "n" = 2'),
        ("ifnull(flag, 0) = 1", 'coalesce("flag", false)'),
    ],
)
def test_a_flag_is_no_number_any_more(source: str, target: str) -> None:
    assert check(source) == target


@pytest.mark.parametrize(
    "source",
    [
        "flag IN (0, 1)",
        "flag BETWEEN 0 AND 1",
        "json_valid(doc)",
        "typeof(n) IN ('integer', 'null')",
        "flag IN (0, 1) AND json_valid(doc)",
    ],
)
def test_what_the_type_enforces_is_needless(source: str) -> None:
    translation = translate_expression(source, types=TYPES)
    assert translation.needless
    assert translation.sql == "true"


def test_only_the_needless_part_of_a_check_goes() -> None:
    assert check("flag IN (0, 1) AND n > 0") == '"n" > 0'


def test_a_filter_takes_no_null_where_a_check_does() -> None:
    found = translate_expression("flag IN (0, 1)", types=TYPES, use=Use.FILTER)
    assert found.sql == '"flag" IS NOT NULL'


def test_typeof_refuses_null_and_so_does_its_translation() -> None:
    assert check("typeof(n) = 'integer'") == '"n" IS NOT NULL'


def test_nocase_columns_are_compared_in_one_case() -> None:
    assert check("email = 'Bob'") == 'lower("email" COLLATE "C") = \'bob\''


def test_nocase_makes_no_difference_to_a_text_without_letters() -> None:
    assert check("email != ''") == "\"email\" <> ''"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("lower(name)", 'lower("Name" COLLATE "C")'),
        ("name COLLATE NOCASE", 'lower("Name" COLLATE "C")'),
        ("json_extract(doc, '$.a')", "(\"doc\" #>> '{a}')"),
        ("strftime('%Y', ts)", "extract(year from \"ts\" AT TIME ZONE 'UTC')"),
    ],
)
def test_index_keys_are_expressions_and_no_conditions(source: str, target: str) -> None:
    assert translate_expression(source, types=TYPES, use=Use.INDEX).sql == target


def test_a_quoted_name_of_no_column_makes_a_constant_index() -> None:
    assert "constant" in problem('"nosuch"', Use.INDEX)


@pytest.mark.parametrize(
    "source",
    [
        "nosuch > 1",
        "state",
        "n = 'abc'",
        "ts > '2026-01-01'",
        "ts <> ''",
        "json_valid(state)",
        "state REGEXP 'a'",
        "state MATCH 'a'",
        "min(n, f) > 1",
        "round(f) = 1",
        "random() > 1",
        "unixepoch() > 1",
        "datetime(ts) IS NOT NULL",
        "CURRENT_TIMESTAMP > ts",
        "EXISTS (SELECT 1)",
        "n IN (SELECT 1)",
        "state LIKE name",
        "printf('%d', n) = '1'",
        "hex(state) = ''",
        "state COLLATE RTRIM = 'x'",
        "n > 1, 2",
        "n > 1; DROP TABLE t",
        "n n",
        "state GLOB '[a'",
        "NOT (flag IN (0, 1))",
    ],
)
def test_refuses_in_words_what_has_no_exact_counterpart(source: str) -> None:
    assert problem(source)


def test_names_can_be_carried_over_changed() -> None:
    found = translate_expression("Name = 'x'", types=TYPES, names=str.lower)
    assert found.sql == "\"name\" = 'x'"
