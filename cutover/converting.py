"""Rows of the source as COPY takes them, with the ledger's lines about what changes on the way.

Conversion is done a column at a time over a chunk, so that a column which needs none costs none.
A value that its coercion refuses ends the load, unless rows may be rejected: then its row is left
out, and the ledger says why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cutover.abc import ColumnFunction, Converter, ForLong, TakesLong
from cutover.errors import SourceError
from cutover.ledger import Key, Page, array
from cutover.long_values import LongValue
from cutover.plan import ColumnPlan, TablePlan
from cutover.profile import UNTOLD, Stored
from cutover.registry import coercions

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Converted rows and the keys that they are told by, one for one.

    `stored` are the same rows as they were read, where one may still be rejected; else nothing.
    `last` is the place in the source up to which it reaches, over rejected rows too. `pages` are
    about its values, `rejected` about the rows that were left out.
    """

    rows: Sequence[Row]
    stored: Sequence[Row]
    keys: Sequence[Key]
    last: Key
    pages: tuple[Page, ...] = ()
    rejected: tuple[Page, ...] = ()


def loaded_columns(table: TablePlan) -> tuple[ColumnPlan, ...]:
    """Return the columns that COPY fills: all but those that the target computes."""
    return tuple(column for column in table.columns if not column.generated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A value that is not taken, and why; no column where it is the row as a whole."""

    key: Key
    reason: str
    column: ColumnPlan | None = None
    value: Stored = None
    words: str = ""
    """What the coercion says about the value."""


@dataclass(frozen=True, slots=True)
class _Column:
    plan: ColumnPlan
    convert: Converter | None
    alters: Callable[[Any], str | None] | None
    """None where the plan says that every value arrives as stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How the rows of one table are converted: see `conversion_of`.

    A row of the source holds the `width` columns of the cursor, then those that are loaded.
    """

    table: TablePlan
    rejecting: bool
    width: int
    columns: tuple[_Column, ...]
    key_columns: tuple[str, ...]
    key_places: tuple[int, ...]
    long: tuple[int, ...]
    """The places, among what is sent, of the columns that had a long value when it was planned."""
    aside: tuple[str, ...]
    """The source columns whose long values need not be held at all: a LongValue does."""

    def chunk(self, rows: Sequence[Row]) -> Chunk:
        """Convert rows of the source, one at least.

        SourceError for a value that its coercion does not take, unless such rows are rejected.
        """
        stored = list(zip(*rows, strict=True))
        keys = _rows_of([stored[place] for place in self.key_places], len(rows))
        converted, refused = self._converted(keys, stored[self.width :])
        last = rows[-1][: self.width]
        if refused:
            return self._without(rows, last, refused)
        pages = tuple(self._changes(keys, stored[self.width :], converted))
        whole = _rows_of(converted, len(rows))
        kept = rows if self.rejecting else ()
        return Chunk(rows=whole, stored=kept, keys=keys, last=last, pages=pages)

    def _without(self, rows: Sequence[Row], last: Key, refused: dict[int, Refusal]) -> Chunk:
        """Convert the rows that are not refused, and tell of the others."""
        kept = [row for place, row in enumerate(rows) if place not in refused]
        chunk = self.chunk(kept) if kept else Chunk(rows=[], stored=[], keys=[], last=last)
        rejected = tuple(self.page_of(refusal) for refusal in refused.values())
        return replace(chunk, last=last, rejected=(*chunk.rejected, *rejected))

    def page_of(self, refusal: Refusal) -> Page:
        """Return the page that tells of one rejected row."""
        column = refusal.column
        secret = column is not None and column.secret
        return Page(
            kind="rejected",
            table=self.table.target,
            column=column.target if column else "",
            rule=refusal.reason,
            key_columns=self.key_columns,
            count=1,
            text=array([refusal.key], [refusal.value], [None], secret=secret),
        )

    def _converted(
        self, keys: Sequence[Key], columns: Sequence[Sequence[Any]]
    ) -> tuple[list[Sequence[Any]], dict[int, Refusal]]:
        converted: list[Sequence[Any]] = []
        refused: dict[int, Refusal] = {}
        for column, values in zip(self.columns, columns, strict=True):
            if column.convert is None:
                converted.append(values)
                continue
            try:
                converted.append(_all_of(column.convert, values))
            except ValueError as error:
                if not self.rejecting:
                    raise _no_such_value(self, column, keys, values) from error
                found = _refusals(column.plan, column.convert, keys, values)
                refused = dict(found) | refused
        return converted, refused

    def _changes(
        self,
        keys: Sequence[Key],
        columns: Sequence[Sequence[Any]],
        converted: Sequence[Sequence[Any]],
    ) -> Iterator[Page]:
        """Tell of what does not arrive as stored, in columns whose plan says that some will not."""
        for column, values, sent in zip(self.columns, columns, converted, strict=True):
            for rule, places in _altered(column, values).items():
                stored, arrive = _at(places, values), _at(places, sent)
                yield Page(
                    kind="changed",
                    table=self.table.target,
                    column=column.plan.target,
                    rule=rule,
                    key_columns=self.key_columns,
                    count=len(places),
                    text=array(_at(places, keys), stored, arrive, secret=column.plan.secret),
                )


def conversion_of(table: TablePlan, *, rejecting: bool) -> Conversion:
    """Look up how a table's rows are converted, and by which columns a person finds one."""
    plans, width = loaded_columns(table), len(table.cursor)
    places = {plan.source: place for place, plan in enumerate(plans, start=width)}
    secrets = {plan.source for plan in plans if plan.secret}
    told = bool(table.match) and all(s in places and s not in secrets for s, _ in table.match)
    keys = {source for source, _ in table.match}
    return Conversion(
        table=table,
        rejecting=rejecting,
        width=width,
        columns=tuple(map(_column, plans)),
        long=tuple(place for place, plan in enumerate(plans) if _has_long(plan)),
        aside=tuple(p.source for p in plans if p.source not in keys and _takes_long(p)),
        key_columns=tuple(target for _, target in table.match) if told else table.cursor,
        key_places=tuple(places[s] for s, _ in table.match) if told else tuple(range(width)),
    )


def _column(plan: ColumnPlan) -> _Column:
    leaf, options = coercions.get(plan.coercion), plan.options
    convert, alters = leaf.convert(options), leaf.alters(options) if plan.changes else None
    if long := _long_of(plan):
        convert = convert and _for_each(convert, long.convert)
        alters = alters and _for_each(alters, long.alters)
    return _Column(plan, convert, alters)


def _has_long(plan: ColumnPlan) -> bool:
    return "bytes_max" in plan.evidence


def _takes_long(plan: ColumnPlan) -> bool:
    if not _has_long(plan):
        return False
    as_it_is = coercions.get(plan.coercion).convert(plan.options) is None and not plan.changes
    return as_it_is or _long_of(plan) is not None


def _long_of(plan: ColumnPlan) -> ForLong | None:
    leaf = coercions.get(plan.coercion)
    if _has_long(plan) and isinstance(leaf, TakesLong):
        return leaf.for_long(plan.options)
    return None


def _for_each(
    short: Callable[[Any], Any], long: Callable[[LongValue], Any]
) -> Callable[[Any], Any]:
    return lambda value: long(value) if isinstance(value, LongValue) else short(value)


def _rows_of(columns: Sequence[Sequence[Any]], count: int) -> list[Row]:
    return list(zip(*columns, strict=True)) if columns else [()] * count


def _all_of(function: Callable[[Any], Any], values: Sequence[Any]) -> Sequence[Any]:
    """Return what a function says of each value; NULL is NULL."""
    if isinstance(function, ColumnFunction):
        try:
            return list(function.column(values))
        except (ValueError, TypeError):
            pass  # one by one, so that who is refused is known
    return [None if value is None else function(value) for value in values]


def _altered(column: _Column, values: Sequence[Any]) -> dict[str, list[int]]:
    """Return the places of the values that do not arrive as stored, by rule."""
    places: dict[str, list[int]] = {}
    if column.alters is None:
        return places
    for place, rule in enumerate(_all_of(column.alters, values)):
        if rule is not None:
            places.setdefault(rule, []).append(place)
    return places


def _at(places: Iterable[int], values: Sequence[Any]) -> list[Any]:
    return [values[place] for place in places]


def _refusals(
    plan: ColumnPlan, convert: Converter, keys: Sequence[Key], values: Sequence[Any]
) -> Iterator[tuple[int, Refusal]]:
    for place, value in enumerate(values):
        try:
            _all_of(convert, (value,))
        except ValueError as error:
            yield (
                place,
                Refusal(
                    key=keys[place],
                    reason=f"no {plan.type}",
                    column=plan,
                    value=value,
                    words=str(error),
                ),
            )


def _no_such_value(
    conversion: Conversion, column: _Column, keys: Sequence[Key], values: Sequence[Any]
) -> SourceError:
    plan, convert = column.plan, column.convert
    refusals = _refusals(plan, convert, keys, values) if convert else iter(())
    _, refusal = next(refusals)
    where = ", ".join(
        f"{n}={v!r}" for n, v in zip(conversion.key_columns, refusal.key, strict=True)
    )
    said = UNTOLD if plan.secret else refusal.words
    return SourceError(
        f'a value of "{conversion.table.source}"."{plan.source}" cannot become {plan.type}',
        detail=f"key {where}: {said}",
        hint="make a new plan, which lists every such value: cutover plan",
    )
