"""Rows come in batches, in the order of a key, from wherever the last run stopped."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.inspect import inspect
from cutover.sources.sqlite.rows import RowQuery, count, cursor_of, fold, quote, stream

MakeFile = Callable[..., Path]
Open = Callable[[str], sqlite3.Connection]


@pytest.fixture
def opened(sqlite_file: MakeFile) -> Iterator[Open]:
    connections = []

    def open_(script: str) -> sqlite3.Connection:
        connections.append(open_source(sqlite_file(script)))
        return connections[-1]

    yield open_
    for connection in connections:
        connection.close()


def all_rows(connection: sqlite3.Connection, query: RowQuery) -> list[tuple[Any, ...]]:
    return list(chain.from_iterable(stream(connection, query)))


@pytest.mark.parametrize(
    ("definition", "cursor"),
    [
        ("(a, b)", ("rowid",)),
        ("(id INTEGER PRIMARY KEY, b)", ("id",)),
        ("(b, id INTEGER PRIMARY KEY AUTOINCREMENT)", ("id",)),
        ("(id TEXT PRIMARY KEY)", ("rowid",)),
        ("(id INTEGER PRIMARY KEY DESC)", ("rowid",)),
        ("(ROWID, b)", ("_rowid_",)),
        ("(rowid, _Rowid_)", ("oid",)),
        ("(rowid, _rowid_, oid)", ()),
        ("(rowid, _rowid_, oid, id INTEGER PRIMARY KEY)", ("id",)),
        ("(a, b, c, PRIMARY KEY (c, a)) WITHOUT ROWID", ("c", "a")),
    ],
)
def test_the_cursor_is_how_the_table_is_stored(
    opened: Open, definition: str, cursor: tuple[str, ...]
) -> None:
    connection = opened(f"CREATE TABLE t {definition}")
    assert cursor_of(inspect(connection).tables[0]) == cursor


@pytest.mark.hazard("A63", "reads a table in batches, never as a whole")
def test_rows_come_in_batches_with_their_key_in_front(opened: Open) -> None:
    connection = opened("CREATE TABLE t (a); INSERT INTO t VALUES ('x'), (NULL), (x'00'), (1.5)")
    query = RowQuery(table="t", columns=("a",), order=("rowid",), batch_rows=3)
    assert list(stream(connection, query)) == [[(1, "x"), (2, None), (3, b"\0")], [(4, 1.5)]]


def test_rowids_below_zero_are_rows(opened: Open) -> None:
    connection = opened(
        f"CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES ({-(2**63)}, 1), (-1, 2), (0, 3),"
        f" ({2**63 - 1}, 4)"
    )
    query = RowQuery(table="t", columns=("a",), order=("rowid",))
    assert [row[1] for row in all_rows(connection, query)] == [1, 2, 3, 4]
    after = RowQuery(table="t", columns=("a",), order=("rowid",), after=(-1,))
    assert [row[1] for row in all_rows(connection, after)] == [3, 4]


KEYS = """
CREATE TABLE t (a TEXT COLLATE NOCASE, b INT, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO t VALUES ('b', 1, 0), ('B', 2, 0), ('a', 3, 0), ('A', 1, 0), ('ä', 1, 0), ('_', 9, 0),
    ('b', 2000, 0), ('b', -5, 0), ('', 0, 0);
"""


def test_text_is_ordered_bytewise_whatever_its_collation(opened: Open) -> None:
    query = RowQuery(table="t", columns=(), order=("a", "b"))
    keys = all_rows(opened(KEYS), query)
    assert keys == sorted(keys, key=lambda key: (key[0].encode(), key[1]))
    assert len(keys) == 9


def test_a_walk_goes_on_strictly_after_any_key(opened: Open) -> None:
    connection = opened(KEYS)
    keys = all_rows(connection, RowQuery(table="t", columns=(), order=("a", "b")))
    for index, key in enumerate(keys):
        query = RowQuery(table="t", columns=(), order=("a", "b"), after=key)
        assert all_rows(connection, query) == keys[index + 1 :]


def test_a_key_that_is_not_utf8_can_be_gone_on_from(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID;"
        "INSERT INTO t VALUES ('a'), (CAST(x'ff' AS TEXT)), (CAST(x'fffe' AS TEXT))"
    )
    with closing(open_source(path, exact_text=False)) as connection:
        query = RowQuery(table="t", columns=(), order=("a",), after=("\udcff",))
        assert all_rows(connection, query) == [("\udcff\udcfe",)]


@pytest.mark.parametrize("after", [(), (1,), (1, None), (1, 2, 3)])
def test_a_place_that_is_none_is_an_error(opened: Open, after: tuple[Any, ...]) -> None:
    query = RowQuery(table="t", columns=("a",), order=("a", "b"), after=after)
    with pytest.raises(ValueError, match="no place"):
        all_rows(opened(KEYS), query)


def test_a_filter_may_end_in_a_comment_and_holds_together(opened: Open) -> None:
    connection = opened("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
    where = "a = 1 OR a = 3 -- not 2"
    query = RowQuery(table="t", columns=("a",), order=("rowid",), where=where, after=(1,))
    assert all_rows(connection, query) == [(3, 3)]
    assert count(connection, "t", where=where) == 2
    assert count(connection, "t") == 3


@pytest.mark.parametrize(
    "where",
    ["nothing = 1", "a = ", "", "a = 1; DROP TABLE t", "1) OR (1", "(a = 1", "a = 'open", "a = ?"],
)
def test_a_filter_that_is_not_understood_is_the_settings_fault(opened: Open, where: str) -> None:
    connection = opened("CREATE TABLE t (a)")
    with pytest.raises(UsageError, match="filter") as caught:
        count(connection, "t", where=where)
    assert "[rows]" in caught.value.hint


def test_odd_names_are_names(opened: Open) -> None:
    columns = ("a.b", "c'd", "größe", 'say "x"')
    names = ", ".join(map(quote, columns))
    connection = opened(
        f'CREATE TABLE "order" ("group" INTEGER PRIMARY KEY, {names});'
        "INSERT INTO \"order\" VALUES (5, 'p', 'q', 'r', 's')"
    )
    query = RowQuery(table="order", columns=columns, order=("group",), after=(4,))
    assert all_rows(connection, query) == [(5, "p", "q", "r", "s")]


def test_a_name_that_is_no_column_is_no_string(opened: Open) -> None:
    connection = opened("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        all_rows(connection, RowQuery(table="t", columns=("b",)))


def test_a_walk_over_a_key_needs_no_sort(opened: Open) -> None:
    connection = opened(
        "CREATE TABLE r (a); CREATE TABLE w (a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID"
    )
    plans = []
    connection.set_trace_callback(plans.append)
    all_rows(connection, RowQuery(table="r", columns=("a",), order=("rowid",), after=(1,)))
    all_rows(connection, RowQuery(table="w", columns=(), order=("a", "b"), after=("x", 1)))
    connection.set_trace_callback(None)
    details = [row[3] for sql in plans for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert [detail.split()[0] for detail in details] == ["SEARCH", "SEARCH"]


def test_names_are_folded_as_sqlite_does() -> None:
    assert fold("ABCxyzÄ") == "abcxyzÄ"
    assert quote('a"b') == '"a""b"'
