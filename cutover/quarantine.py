"""Part of a load: keep rows without a parent in the journal, as the source stores them.

They are in `cutover.quarantine` of the target and not in its table, so that the foreign key holds
and nothing is lost. A column whose setting says `secret` is not among what is kept.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from cutover.journal import Journal
from cutover.plan import TablePlan
from cutover.profile import Stored
from cutover.sources.sqlite.connect import any_bytes, source_errors
from cutover.sources.sqlite.rows import RowQuery, stream
from cutover.stored_json import as_json


def quarantine(table: TablePlan, source: sqlite3.Connection, journal: Journal, run: int) -> None:
    """Keep the rows of `table.quarantine` apart, all or none; a second time changes nothing."""
    if table.quarantine is None:
        return
    with journal.transaction(f'the quarantine of "{table.target}"'):
        journal.quarantine(run, table.target, _rows(table, source))


def _rows(table: TablePlan, source: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield the JSON of each row's key, and of the row; a secret is in neither."""
    names = tuple(column.source for column in table.columns if not column.secret)
    secrets = {column.source for column in table.columns if column.secret}
    own = tuple(name for name, _ in table.match)
    key = own if own and not secrets.intersection(own) else table.cursor
    told = [name for name in key if name not in secrets]
    # The scan left these rows out: whether all their text is UTF-8 is not known.
    with any_bytes(source), source_errors(table.database):
        query = RowQuery(table=table.source, columns=(*told, *names), where=table.quarantine)
        for rows in stream(source, query):
            for row in rows:
                yield _json(told, row[: len(told)]), _json(names, row[len(told) :])


def _json(names: Any, values: tuple[Stored, ...]) -> str:
    return json.dumps(dict(zip(names, map(as_json, values), strict=True)))
