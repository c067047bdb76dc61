"""Rows that the target's constraints would refuse are found before anything is moved."""

from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from cutover.profile import Clash, Sample
from cutover.sources.sqlite.clashes import TargetKey, find_clashes
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.inspect import inspect

MakeFile = Callable[..., Path]
Find = Callable[..., tuple[Clash, ...]]


@pytest.fixture
def find(sqlite_file: MakeFile) -> Find:
    names = (f"{number}.db" for number in count())

    def clashes(
        script: str, *keys: TargetKey, filters: Mapping[str, str] | None = None
    ) -> tuple[Clash, ...]:
        with closing(open_source(sqlite_file(script, next(names)))) as connection:
            table = inspect(connection).table("t")
            assert table is not None
            return find_clashes(connection, table, keys=keys, filters=filters)

    return clashes


FAMILY = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT UNIQUE COLLATE NOCASE);
INSERT INTO parent VALUES (1, 'One'), (2, 'Two'), (3, NULL);
"""


def test_orphans_are_counted_and_the_first_shown(find: Find) -> None:
    (clash,) = find(
        f"""{FAMILY} CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES parent);
        INSERT INTO t VALUES (1, 1), (2, 9), (3, NULL), (4, 8), (5, 7), (6, 7)"""
    )
    assert (clash.kind, clash.count) == ("orphan", 4)
    assert clash.constraint == "(p) -> parent (id)"
    assert clash.samples == (Sample((2,), "9"), Sample((4,), "8"), Sample((5,), "7"))


def test_a_parent_is_found_as_sqlite_compares(find: Find) -> None:
    script = f"""{FAMILY}
        CREATE TABLE t (a TEXT REFERENCES parent (id), b REFERENCES parent (name));
        INSERT INTO t VALUES ('1', 'ONE'), ('2', 'two')"""
    assert find(script) == ()


def test_a_composite_reference_with_a_null_refers_to_nothing(find: Find) -> None:
    (clash,) = find(
        """CREATE TABLE parent (a, b, PRIMARY KEY (a, b)); INSERT INTO parent VALUES (1, 2);
        CREATE TABLE t (x, y, CONSTRAINT both FOREIGN KEY (x, y) REFERENCES parent (a, b));
        INSERT INTO t VALUES (1, 2), (1, NULL), (NULL, 5), (2, 1)"""
    )
    assert clash == Clash(
        kind="orphan",
        constraint="both (x, y) -> parent (a, b)",
        count=1,
        samples=(Sample((4,), "2, 1"),),
        name="both",
    )


def test_a_table_can_be_its_own_parent(find: Find) -> None:
    (clash,) = find(
        """CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES t (id));
        INSERT INTO t VALUES (1, NULL), (2, 1), (3, 3), (4, 5)"""
    )
    assert clash.samples == (Sample((4,), "5"),)


@pytest.mark.parametrize("reference", ["gone (id)", "gone", "parent (other)"])
def test_without_a_parent_to_ask_every_child_is_an_orphan(find: Find, reference: str) -> None:
    (clash,) = find(
        f"""{FAMILY} CREATE TABLE t (p REFERENCES {reference});
        INSERT INTO t VALUES (1), (NULL), (2)"""
    )
    assert (clash.kind, clash.count) == ("orphan", 2)


def test_filters_count_on_both_sides(find: Find) -> None:
    script = f"""{FAMILY} CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES parent);
        INSERT INTO t VALUES (1, 1), (2, 2), (3, 9)"""
    (clash,) = find(script, filters={"t": "id < 3 -- few", "parent": "id <> 2"})
    assert clash.samples == (Sample((2,), "2"),)


def test_duplicates_are_the_rows_after_the_first(find: Find) -> None:
    key = TargetKey(constraint="t_a_b_key", columns=("a", "b"))
    (clash,) = find(
        """CREATE TABLE t (a, b);
        INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'X'), (NULL, 'x'), (NULL, 'x'), (1, 'x'),
            (2, 'y'), (2, 'y')""",
        key,
    )
    assert (clash.kind, clash.constraint, clash.count) == ("duplicate", "t_a_b_key", 3)
    assert clash.samples == (Sample((6,), "1, 'x'"), Sample((8,), "2, 'y'"))


def test_nulls_that_are_not_distinct_are_duplicates(find: Find) -> None:
    script = "CREATE TABLE t (a); INSERT INTO t VALUES (NULL), (NULL)"
    distinct = TargetKey(constraint="k", columns=("a",))
    assert find(script, distinct) == ()
    (clash,) = find(script, TargetKey(constraint="k", columns=("a",), nulls_distinct=False))
    assert (clash.count, clash.samples) == (1, (Sample((2,), "NULL"),))


def test_a_key_of_the_target_compares_bytes(find: Find) -> None:
    script = "CREATE TABLE t (a COLLATE NOCASE); INSERT INTO t VALUES ('a'), ('A'), ('b')"
    assert find(script, TargetKey(constraint="k", columns=("a",))) == ()
    folded = TargetKey(constraint="k", expressions=("lower(a)",))
    assert [clash.count for clash in find(script, folded)] == [1]


def test_a_partial_key_compares_only_its_rows(find: Find) -> None:
    script = (
        "CREATE TABLE t (a, state); INSERT INTO t VALUES (1, 'x'), (1, 'y'), (2, 'x'), (2, 'x')"
    )
    key = TargetKey(constraint="k", columns=("a",), predicate="state = 'x' OR state IS NULL")
    assert [(clash.count, clash.samples) for clash in find(script, key)] == [
        (1, (Sample((4,), "2"),))
    ]


def test_nulls_in_a_key_that_refuses_them_are_found(find: Find) -> None:
    key = TargetKey(constraint="t_pkey", columns=("a", "b"), required=True)
    (clash,) = find(
        """CREATE TABLE t (a, b, PRIMARY KEY (a, b));
        INSERT INTO t VALUES (NULL, 1), (1, NULL), (NULL, NULL), (1, 1)""",
        key,
    )
    assert (clash.kind, clash.constraint, clash.count) == ("null key", "t_pkey", 3)
    assert clash.samples[0] == Sample((1,), "NULL, 1")


def test_values_that_are_not_utf8_are_shown_all_the_same(find: Find) -> None:
    (clash,) = find(
        """CREATE TABLE t (a);
        INSERT INTO t VALUES (CAST(x'ff' AS TEXT)), (CAST(x'ff' AS TEXT))""",
        TargetKey(constraint="k", columns=("a",)),
    )
    assert clash.samples == (Sample((2,), "CAST(x'ff' AS TEXT)"),)


def test_a_without_rowid_table_shows_its_key(find: Find) -> None:
    (clash,) = find(
        """CREATE TABLE t (a, b, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO t VALUES (1, 5, 'x'), (2, 4, 'x'), (2, 3, 'z')""",
        TargetKey(constraint="k", columns=("c",)),
    )
    assert clash.samples == (Sample((2, 4), "'x'"),)
