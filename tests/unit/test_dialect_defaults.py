"""Defaults of table C3: what each becomes by the type of its column, or why it can't."""

import pytest

from cutover.dialect.defaults import translate_default

NOW_TEXT = "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"


@pytest.mark.parametrize(
    ("text", "type_", "sql"),
    [
        ("0", "boolean", "false"),
        ("'1'", "boolean", "true"),
        ("TRUE", "bigint", "1"),
        ('"hello"', "text", "'hello'"),
        ("'it''s'", "text", "'it''s'"),
        ("-1", "bigint", "-1"),
        ("(1)", "bigint", "1"),
        ("0x1F", "bigint", "31"),
        ("1e3", "double precision", "1e3"),
        ("NULL", "jsonb", "NULL"),
        ('"[]"', "jsonb", "'[]'::jsonb"),
        ("x'00ff'", "bytea", "'\\x00ff'::bytea"),
        ("'a'", "bytea", "'\\x61'::bytea"),
        ("CURRENT_TIMESTAMP", "timestamp with time zone", "now()"),
        ("datetime('now')", "timestamptz", "now()"),
        ("CURRENT_TIMESTAMP", "text", NOW_TEXT),
        ("DATETIME( 'now' )", "text", NOW_TEXT),
        (
            "strftime('%Y-%m-%dT%H:%M:%fZ','now')",
            "text",
            "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
        ),
        ("date('now')", "date", "(now() AT TIME ZONE 'UTC')::date"),
        ("unixepoch()", "bigint", "floor(extract(epoch from now()))::bigint"),
        ("'2026-01-02 03:04:05'", "timestamptz", "'2026-01-02 03:04:05+00'"),
        (
            "('r' || lower(hex(randomblob(7))))",
            "text",
            "'r' || right(gen_random_uuid()::text, 12) || right(gen_random_uuid()::text, 2)",
        ),
        ("hex(randomblob(6))", "text", "upper(right(gen_random_uuid()::text, 12))"),
    ],
)
def test_a_default_is_a_constant_of_the_columns_type(text: str, type_: str, sql: str) -> None:
    assert translate_default(text, type=type_).sql == sql


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("''", "timestamptz"),
        ("0", "timestamptz"),
        ("''", "jsonb"),
        ("'abc'", "bigint"),
        ("2", "boolean"),
        ("1.5", "bigint"),
        ("datetime('now', 'localtime')", "timestamptz"),
        ("julianday('now')", "double precision"),
        ("abs(-1)", "bigint"),
        ("strftime('%W','now')", "text"),
        ("'unclosed", "text"),
        ("lower(hex(randomblob(0)))", "text"),
        ("randomblob(0)", "bytea"),
    ],
)
@pytest.mark.hazard("A52", "a default that PostgreSQL has no counterpart for is named")
def test_a_default_without_counterpart_is_a_problem_that_quotes_it(text: str, type_: str) -> None:
    translation = translate_default(text, type=type_)
    assert translation.sql is None
    assert text in (translation.problem or "")


def test_a_constant_datetime_elsewhere_than_in_utc_is_not_guessed() -> None:
    given = "'2026-01-02 03:04:05'"
    assert translate_default(given, type="timestamptz", zone="Europe/Berlin").sql is None
