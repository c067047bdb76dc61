"""Connecting: what a session is set to, what values arrive as, and what each failure means."""

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from cutover.embedded import database_url
from cutover.errors import CutoverError, Partial, TargetError, TryAgain, UsageError
from cutover.targets.postgres.connect import Connection, connect, target_errors
from cutover.targets.postgres.errors import connection_error
from cutover.targets.postgres.urls import is_local, parse_url


def one(connection: Connection, query: str) -> object:
    return connection.execute(sql.SQL(query)).fetchall()[0][0]  # type: ignore[arg-type]


@pytest.fixture
def role(postgres_server: str, postgres_url: str) -> Iterator[str]:
    """Give a role of the test's own, by the name of its database, without any privilege."""
    name = str(parse_url(postgres_url)["dbname"])
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


def as_role(url: str, role: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}user={quote(role)}"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("9223372036854775807::bigint", 9223372036854775807),
        ("0.1::float8", 0.1),
        ("0.1::float4", 0.1),
        ("true", True),
        ("'\\x00ff'::bytea", b"\x00\xff"),
        ("'2024-01-02 03:04:05.123456+02'::timestamptz", "2024-01-02 01:04:05.123456+00"),
        ("'infinity'::timestamptz", "infinity"),
        ("'10000-01-01'::date", "10000-01-01"),
        ("'24:00'::time", "24:00:00"),
        ("1.10::numeric", "1.10"),
        ("'NaN'::numeric", "NaN"),
        ('\'{"b":1.0,"a":2}\'::jsonb', '{"a": 2, "b": 1.0}'),
        ('\'{"b":1.0,  "a":2}\'::json', '{"b":1.0,  "a":2}'),
        ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("ARRAY[1, NULL, 3]", "{1,NULL,3}"),
        ("ARRAY['a b', '']", '{"a b",""}'),
        ("'10.0.0.1'::inet", "10.0.0.1"),
        ("'1 day 02:00'::interval", "1 day 02:00:00"),
        ("NULL::timestamptz", None),
    ],
)
def test_a_value_arrives_as_a_number_or_as_the_servers_text(
    postgres: Connection, query: str, value: object
) -> None:
    assert one(postgres, f"SELECT {query}") == value


def test_an_enum_and_its_array_arrive_as_text(postgres: Connection) -> None:
    postgres.execute("CREATE TYPE mood AS ENUM ('sad', 'happy day')")
    assert one(postgres, "SELECT 'sad'::mood") == "sad"
    assert one(postgres, "SELECT ARRAY['sad', 'happy day']::mood[]") == '{sad,"happy day"}'


def test_settings_of_a_role_do_not_reach_the_session(postgres_url: str) -> None:
    name = parse_url(postgres_url)["dbname"]
    hostile = {
        "timezone": "Asia/Tokyo",
        "datestyle": "German",
        "intervalstyle": "iso_8601",
        "extra_float_digits": "-5",
        "statement_timeout": "5s",
        "bytea_output": "escape",
        "quote_all_identifiers": "on",
    }
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for key, value in hostile.items():
            alter = sql.SQL("ALTER DATABASE {} SET {} = {}")
            parts = (sql.Identifier(str(name)), sql.Identifier(key), sql.Literal(value))
            admin.execute(alter.format(*parts))
    with closing(connect(postgres_url)) as connection:
        shown = {key: one(connection, f"SHOW {key}") for key in hostile}
    assert shown == {
        "timezone": "UTC",
        "datestyle": "ISO, YMD",
        "intervalstyle": "postgres",
        "extra_float_digits": "1",
        "statement_timeout": "0",
        "bytea_output": "hex",
        "quote_all_identifiers": "off",
    }


def test_a_session_says_who_it_is_and_waits_five_seconds_for_a_lock(postgres_url: str) -> None:
    with closing(connect(postgres_url, application_name="cutover test")) as connection:
        assert one(connection, "SHOW application_name") == "cutover test"
        assert one(connection, "SHOW lock_timeout") == "5s"
        assert one(connection, "SHOW client_connection_check_interval") == "1s"
        connection.rollback()
        assert one(connection, "SHOW lock_timeout") == "5s"


def test_the_search_path_is_the_schema_whatever_its_name(postgres_url: str) -> None:
    schema = 'it\'s "mine", ok'
    with closing(connect(postgres_url, schema=schema, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute("CREATE TABLE here ()")
        query = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'here'"
        assert one(connection, query) == '"it\'s ""mine"", ok"'


def test_rows_that_row_security_would_hide_are_an_error(postgres_url: str, role: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("CREATE TABLE hidden AS SELECT 1 AS id")
        admin.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
        grant = sql.SQL("GRANT SELECT ON hidden TO {}")
        admin.execute(grant.format(sql.Identifier(role)))
    with (
        closing(connect(as_role(postgres_url, role))) as connection,
        pytest.raises(TargetError, match="privilege"),
        target_errors("reading"),
    ):
        connection.execute("SELECT * FROM hidden")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgresql:///app", True),
        ("postgresql:///app?host=/run/postgresql", True),
        ("postgresql://u@%2Frun%2Fpostgresql/app", True),
        ("postgresql://localhost/app", True),
        ("postgresql://127.0.0.53:5433/app", True),
        ("postgresql://[::1]:5433/app", True),
        ("postgresql://db/app", False),
        ("postgresql://10.0.0.1/app", False),
        ("postgresql://localhost,db/app", False),
        ("postgresql://localhost/app?hostaddr=10.0.0.1", False),
        ("postgresql://localhost.example.org/app", False),
    ],
)
def test_a_host_is_local_only_where_no_network_lies_between(url: str, *, local: bool) -> None:
    assert is_local(parse_url(url)) is local


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://postgres:@/postgres?host=/s", "postgresql://postgres:@/new%20%2F?host=/s"),
        ("postgresql:///app?host=/s&port=1", "postgresql:///new%20%2F?host=/s&port=1"),
        ("postgres://u:p%40#x@h:1,i:2/app", "postgres://u:p%40#x@h:1,i:2/new%20%2F"),
        ("postgresql://h", "postgresql://h/new%20%2F"),
        ("postgresql://h?dbname=app&sslmode=require", "postgresql://h/new%20%2F?sslmode=require"),
        ("postgresql://u:a?b@h/app", "postgresql://u:a?b@h/new%20%2F"),
    ],
)
def test_another_database_of_the_same_server_has_a_url(url: str, expected: str) -> None:
    assert database_url(url, "new /") == expected
    before, after = parse_url(url), parse_url(expected)
    assert after == {**before, "dbname": "new /"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.db",
        "mysql://u:secret@h/app",
        "postgresql+psycopg://u:secret@h/app",
        "postgresql://u:sec%ZZret@h/app",
        "postgresql://u:secret@h/app?sslmod=require",
        "postgresql://u:secret@h/app?sslmode",
    ],
)
def test_what_is_no_url_is_a_usage_error_that_repeats_no_secret(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        connect(url)
    assert "postgresql://user:password@host" in caught.value.hint
    assert "sec" not in f"{caught.value.message} {caught.value.detail}"


def test_a_server_that_is_not_there_is_tried_again(unused_port: int) -> None:
    for url in (
        f"postgresql://u:geheim@127.0.0.1:{unused_port}/app",
        "postgresql://u:geheim@no-such-host.invalid/app?connect_timeout=2",
        "postgresql://u:geheim@/app?host=/nonexistent",
    ):
        with pytest.raises(TryAgain, match="not reachable") as caught:
            connect(url)
        assert "geheim" not in str(caught.value)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_missing_database_and_a_missing_role_are_named(postgres_server: str) -> None:
    with pytest.raises(TargetError, match='database "nope" does not exist') as caught:
        connect(database_url(postgres_server, "nope"))
    assert caught.value.hint == 'create it: CREATE DATABASE "nope"'
    with pytest.raises(TargetError, match='role "nobody known"') as caught:
        connect(as_role(postgres_server, "nobody known"))
    assert "CREATE ROLE" in caught.value.hint


def test_a_database_that_is_closed_to_a_role_is_a_target_error(
    postgres_url: str, role: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        name = sql.Identifier(str(parse_url(postgres_url)["dbname"]))
        admin.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
    with pytest.raises(TargetError, match="no privilege to connect") as caught:
        connect(as_role(postgres_url, role))
    assert "GRANT CONNECT" in caught.value.hint


def test_a_role_with_no_connection_left_tries_again(postgres_url: str, role: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        limit = sql.SQL("ALTER ROLE {} CONNECTION LIMIT 0").format(sql.Identifier(role))
        admin.execute(limit)
    with pytest.raises(TryAgain, match="no connection free"):
        connect(as_role(postgres_url, role))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('FATAL:  password authentication failed for user "app"', TargetError),
        ("fe_sendauth: no password supplied", TargetError),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "app"', TargetError),
        ("server does not support SSL, but SSL was required", TargetError),
        ("SSL error: certificate verify failed", TargetError),
        ("FATAL:  the database system is starting up", TryAgain),
        ("FATAL:  sorry, too many clients already", TryAgain),
        ("FATAL:  remaining connection slots are reserved for roles", TryAgain),
        ("FATAL:  Zugriff verweigert", TargetError),
        ("connection timeout expired", TryAgain),
    ],
)
def test_what_a_server_says_at_the_door_is_understood(said: str, kind: type[CutoverError]) -> None:
    error = connection_error(psycopg.OperationalError(f"{said} (pw)"), '"h"', "pw")
    assert type(error) is kind
    assert error.hint
    assert "pw" not in str(error).replace("pw=", "")


def test_a_lost_connection_is_partial_and_resumable(postgres_url: str) -> None:
    with closing(connect(postgres_url)) as connection, closing(connect(postgres_url)) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with pytest.raises(Partial) as caught, target_errors('loading "t"'):
            connection.execute("SELECT pg_sleep(5)")
        assert caught.value.hint == "run the same command again"
        with pytest.raises(Partial), target_errors('loading "t"'):
            connection.execute("SELECT 1")


def test_a_lock_that_is_not_to_be_had_is_tried_again(postgres_url: str) -> None:
    with closing(connect(postgres_url)) as holder, closing(connect(postgres_url)) as waiter:
        holder.execute("CREATE TABLE t ()")
        holder.commit()
        holder.execute("LOCK TABLE t")
        waiter.execute("SET lock_timeout = '20ms'")
        with pytest.raises(TryAgain, match="holds a lock"), target_errors('reading "t"'):
            waiter.execute("SELECT * FROM t")


def test_an_error_carries_sqlstate_and_the_servers_words(postgres: Connection) -> None:
    postgres.execute("CREATE TABLE t (a int PRIMARY KEY)")
    with pytest.raises(TargetError) as caught, target_errors('filling "t"'):
        postgres.execute("INSERT INTO t VALUES (7), (7)")
    assert 'filling "t"' in caught.value.message
    said = 'duplicate key value violates unique constraint "t_pkey"'
    assert caught.value.detail == f"23505: {said}; Key (a) already exists."
    assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)


def test_a_missing_privilege_is_named(postgres_url: str, role: str) -> None:
    with (
        closing(connect(as_role(postgres_url, role))) as connection,
        pytest.raises(TargetError, match="privilege") as caught,
        target_errors("the schema"),
    ):
        connection.execute("CREATE TABLE t ()")
    assert "permission denied for schema public" in caught.value.detail


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://app:s3cret@db:port/app", "port"),
        ("postgresql://app:s3cret@db:70000/app", "port"),
        ("postgresql://app:s3cret/app", "port"),
        ("postgresql://app:s3cret@db/app?connect_timeout=soon", "connect_timeout"),
        ("postgresql://app:s3cret@db/app?sslmode=perhaps", "sslmode"),
    ],
)
def test_what_can_never_connect_is_not_tried_again(url: str, named: str) -> None:
    with pytest.raises(UsageError, match=f"the {named} of the target URL") as error:
        connect(url)
    assert "s3cret" not in str(error.value)
