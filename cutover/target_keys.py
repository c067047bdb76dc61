"""What must be unique in a table of the target, said of the source's columns.

SQLite may be content with values that the target takes for one: where a coercion changes a part of
a key, what it means is compared, and not what is stored.
"""

from collections.abc import Iterator, Mapping

from cutover.abc import Meaning
from cutover.catalog import Index
from cutover.counterparts import Pair, has_expression, said_by_source, unique_columns
from cutover.sources.sqlite.clashes import TargetKey

Meanings = Mapping[str, Meaning | None]
"""Of the columns that are carried, by their name in the source; None where it is what is stored."""


def target_keys(pair: Pair, meanings: Meanings) -> Iterator[TargetKey]:
    """Yield the keys and unique indexes of the target that can be asked of the source.

    A condition or an expression that SQLite has no words for is left to the server, which proves it
    when the index is put back.
    """
    yield from _of_columns(pair, meanings)
    for index in pair.target.indexes:
        if index.unique and (index.predicate is not None or has_expression(index)):
            yield from _of_index(pair, index, meanings)


def _of_columns(pair: Pair, meanings: Meanings) -> Iterator[TargetKey]:
    names = {pair.column_name(column.name): column.name for column in pair.source.columns}
    primary = pair.target.primary_key
    for columns in unique_columns(pair.target):
        own = tuple(names[name] for name in columns if name in names)
        if columns and len(own) == len(columns):
            required = primary is not None and columns == primary.columns
            yield TargetKey(
                constraint=f"the {'primary' if required else 'unique'} key ({', '.join(columns)})",
                columns=own,
                required=required,
                meanings=_meant(own, meanings),
            )


def _of_index(pair: Pair, index: Index, meanings: Meanings) -> Iterator[TargetKey]:
    said = said_by_source(pair, index)
    if said is None:
        return
    columns = tuple(part.column for part in said.parts if part.column is not None)
    expressions = tuple(part.expression for part in said.parts if part.expression is not None)
    yield TargetKey(
        constraint=f'the unique index "{index.name}"',
        columns=columns,
        expressions=expressions,
        predicate=said.predicate,
        nulls_distinct=index.nulls_distinct,
        meanings=() if expressions else _meant(columns, meanings),
    )


def _meant(columns: tuple[str, ...], meanings: Meanings) -> tuple[Meaning | None, ...]:
    found = tuple(meanings.get(name) for name in columns)
    return found if any(found) else ()
