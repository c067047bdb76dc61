"""A small application with a column for every leaf, and one of every kind of object.

Each column of `readings` holds values that tell one way of converting from another: digits behind
the sixth, an offset, the odd integer after 2^53. They are stored in columns without affinity, so
that SQLite keeps them as they are.
"""

import math
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of `readings`: its target type, what is stored in it, its settings."""

    name: str
    type: str
    values: Sequence[Any]
    settings: str = ""


COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"

FEATURES = (
    Feature("flag", "boolean", (0, 1, 1, 0, 0, None)),
    Feature("answer", "boolean", ("yes", "no", "true", "off", 0.0, 1)),
    Feature(
        "sent_at",
        "timestamptz",
        (
            "2025-03-25T22:40:50+02:00",
            "2025-03-25 22:40:50.123456Z",
            "2025-03-25T22:40:50.1234567+00:00",
            "2025-12-31T23:59:59.9999999-05:00",
            None,
        ),
    ),
    Feature(
        "local_at",
        "timestamptz",
        ("2025-01-15 08:00:00", "2025-07-15T08:00:00.25", "2025-07-16"),
        'zone = "America/New_York"',
    ),
    Feature("counted_at", "timestamptz", (1_700_000_000_123, 1_700_000_000_999, 0.5 + 1.7e12)),
    Feature("clock", "timestamp", ("2025-01-15 08:00:00.5", "1999-12-31T23:59:59.999999")),
    Feature("day", "date", ("2024-02-29", "1900-03-01", "2025-12-31")),
    Feature("hour", "time", ("00:00", "23:59:59.999999", "12:30:00.1234567")),
    Feature(
        "number",
        "bigint",
        (2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**31, 7, "12", 3.0),
    ),
    Feature(
        "cost",
        "double precision",
        (0.1, -0.0, 3.141592653589793, 16777217.0, 5e-324, math.inf, 1e300, None),
    ),
    Feature("amount", "numeric", (1.25, "12345678901234567890.123456789", 2**53 + 1, 0.1)),
    Feature("price", "numeric(12,3)", (10.125, "99.95", 3, -0.5)),
    Feature(
        "note",
        "text",
        (
            "  padded  ",
            COMPOSED,
            DECOMPOSED,
            "",
            "Straße \N{GRINNING FACE}",
            "one\r\ntwo\tthree",
            "a\\nb",
            "x" * 300,
            "NULL",
            None,
        ),
    ),
    Feature("escaped", "text", ("a\0b", "a\\0b", "a\\\\0b", "a\\b", "plain", ""), 'nul = "escape"'),
    Feature("mixed", "text", (1e21, 1.5, 0.1, 42, "text", -1e-7)),
    Feature("code", "varchar(20)", ("A-1", "a-1", " A-1", "Ä" * 20)),
    Feature(
        "body",
        "jsonb",
        (
            '{"b": [3, 1, 2], "a": null}',
            '{"n": 12345678901234567890, "t": 1.10}',
            '{"k": "first", "k": "last"}',
            "[true, 1, 1.0]",
            "null",
            '"{}"',
            '[[], {}, ""]',
            None,
        ),
    ),
    Feature(
        "raw",
        "json",
        ('{"b":1,  "a":2}', '{"n": 1.10}', '{"k": 1, "k": 2}', '"caf\\u00e9"', f'"{COMPOSED}"'),
    ),
    Feature(
        "token",
        "uuid",
        (
            "00112233-4455-6677-8899-aabbccddeeff",
            "FFEEDDCC-BBAA-9988-7766-554433221100",
            "0123456789abcdef0123456789abcdef",
            bytes(range(16)),
        ),
    ),
    Feature("tags", "text[]", ('["b", "a", "b"]', '["", null]', "[]", '{x,"y z",NULL}', None)),
    Feature("counts", "bigint[]", ("[3, 9007199254740993]", "[1, 1]", "[-7]")),
    Feature("mood", "mood", ("low", "high", "it's", "High", None)),
    Feature("took", "interval", ("P1DT2H", "1 mon -1 days +02:03:04.5", "1 day, 2:03:04", "PT26H")),
    Feature("address", "inet", ("10.1.2.3", "10.1.2.0/24", "2001:DB8::1", "::ffff:10.0.0.1", None)),
    Feature("opens", "timetz", ("08:00:00+02:00", "23:59:59.1234567-05:00", "12:00:00Z")),
    Feature("image", "bytea", (b"\x00\x01\xff", b"", b"\xc3\x28", b"\\x41", b"a\0b", None)),
    Feature("attachment", "bytea", ("aGVsbG8=", "\\x41", "deadbeef", "", b"bytes")),
)
ROWS = 24
"""Of `readings`: more than any column has values, which are repeated."""

_SOURCE = """
CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'new', age INTEGER, archived_at TEXT,
    loud TEXT GENERATED ALWAYS AS (upper(state)) STORED,
    CONSTRAINT ck_owners_age CHECK (age > 0)
);
CREATE UNIQUE INDEX ux_owners_open ON owners (name) WHERE state = 'open';
CREATE INDEX ix_owners_age ON owners (age DESC);
CREATE UNIQUE INDEX ux_owners_lower ON owners (lower(email));
CREATE TABLE pets (
    id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT fk_pets_owner FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE
);
CREATE TABLE history (id INTEGER PRIMARY KEY, said TEXT NOT NULL);
CREATE TRIGGER history_no_update BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_no_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE VIEW open_owners AS SELECT id, name FROM owners WHERE state = 'open';
CREATE TABLE visits (place TEXT, seen TEXT);
INSERT INTO owners (id, email, name, state, age, archived_at) VALUES
    (1, 'ann@example.org', 'Ann', 'open', 41, NULL),
    (2, 'bob@example.org', 'Bob', 'new', NULL, '2025-01-01T00:00:00.123456Z'),
    (3, 'cid@example.org', 'Cid', 'closed', 7, '2025-06-01T12:00:00Z'),
    (9, 'dee@example.org', 'Dee', 'open', 8, NULL);
DELETE FROM owners WHERE id = 9;
INSERT INTO pets VALUES (1, 1, 'Rex'), (2, 1, 'Tom'), (5, 3, 'Kit'), (6, 2, 'Ida'),
    (7, 3, 'Max'), (8, 1, 'Leo');
INSERT INTO history VALUES (1, 'made'), (2, 'sold');
INSERT INTO visits VALUES ('north', 'a'), ('north', 'a'), ('south', NULL), ('south', ''),
    ('east', 'b'), ('west', 'c'), ('west', 'd'), ('up', 'e'), ('down', 'f'), ('down', 'f');
"""
_TARGET = """
CREATE TABLE owners (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    email text COLLATE "C" NOT NULL CONSTRAINT uq_owners_email UNIQUE,
    name text COLLATE "C" NOT NULL,
    state text NOT NULL DEFAULT 'new', age bigint, archived_at timestamptz,
    loud text GENERATED ALWAYS AS (upper(state)) STORED,
    CONSTRAINT ck_owners_age CHECK (age > 0)
);
CREATE UNIQUE INDEX ux_owners_open ON owners (name) WHERE state = 'open';
CREATE INDEX ix_owners_age ON owners (age DESC NULLS LAST);
CREATE UNIQUE INDEX ux_owners_lower ON owners (lower(email COLLATE "C"));
CREATE TABLE pets (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL
        CONSTRAINT fk_pets_owner REFERENCES owners (id) ON DELETE CASCADE,
    name text NOT NULL
);
CREATE TABLE history (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, said text NOT NULL);
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION history_refuse();
CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change;
ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_truncate;
CREATE VIEW open_owners AS SELECT id, name FROM owners WHERE state = 'open';
CREATE TABLE visits (place text, seen text);
"""


def target_sql() -> str:
    """Return what the application's PostgreSQL set does."""
    columns = "".join(f', "{feature.name}" {feature.type}' for feature in FEATURES)
    identity = "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    mood = "CREATE TYPE mood AS ENUM ('low', 'high', 'High', 'it''s')"
    return f"{mood}; CREATE TABLE readings ({identity}{columns});{_TARGET}"


def settings_text() -> str:
    """Return the settings that the stored values ask for."""
    named = {feature.name: feature.settings for feature in FEATURES if feature.settings}
    lines = [f'"readings.{name}" = {{ {said} }}' for name, said in named.items()]
    return "\n".join(["[columns]", *lines, '[sets]\npostgres = "set"', ""])


def make_source(path: Path) -> None:
    """Write the SQLite file."""
    columns = "".join(f', "{feature.name}"' for feature in FEATURES)
    places = ", ".join("?" * (len(FEATURES) + 1))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE readings (id INTEGER PRIMARY KEY{columns})")
        rows = ([n, *(f.values[n % len(f.values)] for f in FEATURES)] for n in range(ROWS))
        connection.executemany(f"INSERT INTO readings VALUES ({places})", rows)
        connection.executescript(_SOURCE)
