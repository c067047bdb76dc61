"""One table on both sides, damaged in known ways: every way of comparing counts the same."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cutover.compare import Difference, Sides, Tally, compare, lockstep
from cutover.compare.bag import joined
from cutover.compare.lockstep import in_step
from cutover.compare.merge import merged
from cutover.compare.values import OutOfOrderError
from cutover.errors import SourceError
from cutover.plan import ColumnPlan, TablePlan
from cutover.targets.postgres.connect import Connection, connect
from tests.fix_postgres import fresh_database

INTEGERS = {"type": "bigint", "exact": "", "classes": "integer"}
DOUBLES = {"type": "double precision", "exact": "", "classes": "real"}
TEXT = {"type": "text"}
WAYS = {"in step": in_step, "merged": merged, "joined": joined}

Stored = list[tuple[Any, ...]]
Counts = tuple[int, int, int, int, int]


def column(name: str, options: dict[str, str]) -> ColumnPlan:
    """Return the plan of one column; its coercion follows from its type."""
    return ColumnPlan(
        source=name,
        target=name,
        declared="",
        type=options["type"],
        coercion="text" if options is TEXT else "numeric",
        options=options,
    )


KEYED = TablePlan(
    database="app.db",
    source="t",
    target="t",
    columns=(column("id", INTEGERS), column("word", TEXT)),
    cursor=("rowid",),
    match=(("id", "id"),),
    ordered=True,
    rows=100,
)
KEYLESS = replace(KEYED, match=(), ordered=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """A SQLite file and a PostgreSQL table that tests fill as they like."""

    source: sqlite3.Connection
    target: Connection

    @property
    def sides(self) -> Sides:
        """The two, as a comparison wants them."""
        return Sides(source=self.source, target=self.target, schema="public")

    def fill(self, stored: Stored, loaded: Stored) -> None:
        """Put rows of (id, word) on both sides, in the order given."""
        self.source.executemany("INSERT INTO t VALUES (?, ?)", stored)
        with self.target.cursor() as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s)", loaded)


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database that every test here leaves empty."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def pair(sqlite_file: Callable[..., Path], database: str) -> Iterator[Pair]:
    """Give two empty tables t (id, word), neither with a key of its own."""
    path = sqlite_file("CREATE TABLE t (id, word)")
    source, target = sqlite3.connect(path, isolation_level=None), connect(database)
    with closing(source), closing(target):  # which rolls back
        target.execute("CREATE TABLE t (id bigint, word text)")
        yield Pair(source, target)


def compared(table: TablePlan, pair: Pair) -> tuple[Counts, list[Difference]]:
    """Return what `compare` counted and found."""
    found: list[Difference] = []
    tally = compare(table, pair.sides, found=found.append, progress=lambda _: None)
    return counts(tally), found


def one_way(way: str, table: TablePlan, pair: Pair) -> tuple[Counts, set[object]]:
    """Return what one way counted, and the kinds and keys that it named."""
    tally = Tally(table.target)
    found = [d for d in WAYS[way](table, pair.sides, tally) if d is not None]
    for difference in found:
        tally.count(difference)
    return counts(tally), {(difference.kind, difference.key) for difference in found}


def counts(tally: Tally) -> Counts:
    """Return a tally's numbers: rows of either side, missing, extraneous, mismatching."""
    rows = (tally.source_rows, tally.target_rows)
    return *rows, tally.missing, tally.extraneous, tally.mismatching


def words(count: int) -> Stored:
    """Return rows 1 to `count`, each with a word."""
    return [(n, f"word {n}") for n in range(1, count + 1)]


def of(kind: str, *ids: int) -> set[object]:
    """Return the kinds and keys of differences of one kind."""
    return {(kind, (("id", n),)) for n in ids}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_rows_are_the_same(pair: Pair, way: str) -> None:
    pair.fill(words(50), words(50))
    assert one_way(way, KEYED, pair) == ((50, 50, 0, 0, 0), set())


@pytest.mark.parametrize("way", WAYS)
def test_rows_of_one_side_only_are_named_at_both_ends_and_in_between(pair: Pair, way: str) -> None:
    rows = words(30)
    gone, extra = {1, 2, 15, 30}, {-1, 0, 31, 99}
    loaded = [(n, "new") for n in (-1, 0)] + [r for r in rows if r[0] not in gone]
    pair.fill(rows, [*loaded, (31, "new"), (99, "new")])
    expected = of("missing", *gone) | of("extraneous", *extra)
    assert one_way(way, KEYED, pair) == ((30, 30, 4, 4, 0), expected)


@pytest.mark.parametrize("way", WAYS)
def test_a_row_that_differs_is_named_by_its_key(pair: Pair, way: str) -> None:
    rows = words(30)
    loaded = [(n, "other" if n in (1, 17, 30) else word) for n, word in rows]
    pair.fill(rows, loaded)
    assert one_way(way, KEYED, pair) == ((30, 30, 0, 0, 3), of("mismatching", 1, 17, 30))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("empty", ["source", "target"])
def test_a_side_without_rows_lacks_them_all(pair: Pair, way: str, empty: str) -> None:
    rows = words(7)
    pair.fill([] if empty == "source" else rows, [] if empty == "target" else rows)
    expected = (0, 7, 0, 7, 0) if empty == "source" else (7, 0, 7, 0, 0)
    assert one_way(way, KEYED, pair)[0] == expected


@pytest.mark.parametrize("way", ["in step", "joined"])
def test_without_a_key_equal_rows_are_counted(pair: Pair, way: str) -> None:
    pair.fill(
        [(1, "a"), (1, "a"), (1, "a"), (2, "b"), (3, "c")],
        [(1, "a"), (2, "b"), (2, "b"), (3, "other")],
    )
    assert one_way(way, KEYLESS, pair)[0] == (5, 4, 3, 2, 0)


def test_a_missing_row_without_a_key_is_named_by_its_rowid(pair: Pair) -> None:
    pair.fill([(1, "a"), (2, "b")], [(1, "a")])
    for way in ("in step", "joined"):
        assert one_way(way, KEYLESS, pair)[1] == {("missing", (("rowid", 2),))}


def test_a_row_that_stands_twice_in_the_target_is_one_too_many(pair: Pair) -> None:
    pair.fill([(1, "a"), (2, "b")], [(1, "a"), (1, "a"), (1, "a"), (2, "b")])
    for way in WAYS:
        assert one_way(way, KEYED, pair)[0] == (2, 4, 0, 2, 0)


def test_a_twin_beside_an_equal_row_is_extraneous_and_nothing_else(pair: Pair) -> None:
    pair.fill([(1, "a"), (2, "b")], [(1, "a"), (1, "other"), (1, "again"), (2, "b")])
    assert one_way("joined", KEYED, pair)[0] == (2, 4, 0, 2, 0)


def test_rows_that_come_early_wait_for_their_twins(pair: Pair) -> None:
    rows = words(40)
    pair.fill(rows, [rows[30], rows[35], *rows[:30], *rows[31:35], *rows[36:]])
    assert one_way("in step", KEYED, pair) == ((40, 40, 0, 0, 0), set())


def test_too_many_waiting_rows_are_out_of_step_and_still_compared(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep, "WAITING_ROWS_MAX", 100)
    rows = words(300)
    pair.fill(rows, [*reversed(rows[1:]), (900, "new")])
    with pytest.raises(OutOfOrderError):
        one_way("in step", KEYED, pair)
    for ordered in (True, False):
        tallied, found = compared(replace(KEYED, ordered=ordered), pair)
        assert tallied == (300, 300, 1, 1, 0)
        assert {(d.kind, d.key) for d in found} == of("missing", 1) | of("extraneous", 900)


def test_equal_rows_that_wait_count_one_by_one(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep, "WAITING_ROWS_MAX", 100)
    pair.fill([(1, "a")] * 300, [(2, "b")])
    with pytest.raises(OutOfOrderError):
        one_way("in step", KEYLESS, pair)
    assert compared(KEYLESS, pair)[0] == (300, 1, 300, 1, 0)


@pytest.mark.parametrize("stored", [None, "text", b"bytes"])
def test_keys_that_do_not_sort_together_are_left_to_the_bag(pair: Pair, stored: object) -> None:
    pair.fill([(stored, "odd"), *words(3)], [(0, "new"), *words(3)])
    with pytest.raises(OutOfOrderError):
        one_way("merged", KEYED, pair)
    tallied, _ = compared(KEYED, pair)
    assert tallied == (4, 4, 1, 1, 0)


def test_a_key_retyped_in_the_target_is_left_to_the_bag(pair: Pair) -> None:
    pair.fill(words(12), words(12))
    pair.target.execute("ALTER TABLE t ALTER COLUMN id TYPE text")
    with pytest.raises(OutOfOrderError):
        one_way("merged", KEYED, pair)
    assert compared(KEYED, pair)[0] == (12, 12, 12, 12, 0)


def test_keys_that_come_in_another_order_than_they_sort_are_left_to_the_bag(pair: Pair) -> None:
    """Doubles are compared by their bytes, which sort the negative ones backwards."""
    table = replace(KEYED, columns=(column("id", DOUBLES), column("word", TEXT)))
    pair.target.execute("ALTER TABLE t ALTER COLUMN id TYPE double precision")
    rows: Stored = [(-2.5, "a"), (-1.5, "b"), (0.5, "c"), (1.5, "d")]
    pair.fill(rows, [*rows[:1], *rows[2:]])
    with pytest.raises(OutOfOrderError):
        one_way("merged", table, pair)
    expected = {("missing", (("id", -1.5),))}
    assert one_way("joined", table, pair) == ((4, 3, 1, 0, 0), expected)


def test_what_a_merge_found_before_it_gave_up_is_void(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep, "WAITING_ROWS_MAX", 100)
    table = replace(KEYED, bytes=100 * 1024 * 1024, rows=100)  # four rows a block
    rows = words(400)
    pair.fill([*rows, ("text", "odd")], [*reversed(rows[1:])])
    tallied, found = compared(table, pair)
    assert tallied == (401, 399, 2, 0, 0)
    assert len(found) == 2


@pytest.mark.parametrize("way", ["in step", "joined"])
def test_text_where_a_double_was_planned_is_a_mismatch(pair: Pair, way: str) -> None:
    table = replace(KEYED, columns=(column("id", INTEGERS), column("word", DOUBLES)))
    pair.target.execute("ALTER TABLE t ALTER COLUMN word TYPE double precision USING 0")
    pair.fill([(1, 0.5), (2, "abc"), (3, 1.5)], [(1, 0.5), (2, 2.5), (3, 1.5)])
    assert one_way(way, table, pair) == ((3, 3, 0, 0, 1), of("mismatching", 2))


@pytest.mark.parametrize("type_", ["numeric", "text", "bytea", "boolean"])
def test_a_double_retyped_in_the_target_is_a_mismatch(pair: Pair, type_: str) -> None:
    table = replace(KEYED, columns=(column("id", INTEGERS), column("word", DOUBLES)))
    values = {"numeric": "0.5", "text": "0.5", "bytea": b"0.5", "boolean": True}
    pair.target.execute(f"ALTER TABLE t ALTER COLUMN word TYPE {type_} USING NULL")
    pair.fill([(1, 0.5)], [(1, values[type_])])
    for way in WAYS:
        assert one_way(way, table, pair)[0] == (1, 1, 0, 0, 1)


def test_an_escaped_text_retyped_in_the_target_is_a_mismatch(pair: Pair) -> None:
    escaped = replace(column("word", TEXT), options={"type": "text", "nul": "escape"})
    table = replace(KEYED, columns=(column("id", INTEGERS), escaped))
    pair.target.execute("ALTER TABLE t ALTER COLUMN word TYPE integer USING NULL")
    pair.fill([(1, "a\0b")], [(1, 5)])
    assert compared(table, pair)[0] == (1, 1, 0, 0, 1)


def test_values_without_a_meaning_on_both_sides_are_never_the_same(pair: Pair) -> None:
    table = replace(KEYED, columns=(column("id", INTEGERS), column("word", DOUBLES)))
    pair.fill([(n, "abc") for n in range(50)], [(n, "abc") for n in range(50)])
    for way in WAYS:
        assert one_way(way, table, pair)[0] == (50, 50, 0, 0, 50)
    keyless = replace(table, match=(), ordered=False)
    assert one_way("joined", keyless, pair)[0] == (50, 50, 50, 50, 0)


def test_text_that_is_not_utf8_is_an_error_of_the_source(pair: Pair) -> None:
    pair.source.execute("INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT))")
    for ordered in (True, False):
        with pytest.raises(SourceError, match="app\\.db"):
            compared(replace(KEYED, ordered=ordered), pair)


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_gives_every_way_the_same_answer(pair: Pair, seed: int) -> None:
    chance = random.Random(seed)
    rows = words(chance.randrange(1, 60))
    loaded, expected = damaged(rows, chance)
    pair.fill(rows, loaded)
    # Some seeds cut the rows into blocks of one, three or forty.
    table = replace(KEYED, rows=1, bytes=chance.choice([1, 100_000, 1_300_000, 4_000_000]))
    tallies = {way: one_way(way, table, pair) for way in WAYS}
    assert tallies == dict.fromkeys(WAYS, expected)
    tallied, found = compared(table, pair)
    assert (tallied, {(d.kind, d.key) for d in found}) == expected


def damaged(rows: Stored, chance: random.Random) -> tuple[Stored, tuple[Counts, set[object]]]:
    """Return rows with random damage, and what a comparison must say of it."""
    ids = [n for n, _ in rows]
    gone = set(chance.sample(ids, chance.randrange(len(ids) + 1)))
    left = [n for n in ids if n not in gone]
    changed = set(chance.sample(left, chance.randrange(len(left) + 1)))
    extra = set(chance.sample(range(1_000, 1_100), chance.randrange(40)))
    loaded: Stored = [(n, "changed" if n in changed else w) for n, w in rows if n not in gone]
    for n in extra:
        loaded.insert(chance.randrange(len(loaded) + 1), (n, "extra"))
    told = of("missing", *gone) | of("extraneous", *extra) | of("mismatching", *changed)
    return loaded, ((len(rows), len(loaded), len(gone), len(extra), len(changed)), told)
