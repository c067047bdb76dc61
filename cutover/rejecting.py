"""Step: leave out the rows that a key or a foreign key of the target would refuse.

Only where rows may be rejected. While both are taken down, the server itself is asked which rows
repeat a key, have NULL in a primary one, or refer to nothing: it compares them as its own index
will. A child of a rejected parent refers to nothing in its turn, so this goes on until nothing is
found. What is deleted is entered in the ledger by the same statement.
"""

import json
from collections.abc import Iterator

from cutover.catalog import ForeignKey, Index, IndexPart, Table
from cutover.dialect.render import quoted
from cutover.journal import Journal, Watermark
from cutover.ledger import Page, array_of_rows
from cutover.plan import Plan, TablePlan
from cutover.targets.postgres.connect import target_errors

Refusals = Iterator[tuple[str, str]]
"""Why rows are refused, and the condition that they meet, on the table called `r`."""


def reject_conflicts(plan: Plan, journal: Journal, run: int) -> int:
    """Delete what the keys of the target refuse, and enter it in the ledger; return how many."""
    total = 0
    while found := sum(_reject(plan, table, journal, run) for table in plan.tables):
        total += found
    return total


def _reject(plan: Plan, table: TablePlan, journal: Journal, run: int) -> int:
    expected = plan.expected.table(table.target)
    if expected is None:
        return 0
    subject = f'rows of "{table.target}" that its keys refuse'
    with target_errors(subject), journal.transaction(subject) as connection:
        count = 0
        for reason, condition in _refusals(plan, expected, table.not_valid):
            statement = _delete(plan.schema, table, condition)
            found = connection.execute(statement.encode()).fetchall()
            keys = [json.loads(key) for (key,) in found]
            journal.enter(run, [_page(table, reason, keys)] if keys else [])
            count += len(keys)
        mark = journal.watermark(run, table.target)
        if count and mark is not None:
            journal.advance(run, table.target, Watermark(mark.key, mark.rows - count))
    return count


def _refusals(plan: Plan, table: Table, not_valid: tuple[str, ...]) -> Refusals:
    name = _qualified(plan.schema, table.name)
    if key := table.primary_key:
        nulls = " OR ".join(f"r.{quoted(column)} IS NULL" for column in key.columns)
        yield "NULL in the primary key", nulls
        yield _repeated(name, "primary key", _as_index(key.columns))
    for unique in table.uniques:
        index = _as_index(unique.columns, nulls_distinct=unique.nulls_distinct)
        yield _repeated(name, f'unique key "{unique.name}"', index)
    for index in table.indexes:
        if index.unique:
            yield _repeated(name, f'unique index "{index.name}"', index)
    for foreign_key in (key for key in table.foreign_keys if key.name not in not_valid):
        yield _orphaned(plan.schema, foreign_key)


def _as_index(columns: tuple[str, ...], *, nulls_distinct: bool = True) -> Index:
    parts = tuple(IndexPart(column=column) for column in columns)
    return Index(name="", parts=parts, unique=True, nulls_distinct=nulls_distinct)


def _repeated(name: str, key: str, index: Index) -> tuple[str, str]:
    """Return the condition of rows whose key another row has, which stands before them."""
    parts = [_part_text(part) for part in index.parts]
    present = [f"{part} IS NOT NULL" for part in parts] if index.nulls_distinct else []
    conditions = [*present, *([f"({index.predicate})"] if index.predicate else [])]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ranked = (
        f"SELECT ctid, row_number() OVER (PARTITION BY {', '.join(parts)} ORDER BY ctid) AS place"  # noqa: S608 - the catalog's own text
        f" FROM {name}{where}"
    )
    return f"repeats {key}", f"r.ctid IN (SELECT ctid FROM ({ranked}) AS ranked WHERE place > 1)"  # noqa: S608 - as above


def _part_text(part: IndexPart) -> str:
    text = quoted(part.column) if part.column is not None else f"({part.expression})"
    return f"{text} COLLATE {quoted(part.collation)}" if part.collation else text


def _orphaned(schema: str, key: ForeignKey) -> tuple[str, str]:
    """Return the condition of rows whose parent is not there: NULL refers to nothing, in both."""
    present = " AND ".join(f"r.{quoted(column)} IS NOT NULL" for column in key.columns)
    pairs = zip(key.references, key.columns, strict=True)
    same = " AND ".join(f"p.{quoted(theirs)} = r.{quoted(own)}" for theirs, own in pairs)
    parent = _qualified(schema, key.table)
    return (
        f'no parent in "{key.table}" by "{key.name}"',
        f"{present} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {same})",
    )


def _delete(schema: str, table: TablePlan, condition: str) -> str:
    names = _told_by(table)
    key = ", ".join(f"to_json(r.{quoted(name)})" for name in names)
    name = _qualified(schema, table.target)
    return f"DELETE FROM {name} AS r WHERE {condition} RETURNING json_build_array({key})::text"  # noqa: S608 - as above


def _told_by(table: TablePlan) -> tuple[str, ...]:
    """Return the columns that name a row: its key, or all that may be told."""
    open_ = tuple(column.target for column in table.columns if not column.secret)
    key = tuple(target for _, target in table.match)
    return key if key and set(key) <= set(open_) else open_


def _page(table: TablePlan, reason: str, keys: list[list[object]]) -> Page:
    return Page(
        kind="rejected",
        table=table.target,
        column="",
        rule=reason,
        key_columns=_told_by(table),
        count=len(keys),
        text=array_of_rows(keys),
    )


def _qualified(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"
