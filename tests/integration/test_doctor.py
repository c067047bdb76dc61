"""Doctor on real files and a real server, asked through the command line."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cutover.doctor import extensions_wanted
from cutover.settings import parse_settings
from cutover.targets.postgres.connect import Connection
from cutover.targets.postgres.signs import _apart, _shared
from cutover.targets.postgres.urls import parse_url
from tests.fix_cli import Answer, Cli
from tests.fix_reference import System

Doctor = Callable[..., Answer]
SECRET = "hunter2hunter2"
NOWHERE = f"postgresql://app:{SECRET}@127.0.0.1:1/app"


@pytest.fixture
def doctor(cli: Cli, postgres_url: str) -> Doctor:
    """Give a function that asks about some sources, as JSON."""

    def run(*sources: Path, target: str = postgres_url, form: str = "json") -> Answer:
        names = ", ".join(f'"{path}"' for path in sources)
        folder = sources[0].parent
        (folder / "cutover.toml").write_text(f"[source]\ndatabases = [{names}]\n")
        return cli("doctor", "--target", target, "--format", form, cwd=folder)

    return run


def remarks(answer: Answer, check: str) -> list[dict[str, Any]]:
    return [remark for remark in answer.json["checks"] if remark["check"] == check]


def only(answer: Answer, check: str) -> dict[str, Any]:
    (found,) = remarks(answer, check)
    return found


def test_the_reference_system_is_ready(system: System, cli: Cli) -> None:
    answer = cli("doctor", "--target", system.url, "--format", "json", cwd=system.directory)
    assert answer.status == 0, answer.out
    assert {remark["level"] for remark in answer.json["checks"]} <= {"ok", "warning"}
    assert set(answer.json["checks"][0]) == {"check", "subject", "level", "message", "remedy"}
    subjects = dict.fromkeys(remark["subject"] for remark in answer.json["checks"])
    known = ["target", "operational.db", "memory.db", "this machine", "work directory"]
    assert list(subjects) == [subject for subject in known if subject in subjects]
    assert known[3] in subjects or len(subjects) == 4
    assert answer.json["checks"][0]["check"] == "connection"
    for check in ("integrity", "orphans", "source_file"):
        assert [remark["level"] for remark in remarks(answer, check)] == ["ok", "ok"]


def test_the_page_ends_with_a_verdict(system: System, cli: Cli) -> None:
    answer = cli("doctor", "--target", system.url, cwd=system.directory)
    lines = answer.out.splitlines()
    assert lines[-1].startswith("ready")
    levels = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert set(levels) <= {"ok", "warning"}
    assert len(levels) > 20


def test_nothing_is_written_beside_a_source(doctor: Doctor, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    before = path.read_bytes(), path.stat().st_mtime_ns
    answer = doctor(path)
    assert answer.status == 0, answer.out
    assert "write-ahead log" in only(answer, "journal_mode")["message"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert {each.name for each in tmp_path.iterdir()} == {"app.db", "cutover.toml"}


@contextmanager
def role(url: str, *options: str) -> Iterator[str]:
    """Give the URL of a new role; drop it at the end."""
    name = f"cutover_doctor_{'_'.join(options).lower() or 'plain'}"
    with psycopg.connect(url, autocommit=True) as connection:
        who = sql.Identifier(name)
        words = sql.SQL(" ").join(map(sql.SQL, options))
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} {}").format(who, SECRET, words)
        )
        try:
            yield url.replace("postgres:@", f"{name}:{SECRET}@")
        finally:
            connection.execute(sql.SQL("DROP OWNED BY {}").format(who))
            connection.execute(sql.SQL("DROP ROLE {}").format(who))


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> Path:
    """Give a small sound file."""
    return sqlite_file("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);")


def test_each_missing_privilege_is_a_problem_with_its_statement(
    doctor: Doctor, source: Path, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE theirs (a int)")
    with role(postgres_url) as url:
        answer = doctor(source, target=url)
        remedies = " | ".join(remark["remedy"] for remark in remarks(answer, "privileges"))
        assert answer.status == 3
        assert SECRET not in answer.out + answer.err
        assert SECRET not in doctor(source, target=url, form="text").out
    assert 'ALTER ROLE "cutover_doctor_plain" CREATEDB' in remedies
    assert 'GRANT CREATE, USAGE ON SCHEMA "public"' in remedies
    assert "GRANT CREATE ON DATABASE" in remedies
    assert 'ALTER TABLE "public"."theirs" OWNER TO "cutover_doctor_plain"' in remedies


def test_the_remedies_remedy(doctor: Doctor, source: Path, postgres_url: str) -> None:
    with (
        role(postgres_url) as url,
        role(postgres_url, "NOREPLICATION") as owner,
        psycopg.connect(postgres_url, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE mine (a int); CREATE TABLE theirs (a int)")
        to = sql.Identifier(str(parse_url(owner)["user"]))
        connection.execute(sql.SQL("ALTER TABLE theirs OWNER TO {}").format(to))
        found = remarks(doctor(source, target=url), "privileges")
        assert len(found) == 4
        for remark in found:
            connection.execute(remark["remedy"])
        assert only(doctor(source, target=url), "privileges")["level"] == "ok"


def test_a_server_out_of_reach_is_a_line_and_the_sources_are_asked(
    doctor: Doctor, source: Path
) -> None:
    answer = doctor(source, target=NOWHERE)
    assert answer.status == 3
    assert only(answer, "connection")["level"] == "problem"
    assert "start the server" in only(answer, "connection")["remedy"]
    assert only(answer, "integrity")["level"] == "ok"
    assert SECRET not in answer.out + answer.err
    assert "***" in answer.json["target"]


def test_a_missing_file_is_a_line_and_the_others_are_asked(doctor: Doctor, source: Path) -> None:
    answer = doctor(source, source.with_name("not-there.db"))
    assert answer.status == 3
    levels = {each["subject"]: each["level"] for each in remarks(answer, "source_file")}
    assert levels == {"app.db": "ok", "not-there.db": "problem"}
    assert only(answer, "connection")["level"] == "ok"


def test_no_source_at_all_is_a_problem(cli: Cli, postgres_url: str) -> None:
    answer = cli("doctor", "--target", postgres_url, "--format", "json")
    assert answer.status == 3
    assert "[source] databases" in only(answer, "source_file")["remedy"]


def test_a_target_that_is_no_url_is_wrong_usage(doctor: Doctor, source: Path) -> None:
    assert doctor(source, target="mysql://db/app").status == 2


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(f"PRAGMA journal_mode = {sys.argv[2]}")
connection.execute("SELECT * FROM t").fetchall()
if sys.argv[3] == "writing":
    connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
input()
"""


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize(("state", "said"), [("writing", "is writing"), ("idle", "for writing")])
def test_a_process_that_holds_a_file_is_named(
    doctor: Doctor, source: Path, mode: str, state: str, said: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, source, mode, state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        answer = doctor(source)
        holder.communicate(b"\n")
    (held,) = (r for r in remarks(answer, "writers") if f"(pid {holder.pid})" in r["message"])
    assert answer.status == 0
    assert held["level"] == "warning"
    assert said in held["message"]
    assert f"ps -fp {holder.pid}" in held["remedy"]


def test_a_damaged_file_is_a_problem(doctor: Doctor, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
        connection.executemany("INSERT INTO t (b) VALUES (?)", [("x" * 500,)] * 200)
    damaged = bytearray(path.read_bytes())
    damaged[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    path.write_bytes(damaged)
    answer = doctor(path)
    assert answer.status == 3
    assert only(answer, "integrity")["level"] == "problem"
    assert only(answer, "integrity")["remedy"]
    assert remarks(answer, "orphans") == []


def test_rows_without_a_parent_are_a_warning_with_their_number(
    doctor: Doctor, sqlite_file: Callable[..., Path]
) -> None:
    path = sqlite_file(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, of INTEGER REFERENCES parent (id));"
        "INSERT INTO child (of) VALUES (7), (8), (NULL);"
    )
    answer = doctor(path)
    assert answer.status == 0
    said = only(answer, "orphans")
    assert said["level"] == "warning"
    assert '2 rows of "child" without a parent in "parent"' in said["message"]


def test_a_key_that_fits_nothing_of_its_parent_is_a_warning(
    doctor: Doctor, sqlite_file: Callable[..., Path]
) -> None:
    path = sqlite_file(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE child (of TEXT REFERENCES parent (name)); INSERT INTO child VALUES ('a');"
    )
    assert "no key of its parent" in only(doctor(path), "orphans")["message"]


def test_what_a_role_is_set_to_is_seen_past_our_own_settings(
    doctor: Doctor, source: Path, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        named = sql.Identifier(connection.info.dbname)
        zone = sql.SQL("ALTER DATABASE {} SET TimeZone = 'Europe/Berlin'")
        connection.execute(zone.format(named))
        read_only = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on")
        connection.execute(read_only.format(named))
    answer = doctor(source)
    assert "Europe/Berlin" in only(answer, "time_zone")["message"]
    assert "begin read-only" in only(answer, "connection")["message"]
    assert answer.status == 3


def test_the_clocks_are_compared_with_the_round_trip_in_the_servers_favour(
    postgres: Connection,
) -> None:
    (now,) = postgres.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()[0]
    ticks = iter([now - 100, now - 98] * 3)
    apart = _apart(postgres, lambda: next(ticks))
    assert 98 <= apart < 99.9  # 99 from the middle of the trip, less the half of it


def test_sessions_with_backends_of_their_own_share_nothing(
    postgres: Connection, postgres_url: str
) -> None:
    postgres.autocommit = True
    assert not _shared(postgres, postgres_url)


def test_two_connections_on_one_backend_are_a_pooler(
    postgres: Connection, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pool of one backend, as the probe meets it: whoever connects gets the same.
    postgres.autocommit = True
    monkeypatch.setattr("cutover.targets.postgres.signs.connect", lambda *_, **__: postgres)
    assert _shared(postgres, postgres_url)


def test_extensions_are_found_in_every_form_people_write(tmp_path: Path) -> None:
    versions = tmp_path / "set" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001.py").write_text(
        "op.execute('CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"')\n"
        'op.execute("create extension citext")\n'
        'op.execute("CREATE EXTENSION \\"pg_trgm\\"")\n'
    )
    settings = parse_settings({"sets": {"postgres": "set"}}, base=tmp_path)
    assert [name for name, _ in extensions_wanted(settings)] == ["uuid-ossp", "citext", "pg_trgm"]
