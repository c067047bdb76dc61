"""C5: collations, case and order."""

import psycopg
import pytest

from cutover.plan import Bucket
from tests.fix_ddl import Bear

UNIQUE = psycopg.errors.UniqueViolation


@pytest.mark.hazard("C5.1", 'A NOCASE key gets a unique index on lower(x COLLATE "C"): É is not é')
@pytest.mark.hazard("C5.2", "A unique index on lower(x) folds ASCII only, and so is no stricter")
@pytest.mark.hazard("C6.9", 'lower(email) becomes lower(email COLLATE "C")')
def test_nocase_and_lower_fold_ascii_only(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, e TEXT UNIQUE COLLATE NOCASE, l TEXT);"
        "CREATE UNIQUE INDEX tl ON t (lower(l));"
        "INSERT INTO t (e, l) VALUES ('Bob', 'Bob'), ('É', 'É'), ('é', 'é');"
    )
    assert born.decisions == {}
    assert 'compare and sort lower("e" COLLATE "C")' in born.remarks["collation:t.e"]
    assert "ASCII letters only" in born.remarks["index:tl"]
    assert born.run().verified.outcome.passed
    born.refuses("INSERT INTO t (e) VALUES ('bOB')", UNIQUE, "t_e_nocase")
    born.refuses("INSERT INTO t (l) VALUES ('bOB')", UNIQUE, "tl")


@pytest.mark.hazard(
    "C5.3", "Keys and indexed text sort by bytes, as in SQLite, whatever the locale"
)
@pytest.mark.hazard("C5.4", "An ascending index says nothing of NULLs and serves a plain ORDER BY")
def test_indexed_text_sorts_by_bytes_and_serves_a_plain_order(bear: Bear) -> None:
    words = ["B", "Z", "_", "a", "é", "aa", "A", "z", None]
    values = ", ".join("(NULL)" if word is None else f"('{word}')" for word in words)
    born = bear(
        "CREATE TABLE t (order_key TEXT); CREATE INDEX up ON t (order_key);"
        f"CREATE INDEX down ON t (order_key DESC); INSERT INTO t VALUES {values};"
    )
    assert born.run().verified.outcome.passed
    query = "SELECT order_key FROM t {} ORDER BY order_key"
    present = query.format("WHERE order_key IS NOT NULL")
    assert born.fetch(present) == born.move.stored(present)
    assert born.fetch(f"{query.format('')} DESC NULLS LAST") == born.move.stored(
        f"{query.format('')} DESC"
    )
    definitions = dict(
        born.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 't'")
    )
    assert definitions["up"].endswith("(order_key)")
    assert definitions["down"].endswith("(order_key DESC NULLS LAST)")
    with born.connection() as connection:
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = connection.execute(f"EXPLAIN {query.format('')} LIMIT 1").fetchall()  # type: ignore[arg-type]
    assert not any("Sort" in line for (line,) in plan), plan


@pytest.mark.hazard(
    "C5.5", "RTRIM and the application's own collations are decisions, wherever used"
)
@pytest.mark.hazard("C10.4", "Custom collations are never translated")
def test_other_collations_are_decisions(bear: Bear) -> None:
    born = bear(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE RTRIM UNIQUE, b TEXT COLLATE RTRIM,"
        " c TEXT, CHECK (b = 'x' OR c > '')); CREATE INDEX tb ON t (b);"
        "CREATE INDEX tc ON t (c COLLATE RTRIM); CREATE INDEX td ON t (id) WHERE b IN ('x', 'y');"
        "CREATE VIEW shown AS SELECT a, b FROM t; CREATE VIEW asked AS SELECT id FROM t "
        "WHERE b = 'x';"
        "INSERT INTO t VALUES (1, 'a  ', 'x  ', 'c');"
    )
    assert set(born.decisions) == {
        "unique:t(a)",
        "collation:t.b",
        "check:t.b = 'x' OR c > ''",
        *("index:tb", "index:tc", "index:td"),
        "view:asked",
    }
    assert all("RTRIM" in note or "bytewise" in note for note in born.decisions.values())
    assert born.bucket("view", "shown") is Bucket.CARRIED
    born.run()
