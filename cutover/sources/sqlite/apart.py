"""Rows without a parent, and all that refer to them in their turn, as conditions of SQLite's own.

A condition holds everything in itself: one recursive query over all tables that have a part in it
(https://sqlite.org/lang_with.html#recursive_common_table_expressions; several recursive terms need
SQLite 3.34). So a plan can carry it, and every reader of a table takes the same rows for apart. A
row is named by what its table is walked by; a table with nothing to walk by has no part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cutover.catalog import ForeignKey, Table
from cutover.sources.sqlite.rows import cursor_of, qualified, quote, where_clause

_ALL = "cutover_apart"
_PARENT, _CHILD = "cutover_parent", "cutover_child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One table and its parents: `links` are the target's foreign keys, in the source's names."""

    table: Table
    links: tuple[ForeignKey, ...]
    where: str | None = None
    """The row filter of the settings."""
    begins: bool = False
    """Whether its own orphans are kept apart."""
    follows: bool = True
    """Whether its rows are kept apart when their parents are."""


def apart_from(families: Sequence[Family]) -> dict[str, str]:
    """Return the condition of the rows that are kept apart, for each table that may have some."""
    known = {family.table.name: family for family in families if cursor_of(family.table)}
    reached = _reached(known)
    if not reached:
        return {}
    width = max(len(cursor_of(known[name].table)) for name in reached)
    numbers = {name: number for number, name in enumerate(reached)}
    terms = [
        *(_begin(known, name, numbers[name], width) for name in reached if known[name].begins),
        *_follow(known, numbers, width),
    ]
    columns = ", ".join(["t", *_key_names(width)])
    every = f"WITH RECURSIVE {_ALL}({columns}) AS ({' UNION '.join(terms)})"
    return {name: _condition(known[name].table, numbers[name], every) for name in reached}


def _reached(known: Mapping[str, Family]) -> tuple[str, ...]:
    """Return the tables whose orphans are kept apart, and those that their rows can take along."""
    reached = dict.fromkeys(name for name, family in known.items() if family.begins)
    while True:
        more = [
            name
            for name, family in known.items()
            if name not in reached and family.follows and _parents(family) & reached.keys()
        ]
        if not more:
            return tuple(reached)
        reached |= dict.fromkeys(more)


def _parents(family: Family) -> set[str]:
    return {link.table for link in family.links}


def _begin(known: Mapping[str, Family], name: str, number: int, width: int) -> str:
    family = known[name]
    lost = [_orphaned(known, family.table.name, link) for link in family.links]
    clause = where_clause(family.where, " OR ".join(lost) or "0")
    keys = _padded([qualified(name, column) for column in cursor_of(family.table)], width)
    return f"SELECT {', '.join([str(number), *keys])} FROM {quote(name)}{clause}"  # noqa: S608 - quoted


def _orphaned(known: Mapping[str, Family], name: str, link: ForeignKey) -> str:
    """Return the condition of rows whose parent is not there, or stays behind by a row filter."""
    columns = [qualified(name, column) for column in link.columns]
    present = [f"{column} IS NOT NULL" for column in columns]
    parent = known.get(link.table)
    clause = where_clause(parent.where if parent else None)
    rows = f"(SELECT * FROM {quote(link.table)}{clause})" if clause else quote(link.table)  # noqa: S608 - quoted
    # The parent stands left: its affinity and collation decide, as in SQLite's own check.
    pairs = zip(link.references, columns, strict=True)
    same = " AND ".join(f"{qualified(_PARENT, theirs)} = {own}" for theirs, own in pairs)
    missing = f"NOT EXISTS (SELECT 1 FROM {rows} AS {_PARENT} WHERE {same})"  # noqa: S608 - quoted
    return f"({' AND '.join([*present, missing])})"


def _follow(known: Mapping[str, Family], numbers: Mapping[str, int], width: int) -> Iterator[str]:
    for name in numbers:
        for link in known[name].links if known[name].follows else ():
            if link.table in numbers:
                yield _children(known[name], known[link.table].table, link, (numbers, width))


def _children(
    child: Family, parent: Table, link: ForeignKey, places: tuple[Mapping[str, int], int]
) -> str:
    """Return the recursive term that finds the children of rows that are apart already."""
    numbers, width = places
    name, key = child.table.name, cursor_of(child.table)
    own = [*key, *link.columns]
    named = [f"{qualified(name, column)} AS c{place}" for place, column in enumerate(own)]
    # A query of its own: the condition of a row filter may name columns that both tables have.
    rows = f"SELECT {', '.join(named)} FROM {quote(name)}{where_clause(child.where)}"  # noqa: S608 - quoted
    keys = _padded([f"{_CHILD}.c{place}" for place in range(len(key))], width)
    at_parent = [
        f"{qualified(_PARENT, column)} = {_ALL}.k{place}"
        for place, column in enumerate(cursor_of(parent))
    ]
    same = [
        f"{qualified(_PARENT, theirs)} = {_CHILD}.c{len(key) + place}"
        for place, theirs in enumerate(link.references)
    ]
    return (
        f"SELECT {', '.join([str(numbers[name]), *keys])} FROM {_ALL}"  # noqa: S608 - quoted
        f" JOIN {quote(parent.name)} AS {_PARENT} ON {' AND '.join(at_parent)}"
        f" JOIN ({rows}) AS {_CHILD} ON {' AND '.join(same)}"
        f" WHERE {_ALL}.t = {numbers[parent.name]}"
    )


def _condition(table: Table, number: int, every: str) -> str:
    key = cursor_of(table)
    own = ", ".join(qualified(table.name, column) for column in key)
    names = ", ".join(_key_names(len(key)))
    return f"({own}) IN ({every} SELECT {names} FROM {_ALL} WHERE t = {number})"  # noqa: S608 - quoted


def _key_names(width: int) -> list[str]:
    return [f"k{place}" for place in range(width)]


def _padded(names: Sequence[str], width: int) -> list[str]:
    return [*names, *["NULL"] * (width - len(names))]
