"""What the ways of comparing rest on: meanings that sort, and digests that are equal or not."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest

from cutover.carrying import _SORTS_ALIKE, _sorts_alike
from cutover.compare.bag import _spelled
from cutover.compare.values import Block, equal_run, read_column
from cutover.plan import Change, ColumnPlan
from cutover.profile import ColumnProfile, Tally
from cutover.registry import coercions

STORED: dict[str, Sequence[Any]] = {
    "integer": (0, -1, 1, -(2**63), 2**63 - 1, 10, 9, -10),
    "real": (0.0, -0.5, -1.5, 1.5, -1e300, 1e300, 5e-324),
    "text": ("", "a", "B", "é", "z", "\U0001f600", "\uffff", "a ", "10", "9"),
    "blob": (b"", b"\0", b"\xff", b"a", b"\x7f\x80", b"a\0"),
}
COERCIONS = {"integer": "numeric", "real": "numeric", "text": "text", "blob": "binary"}


def planned(type_: str, class_: str, changes: tuple[Change, ...] = ()) -> ColumnPlan:
    """Return the plan of a column whose values are of one class and arrive as they are."""
    return ColumnPlan(
        source="c",
        target="c",
        declared="",
        type=type_,
        coercion=COERCIONS[class_],
        options={"type": type_, "exact": "", "classes": class_},
        changes=changes,
    )


def profile(*classes: str) -> ColumnProfile:
    """Return the profile of a column that holds those classes."""
    return ColumnProfile(column="c", classes={name: Tally(count=1) for name in classes})


@pytest.mark.parametrize(
    ("type_", "class_"), [(t, c) for t, known in _SORTS_ALIKE.items() for c in known]
)
def test_meanings_sort_as_sqlite_sorts_what_is_stored(type_: str, class_: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (c)")
    connection.executemany("INSERT INTO t VALUES (?)", [(v,) for v in STORED[class_]])
    stored = [v for (v,) in connection.execute("SELECT c FROM t ORDER BY c COLLATE BINARY")]
    connection.close()
    column = planned(type_, class_)
    meaning = coercions.get(column.coercion).meaning_of_stored(column.options)
    meant = list(read_column(meaning, stored))
    assert meant == sorted(meant)
    assert len(meant) == len(STORED[class_])


def test_a_key_of_doubles_is_not_merged() -> None:
    """They are compared by their bytes, in which the negative ones stand after the others."""
    column = planned("double precision", "real")
    meaning = coercions.get("numeric").meaning_of_stored(column.options)
    assert meaning is not None
    assert meaning(-1.0) > meaning(1.0)  # type: ignore[operator]
    assert not _sorts_alike(column, profile("real"))


@pytest.mark.parametrize("type_", ["numeric", "boolean", "uuid", "date", "character(3)", "jsonb"])
def test_types_whose_meanings_do_not_sort_as_stored_are_not_merged(type_: str) -> None:
    assert not _sorts_alike(planned(type_, "text"), profile("text"))


def test_a_key_of_two_classes_or_of_changed_values_is_not_merged() -> None:
    assert _sorts_alike(planned("text", "text"), profile("text"))
    assert not _sorts_alike(planned("text", "text"), profile("text", "integer"))
    changed = planned("text", "text", (Change(rule="nul strip", count=1),))
    assert not _sorts_alike(changed, profile("text"))


@pytest.mark.parametrize("error", [ValueError, TypeError, OverflowError, AttributeError])
def test_a_value_without_a_meaning_spoils_no_other(error: type[Exception]) -> None:
    def meaning(value: int) -> int:
        if value == 2:
            raise error
        return value * 10

    first, second = (read_column(meaning, [1, 2, None, 3]) for _ in range(2))
    assert [first[0], *first[2:]] == [10, None, 30]
    assert first[1] != second[1]


def test_what_has_no_meaning_is_spelled_by_its_side() -> None:
    unreadable = read_column(int, ["no number"])[0]
    assert _spelled(unreadable, "source") == _spelled(unreadable, "source")
    assert _spelled(unreadable, "source") != _spelled(unreadable, "target")
    assert _spelled(object(), "source") != _spelled(object(), "target")


def test_equal_numbers_are_spelled_alike_and_others_are_not() -> None:
    assert len({_spelled(value, "source") for value in (True, 1, 1.0)}) == 1
    different = (1, 0, 1.5, "1", b"1", None, "None", float("inf"), -1, "<1>", 10**30)
    assert len({_spelled(value, "source") for value in different}) == len(different)


def test_documents_that_are_the_same_are_spelled_alike() -> None:
    leaf, options = coercions.get("json"), {"type": "jsonb", "classes": "text"}
    stored, loaded = leaf.meaning_of_stored(options), leaf.meaning_of_loaded(options)
    assert stored is not None
    assert loaded is not None
    one = _spelled(stored('{"b": 1.10, "a": [true, "x"]}'), "source")
    assert one == _spelled(loaded('{"a": [true, "x"], "b": 1.1}'), "target")
    assert one != _spelled(loaded('{"a": [1, "x"], "b": 1.1}'), "target")


@pytest.mark.parametrize(
    ("left", "right", "run"),
    [("abc", "abc", 3), ("abc", "abx", 2), ("ab", "abc", 2), ("x", "a", 0)],
)
def test_a_run_ends_where_keys_differ_or_a_side_does(left: str, right: str, run: int) -> None:
    one, other = ([(letter,) for letter in text] for text in (left, right))
    assert equal_run(Block(one, list(one)), Block(other, list(other)), 0, 0) == run
    assert equal_run(Block([("-",), *one], []), Block(other, []), 1, 0) == run
