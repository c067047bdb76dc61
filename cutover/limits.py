"""What PostgreSQL holds at most, as far as a plan can tell before anything is made or moved.

A table has at most 1,600 columns, a field at most 1 GB
(https://www.postgresql.org/docs/current/limits.html). The text form in which COPY sends a field
must fit as well, and that of bytea is two digits a byte; the elements of a jsonb have 28 bits for
their length. A btree takes index rows of at most a third of a page
(https://www.postgresql.org/docs/current/btree.html), and compresses a long value before it judges.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cutover.catalog import Column, Index, Key, Table, base_type
from cutover.plan import Finding
from cutover.profile import Clash, ColumnProfile
from cutover.words import counted

COLUMNS_MAX = 1600
INDEX_ROW_BYTES_MAX = 2704
FIXED_BYTES = 8
"""What a column of an index that is neither text nor bytes is taken for."""

_FIELD_BYTES_MAX = {
    "bytea": (2**30 - 1) // 2 - 4,
    "jsonb": 2**28 - 1,
}
_LONG = frozenset({"text", "character varying", "character", "bytea", "citext"})


@dataclass(frozen=True, slots=True)
class LongKey:
    """An index of the target whose rows may be too long for it: its name and source columns.

    `fixed` is how many columns it has besides, which are short.
    """

    name: str
    columns: tuple[str, ...]
    fixed: int


def long_keys(
    target: Table, sources: Mapping[str, str], profiles: Mapping[str, ColumnProfile]
) -> Iterator[LongKey]:
    """Find what may be too long, by the longest values; `sources` is by the target's columns.

    An index with a predicate or an expression is left to the server, which judges it when the
    index is put back.
    """
    for name, columns in _btrees(target):
        long = tuple(sources[c.name] for c in columns if c.name in sources and _is_long(c))
        fixed = len(columns) - len(long)
        if long and sum(profiles[c].bytes_max for c in long) > at_least(fixed):
            yield LongKey(name, long, fixed)


def at_least(fixed: int) -> int:
    """Return how many bytes of text a row must have to be too long beside `fixed` short columns."""
    return INDEX_ROW_BYTES_MAX - 2 * FIXED_BYTES * (fixed + 1)


def _btrees(table: Table) -> Iterator[tuple[str, list[Column]]]:
    keys: list[Key | Index] = [key for key in (table.primary_key, *table.uniques) if key]
    for key in keys + list(table.indexes):
        names = _columns(key)
        found = [column for column in table.columns if column.name in names]
        if names:
            yield key.name or ", ".join(names), found


def _columns(key: Key | Index) -> tuple[str, ...]:
    if isinstance(key, Key):
        return key.columns
    plain = key.method == "btree" and key.predicate is None
    names = tuple(part.column for part in key.parts if part.column)
    return (*names, *key.include) if plain and len(names) == len(key.parts) else ()


def _is_long(column: Column) -> bool:
    return base_type(column.type) in _LONG


def too_long_for_index(table: str, clash: Clash) -> Finding:
    """Return the finding that some rows of a source table are too long for an index."""
    rows, first = counted(clash.count, "row"), clash.samples[0]
    return Finding(
        check="index sizes",
        subject=f'"{table}"',
        kind="unsettled",
        message=f'{rows} of "{table}" too long for index "{clash.constraint}" of the target',
        count=clash.count,
        detail=f"first key {', '.join(map(repr, first.key))}: {first.value}, "
        f"where PostgreSQL's btree takes {INDEX_ROW_BYTES_MAX:,} after compression",
        hint=f'index a digest, md5("…"), in the PostgreSQL set, or drop the index there; or leave '
        f'the rows out: [rows] "{table}" = {{ where = "…", reason = "…" }}',
        samples=clash.samples,
    )


def too_long_for_field(
    subject: str, setting: str, type_: str, profile: ColumnProfile
) -> Iterator[Finding]:
    """Find a column whose longest value is more than a field of its type can take."""
    most = _FIELD_BYTES_MAX.get(base_type(type_), 2**30 - 1)
    if profile.bytes_max > most:
        yield Finding(
            check="value sizes",
            subject=subject,
            kind="unsettled",
            message=f"the longest value of {subject} has {profile.bytes_max:,} bytes, "
            f"and a value of {type_} can be sent with at most {most:,}",
            hint="keep it outside the database, or cut it in the source; or leave the column out: "
            f'[tables] exclude = ["{setting}"]',
        )
