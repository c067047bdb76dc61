"""The reference application at run time: it writes where the flag says, and nowhere by accident."""

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from cutover.abc import Flag
from cutover.catalog import Provider
from cutover.errors import FlagError
from cutover.flags import open_store
from cutover.migrate import migrate_postgres
from statelayer.__main__ import main
from statelayer.sets import sets_root, upgrade_sqlite
from statelayer.store import PostgresLayer, open_layer

AT = datetime(2026, 7, 1, 12, 0, 0, 120000, tzinfo=UTC)


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    upgrade_sqlite("memory", tmp_path / "memory.db")
    return tmp_path / "memory.db"


@pytest.fixture
def postgres_at_head(postgres_url: str) -> str:
    migrate_postgres(postgres_url, sets_root() / "alembic_postgres")
    return postgres_url


@pytest.fixture
def flag(tmp_path: Path) -> str:
    return f"file:{tmp_path}/provider.json"


def _set(flag: str, provider: Provider) -> None:
    store = open_store(flag)
    old = store.read()
    store.compare_and_set(old, Flag(value=provider, generation=old.generation + 1 if old else 1))


def test_an_event_lands_where_the_flag_says(flag: str, sqlite: Path, postgres_at_head: str) -> None:
    for provider in (Provider.SQLITE, Provider.POSTGRES, Provider.SQLITE):
        _set(flag, provider)
        with open_layer(flag, sqlite=sqlite, postgres=postgres_at_head) as layer:
            recorded = layer.record_event("r", "note", {"a": 'b "c"\nü'}, at=AT)
            assert recorded.provider == provider
            assert recorded.sequence == layer.count_events()
    with closing(sqlite3.connect(sqlite)) as connection:
        rows = connection.execute("SELECT sequence, payload, created_at FROM run_events").fetchall()
    payload, instant = '{"a":"b \\"c\\"\\nü"}', "2026-07-01 12:00:00.1200000"
    assert rows == [(1, payload, instant), (2, payload, instant)]
    with psycopg.connect(postgres_at_head) as server:
        query = "SELECT sequence, payload, created_at FROM run_events"
        assert server.execute(query).fetchall() == [(1, {"a": 'b "c"\nü'}, AT)]


def test_a_typo_in_the_flag_writes_nowhere(
    tmp_path: Path, flag: str, sqlite: Path, postgres_at_head: str
) -> None:
    (tmp_path / "provider.json").write_text('{"value": "postgers", "generation": 1}')
    layer = open_layer(flag, sqlite=sqlite, postgres=postgres_at_head, default=Provider.SQLITE)
    with pytest.raises(FlagError, match="unknown provider"), layer:
        pytest.fail("it opened something")


def test_a_missing_file_is_an_error_and_not_an_empty_database(flag: str, tmp_path: Path) -> None:
    missing = tmp_path / "memroy.db"
    layer = open_layer(flag, sqlite=missing, postgres="", default=Provider.SQLITE)
    with pytest.raises(sqlite3.OperationalError, match="unable to open"), layer:
        pytest.fail("it opened something")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.hazard("H28", "shows the application's way out: writers of one stream take turns")
def test_writers_of_one_stream_take_turns_in_postgres(postgres_at_head: str) -> None:
    def write() -> None:
        with psycopg.connect(postgres_at_head, autocommit=True) as server:
            layer = PostgresLayer(server)
            for _ in range(10):
                layer.record_event("r", "note", {}, at=AT)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with psycopg.connect(postgres_at_head) as server:
        rows = server.execute("SELECT sequence FROM run_events ORDER BY 1").fetchall()
    assert rows == [(number,) for number in range(1, 31)]


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return call


def test_make_prints_one_json_object(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("make", tmp_path / "new", "--events", 60, "--seed", 5)
    summary = json.loads(out)
    assert status == 0
    assert summary["tables"]["run_events"] == 60
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "cutover.toml",
        "memory.db",
        "operational.db",
    ]
    status, out, err = run("make", tmp_path / "new")
    assert (status, out) == (2, "")
    assert "is there already" in err


def test_record_prints_where_the_event_landed(run: Run, flag: str, sqlite: Path) -> None:
    record = ("record", "--flag", flag, "--sqlite", sqlite, "--postgres", "postgresql://nowhere")
    status, out, err = run(*record)
    assert (status, out) == (8, "")
    assert "was never set" in err
    status, out, _ = run(*record, "--default", "sqlite", "--run-id", "r")
    assert status == 0
    assert json.loads(out) == {"provider": "sqlite", "id": 1, "run_id": "r", "sequence": 1}


@pytest.mark.parametrize("provider", Provider)
def test_a_database_that_is_not_there_is_told_without_a_traceback(
    run: Run, flag: str, tmp_path: Path, provider: Provider
) -> None:
    _set(flag, provider)
    nowhere = "postgresql://ada:s3cret@127.0.0.1:1/app"
    status, out, err = run(
        "record", "--flag", flag, "--sqlite", tmp_path / "no.db", "--postgres", nowhere
    )
    assert (status, out) == (2, "")
    assert err.startswith("statelayer: ")
    assert "s3cret" not in err
