"""Ways for a load to damage a whole table, however right each conversion is.

A damage works on the chunks of rows that load reads. A row holds its place in the source first,
then its columns; the chunks are small here, so that borders are many.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

Row = tuple[Any, ...]
Chunks = Iterator[list[Row]]


@dataclass(frozen=True, slots=True)
class Damage:
    """A damage in words, its table, what it makes of the chunks, and the finding expected.

    `kind` is empty where the target's own key refuses the rows, so that apply fails.
    """

    name: str
    table: str
    wrong: Callable[[Chunks], Iterable[list[Row]]]
    kind: str
    subject: str


def _without_first_of_second(chunks: Chunks) -> Chunks:
    for place, chunk in enumerate(chunks):
        yield chunk[1:] if place == 1 else chunk


def _last_of_first_twice(chunks: Chunks) -> Chunks:
    for place, chunk in enumerate(chunks):
        yield [*chunk, chunk[-1]] if place == 0 else chunk


def _second_skipped(chunks: Chunks) -> Chunks:
    return chain(islice(chunks, 1), islice(chunks, 1, None))


def _last_dropped(chunks: Chunks) -> Chunks:
    return iter(list(chunks)[:-1])


def _second_twice(chunks: Chunks) -> Chunks:
    for place, chunk in enumerate(chunks):
        yield chunk * 2 if place == 1 else chunk


def _without_repeats(chunks: Chunks) -> Chunks:
    seen: set[Row] = set()
    for chunk in chunks:
        # The place in the source is not part of the row.
        kept = [row for row in chunk if row[1:] not in seen and not seen.add(row[1:])]
        if kept:
            yield kept


def _each(change: Callable[[Row], Row]) -> Callable[[Chunks], Chunks]:
    return lambda chunks: (list(map(change, chunk)) for chunk in chunks)


def _swapped(one: int, other: int) -> Callable[[Row], Row]:
    def swapped(row: Row) -> Row:
        cells = list(row)
        cells[one], cells[other] = row[other], row[one]
        return tuple(cells)

    return swapped


def _column_a_row_late(place: int) -> Callable[[Chunks], Chunks]:
    def late(chunks: Chunks) -> Chunks:
        before = None
        for chunk in chunks:
            moved = []
            for row in chunk:
                moved.append((*row[:place], before, *row[place + 1 :]))
                before = row[place]
            yield moved

    return late


def _null_as_empty(row: Row) -> Row:
    return tuple("" if cell is None else cell for cell in row)


def _empty_as_null(row: Row) -> Row:
    return tuple(None if cell == "" else cell for cell in row)


def _exchanged(chunks: Chunks) -> Chunks:
    """Give the first two rows of each chunk the values of one another, under their own keys."""
    for one, other, *rest in chunks:
        yield [(*one[:2], *other[2:]), (*other[:2], *one[2:]), *rest]


KEYED, KEYLESS = "pets", "visits"
# Places in a row of a table: the cursor first, then id, owner_id, name; or place, seen.
NAME, OWNER = 3, 2

LOADS = (
    Damage("a row lost at a border", KEYED, _without_first_of_second, "missing", '"pets"'),
    Damage("a chunk skipped", KEYED, _second_skipped, "missing", '"pets"'),
    Damage("the last chunk dropped", KEYED, _last_dropped, "missing", '"pets"'),
    Damage("nothing sent", KEYED, lambda _: (), "missing", '"pets"'),
    Damage("a row sent twice", KEYED, _last_of_first_twice, "", '"pets"'),
    Damage("a chunk sent twice", KEYED, _second_twice, "", '"pets"'),
    Damage(
        "two columns swapped", "owners", _each(_swapped(2, 3)), "mismatching", '"owners"."email"'
    ),
    Damage("a column a row late", KEYED, _column_a_row_late(NAME), "", '"pets"'),
    Damage("rows with one another's values", KEYED, _exchanged, "mismatching", '"pets"."name"'),
    Damage(
        "no key: a row lost at a border",
        KEYLESS,
        _without_first_of_second,
        "missing",
        '"visits"',
    ),
    Damage("no key: a row sent twice", KEYLESS, _last_of_first_twice, "extraneous", '"visits"'),
    Damage("no key: a chunk sent twice", KEYLESS, _second_twice, "extraneous", '"visits"'),
    Damage("no key: a chunk skipped", KEYLESS, _second_skipped, "missing", '"visits"'),
    Damage("no key: the last chunk dropped", KEYLESS, _last_dropped, "missing", '"visits"'),
    Damage("no key: equal rows as one", KEYLESS, _without_repeats, "missing", '"visits"'),
    Damage("no key: columns swapped", KEYLESS, _each(_swapped(1, 2)), "missing", '"visits"'),
    Damage("no key: NULL as ''", KEYLESS, _each(_null_as_empty), "extraneous", '"visits"'),
    Damage("no key: '' as NULL", KEYLESS, _each(_empty_as_null), "missing", '"visits"'),
    Damage("no key: a column a row late", KEYLESS, _column_a_row_late(2), "extraneous", '"visits"'),
)
