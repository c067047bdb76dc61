"""Which values a btree of this server takes: it is asked, because it compresses before it judges.

An index row may have 2,704 bytes where a page has 8 kB; what compresses well fits all the same, so
no length alone answers (https://www.postgresql.org/docs/current/btree.html). Text compresses as
its bytes do, so bytes stand for every type.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import psycopg
from psycopg import sql

from cutover.targets.postgres.connect import Connection

T = TypeVar("T")
_BATCH_ROWS = 500


def refused_rows(
    connection: Connection, width: int, rows: Iterable[tuple[T, tuple[bytes | None, ...]]]
) -> Iterator[T]:
    """Yield the names of the rows of `width` values that an index of all of them refuses.

    The connection is to a scratch database, and in autocommit.
    """
    names = [sql.Identifier(f"c{place}") for place in range(width)]
    columns = sql.SQL(", ").join(sql.SQL("{} bytea").format(name) for name in names)
    connection.execute(sql.SQL("CREATE TABLE index_rows ({})").format(columns))
    statement = sql.SQL("CREATE INDEX ON index_rows ({})").format(sql.SQL(", ").join(names))
    connection.execute(statement)
    values = sql.SQL(", ").join([sql.Placeholder()] * width)
    insert = sql.SQL("INSERT INTO index_rows VALUES ({})").format(values)
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH_ROWS)):
        yield from (name for name, row in batch if not _takes(connection, insert, row))
        connection.execute("TRUNCATE index_rows")
    connection.execute("DROP TABLE index_rows")


def _takes(connection: Connection, insert: sql.Composed, row: tuple[bytes | None, ...]) -> bool:
    try:
        connection.execute(insert, row)
    except psycopg.errors.ProgramLimitExceeded:
        return False
    return True
