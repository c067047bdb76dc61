"""C3: defaults, asked of both engines: a row of nothing but defaults is inserted into each."""

import re
import time

import pytest

from tests.fix_ddl import Bear, Born

CLOCKS = {
    "a": ("TEXT", "CURRENT_TIMESTAMP", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    "b": ("TEXT", "(datetime('now'))", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    "c": (
        "TEXT",
        "(strftime('%Y-%m-%dT%H:%M:%fZ','now'))",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    ),
    "d": ("TEXT", "CURRENT_DATE", r"\d{4}-\d\d-\d\d"),
    "e": ("TEXT", "CURRENT_TIME", r"\d\d:\d\d:\d\d"),
    "f": ("TEXT", "(date('now'))", r"\d{4}-\d\d-\d\d"),
    "g": ("INTEGER", "(unixepoch())", r"\d{10}"),
    "h": ("INTEGER", "(strftime('%s','now'))", r"\d{10}"),
    "i": ("TEXT", "(lower(hex(randomblob(16))))", r"[0-9a-f]{32}"),
}
INSTANTS = {
    "j": "CURRENT_TIMESTAMP",
    "k": "(datetime('now'))",
    "l": "(strftime('%Y-%m-%dT%H:%M:%fZ','now'))",
    "m": "(unixepoch())",
}
CONSTANTS = {
    "n": ("BOOLEAN", "0", False),
    "o": ("BOOLEAN", "1", True),
    "p": ("BOOLEAN", "FALSE", False),
    "q": ("INTEGER", "TRUE", 1),
    "r": ("TEXT", '"hello"', "hello"),
    "s": ("TEXT", "NULL", None),
    "t": ("INTEGER", "-1", -1),
    "u": ("REAL", "1e3", 1000.0),
    "v": ("TEXT", "'it''s'", "it's"),
    "w": ("BLOB", "x'00ff'", b"\x00\xff"),
}


def source() -> str:
    columns = [f"{name} {type_} DEFAULT {text}" for name, (type_, text, _) in CLOCKS.items()]
    columns += [f"{name} DATETIME DEFAULT {text}" for name, text in INSTANTS.items()]
    columns += [f"{name} {type_} DEFAULT {text}" for name, (type_, text, _) in CONSTANTS.items()]
    columns.append("day DATE DEFAULT CURRENT_DATE")
    return f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(columns)})"


@pytest.fixture
def filled(bear: Bear) -> Born:
    born = bear(source())
    assert born.decisions == {}
    assert born.run().verified.outcome.passed
    born.execute("SET TimeZone = 'America/New_York'; INSERT INTO t DEFAULT VALUES")
    born.move.change("INSERT INTO t DEFAULT VALUES")
    return born


@pytest.mark.hazard("C3.1", "CURRENT_TIMESTAMP on text writes SQLite's form in UTC, else now()")
@pytest.mark.hazard("C3.2", "datetime('now') is the same")
@pytest.mark.hazard("C3.3", "strftime with %f writes milliseconds of a clock that goes on ticking")
@pytest.mark.hazard(
    "C3.4", "CURRENT_DATE and CURRENT_TIME are those of UTC, whatever the session's zone"
)
@pytest.mark.hazard(
    "C3.5", "unixepoch() is floor(extract(epoch …)): PostgreSQL's cast would round up"
)
@pytest.mark.hazard("C3.7", "lower(hex(randomblob(16))) is 32 random digits of gen_random_uuid()")
@pytest.mark.hazard("C3.9", "0, 1, TRUE and FALSE on a boolean are its constants")
@pytest.mark.hazard("C3.10", 'DEFAULT "hello" is the string that SQLite takes it for')
@pytest.mark.hazard("C3.11", "NULL, numbers and quoted strings are as they were")
@pytest.mark.hazard("C1.7", "The default x'00ff' is those two bytes")
def test_a_row_of_defaults_is_alike_in_both_engines(filled: Born) -> None:
    for name, (_, _, form) in CLOCKS.items():
        ((ours,),), ((theirs,),) = (
            filled.fetch(f"SELECT {name}::text FROM t"),
            filled.move.stored(f"SELECT CAST({name} AS TEXT) FROM t"),
        )
        assert re.fullmatch(form, ours), (name, ours)
        assert re.fullmatch(form, theirs), (name, theirs)
    names = ", ".join(INSTANTS)
    moments = filled.fetch(f"SELECT extract(epoch from now() - least({names}))::integer FROM t")
    assert 0 <= moments[0][0] < 120
    ((days,),) = filled.fetch("SELECT (now() AT TIME ZONE 'UTC')::date - day FROM t")
    assert days in (0, 1)
    constants = filled.fetch(f"SELECT {', '.join(CONSTANTS)} FROM t")
    assert list(constants[0]) == [value for _, _, value in CONSTANTS.values()]


@pytest.mark.hazard("C3.5", "The second is the one that has begun, never the next one")
def test_an_epoch_is_never_in_the_future(filled: Born) -> None:
    for _ in range(4):
        filled.execute("INSERT INTO t DEFAULT VALUES")
        time.sleep(0.3)
    rows = filled.fetch("SELECT g, floor(extract(epoch from c::timestamptz))::bigint FROM t")
    assert all(0 <= written - epoch <= 1 for epoch, written in rows)


def test_milliseconds_put_the_rows_of_one_transaction_in_order(filled: Born) -> None:
    with filled.connection() as connection:
        for _ in range(2):
            connection.execute("INSERT INTO t DEFAULT VALUES")
            connection.execute("SELECT pg_sleep(0.01)")
        rows = connection.execute("SELECT c, a FROM t ORDER BY id DESC LIMIT 2").fetchall()
    assert rows[0][0] > rows[1][0]
    assert rows[0][1] == rows[1][1]


@pytest.mark.hazard("C3.6", "julianday('now') is a decision")
@pytest.mark.hazard(
    "C3.8", "datetime('now','localtime') is a decision: it depends on the host's zone"
)
@pytest.mark.hazard("C10.4", "localtime is never translated")
def test_what_has_no_counterpart_is_a_decision_with_its_text(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a REAL DEFAULT (julianday('now')),"
        " b TEXT DEFAULT (datetime('now','localtime')), c BOOLEAN DEFAULT 2)"
    )
    assert set(born.decisions) == {"default:t.a", "default:t.b", "default:t.c"}
    assert "julianday('now')" in born.decisions["default:t.a"]
    assert "datetime('now','localtime')" in born.decisions["default:t.b"]
    assert not born.run().verified.outcome.passed
