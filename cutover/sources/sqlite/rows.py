"""Rows of a SQLite table, in batches, in the order of a key.

Names are written as `"table"."column"`: a bare `"name"` that names no column is a string to SQLite
(https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted). Text is ordered
bytewise, whatever collation its column has; storage classes sort as NULL, numbers, text, blobs
(https://sqlite.org/datatype3.html#sort_order).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cutover import long_values
from cutover.catalog import Identity, Table
from cutover.dialect.tokens import TokenKind, closing, tokenize
from cutover.errors import UsageError
from cutover.profile import Stored

_ROWID_NAMES = ("rowid", "_rowid_", "oid")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuery:
    """Which columns of which rows. `order` may be empty, and may name the rowid."""

    table: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ()
    where: str | None = None
    after: tuple[Stored, ...] | None = None
    """The values of `order` in the last row already read; none of them NULL."""
    batch_rows: int = 5_000
    aside: tuple[str, ...] = ()
    """Those of `columns` whose long values are not read: they come as NULL."""


def fold(name: str) -> str:
    """Return a name as SQLite compares it: ASCII letters only, in lower case."""
    return name.translate(_LOWER)


def quote(name: str) -> str:
    """Return a name quoted for SQLite.

    >>> print(quote('an "odd" name'))
    "an ""odd"" name"
    """
    return '"' + name.replace('"', '""') + '"'


def qualified(table: str, column: str) -> str:
    """Return `"table"."column"`, quoted for SQLite."""
    return f"{quote(table)}.{quote(column)}"


def cursor_of(table: Table) -> tuple[str, ...]:
    """Return the columns that a walk over the table follows: the order it is stored in.

    The INTEGER PRIMARY KEY that is the rowid, else a name of the rowid that no column shadows
    (https://sqlite.org/lang_createtable.html#rowid), the primary key of a WITHOUT ROWID table;
    empty where there is none of these.
    """
    if table.without_rowid:
        return table.primary_key.columns if table.primary_key else ()
    for column in table.columns:
        if column.identity is not Identity.NONE:
            return (column.name,)
    taken = {fold(column.name) for column in table.columns}
    return next(((name,) for name in _ROWID_NAMES if name not in taken), ())


def told_by(table: Table) -> tuple[str, ...]:
    """Return the columns by which a person finds a row: the declared key, else the cursor.

    A primary key that is not the rowid may hold NULL (https://sqlite.org/quirks.html), and then
    tells nothing: who shows a key with a NULL in it shows the cursor instead.
    """
    if table.primary_key and not any(column.hidden for column in table.columns):
        return table.primary_key.columns
    return cursor_of(table)


def stream(connection: sqlite3.Connection, query: RowQuery) -> Iterator[list[tuple[Any, ...]]]:
    """Yield lists of up to `batch_rows` tuples: the columns of `order`, then those of `columns`.

    After them come the storage classes of the columns `aside`. The rows are those of `where`,
    strictly after `after`. Raises sqlite3.Error: see `source_errors`; ValueError where `after`
    doesn't fit `order`.
    """
    sql, parameters = select(query)
    rows = connection.execute(sql, parameters)
    # Nothing here holds on to a list that was handed out: one value may have 100 MB.
    yield from iter(lambda: rows.fetchmany(query.batch_rows), [])


def count(connection: sqlite3.Connection, table: str, *, where: str | None = None) -> int:
    """Count the rows of a table, or those of a filter. UsageError for a filter that is none.

    Raises sqlite3.Error as `stream` does.
    """
    if where is not None:
        _refuse_unbalanced(table, where)
    sql = f"SELECT count(*) FROM {quote(table)}{where_clause(where)}"  # noqa: S608 - quoted
    try:
        (rows,) = connection.execute(sql).fetchone()
    except sqlite3.OperationalError as error:
        if where is None or error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise _bad_filter(table, f"{where}: {error}") from error
    return int(rows)


SELECTED_MAX = 1_000_000
"""Keys that are held in memory to compare two conditions; more of them are not compared."""


def selected(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], where: str
) -> frozenset[tuple[Stored, ...]] | None:
    """Return the keys of the rows that a condition selects; None without a key, or too many."""
    if not columns:
        return None
    names = ", ".join(map(quote, columns))
    query = f"SELECT {names} FROM {quote(table)} WHERE {where} LIMIT {SELECTED_MAX + 1}"  # noqa: S608 - names are quoted, the condition is the schema's own
    try:
        rows = frozenset(connection.execute(query))
    except sqlite3.Error:
        return None
    return rows if len(rows) <= SELECTED_MAX else None


def _refuse_unbalanced(table: str, where: str) -> None:
    """Refuse a filter that would end its own parentheses, and take others' conditions in."""
    try:
        tokens = tokenize(f"({where}\n)")
        alone = closing(tokens, 0) == len(tokens) - 1
    except ValueError as error:
        raise _bad_filter(table, f"{where}: {error}") from error
    odd = any(token.text == ";" or token.kind is TokenKind.PARAMETER for token in tokens)
    if odd or not alone:
        raise _bad_filter(table, f"{where}: this is not one condition")


def _bad_filter(table: str, detail: str) -> UsageError:
    return UsageError(
        f'the row filter of "{table}" is not understood',
        detail=detail,
        hint=f'correct the setting [rows] "{table}"',
    )


def all_of(*conditions: str | None) -> str:
    """Return one condition of those that are not None; empty without any."""
    return " AND ".join(f"({text}\n)" for text in conditions if text is not None)


def where_clause(*conditions: str | None) -> str:
    """Return a WHERE clause of the conditions that are not None; empty without any."""
    # A condition of the settings may end in a comment: its parenthesis closes on a line of its own.
    given = all_of(*conditions)
    return f" WHERE {given}" if given else ""


def select(query: RowQuery) -> tuple[str, list[Stored]]:
    """Return the SELECT of a query and its parameters. ValueError as in `stream`."""
    names = [qualified(query.table, name) for name in (*query.order, *query.columns)]
    order = [f"{name} COLLATE BINARY" for name in names[: len(query.order)]]
    after, parameters = _after(order, query.after) if query.after is not None else (None, [])
    places = {len(query.order) + query.columns.index(name) for name in query.aside}
    read = [_unless_long(n) if p in places else n for p, n in enumerate(names)]
    read += [f"typeof({qualified(query.table, name)})" for name in query.aside]
    sql = (
        f"SELECT {', '.join(read) or 'NULL'} FROM {quote(query.table)}"  # noqa: S608 - quoted
        f"{where_clause(query.where, after)}"
    )
    return sql + (f" ORDER BY {', '.join(order)}" if order else ""), parameters


def _unless_long(name: str) -> str:
    # A blob says its length; a text has to be read for it, and is let go again.
    length = (
        f"CASE typeof({name}) WHEN 'blob' THEN length({name}) ELSE length(CAST({name} AS BLOB)) END"
    )
    return f"CASE WHEN {length} > {long_values.LONG_BYTES} THEN NULL ELSE {name} END"


def _after(order: Sequence[str], after: tuple[Stored, ...]) -> tuple[str, list[Stored]]:
    if not order or len(after) != len(order) or None in after:
        raise ValueError(f"{after!r} is no place in an order by {', '.join(order) or 'nothing'}")
    markers = [_marker(value) for value in after]
    parameters = [_parameter(value) for value in after]
    # SQLite (3.40) seeks in an index by a lone column under COLLATE, but not by a row value.
    condition = f"{order[0]} >= {markers[0]}"
    row = f"({', '.join(order)}) > ({', '.join(markers)})"
    return f"{condition} AND {row}", [parameters[0], *parameters]


def _marker(value: Stored) -> str:
    return "CAST(? AS TEXT)" if isinstance(value, str) and _has_surrogates(value) else "?"


def _parameter(value: Stored) -> Stored:
    if isinstance(value, str) and _has_surrogates(value):
        return value.encode("utf-8", "surrogateescape")
    return value


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
