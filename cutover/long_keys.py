"""Finds the rows that an index of the target would refuse for their length, hours before it does.

The index is put back after the load. What could be too long is looked for in the source, and a
scratch index on the target's server is asked which of it really is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain

from cutover.catalog import Table
from cutover.counterparts import Pair
from cutover.limits import FIXED_BYTES, LongKey, at_least, long_keys
from cutover.profile import Clash, Sample, TableProfile
from cutover.sources.sqlite.lengths import long_rows
from cutover.sources.sqlite.samples import SAMPLES_MAX
from cutover.targets.postgres.connect import Connection, connect, target_errors
from cutover.targets.postgres.index_rows import refused_rows
from cutover.targets.postgres.scratch import scratch_database


def find_long_keys(
    url: str,
    source: sqlite3.Connection,
    pair: Pair,
    profile: TableProfile,
    *,
    where: str | None,
) -> tuple[Clash, ...]:
    """Return what is too long for an index of the target. No server is asked where nothing may be.

    Raises sqlite3.Error.
    """
    found: list[Clash] = []
    names = {pair.column_name(column.name): column.name for column in pair.source.columns}
    profiles = {name: profile.column(name) for name in names.values()}
    for key in long_keys(pair.target, names, profiles):
        rows = _rows(source, pair.source, key, where)
        if first := next(rows, None):
            found += _refused(url, key, chain([first], rows))
    return tuple(found)


_Candidate = tuple[Sample, tuple[bytes | None, ...]]


def _rows(
    source: sqlite3.Connection, table: Table, key: LongKey, where: str | None
) -> Iterator[_Candidate]:
    fixed = (bytes(FIXED_BYTES),) * key.fixed
    over = at_least(key.fixed)
    for name, values in long_rows(source, table, key.columns, over=over, where=where):
        size = sum(len(value) for value in values if value is not None)
        yield Sample(name, f"{size:,} bytes"), values + fixed


def _refused(url: str, key: LongKey, rows: Iterator[_Candidate]) -> Iterator[Clash]:
    with scratch_database(url) as scratch, closing(connect(scratch, autocommit=True)) as connection:
        samples = _asked(connection, key, rows)
    if samples:
        first = tuple(samples[:SAMPLES_MAX])
        yield Clash(kind="too long", constraint=key.name, count=len(samples), samples=first)


def _asked(connection: Connection, key: LongKey, rows: Iterator[_Candidate]) -> list[Sample]:
    with target_errors("a scratch index"):
        return list(refused_rows(connection, len(key.columns) + key.fixed, rows))
