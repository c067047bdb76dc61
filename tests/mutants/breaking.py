"""Load with one thing broken: a leaf's `convert`, or what is read from the source."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cutover.abc import Converter, Options
from cutover.plan import Plan
from cutover.registry import coercions
from cutover.sources.sqlite.long_values import stream_rows
from cutover.sources.sqlite.rows import RowQuery
from tests.mutants.loads import Chunks, Damage
from tests.mutants.values import Mutant

CHUNK_ROWS = 2


@contextmanager
def broken(plan: Plan, mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the leaf of a column send what a mutant makes of it, for as long as the block lasts.

    Columns of other types, which the same leaf converts by other options, stay whole.
    """
    column = next(c for c in plan.table("readings").columns if c.target == mutant.column)
    leaf = coercions.get(column.coercion)
    proper = leaf.convert

    def convert(options: Options) -> Converter | None:
        one = proper(options)
        if options != column.options:
            return one
        return lambda value: mutant.wrong(value, value if one is None else one(value))

    with monkeypatch.context() as patches:
        patches.setattr(leaf, "convert", convert)
        yield


@contextmanager
def damaged(damage: Damage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have load read one table wrongly, for as long as the block lasts. Verify reads by itself."""

    def wrong(source: sqlite3.Connection, query: RowQuery, database: str) -> Chunks:
        chunks = stream_rows(source, replace(query, batch_rows=CHUNK_ROWS), database)
        return iter(damage.wrong(chunks)) if query.table == damage.table else chunks

    with monkeypatch.context() as patches:
        patches.setattr("cutover.load.stream_rows", wrong)
        yield
