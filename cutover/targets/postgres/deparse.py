"""Let the server write an expression as it would store it.

The expression is put on a temporary table like the real one, read back from the catalog, and
undone: the real table is only read. Deparsed by one server, two spellings of one condition become
one text: IN and = ANY, casts of constants, parentheses, quotes.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

from cutover.targets.postgres.connect import Connection

_WRITTEN: LiteralString = """
SELECT pg_get_expr(k.conbin, k.conrelid, true) FROM pg_constraint k
WHERE k.conrelid = 'pg_temp.cutover_deparse'::regclass AND k.contype = 'c'
UNION ALL
SELECT pg_get_expr(e.adbin, e.adrelid, true) FROM pg_attrdef e
JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
WHERE e.adrelid = 'pg_temp.cutover_deparse'::regclass AND a.attname = 'cutover_column'
"""


class Deparser:
    """Answers for one schema of one open database; see `counterparts.pair` and `.views`."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def expression(self, table: str, type_: str, expression: str) -> str | None:
        """Return the server's text of an expression, None where it refuses it."""
        if not type_:
            return self._text(table, f"ADD CONSTRAINT cutover_check CHECK ({expression})")
        column = f"ADD COLUMN cutover_column {type_}"
        return self._text(table, f"{column} DEFAULT {expression}") or self._text(
            table, f"{column} GENERATED ALWAYS AS ({expression}) STORED"
        )

    def view(self, select: str) -> str | None:
        """Return the server's text of a view's SELECT, None where it refuses it."""
        create = f"CREATE TEMPORARY VIEW cutover_deparse AS {select}".encode()
        asked = "SELECT rtrim(pg_get_viewdef('pg_temp.cutover_deparse'::regclass, true), ';')"
        try:
            with self._connection.transaction(force_rollback=True):
                self._connection.execute(create)
                return str(self._connection.execute(asked).fetchall()[0][0])
        except psycopg.Error:
            return None

    def _text(self, table: str, clause: str) -> str | None:
        like = sql.SQL("CREATE TEMPORARY TABLE cutover_deparse (LIKE {})")
        # The clause holds a translation of ours, or the server's own text.
        alter = f"ALTER TABLE pg_temp.cutover_deparse {clause}".encode()
        try:
            with self._connection.transaction(force_rollback=True):
                self._connection.execute(like.format(sql.Identifier(self._schema, table)))
                self._connection.execute(alter)
                found = self._connection.execute(_WRITTEN).fetchall()
        except psycopg.Error:
            return None
        return str(found[0][0]) if found else None
