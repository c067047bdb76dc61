"""Scratch databases: empty, alike, gone afterwards."""

from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from cutover.errors import Refused
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.scratch import scratch_database
from cutover.targets.postgres.urls import parse_url

LOCALE = (
    "SELECT to_jsonb(d) - ARRAY['oid', 'datname', 'datfrozenxid', 'datminmxid']"
    " FROM pg_database d WHERE datname = current_database()"
)


def names(connection: Connection) -> list[str]:
    query = (
        "SELECT datname FROM pg_database WHERE datname LIKE 'cutover\\_scratch\\_'"
        " || (SELECT oid FROM pg_database WHERE datname = current_database()) || '\\_%' ORDER BY 1"
    )
    return [name for (name,) in connection.execute(query)]


@pytest.fixture
def watcher(postgres_url: str) -> Iterator[Connection]:
    with connect(postgres_url, autocommit=True) as connection:
        yield connection


def test_a_scratch_database_is_empty_and_of_the_targets_locale(
    postgres_url: str, watcher: Connection
) -> None:
    watcher.execute("CREATE TABLE not_copied ()")
    with scratch_database(postgres_url) as scratch, connect(scratch) as connection:
        query = "SELECT count(*) FROM pg_class WHERE relname = 'not_copied'"
        assert connection.execute(query).fetchall() == [(0,)]
        assert connection.execute(LOCALE).fetchall() == watcher.execute(LOCALE).fetchall()


def test_it_is_dropped_at_the_end_even_with_a_connection_open(
    postgres_url: str, watcher: Connection
) -> None:
    def use_and_fail() -> None:
        with scratch_database(postgres_url) as scratch, connect(scratch):
            assert len(names(watcher)) == 1
            raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError, match="the caller's own"):
        use_and_fail()
    assert names(watcher) == []


def test_two_at_once_do_not_disturb_each_other(postgres_url: str, watcher: Connection) -> None:
    with scratch_database(postgres_url) as first, scratch_database(postgres_url) as second:
        assert first != second
        assert len(names(watcher)) == 2


def test_what_a_dead_process_left_is_dropped_by_the_next_one(
    postgres_url: str, watcher: Connection
) -> None:
    with scratch_database(postgres_url, token="killed"):
        (left,) = names(watcher)
        # The lender dies: its session ends, and its database stays.
        watcher.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'cutover scratch' AND datname = current_database()"
        )
        with scratch_database(postgres_url, token="next"):
            assert [name.rpartition("_")[2] for name in names(watcher)] == ["next"]
            assert left not in names(watcher)
    assert names(watcher) == []


def test_a_role_without_createdb_is_refused_with_the_remedy(
    postgres_server: str, postgres_url: str
) -> None:
    role = str(parse_url(postgres_url)["dbname"])
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        try:
            joint = "&" if "?" in postgres_url else "?"
            url = f"{postgres_url}{joint}user={quote(role)}"
            with pytest.raises(Refused) as caught, scratch_database(url):
                pass
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    assert f'ALTER ROLE "{role}" CREATEDB' in caught.value.hint
    assert "or name a server with --target where it may" in caught.value.hint
