"""The `postgres:` store: one row, made by the first change; no password in any word it says."""

import psycopg
import pytest

from cutover.abc import Flag
from cutover.catalog import Provider
from cutover.errors import FlagError, UsageError
from cutover.flags import open_store, read_provider
from cutover.flags.postgres import _parameters

FLAG = Flag(value="postgres", generation=3, changed_at="2026-07-01T12:00:00.123456+00:00")


def test_reading_makes_nothing(postgres_url: str, postgres: psycopg.Connection) -> None:
    assert open_store(f"postgres:{postgres_url}").read() is None
    assert postgres.execute("SELECT to_regnamespace('cutover')").fetchone() == (None,)


def test_the_first_change_makes_one_row(postgres_url: str, postgres: psycopg.Connection) -> None:
    store = open_store("postgres:", target_url=postgres_url)
    store.compare_and_set(None, FLAG)
    rows = postgres.execute("SELECT value, generation, changed_at FROM cutover.flag").fetchall()
    assert rows == [("postgres", 3, "2026-07-01T12:00:00.123456+00:00")]


def test_there_is_never_a_second_row(postgres_url: str, postgres: psycopg.Connection) -> None:
    open_store(f"postgres:{postgres_url}").compare_and_set(None, FLAG)
    insert = "INSERT INTO cutover.flag VALUES (%s, 'sqlite', 9, '', '', '')"
    for only_row in (True, False):
        with pytest.raises(psycopg.errors.IntegrityError), postgres.transaction():
            postgres.execute(insert, (only_row,))


def test_a_schema_that_the_journal_made_is_shared(
    postgres_url: str, postgres: psycopg.Connection
) -> None:
    postgres.execute("CREATE SCHEMA cutover")
    postgres.commit()
    store = open_store(f"postgres:{postgres_url}")
    assert store.read() is None
    store.compare_and_set(None, FLAG)
    assert store.read() == FLAG


def test_a_flag_that_was_expected_where_there_is_no_table_sets_none(
    postgres_url: str, postgres: psycopg.Connection
) -> None:
    with pytest.raises(FlagError, match="moved by someone else"):
        open_store(f"postgres:{postgres_url}").compare_and_set(FLAG, FLAG)
    assert postgres.execute("SELECT to_regnamespace('cutover')").fetchone() == (None,)


def test_a_role_without_rights_is_told_so(postgres_url: str, postgres: psycopg.Connection) -> None:
    open_store(f"postgres:{postgres_url}").compare_and_set(None, FLAG)
    role = f"flag_reader_{postgres.info.backend_pid}"
    postgres.execute(f"CREATE ROLE {role}")
    postgres.commit()
    separator = "&" if "?" in postgres_url else "?"
    url = f"{postgres_url}{separator}options=-c%20role%3D{role}"
    try:
        with pytest.raises(FlagError, match="did not answer") as caught:
            read_provider(f"postgres:{url}", default=Provider.SQLITE)
        assert "permission denied" in caught.value.detail
    finally:
        postgres.execute(f"DROP ROLE {role}")
        postgres.commit()


def test_a_locked_row_is_not_waited_for_for_ever(
    postgres_url: str, postgres: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"postgres:{postgres_url}")
    store.compare_and_set(None, FLAG)
    monkeypatch.setattr("cutover.flags.postgres._TIMEOUTS", "SET LOCAL lock_timeout = '50ms'")
    postgres.execute("SELECT * FROM cutover.flag FOR UPDATE")
    with pytest.raises(FlagError, match="did not answer") as caught:
        store.compare_and_set(FLAG, Flag(value="sqlite", generation=4))
    assert "lock timeout" in caught.value.detail
    postgres.rollback()
    assert store.read() == FLAG


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql://ada:s3cret@127.0.0.1:1/app?connect_timeout=2", FlagError),
        ("postgresql://ada:s3cret@/app?host=/nowhere", FlagError),
        ("postgresql://ada:s3cret@[::1/app", UsageError),
        ("postgresql://ada:s3cret@h/app?passwort=s3cret", UsageError),
        ("host=h password=s3cret", UsageError),
        ("//ada:s3cret@127.0.0.1:1/app", FlagError),
    ],
)
def test_no_error_repeats_a_password(url: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        read_provider(f"postgres:{url}", default=Provider.SQLITE)
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"


def test_without_a_url_or_a_target_it_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="needs a target"):
        open_store("postgres:")


def test_tls_is_asked_of_a_host_that_is_not_local() -> None:
    assert _parameters("postgresql://db.example/app")["sslmode"] == "require"
    assert _parameters("postgresql://localhost.example/app")["sslmode"] == "require"
    assert _parameters("postgresql://db/app?sslmode=verify-full")["sslmode"] == "verify-full"
    assert "sslmode" not in _parameters("postgresql://localhost/app")
    assert "sslmode" not in _parameters("postgresql://127.0.0.1/app")
    assert "sslmode" not in _parameters("postgresql:///app?host=/run/postgresql")
