"""A profile counts every value, and says of a batch what is true of each value in it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover import long_values
from cutover.catalog import Column, Table
from cutover.errors import UsageError
from cutover.profile import (
    ColumnProfile,
    Form,
    Problem,
    Sample,
    TableProfile,
    form_of,
    is_datetime,
)
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.inspect import inspect
from cutover.sources.sqlite.jsons import JsonScanner
from cutover.sources.sqlite.samples import literal
from cutover.sources.sqlite.scan import scan
from cutover.sources.sqlite.texts import Texts, tally_texts

MakeFile = Callable[..., Path]


def ignore(_rows: int) -> None:
    """Drop the progress."""


def profile_of(path: Path, *, where: str | None = None, json_columns: str = "") -> TableProfile:
    with closing(open_source(path)) as connection:
        return scan(
            connection,
            inspect(connection).tables[0],
            where=where,
            json_columns=frozenset(json_columns.split()),
            emit=ignore,
        )


def column_of(values: Sequence[Any], *, json_columns: str = "") -> ColumnProfile:
    """Profile values as a column without a type, and so without an affinity, holds them."""
    table = Table(name="t", columns=(Column(name="a", type=""),))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
        columns = frozenset(json_columns.split())
        profile = scan(connection, table, where=None, json_columns=columns, emit=ignore)
    return profile.column("a")


def counts(tallies: Any) -> dict[str, int]:
    return {name: tally.count for name, tally in tallies.items()}


def test_storage_classes_are_counted_with_the_first_samples(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a);
        INSERT INTO t VALUES (3, NULL), (5, 1), (6, 1.5), (7, 'x'), (8, x'6162'), (9, 'it''s'),
            (10, 'z'), (11, 'more')"""
    )
    column = profile_of(path).column("a")
    assert counts(column.classes) == {"null": 1, "integer": 1, "real": 1, "text": 4, "blob": 1}
    assert column.classes["blob"].samples == (Sample((8,), "x'6162'"),)
    assert column.classes["null"].samples == (Sample((3,), "NULL"),)
    assert column.classes["text"].samples == (
        Sample((7,), "'x'"),
        Sample((9,), "'it''s'"),
        Sample((10,), "'z'"),
    )
    assert (column.rows, column.values) == (8, 7)


def test_numbers_have_their_extent() -> None:
    reals = [1.5, -2.0, 3e300, float("-inf"), 2.0**63, -(2.0**63), 2.0**53]
    column = column_of([5, -7, 2**63 - 1, -(2**63), None, *reals])
    assert (column.integer_min, column.integer_max) == (-(2**63), 2**63 - 1)
    assert (column.real_min, column.real_max) == (float("-inf"), 3e300)
    # -2.0, -2^63 and 2^53 are what an 8-byte integer holds; 2^63 and 3e300 are beyond it.
    assert column.integral_reals == 3


def test_a_column_without_numbers_has_no_extent() -> None:
    column = column_of(["1", None])
    assert (column.integer_min, column.integer_max, column.real_min, column.real_max) == (None,) * 4


def test_lengths_are_of_the_longest_in_characters_and_bytes() -> None:
    column = column_of(["äöü", "abcd", "x\x01y", b"123456"])
    assert (column.characters_max, column.bytes_max) == (4, 6)
    column = column_of(["€€€", "abcd"])
    assert (column.characters_max, column.bytes_max) == (4, 9)
    column = column_of(["€\x01€", "abcd"])
    assert (column.characters_max, column.bytes_max) == (4, 7)


def test_bytes_are_text_and_blobs_and_eight_a_number(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'ä'), (2.5, x'00'), (NULL, '')"
    )
    assert profile_of(path).bytes == 8 + 2 + 8 + 1


def test_a_filter_leaves_rows_out_and_counts_them(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3), (NULL)")
    profile = profile_of(path, where="a > 1")
    assert (profile.rows, profile.excluded_rows) == (2, 2)
    assert profile.column("a").integer_min == 2
    with pytest.raises(UsageError, match="filter"):
        profile_of(path, where="b > 1")


def test_generated_columns_are_scanned(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        "CREATE TABLE t (a, b AS (a * 2), c AS (a + 1) STORED); INSERT INTO t VALUES (4)"
    )
    profile = profile_of(path)
    assert [column.integer_max for column in profile.columns] == [4, 8, 5]


def test_an_empty_table_has_an_empty_profile(sqlite_file: MakeFile) -> None:
    profile = profile_of(sqlite_file("CREATE TABLE t (a, j JSON)"))
    assert (profile.rows, profile.bytes) == (0, 0)
    assert [(c.column, dict(c.classes)) for c in profile.columns] == [("a", {}), ("j", {})]


def test_rows_are_counted_across_batches_and_told_of(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (id TEXT PRIMARY KEY, a) WITHOUT ROWID;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5500)
        INSERT INTO t SELECT printf('%05d', i), iif(i = 5432, 'rare', i) FROM n"""
    )
    heard: list[int] = []
    with closing(open_source(path)) as connection:
        table = inspect(connection).tables[0]
        profile = scan(connection, table, where=None, json_columns=frozenset(), emit=heard.append)
    assert profile.rows == 5500
    assert counts(profile.column("a").classes) == {"integer": 5499, "text": 1}
    assert profile.column("a").classes["text"].samples == (Sample(("05432",), "'rare'"),)
    assert counts(profile.column("id").forms) == {Form.INTEGER: 5500}
    assert heard == sorted(set(heard))
    assert heard[-1] == 5500


def test_samples_come_from_the_first_rows_across_batches() -> None:
    values = ["x"] * 1500 + [7] + ["y"] * 3000 + [8, 9, 10]
    samples = column_of(values).classes["integer"].samples
    assert [(sample.key, sample.value) for sample in samples] == [
        ((1501,), "7"),
        ((4502,), "8"),
        ((4503,), "9"),
    ]


def test_a_sample_is_at_most_sixty_characters() -> None:
    assert literal("x" * 58) == "'" + "x" * 58 + "'"
    for value in ("x" * 59, "'" * 40, b"\xff" * 100, "x" * 10**6):
        assert len(literal(value)) == 60
        assert literal(value).endswith("…")
    assert literal(-1.5) == "-1.5"
    assert literal(None) == "NULL"


# Forms and times


def test_forms_are_counted_with_samples() -> None:
    values = ["2026-06-28 09:00:00.1234567", "2026-06-28 09:00:00.12", "", "12", "true", "x" * 50]
    uuid = "550e8400-e29b-41d4-a716-446655440000"
    forms = column_of([*values, uuid, "other\n", "2026-06-28 10:00:00.34"]).forms
    assert counts(forms) == {
        "YYYY-MM-DD HH:MM:SS.fffffff": 1,
        "YYYY-MM-DD HH:MM:SS.ff": 2,
        "empty": 1,
        "integer digits": 1,
        "boolean word": 1,
        "uuid": 1,
        "other": 2,
    }
    assert forms["uuid"].samples == (Sample((7,), f"'{uuid}'"),)
    assert [sample.key for sample in forms["YYYY-MM-DD HH:MM:SS.ff"].samples] == [(2,), (9,)]


_WORDS = st.sampled_from(
    ["", "t", "True", "off", "1", "-2", "1.5", "1e5", "2026-01-02", "2026-01-02T03:04:05Z", "1\n"]
) | st.sampled_from(
    ["2026-01-02 03:04:05.1234567+00:00", "03:04", "\x01", "a\x01b", "x" * 40, "9" * 41, "\0", "é"]
)
_LIKE_FORMS = st.text("0123456789abcdefTZ:-+. eE\x01é\n", max_size=44)

_UUIDS = st.uuids().map(str) | st.just("12345678-1234-1234-1234-123456789012")


@settings(deadline=None)
@given(st.lists(_WORDS | _LIKE_FORMS | _UUIDS | st.datetimes().map(str), min_size=1))
def test_a_batch_has_the_forms_of_its_texts(texts: list[str]) -> None:
    assert tally_texts(Texts.of(texts)).forms == Counter(map(form_of, texts))


@settings(deadline=None)
@given(st.lists(st.text("abc9-", min_size=8, max_size=44), min_size=70, max_size=90))
def test_a_batch_of_many_shapes_has_the_forms_of_its_texts(texts: list[str]) -> None:
    assert tally_texts(Texts.of(texts)).forms == Counter(map(form_of, texts))


_FORMATS = st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_ZONES = st.sampled_from(["", "Z", "+00:00", "-05", "+0530", "-00:00"])
_FRACTIONS = st.text("0123456789", max_size=9).map(lambda digits: digits and "." + digits)


@settings(deadline=None)
@given(st.datetimes(), _FORMATS, _FRACTIONS, _ZONES)
def test_every_real_datetime_is_an_instant(
    moment: datetime, format_: str, fraction: str, zone: str
) -> None:
    text = moment.strftime(format_).zfill(len("2026-01-02 03:04:05") if "%S" in format_ else 16)
    text += (fraction if "%S" in format_ else "") + zone
    assert is_datetime(form_of(text))
    problems = tally_texts(Texts.of([text])).problems
    lost = "%S" in format_ and fraction[7:].strip("0") != ""
    assert problems == (Counter([Problem.LOST_FRACTION]) if lost else Counter())


NO_INSTANTS = [
    "2026-02-29 00:00:00",
    "2026-13-01",
    "0000-00-00",
    "0000-01-01 00:00:00",
    "2026-01-01T24:00:00",
    "2026-01-01 24:00",
    "2026-01-01 23:59:60",
    "2026-01-01 12:00:00+24:00",
    "2026-00-10T00:00:00Z",
    "24:00",
    "12:60",
    "2026-04-31",
]


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_a_date_that_is_in_no_calendar_is_no_instant(text: str) -> None:
    column = column_of(["2026-02-28 00:00:00", text, "2026-01-01", "12:00"])
    assert counts(column.problems) == {Problem.NO_SUCH_INSTANT: 1}
    assert column.problems[Problem.NO_SUCH_INSTANT].samples == (Sample((2,), f"'{text}'"),)


def test_only_digits_past_the_sixth_that_are_not_zero_are_lost() -> None:
    times = [f"2026-01-01 00:00:00.{digits}" for digits in ("123456", "1234560", "1234561")]
    nines = ["12:00:00.123456000", "12:00:00.123456001"]
    column = column_of([*times, *nines, "1.12345678", "2026-01-01T00:00:00.000000001Z"])
    assert counts(column.problems) == {Problem.LOST_FRACTION: 3}
    samples = column.problems[Problem.LOST_FRACTION].samples
    assert [sample.key for sample in samples] == [(3,), (5,), (7,)]


# Characters


def test_nul_characters_are_found_in_text_and_not_in_blobs() -> None:
    column = column_of(["a", "a\0b", "\0", b"\0"])
    assert counts(column.problems) == {Problem.NUL: 2}
    assert column.problems[Problem.NUL].samples[0].key == (2,)
    assert column.characters_max == 3


def test_text_that_is_not_utf8_is_counted_and_the_rest_with_it(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (a TEXT, b TEXT);
        INSERT INTO t VALUES ('good', 'x'), (CAST(x'ff41' AS TEXT), 'y'), ('ü', 'z'),
            (CAST(x'eda080' AS TEXT), NULL)"""
    )
    profile = profile_of(path)
    column = profile.column("a")
    assert counts(column.classes) == {"text": 4}
    assert counts(column.problems) == {Problem.INVALID_UTF8: 2}
    assert [sample.key for sample in column.problems[Problem.INVALID_UTF8].samples] == [(2,), (4,)]
    assert profile.column("b").problems == {}
    assert profile.bytes == 4 + 2 + 2 + 3 + 3
    assert (column.characters_max, column.bytes_max) == (4, 4)


def test_the_connection_reads_exactly_again_after_a_scan(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a); INSERT INTO t VALUES (CAST(x'ff' AS TEXT))")
    with closing(open_source(path)) as connection:
        table = inspect(connection).tables[0]
        scan(connection, table, where=None, json_columns=frozenset(), emit=ignore)
        with pytest.raises(sqlite3.OperationalError, match="UTF-8"):
            connection.execute("SELECT a FROM t").fetchall()


# JSON


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("{}", set()),
        (" [1, 2.5e3, null] \n", set()),
        ('"\\\\u0000"', set()),
        ('"\\ud83d\\ude00"', set()),
        ('{"a": 1, "a": 2}', set()),
        ("1" * 5000, set()),
        ("1e131071", set()),
        ("0." + "0" * 16382 + "1", set()),
        ("1e-16383", set()),
        ("0e999999", set()),
        ("-0", set()),
        ("", {Problem.NOT_JSON}),
        ("nul", {Problem.NOT_JSON}),
        ("NaN", {Problem.NOT_JSON}),
        ("[Infinity]", {Problem.NOT_JSON}),
        ("{'a': 1}", {Problem.NOT_JSON}),
        ("[1,]", {Problem.NOT_JSON}),
        ("01", {Problem.NOT_JSON}),
        ("1 2", {Problem.NOT_JSON}),
        ('"a\nb"', {Problem.NOT_JSON}),
        ("\ufeff{}", {Problem.NOT_JSON}),
        ("\u00a0{}", {Problem.NOT_JSON}),
        ('"\\u0000"', {Problem.JSON_NUL}),
        ('"\\\\\\u0000"', {Problem.JSON_NUL}),
        ('{"\\u0000": 1}', {Problem.JSON_NUL}),
        ('"\\ud83d"', {Problem.JSON_SURROGATE}),
        ('"\\ude00\\ud83d"', {Problem.JSON_SURROGATE}),
        ('"\\ud83d\\n\\ude00"', {Problem.JSON_SURROGATE}),
        ('"\\ud83d\\ud83d\\ude00"', {Problem.JSON_SURROGATE}),
        ('"\\ud83dx\\ude00"', {Problem.JSON_SURROGATE}),
        ('"\\uD83D\\u0000"', {Problem.JSON_SURROGATE, Problem.JSON_NUL}),
        ("1e131072", {Problem.JSON_NUMBER}),
        ("[10e131071]", {Problem.JSON_NUMBER}),
        ("1e-16384", {Problem.JSON_NUMBER}),
        ("1" * 131_073, {Problem.JSON_NUMBER}),
        ("1e99999999999999999999", {Problem.JSON_NUMBER}),
        ('{"a": 0e-16384}', {Problem.JSON_NUMBER}),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
@pytest.mark.parametrize("long", [long_values.LONG_BYTES, 0], ids=["short", "long"])
def test_json_is_what_jsonb_takes(
    monkeypatch: pytest.MonkeyPatch, text: str, problems: set[Problem], long: int
) -> None:
    monkeypatch.setattr(long_values, "LONG_BYTES", long)
    column = column_of(["{}", text, "[]"], json_columns="a")
    assert column.json_checked
    assert counts(column.problems) == dict.fromkeys(problems, 1)
    for problem in problems:
        assert column.problems[problem].samples == (Sample((2,), literal(text)),)


def test_what_is_nested_too_deeply_counts_as_not_json() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert counts(column_of([deep], json_columns="a").problems) == {Problem.NOT_JSON: 1}


def test_json_in_blobs_is_checked_as_the_text_it_encodes() -> None:
    blobs = ['{"ü": 1}'.encode(), b"{", b"\xff", b"", None, 1, "{}"]
    column = column_of(blobs, json_columns="a")
    assert counts(column.problems) == {Problem.NOT_JSON: 3, Problem.INVALID_UTF8: 1}
    samples = column.problems[Problem.NOT_JSON].samples
    assert {sample.key for sample in samples} == {(2,), (3,), (4,)}
    assert column.problems[Problem.INVALID_UTF8].samples == (Sample((3,), "x'ff'"),)


def test_json_is_looked_for_where_it_is_asked_for_or_declared(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        "CREATE TABLE t (a, b JSON, c jsonb, d TEXT); INSERT INTO t VALUES ('x', 'x', 'x', 'x')"
    )
    profile = profile_of(path, json_columns="d")
    assert [column.json_checked for column in profile.columns] == [False, True, True, True]
    assert [Problem.NOT_JSON in column.problems for column in profile.columns] == [
        False,
        True,
        True,
        True,
    ]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\\u0", max_size=4), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(st.tuples(_JSON, st.booleans(), st.sampled_from([None, 1])), min_size=1))
def test_what_python_writes_is_json(values: list[tuple[Any, bool, int | None]]) -> None:
    texts = [json.dumps(value, ensure_ascii=ascii_, indent=i) for value, ascii_, i in values]
    assert JsonScanner().tally(Texts.of(texts)) == Counter()


@settings(deadline=None)
@given(st.lists(st.text('[]{}:,"\\u0019ade-+. ntrf', max_size=12), min_size=1))
def test_a_batch_has_the_problems_of_its_texts(texts: list[str]) -> None:
    scanner = JsonScanner()
    alone = Counter(problem for text in texts for problem in scanner.problems_of(text))
    assert scanner.tally(Texts.of(texts)) == alone
