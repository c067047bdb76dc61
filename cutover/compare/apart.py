"""Compare the rows in quarantine with the source: each of them is there, once, as it is stored.

What was written is read back to stored values here, and not by what wrote it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cutover.compare.values import Difference
from cutover.plan import TablePlan
from cutover.sources.sqlite import rows as source_rows
from cutover.sources.sqlite.connect import any_bytes, source_errors


def compare_apart(
    table: TablePlan, source: sqlite3.Connection, kept: Iterable[str]
) -> Iterator[Difference]:
    """Yield the rows that should be in quarantine and are not, and those that should not.

    `kept` are the rows that are there, each the JSON of an object.
    """
    names = [column.source for column in table.columns if not column.secret]
    there = Counter(map(_spelled, (_read(text, names) for text in kept)))
    for key, row in _stored(table, source, names):
        spelled = _spelled(row)
        if there[spelled]:
            there[spelled] -= 1
        else:
            yield Difference(table.target, "missing", tuple(zip(table.cursor, key, strict=True)))
    for _ in there.elements():
        yield Difference(table.target, "extraneous", ())


def _stored(
    table: TablePlan, source: sqlite3.Connection, names: list[str]
) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    query = source_rows.RowQuery(
        table=table.source, columns=tuple(names), order=table.cursor, where=table.quarantine
    )
    width = len(table.cursor)
    with any_bytes(source), source_errors(table.database):
        for rows in source_rows.stream(source, query):
            for row in rows:
                yield row[:width], list(row[width:])


def _read(text: str, names: list[str]) -> list[Any]:
    row = json.loads(text)
    known = isinstance(row, dict) and row.keys() == set(names)
    return [_value(row[name]) for name in names] if known else [row]


def _value(told: Any) -> Any:
    """Return the stored value that was told; anything else stays as it is, and equals nothing."""
    match told:
        case {"blob": str(digits)}:
            return bytes.fromhex(digits)
        case {"text": str(digits)}:
            return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
        case {"real": str(digits)}:
            return float(digits)
    return told


def _spelled(row: list[Any]) -> str:
    # 1 and 1.0 are equal and not the same: their repr tells them apart.
    return repr(row)
