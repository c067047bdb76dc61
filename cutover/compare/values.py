"""Rows of both sides as values that can be compared: keys, meanings, and what differs.

Nothing here is shared with load: a stored and a loaded value agree when their meanings, which each
coercion writes down separately from its conversion, are equal.
"""

import sqlite3
import struct
from collections.abc import Callable, Collection, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from cutover.abc import ColumnFunction, Meaning
from cutover.plan import TablePlan
from cutover.profile import UNTOLD
from cutover.registry import coercions
from cutover.sources.sqlite import rows as source_rows
from cutover.sources.sqlite.connect import source_errors
from cutover.targets.postgres import rows as target_rows

BLOCK_ROWS = 1_000
"""What stays in a processor's cache is parsed and compared twice as fast as what does not."""
BLOCK_BYTES = 4 * 1024 * 1024

Row = tuple[Any, ...]
Rows = list[Row]
Key = tuple[Hashable, ...]
KeysOf = Callable[[Rows], Sequence[Key]]

# What a meaning raises for a value of another type than was planned: the source may have changed,
# or the target's column been given another type.
_NO_MEANING = (ValueError, TypeError, AttributeError, ArithmeticError, struct.error)


class OutOfOrderError(Exception):
    """The rows don't come in the order that a way of comparing lives by: another must be taken."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same. `kind` is missing, extraneous or mismatching.

    `key` names the row: by the columns that match the two sides, or by SQLite's rowid in a table
    without a key. `columns` are those that differ; empty for a row that only one side has.
    """

    table: str
    kind: str
    key: tuple[tuple[str, Any], ...]
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts of one table, as they grow."""

    name: str
    source_rows: int = 0
    target_rows: int = 0
    missing: int = 0
    extraneous: int = 0
    mismatching: int = 0

    def count(self, difference: "Difference") -> None:
        """Count one difference."""
        setattr(self, difference.kind, getattr(self, difference.kind) + 1)

    @property
    def same(self) -> bool:
        """Tell whether both sides hold the same rows."""
        return not (self.missing or self.extraneous or self.mismatching)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two open databases."""

    source: sqlite3.Connection
    target: Connection[Any]
    schema: str


class _Unreadable:
    """The meaning of a value that has none: equal to no other object."""

    __slots__ = ()


def meanings(table: TablePlan) -> tuple[list[Meaning | None], list[Meaning | None]]:
    """Return what gives the meaning of each column: stored values first, then loaded ones."""
    leaves = [(coercions.get(c.coercion), c.options) for c in table.columns]
    stored = [leaf.meaning_of_stored(options) for leaf, options in leaves]
    return stored, [leaf.meaning_of_loaded(options) for leaf, options in leaves]


def read_column(meaning: Meaning | None, values: Sequence[Any]) -> Collection[Any]:
    """Return the meanings of a column's values; NULL means NULL."""
    if meaning is None:
        return values
    try:
        if isinstance(meaning, ColumnFunction):
            return meaning.column(values)
        return [None if value is None else meaning(value) for value in values]
    except _NO_MEANING:
        return [_read(meaning, value) for value in values]


def _read(meaning: Meaning, value: Any) -> Any:
    try:
        return None if value is None else meaning(value)
    except _NO_MEANING:
        return _Unreadable()


def source_blocks(table: TablePlan, sides: Sides, order: tuple[str, ...]) -> Iterator[Rows]:
    """Read the source in some order. A row holds the columns of `order`, then the table's.

    SourceError for what SQLite says no with.
    """
    query = source_rows.RowQuery(
        table=table.source,
        columns=tuple(column.source for column in table.columns),
        order=order,
        where=table.where,
        batch_rows=block_rows(table),
    )
    with source_errors(table.database):
        yield from source_rows.stream(sides.source, query)


def target_blocks(
    table: TablePlan, sides: Sides, order: tuple[str, ...]
) -> Generator[Rows, None, None]:
    """Read the target in some order; in the order in which its rows are stored, if () is given.

    To be closed by who doesn't read it to its end: the connection is taken until then.
    """
    query = target_rows.TargetQuery(
        schema=sides.schema,
        table=table.target,
        columns=tuple(column.target for column in table.columns),
        order=order,
    )
    return target_rows.stream(sides.target, query, batch_rows=block_rows(table))


def block_rows(table: TablePlan) -> int:
    """Return how many rows make a block of about BLOCK_BYTES, from the profile's average."""
    row_bytes = max(1, table.bytes // max(1, table.rows))
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // row_bytes))


class Block:
    """Rows of one side with their keys, as far as they are read and not yet paired."""

    __slots__ = ("keys", "rows")

    def __init__(self, keys: Sequence[Key], rows: Rows) -> None:
        self.keys = keys
        self.rows = rows

    def after(self, count: int) -> "Block":
        """Return what is left after the first `count` rows."""
        return Block(self.keys[count:], self.rows[count:])


def equal_run(left: Block, right: Block, i: int, j: int) -> int:
    """Return how many keys from the two places on are equal, one by one."""
    size = min(len(left.keys) - i, len(right.keys) - j)
    one, other = left.keys[i : i + size], right.keys[j : j + size]
    if one == other:
        return size
    return next(n for n in range(size) if one[n] != other[n])


class Comparer:
    """Keys and differences of one table, for rows whose first `width` places are not columns."""

    def __init__(self, table: TablePlan, *, width: int) -> None:
        self._table = table
        self._width = width
        self._names = [column.target for column in table.columns]
        self._places = [self._names.index(target) for _, target in table.match]
        self._secrets = {column.target for column in table.columns if column.secret}
        self._stored, self._loaded = meanings(table)

    def source_keys(self, rows: Rows) -> list[Key]:
        """Return the key of each source row: the whole row in a table without one."""
        columns = list(zip(*rows, strict=True))[self._width :]
        return self._keys(columns, self._stored, len(rows))

    def target_keys(self, rows: Rows) -> list[Key]:
        """Return the key of each target row."""
        return self._keys(list(zip(*rows, strict=True)), self._loaded, len(rows))

    def _keys(
        self, columns: Sequence[Sequence[Any]], meaning: Sequence[Meaning | None], count: int
    ) -> list[Key]:
        places = self._places or range(len(columns))
        read = [read_column(meaning[place], columns[place]) for place in places]
        return list(zip(*read, strict=True)) if count else []

    def unequal(self, left: Rows, right: Rows) -> Iterator[Difference]:
        """Yield the differences of rows that are paired: the n-th of one with that of the other."""
        found: dict[int, list[str]] = {}
        stored = list(zip(*left, strict=True))[self._width :]
        loaded = list(zip(*right, strict=True))
        for place in range(len(stored)):
            wanted = read_column(self._stored[place], stored[place])
            got = read_column(self._loaded[place], loaded[place])
            # Whole columns first: in the good case nothing is touched value by value.
            if wanted == got or list(wanted) == list(got):
                continue
            for row, (one, other) in enumerate(zip(wanted, got, strict=True)):
                if one != other:
                    found.setdefault(row, []).append(self._names[place])
        for row, columns in sorted(found.items()):
            yield self._difference("mismatching", self._target_key(right[row]), tuple(columns))

    def missing(self, row: Row) -> Difference:
        """Return the difference of a row that only the source has."""
        if not self._places:
            return Difference(self._table.target, "missing", tuple(self._locator(row)))
        key = tuple(row[self._width + place] for place in self._places)
        return self._difference("missing", key)

    def extraneous(self, row: Row) -> Difference:
        """Return the difference of a row that only the target has."""
        return self._difference("extraneous", self._target_key(row))

    def _target_key(self, row: Row) -> Row:
        return tuple(row[place] for place in self._places)

    def _locator(self, row: Row) -> Iterator[tuple[str, Any]]:
        return zip(self._table.cursor, row[: self._width], strict=False)

    def _difference(self, kind: str, key: Row, columns: tuple[str, ...] = ()) -> Difference:
        names = [target for _, target in self._table.match]
        told = (
            UNTOLD if name in self._secrets else part for name, part in zip(names, key, strict=True)
        )
        named = tuple(zip(names, told, strict=True))
        return Difference(self._table.target, kind, named, columns)
