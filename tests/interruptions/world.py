"""What both sides of the application hold, as one value that can be compared.

`settled` is what must be the same after any interruption and its repair as without one. `whole`
has also what the journal remembers: two interruptions that leave the same one have the same sequel.
"""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_OBJECTS = """
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid),
    convalidated::text
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid),
    concat(indisvalid, indisready, indisunique)
FROM pg_index WHERE indrelid::regclass::text !~ '[.]'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'sequence', '', sequencename, coalesce(last_value::text, 'none'), ''
FROM pg_sequences WHERE schemaname = 'public'
UNION ALL
SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod),
    concat(attnotnull, attidentity)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
ORDER BY 1, 2, 3
"""
_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname = 'public' OR schemaname = 'cutover' AND tablename <> 'lease' ORDER BY 1, 2
"""
_LEDGER = (
    "SELECT kind, table_name, column_name, rule, key::text, before, after FROM cutover.ledger"
    " JOIN cutover.run ON run.id = run_id WHERE state = 'finished' ORDER BY 1, 2, 3, 4, 5"
)
# What differs from one run to the next: moments, the plan's own text and what follows from it.
_FLEETING = (
    "array['plan', 'plan_digest', 'started_at', 'finished_at', 'put_back_at', 'verified_at',"
    " 'target_image', 'source_images']"
)
_SCRATCH = (
    "SELECT count(*) FROM pg_database WHERE datname LIKE 'cutover\\_scratch\\_'"
    " || (SELECT oid FROM pg_database WHERE datname = current_database()) || '\\_%'"
)

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What the application would notice."""

    objects: Rows
    rows: tuple[tuple[str, Rows], ...]
    ledger: Rows
    flag: str | None
    source: str


@dataclass(frozen=True, slots=True)
class World:
    """All of it."""

    settled: Settled
    journal: tuple[tuple[str, Rows], ...]
    scratch: int
    files: tuple[str, ...]


def world_of(folder: Path, url: str) -> World:
    """Look at everything."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        tables = _rows(connection, _TABLES)
        held = {name: _content(connection, *name) for name in tables}
        has_journal = any(schema == "cutover" for schema, _ in tables)
        return World(
            settled=Settled(
                objects=_rows(connection, _OBJECTS),
                rows=tuple((t, rows) for (s, t), rows in held.items() if s == "public"),
                ledger=_rows(connection, _LEDGER) if has_journal else (),
                flag=_flag(folder),
                source=_dump(folder / "app.db"),
            ),
            journal=tuple((t, rows) for (s, t), rows in held.items() if s == "cutover"),
            scratch=_rows(connection, _SCRATCH)[0][0],
            files=tuple(sorted(p.name for p in (folder / "flag").iterdir())),
        )


def _dump(path: Path) -> str:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def _flag(folder: Path) -> str | None:
    """Return the flag without its moment and its writer."""
    path = folder / "flag" / "provider.json"
    if not path.exists():
        return None
    lines = path.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if '"changed_' not in line and "digest" not in line)


def _content(connection: Any, schema: str, table: str) -> Rows:
    query = f'SELECT (to_jsonb(t) - {_FLEETING})::text FROM "{schema}"."{table}" AS t ORDER BY 1'
    return _rows(connection, query)


def _rows(connection: Any, query: str) -> Rows:
    return tuple(connection.execute(query.encode()).fetchall())
