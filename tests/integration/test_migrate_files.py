"""`cutover migrate` on SQLite files: a backup first, no row lost on the way, all or nothing."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cutover.directories import opened, try_lock
from cutover.errors import SourceError, TryAgain
from cutover.events import Event, StepFinished
from cutover.migrate import migrate_sqlite
from cutover.migrate_files import File, file_revisions, migrate_files
from cutover.waiting import Patience
from tests.fix_cli import Answer, Cli
from tests.fix_sets import ENV_SQLITE, revision, write_set

BASE = revision(
    "a",
    'op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)")',
    'op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL'
    ' REFERENCES parent(id) ON DELETE CASCADE)")',
    "op.execute(\"INSERT INTO parent VALUES (1, 'one'), (2, 'two')\")",
    'op.execute("INSERT INTO child VALUES (10, 1), (20, 2), (21, 2)")',
)
REBUILD = revision(
    "b",
    'with op.batch_alter_table("parent") as batch:',
    '    batch.alter_column("name", nullable=False, existing_type=sa.Text())',
    down="a",
)
BREAKS = revision("b", 'op.execute("DELETE FROM parent WHERE id = 2")', down="a")
FAILS = revision(
    "b", 'op.execute("CREATE TABLE half (id)")', "raise ValueError('not today')", down="a"
)
ENFORCES = (
    "import sqlalchemy\n"
    '@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")\n'
    "def _enforce(driver, _record):\n"
    '    driver.execute("PRAGMA foreign_keys = ON")\n\n'
)
NOW = "2026-07-01T12:00:00Z"


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Give a file at revision "a", with its set."""
    directory = write_set(tmp_path / "set", BASE, env=ENV_SQLITE)
    migrate_sqlite(tmp_path / "app.db", directory)
    return File(
        path=tmp_path / "app.db", directory=directory, backups=tmp_path / "backups", now=NOW
    )


def add(file: File, text: str) -> None:
    (file.directory / "versions" / "0002.py").write_text(text)


def migrated(file: File, seconds: float = 5) -> Any:
    return migrate_files([file], Patience(seconds=seconds))[0]


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_children_survive_a_batch_rebuild_and_the_file_as_it_was_is_kept(
    file: File, journal_mode: str
) -> None:
    rows(file.path, f"PRAGMA journal_mode = {journal_mode}")
    add(file, REBUILD)
    done = migrated(file)
    assert (done.before, done.after, done.applied) == (("a",), ("b",), True)
    assert rows(file.path, "SELECT id FROM child ORDER BY id") == [(10,), (20,), (21,)]
    assert rows(file.path, "SELECT sql FROM sqlite_master WHERE name = 'parent'")[0][0].count(
        "NOT NULL"
    )
    backup = Path(done.backup)
    assert backup == file.backups / "app.db.a.20260701T120000Z.db"
    assert file_revisions(backup) == ("a",)
    assert rows(backup, "SELECT id FROM child ORDER BY id") == [(10,), (20,), (21,)]
    assert sorted(path.name for path in file.backups.iterdir()) == [backup.name]


def test_a_set_that_turns_enforcement_on_for_every_connection_loses_no_child(file: File) -> None:
    add(file, REBUILD)
    (file.directory / "env.py").write_text(ENFORCES + ENV_SQLITE)
    # Twice: such a listener is there for good once the first upgrade has loaded it.
    program = (
        "from pathlib import Path; import shutil, sys\n"
        "from cutover.migrate_files import File, migrate_files\n"
        "from cutover.waiting import Patience\n"
        "one, two, set_, backups = map(Path, sys.argv[1:])\n"
        "shutil.copy(one, two)\n"
        f"facts = dict(directory=set_, backups=backups, now='{NOW}')\n"
        "files = [File(path=path, **facts) for path in (one, two)]\n"
        "migrate_files(files, Patience(seconds=1))\n"
    )
    two = file.path.with_name("two.db")
    words = [file.path, two, file.directory, file.backups]
    subprocess.run([*_python(), "-c", program, *map(str, words)], check=True)
    for path in (file.path, two):
        assert file_revisions(path) == ("b",)
        assert rows(path, "SELECT id FROM child ORDER BY id") == [(10,), (20,), (21,)]


def _python() -> list[str]:
    import sys  # noqa: PLC0415 - one use

    return [sys.executable]


def test_at_head_nothing_is_written(file: File) -> None:
    before = file.path.read_bytes()
    done = migrated(file)
    assert (done.applied, done.backup) == (False, "")
    assert file.path.read_bytes() == before
    assert not file.backups.exists()


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_an_upgrade_that_breaks_references_is_undone(file: File, journal_mode: str) -> None:
    rows(file.path, f"PRAGMA journal_mode = {journal_mode}")
    add(file, BREAKS)
    with pytest.raises(SourceError, match="breaks references") as caught:
        migrated(file)
    assert "2 rows of child to parent" in caught.value.detail
    assert rows(file.path, "SELECT id FROM parent ORDER BY id") == [(1,), (2,)]
    assert file_revisions(file.path) == ("a",)


def test_references_that_were_broken_before_are_no_obstacle(file: File) -> None:
    with closing(sqlite3.connect(file.path)) as connection, connection:
        connection.execute("INSERT INTO child VALUES (30, 99)")
    add(file, REBUILD)
    assert migrated(file).after == ("b",)


def test_a_revision_that_fails_is_not_there_at_all(file: File) -> None:
    add(file, FAILS)
    with pytest.raises(SourceError, match="failed on"):
        migrated(file)
    assert file_revisions(file.path) == ("a",)
    assert rows(file.path, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    add(file, REBUILD)
    assert migrated(file).after == ("b",)


def test_a_file_that_was_made_without_its_set_is_to_be_stamped(file: File) -> None:
    with closing(sqlite3.connect(file.path)) as connection:
        connection.execute("DROP TABLE alembic_version")
    with pytest.raises(SourceError) as caught:
        migrated(file)
    assert "table parent already exists" in caught.value.detail
    assert caught.value.hint.endswith(f"-x url=sqlite:///{file.path} stamp a")
    assert rows(file.path, "SELECT count(*) FROM child") == [(3,)]


def test_vacuum_in_an_autocommit_block_works(file: File) -> None:
    block = ("with op.get_context().autocommit_block():", '    op.execute("VACUUM")')
    add(file, revision("b", *block, 'op.execute("CREATE TABLE more (id)")', down="a"))
    assert migrated(file).after == ("b",)
    assert rows(file.path, "SELECT count(*) FROM more") == [(0,)]


def test_two_backups_of_one_second_do_not_meet(file: File) -> None:
    add(file, FAILS)
    for _ in range(2):
        with pytest.raises(SourceError):
            migrated(file)
    assert len(list(file.backups.iterdir())) == 2


@contextmanager
def writing(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def test_a_file_that_someone_writes_is_another_try(file: File) -> None:
    add(file, REBUILD)
    with writing(file.path), pytest.raises(TryAgain, match="open in another process"):
        migrated(file, seconds=0)
    assert migrated(file).after == ("b",)


def test_two_migrations_of_one_folder_take_turns(file: File) -> None:
    add(file, REBUILD)
    with opened(file.path.parent) as descriptor:
        assert try_lock(descriptor)
        with pytest.raises(TryAgain, match="another process is migrating"):
            migrated(file, seconds=0)
    assert migrated(file).after == ("b",)


def test_a_set_that_applies_nothing_is_told_so(file: File) -> None:
    add(file, REBUILD)
    handed = 'context.config.attributes["connection"]'
    (file.directory / "env.py").write_text(
        f"from alembic import context\n{handed}.exec_driver_sql('SELECT 1')\n"
        f"context.configure(connection={handed})\n"
        "with context.begin_transaction():\n    context.run_migrations()\n"
    )
    events: list[Event] = []
    patience = Patience(seconds=0, emit=events.append)
    with pytest.raises(SourceError, match="nothing was applied"):
        migrate_files((file,), patience)
    finished = [event.step for event in events if isinstance(event, StepFinished)]
    assert finished == ["back up app.db"]
    assert file_revisions(file.path) == ("a",)


Migrate = Callable[..., Answer]


@pytest.fixture
def migrate(cli: Cli, file: File) -> Migrate:
    """Give a function that writes `cutover.toml` and runs the command."""

    def run(*, databases: str = '["app.db"]', sets: str = '["set"]') -> Answer:
        (file.path.parent / "cutover.toml").write_text(
            f"[source]\ndatabases = {databases}\n[sets]\nsqlite = {sets}\n"
        )
        return cli("migrate", "--provider", "sqlite", "--format", "json")

    return run


def test_the_command_tells_where_the_backup_is(file: File, migrate: Migrate) -> None:
    add(file, REBUILD)
    answer = migrate()
    assert answer.status == 0, answer.out
    (database,) = answer.json["databases"]
    assert answer.json["provider"] == "sqlite"
    assert (database["before"], database["after"]) == (["a"], ["b"])
    assert file_revisions(file.path.parent / database["backup"]) == ("a",)
    again = migrate()
    assert (again.status, again.json["applied"]) == (0, False)


def test_a_missing_file_is_an_error_and_none_is_made(file: File, migrate: Migrate) -> None:
    add(file, REBUILD)
    answer = migrate(databases='["app.db", "typo.db"]', sets='["set", "set"]')
    assert answer.status == 5
    assert "typo.db" in answer.json["error"]["message"]
    assert not file.path.with_name("typo.db").exists()
    assert file_revisions(file.path) == ("a",)  # nothing at all was touched


@pytest.mark.parametrize(
    ("databases", "sets"),
    [
        ('["app.db", "two.db"]', '["set"]'),
        ('["app.db"]', "[]"),
        ("[]", "[]"),
        ('["app.db", "./app.db"]', '["set", "set"]'),
    ],
    ids=["one set for two", "no set", "nothing", "one file twice"],
)
def test_files_and_sets_that_do_not_pair_are_a_mistake_of_the_settings(
    migrate: Migrate, databases: str, sets: str
) -> None:
    answer = migrate(databases=databases, sets=sets)
    assert answer.status == 2
    assert answer.json["error"]["hint"]
