"""Two catalogs → every object compared. Pure, but for the server that may be asked to deparse.

The SQLite side is held against PostgreSQL through its projection: names, types and expressions as
they are to be there. Two ends of one provider are compared as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cutover.catalog import Catalog, Table
from cutover.counterparts import (
    Deparse,
    Pair,
    Select,
    ViewPair,
    compare_table,
    compare_views,
    is_compared,
    no_rows,
    no_server,
)
from cutover.counterparts.views import DeparseView, no_view_server
from cutover.counterparts.words import table_words
from cutover.differences import Comparison, Verdict
from cutover.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Two catalogs; where one is SQLite's, it is the left one."""

    left: Catalog
    right: Catalog
    settings: Settings
    deparse: Deparse = no_server
    deparse_view: DeparseView = no_view_server
    selects: tuple[Select, Select] = (no_rows, no_rows)

    @property
    def alike(self) -> bool:
        """Tell whether both are of one provider."""
        return self.left.provider == self.right.provider

    def table_name(self, table: str) -> str:
        """Return the right side's name of a table."""
        return table if self.alike else self.settings.target_name(table)

    def column_name(self, column: str) -> str:
        """Return the right side's name of a column."""
        return column if self.alike else self.settings.column_name(column)


def diff(sides: Sides) -> Iterator[Comparison]:
    """Compare every table and view of two catalogs, in the order of the left one."""
    theirs = {table.name: table for table in sides.right.tables if _is_own(sides, table)}
    known = set()
    for table in sides.left.tables:
        if _is_own(sides, table):
            name = sides.table_name(table.name)
            known.add(name)
            yield from _table(sides, table, theirs.get(name))
    for name in sorted(theirs.keys() - known):
        yield Comparison(
            kind="table",
            table=name,
            name=name,
            verdict=Verdict.EXTRA,
            rule="only the right has it",
            right=table_words(theirs[name]),
        )
    views = ViewPair(
        source=sides.left,
        target=sides.right,
        table_name=sides.table_name,
        column_name=sides.column_name,
        deparse=sides.deparse_view,
    )
    yield from compare_views(views)


def _is_own(sides: Sides, table: Table) -> bool:
    """Tell whether a table is compared: the application's own, and not left out by the settings."""
    left_out = not sides.alike and sides.settings.excludes(table.name) is not None
    return is_compared(table.kind) and not left_out


def _table(sides: Sides, table: Table, other: Table | None) -> Iterator[Comparison]:
    if other is None:
        yield Comparison(
            kind="table",
            table=table.name,
            name=table.name,
            verdict=Verdict.MISSING,
            rule="its module has no counterpart" if table.module else "only the left has it",
            left=table_words(table),
        )
        return
    yield Comparison(
        kind="table",
        table=table.name,
        name=table.name,
        verdict=Verdict.EQUAL,
        left=table.name,
        right=other.name,
    )
    yield from compare_table(_pair(sides, table, other))


def _pair(sides: Sides, table: Table, other: Table) -> Pair:
    left_out = () if sides.alike else _left_out(sides.settings, table)
    kept = tuple(column for column in table.columns if column.name not in left_out)
    return Pair(
        source=replace(table, columns=kept),
        target=other,
        column_name=sides.column_name,
        table_name=sides.table_name,
        sides=(sides.left.provider, sides.right.provider),
        pins=lambda column: sides.settings.column(table.name, column),
        deparse=sides.deparse,
        selects=sides.selects,
    )


def _left_out(settings: Settings, table: Table) -> Sequence[str]:
    return [c.name for c in table.columns if settings.excludes_column(table.name, c.name)]


def merged(catalogs: Sequence[Catalog]) -> Catalog:
    """Return several files' catalogs as one: what one PostgreSQL database is to hold."""
    if len(catalogs) == 1:
        return catalogs[0]
    return Catalog(
        provider=catalogs[0].provider,
        label=" + ".join(catalog.label for catalog in catalogs),
        tables=tuple(table for catalog in catalogs for table in catalog.tables),
        views=tuple(view for catalog in catalogs for view in catalog.views),
        revisions=tuple(revision for catalog in catalogs for revision in catalog.revisions),
    )
