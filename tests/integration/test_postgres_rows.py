"""Reading rows in key order, and asking the live target."""

import random
from contextlib import closing

import pytest
from psycopg import sql

from cutover.errors import TargetError, TryAgain
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.inspect import inspect
from cutover.targets.postgres.reader import LiveTarget
from cutover.targets.postgres.rows import TargetQuery, count, stream


def run(connection: Connection, script: str) -> None:
    connection.execute(sql.SQL(script))  # type: ignore[arg-type]


def rows(connection: Connection, *columns: str, order: tuple[str, ...] = ()) -> list[object]:
    query = TargetQuery(schema="public", table="t", columns=columns, order=order)
    return [row for batch in stream(connection, query, batch_rows=3) for row in batch]


TYPES = {
    "smallint": ("-7", -7),
    "bigint": ("9223372036854775807", 9223372036854775807),
    "double precision": ("5e-324", 5e-324),
    "real": ("0.1", 0.1),
    "boolean": ("t", True),
    "bytea": ("\\x00ff", b"\x00\xff"),
    "text": ("é\U0001f600 \\ '", "é\U0001f600 \\ '"),
    "character(4)": ("ab", "ab  "),
    "timestamptz": ("2024-01-01 00:00:00.1+02", "2023-12-31 22:00:00.1+00"),
    "timestamp": ("-infinity", "-infinity"),
    "date": ("0044-03-15 BC", "0044-03-15 BC"),
    "time": ("24:00", "24:00:00"),
    "timetz": ("01:02:03+02", "01:02:03+02"),
    "interval": ("1 mon -2 days", "1 mon -2 days"),
    "numeric": ("1.50", "1.50"),
    "json": ('{"a":  1}', '{"a":  1}'),
    "jsonb": ('{"a":  1}', '{"a": 1}'),
    "uuid": ("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "inet": ("10.0.0.1", "10.0.0.1"),
    "integer[]": ("{1,NULL}", "{1,NULL}"),
    "text[]": ('{"a b"}', '{"a b"}'),
    "point": ("(1,2)", "(1,2)"),
    "xid8": ("7", "7"),
}


@pytest.mark.parametrize("type_", TYPES)
def test_a_value_reads_alike_alone_and_beside_any_other_type(
    postgres: Connection, type_: str
) -> None:
    written, expected = TYPES[type_]
    run(postgres, f"CREATE TABLE t (a {type_}, b bigint, c inet)")
    postgres.execute("INSERT INTO t VALUES (%s, 1, '::1'), (NULL, NULL, NULL)", (written,))
    assert rows(postgres, "a") == [(expected,), (None,)]
    assert rows(postgres, "a", "b") == [(expected, 1), (None, None)]
    assert rows(postgres, "c", "a") == [("::1", expected), (None, None)]


@pytest.mark.parametrize("collation", ["default", "C", "und-x-icu"])
@pytest.mark.hazard("H13", "rows are compared in the order of their bytes, whatever the collation")
def test_text_comes_in_the_order_of_its_bytes(postgres: Connection, collation: str) -> None:
    known = postgres.execute("SELECT 1 FROM pg_collation WHERE collname = %s", (collation,))
    if not known.fetchall():
        collation = "default"  # a server without ICU
    words = ["a", "B", "ä", "Z", "", "_", "ab", "\U0001f600", "\uffff", "a b", "10", "9"]
    shuffled = random.Random(7).sample(words, len(words))
    run(postgres, f'CREATE TABLE t (k text COLLATE "{collation}" PRIMARY KEY)')
    postgres.execute("INSERT INTO t SELECT unnest(%s::text[])", (shuffled,))
    expected = sorted(words, key=lambda word: word.encode())
    assert rows(postgres, "k", order=("k",)) == [(word,) for word in expected]


def test_a_number_read_as_text_is_still_ordered_as_a_number(postgres: Connection) -> None:
    run(postgres, "CREATE TABLE t (n numeric); INSERT INTO t VALUES (10), (9), (NULL), (-1)")
    assert rows(postgres, "n", order=("n",)) == [(None,), ("-1",), ("9",), ("10",)]


def test_batches_are_full_and_none_is_empty(postgres: Connection) -> None:
    run(postgres, "CREATE TABLE t AS SELECT generate_series(1, 6) AS n")
    query = TargetQuery(schema="public", table="t", columns=("n",), order=("n",))
    batches = list(stream(postgres, query, batch_rows=3))
    assert [[n for (n,) in batch] for batch in batches] == [[1, 2, 3], [4, 5, 6]]
    run(postgres, "TRUNCATE t")
    assert list(stream(postgres, query, batch_rows=3)) == []


def test_a_stream_that_is_left_early_leaves_its_transaction_usable(postgres: Connection) -> None:
    run(postgres, "CREATE TABLE t AS SELECT generate_series(1, 60000) AS n")
    query = TargetQuery(schema="public", table="t", columns=("n",), order=("n",))
    for taken in (1, 2, 3):
        with closing(stream(postgres, query, batch_rows=2)) as first:
            assert [next(first) for _ in range(taken)][-1] == [(2 * taken - 1,), (2 * taken,)]
        assert postgres.execute("SELECT count(*) FROM t").fetchall() == [(60000,)]


def test_an_ordered_read_of_a_bytewise_key_can_use_its_index(postgres_url: str) -> None:
    with closing(connect(postgres_url, autocommit=True)) as other:
        run(other, "CREATE TABLE t (k text COLLATE \"C\" PRIMARY KEY); INSERT INTO t VALUES ('a')")
        with closing(connect(postgres_url)) as connection:
            query = TargetQuery(schema="public", table="t", columns=("k",), order=("k",))
            with closing(stream(connection, query, batch_rows=1)) as reader:
                next(reader)
                pid = connection.info.backend_pid
                asked = "SELECT query FROM pg_stat_activity WHERE pid = %s"
                ((statement,),) = other.execute(asked, (pid,)).fetchall()
        run(other, "SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = other.execute(sql.SQL("EXPLAIN " + statement)).fetchall()
    assert "ORDER BY" in statement
    assert "Sort" not in str(plan)


def test_odd_names_and_another_schema_are_read(postgres: Connection) -> None:
    run(
        postgres,
        """CREATE SCHEMA "S x"; CREATE TABLE "S x"."T %s" ("a ""b"" %" int, "{}" text);
           INSERT INTO "S x"."T %s" VALUES (1, 'x')""",
    )
    columns = ('a "b" %', "{}")
    query = TargetQuery(schema="S x", table="T %s", columns=columns, order=("{}",))
    assert list(stream(postgres, query, batch_rows=9)) == [[(1, "x")]]
    assert count(postgres, "S x", "T %s") == 1


def test_a_missing_column_and_a_missing_table_are_named(postgres: Connection) -> None:
    with pytest.raises(TargetError, match=r'"t"\."a"'):
        rows(postgres, "a")
    with pytest.raises(TargetError, match='counting "t"'):
        count(postgres, "public", "t")


GUARDED = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
    CREATE TABLE t (a int PRIMARY KEY, p int REFERENCES t DEFERRABLE INITIALLY DEFERRED);
    INSERT INTO t VALUES (1, 1);
    CREATE TRIGGER guard BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_probe_tells_what_refused_it_and_leaves_no_trace(
    postgres_url: str, *, autocommit: bool
) -> None:
    with closing(connect(postgres_url, autocommit=autocommit)) as connection:
        run(connection, GUARDED)
        if not autocommit:
            connection.commit()
        reader = LiveTarget(connection, "public")
        assert reader.refusal_of("DELETE FROM t") == "23000"
        assert reader.refusal_of("UPDATE t SET p = 5") == "23503"
        assert reader.refusal_of("UPDATE t SET a = 9, p = 9") is None
        assert reader.refusal_of(sql.SQL("TRUNCATE t")) is None
        assert reader.fetch("SELECT a FROM t WHERE a = %s", (1,)) == [(1,)]
        assert reader.fetch("SELECT 100 % 7") == [(2,)]
        assert reader.catalog() == inspect(connection, "public")
        assert connection.execute("SHOW lock_timeout").fetchall() == [("5s",)]


def test_a_lock_does_not_pass_for_a_guard(postgres_url: str) -> None:
    with closing(connect(postgres_url)) as holder, closing(connect(postgres_url)) as prober:
        run(holder, GUARDED)
        holder.commit()
        run(holder, "LOCK TABLE t IN SHARE MODE")
        with pytest.raises(TryAgain):
            LiveTarget(prober, "public").refusal_of("TRUNCATE t")


def test_a_question_that_fails_is_a_target_error(postgres: Connection) -> None:
    with pytest.raises(TargetError, match="42P01"):
        LiveTarget(postgres, "public").fetch("SELECT * FROM nowhere")
    assert LiveTarget(postgres, "public").fetch("SELECT 1") == [(1,)]
