"""Which object of the target does the work of which object of the source.

Structure decides, names don't: the two migration sets may call one index two names, and SQLite's
keys often have none. One module a kind of object; each answers with comparisons, in both
directions. `diff` shows them all; a plan asks only whether each object of the source has a
counterpart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cutover.catalog import Catalog, TableKind
from cutover.counterparts.columns import compare_columns
from cutover.counterparts.constraints import compare_checks
from cutover.counterparts.indexes import compare_indexes, has_expression, said_by_source
from cutover.counterparts.keys import compare_foreign_keys, compare_keys, unique_columns
from cutover.counterparts.pair import Deparse, Pair, Select, no_rows, no_server
from cutover.counterparts.triggers import compare_triggers, guarded_events
from cutover.counterparts.views import ViewPair, compare_views
from cutover.differences import Comparison, Verdict

__all__ = [
    "Answer",
    "Deparse",
    "Pair",
    "Select",
    "ViewPair",
    "compare_table",
    "compare_views",
    "guarded_events",
    "has_expression",
    "is_compared",
    "no_rows",
    "no_server",
    "said_by_source",
    "table_answers",
    "unique_columns",
    "view_answers",
    "waived_name",
]


def compare_table(pair: Pair) -> Iterator[Comparison]:
    """Compare everything that two tables consist of."""
    yield from compare_keys(pair)
    yield from compare_columns(pair)
    yield from compare_foreign_keys(pair)
    yield from compare_checks(pair)
    yield from compare_indexes(pair)
    yield from compare_triggers(pair)


def is_compared(kind: TableKind) -> bool:
    """Tell whether a table is the application's own, and no engine's or tool's."""
    return kind in (TableKind.TABLE, TableKind.VIRTUAL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plan is told of one object: `found` says that the target does its work."""

    kind: str
    name: str
    found: bool
    note: str = ""


_PLANNED = frozenset(
    {
        *("primary key", "unique", "foreign key", "check"),
        *("index", "trigger", "default", "generated column"),
        *("conflict clause", "collation"),
    }
)
_COMPARED_BY_NAME = frozenset({"default", "generated column", "trigger", "view"})
"""Kinds of which a plan is content with a counterpart that only a person can compare."""


def table_answers(pair: Pair) -> Iterator[Answer]:
    """Answer for every key, default, CHECK, index and trigger of a source table.

    And for a number that the target no longer hands out.
    """
    for comparison in compare_table(pair):
        if _is_planned(comparison):
            yield _answer(comparison)


def _is_planned(comparison: Comparison) -> bool:
    if comparison.kind == "identity":  # a column's own affair, unless nobody numbers it any more
        return comparison.verdict is Verdict.MISSING
    return comparison.kind in _PLANNED and comparison.verdict is not Verdict.EXTRA


def view_answers(source: Catalog, target: Catalog, names: Callable[[str], str]) -> Iterator[Answer]:
    """Answer for every view of the source, and for the triggers that make some writable."""
    for comparison in compare_views(ViewPair(source=source, target=target, table_name=names)):
        if comparison.verdict is not Verdict.EXTRA:
            yield _answer(comparison)


def _answer(comparison: Comparison) -> Answer:
    by_hand = comparison.verdict is Verdict.UNKNOWN and comparison.kind in _COMPARED_BY_NAME
    return Answer(
        comparison.kind,
        waived_name(comparison),
        found=comparison.verdict.passes or by_hand,
        note=comparison.rule,
    )


def waived_name(comparison: Comparison) -> str:
    """Return what `[waive]` calls an object."""
    table, name = comparison.table, comparison.name
    if comparison.kind in _BY_COLUMNS:
        return f"{table}({name})"
    return f"{table}.{name}" if comparison.kind in _OF_A_TABLE else name


_BY_COLUMNS = frozenset({"primary key", "unique", "foreign key"})
_OF_A_TABLE = frozenset(
    {"default", "generated column", "check", "identity", "conflict clause", "collation"}
)
