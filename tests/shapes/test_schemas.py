"""Tables as SQLite allows them: generated, strict, virtual, wide, many, empty, in any encoding."""

import sqlite3
from contextlib import closing

import pytest

from cutover.cli import main
from cutover.plan import Bucket, Plan
from tests.fix_move import MakeMove, Move


def moved(move: Move) -> Plan:
    """Run, and check that verify passed."""
    done = move.run()
    assert done.verified is not None, done.plan.unsettled
    assert done.verified.outcome.passed, done.verified.outcome.findings
    return done.plan


@pytest.mark.hazard(
    "A54", "generated columns are left out of COPY, and what they compute is compared"
)
@pytest.mark.hazard("C9.3", "generated columns become stored ones, and are never loaded")
def test_generated_columns_are_computed_and_compared(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER,"
        " twice INTEGER GENERATED ALWAYS AS (n * 2) VIRTUAL,"
        " next INTEGER AS (n + 1) STORED); INSERT INTO t (n) VALUES (1), (-5), (NULL);"
    )
    moved(move)
    assert move.fetch("SELECT n, twice, next FROM t ORDER BY id") == [
        *((1, 2, 2), (-5, -10, -4), (None, None, None)),
    ]
    move.execute(
        "ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION", "UPDATE t SET twice = 3 WHERE n = 1"
    )
    assert not move.verify().outcome.passed


def test_a_strict_table_arrives_in_its_own_types(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (a INT, b REAL, c TEXT, d BLOB, e ANY) STRICT;"
        "INSERT INTO t VALUES (1, 2, 'x', x'00', 7), (9223372036854775807, 1.5, '', x'', 8);"
    )
    moved(move)
    assert move.fetch("SELECT * FROM t ORDER BY a") == [
        *((1, 2.0, "x", b"\0", 7), (2**63 - 1, 1.5, "", b"", 8)),
    ]


@pytest.mark.hazard("A67", "unknown collations and functions are read around, and named")
@pytest.mark.hazard("C5.5", "a collation that only the application has is named for a decision")
def test_what_only_the_application_registered_is_read_around(make_move: MakeMove) -> None:
    move = make_move("SELECT 1")
    with closing(sqlite3.connect(move.source, isolation_level=None)) as file:
        file.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        file.create_function("title_sort", 1, lambda text: text, deterministic=True)
        file.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE unicase UNIQUE);"
            "CREATE INDEX by_name ON t (name COLLATE unicase);"
            "CREATE INDEX by_title ON t (title_sort(name));"
            "CREATE UNIQUE INDEX one ON t (name) WHERE title_sort(name) <> '';"
            "INSERT INTO t (name) VALUES ('b'), ('a'), ('ä');"
        )
    done = move.run()
    assert done.verified is not None
    assert move.fetch("SELECT name FROM t ORDER BY id") == [("b",), ("a",), ("ä",)]
    assert {f.kind for f in done.verified.outcome.findings} <= {"decision"}
    assert {"by_title", "one"} <= {d.name for d in done.plan.decisions}


@pytest.mark.hazard("A55", "virtual and shadow tables are listed with the reason, and not copied")
@pytest.mark.hazard("C9.2", "virtual tables are reported as not carried, their shadows as theirs")
def test_a_virtual_table_whose_module_is_missing_is_named(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'x');"
        "CREATE VIRTUAL TABLE words USING fts5(v); INSERT INTO words VALUES ('x');"
        "PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_master VALUES ('table', 'ghost', 'ghost', 0,"
        " 'CREATE VIRTUAL TABLE ghost USING no_such_module(a, b)');"
    )
    done = move.run()
    assert done.verified is not None
    assert {f.subject for f in done.verified.outcome.findings} == {'"words"', '"ghost"'}
    assert [table.target for table in done.plan.tables] == ["t"]
    shadows = [o for o in done.plan.objects if o.bucket is Bucket.EQUIVALENT]
    assert {"words_content", "words_data"} <= {o.name for o in shadows}
    waived = '[waive]\n"virtual table:*" = "the search is rebuilt in PostgreSQL"\n'
    moved(move.again(waived))


@pytest.mark.hazard("A56", "a view that can't be translated is named, and keeps the flip closed")
@pytest.mark.hazard("C9.1", "views are translated where that is sure, and named where it isn't")
def test_views_are_carried_or_named(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y');"
        "CREATE VIEW plain AS SELECT id, v FROM t WHERE id > 1;"
        "CREATE VIEW odd AS SELECT v, max(id) FROM t;"
    )
    done = move.run()
    assert done.verified is not None
    assert [f.subject for f in done.verified.outcome.findings] == ['"odd"']
    assert move.fetch("SELECT v FROM plain") == [("y",)]


def test_empty_tables_and_an_empty_database_arrive(make_move: MakeMove) -> None:
    move = make_move("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT UNIQUE)")
    assert moved(move).tables[0].rows == 0
    assert move.fetch("INSERT INTO t (v) VALUES ('x') RETURNING id") == [(1,)]


def test_a_database_without_tables_is_done_at_once(make_move: MakeMove) -> None:
    move = make_move("CREATE TABLE t (x); DROP TABLE t;")
    assert moved(move).tables == ()


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_database_in_utf16_arrives_in_utf8(make_move: MakeMove, encoding: str) -> None:
    move = make_move(
        f"PRAGMA encoding = '{encoding}';"
        'CREATE TABLE "täble" (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID;'
        "INSERT INTO \"täble\" VALUES ('z', 'ä'), ('é', '🎺'), ('', 'a' || char(0x10FFFF)),"
        " (char(0xFFFD), 'b'), ('🎺', 'c');"
    )
    assert move.stored("PRAGMA encoding") == [(encoding,)]
    moved(move)
    assert sorted(move.fetch('SELECT * FROM "täble"')) == sorted(
        move.stored('SELECT * FROM "täble"')
    )


def test_fifteen_hundred_columns_arrive(make_move: MakeMove) -> None:
    columns = ", ".join(f"c{n} INTEGER" for n in range(1_499))
    # A row of the target is one page at most, 8 kB: most columns are NULL.
    values = ", ".join(str(n) if n in (0, 777, 1_498) else "NULL" for n in range(1_499))
    move = make_move(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns}); INSERT INTO t VALUES (1, {values});"
    )
    moved(move)
    assert move.fetch("SELECT c0, c777, c1498 FROM t") == [(0, 777, 1498)]


@pytest.mark.slow
def test_five_hundred_tables_arrive(make_move: MakeMove) -> None:
    tables = (
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, p INTEGER REFERENCES t{max(0, n - 1)});"
        f"INSERT INTO t{n} VALUES (1, 1);"
        for n in range(500)
    )
    move = make_move("BEGIN;" + "".join(tables) + "COMMIT;")
    assert len(moved(move).tables) == 500


@pytest.mark.hazard(
    "A66", "rows that are only in the -wal are read, and a write since the plan refuses"
)
@pytest.mark.hazard("H31", "committed rows of the -wal are read without a checkpoint")
def test_committed_rows_of_the_log_are_read_beside_a_live_writer(make_move: MakeMove) -> None:
    move = make_move("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY);")
    with closing(sqlite3.connect(move.source, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("INSERT INTO t VALUES (1), (2)")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES (3)")
        done = move.run()
        assert done.verified is not None
        assert done.verified.outcome.passed
        assert move.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (2,)]
        plan = move.plan()
        assert plan.empty
        writer.execute("COMMIT")
        assert not move.plan().empty
    line = ["--config", str(move.directory / "cutover.toml"), "--target", move.url]
    (move.directory / "cutover.toml").write_text(f"[source]\ndatabases = ['{move.source}']\n")
    assert main(["flip", *line]) == 4
