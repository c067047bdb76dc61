"""Both kinds of Alembic set: one head, up and down without a trace, pairs that stay pairs."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.config import main as alembic
from alembic.script import ScriptDirectory

from statelayer import sets
from statelayer.sets import sets_root

ROOT = sets_root()
SETS = {
    "operational": ROOT / "alembic_sqlite" / "operational",
    "memory": ROOT / "alembic_sqlite" / "memory",
    "postgres": ROOT / "alembic_postgres",
}
ONLY_POSTGRES_TABLES = {"workflow_checkpoints", "dispatch_idempotency"}
ONLY_SQLITE_TABLES = {"locks"}
LEASE = {"owner_id", "lease_expires_at", "heartbeat_at", "fencing_token", "attempt"}

Facts = set[tuple[object, ...]]


def _sqlite_facts(url: str) -> Facts:
    """Everything a SQLite file holds by name and SQL, Alembic's own table apart."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name NOT IN (?, ?)"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return set(connection.execute(query, ("alembic_version", "sqlite_sequence")))


POSTGRES_FACTS = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', '', '', ''
FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text,
       '', '', ''
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, '', prosrc, '', '', '', ''
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'relation', relname, relkind::text, '', '', '', '', ''
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""


def _postgres_facts(url: str) -> Facts:
    with psycopg.connect(url) as connection:
        rows = connection.execute(POSTGRES_FACTS).fetchall()
    return {row for row in rows if not str(row[1]).startswith("alembic_version")}


@pytest.fixture(params=SETS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """Give a set and the URL of an empty database for it."""
    if request.param == "postgres":
        return SETS["postgres"], request.getfixturevalue("postgres_url")
    return SETS[request.param], f"sqlite:///{tmp_path}/app.db"


def _engine(url: str, **options: object) -> sa.Engine:
    named = url.replace("postgresql:", "postgresql+psycopg:")
    return sa.create_engine(named, poolclass=sa.NullPool, connect_args=options)


def _run(action: Callable[[Config, str], None], database: tuple[Path, str], target: str) -> None:
    """Run one Alembic command the way cutover does: with a connection of the caller's."""
    directory, url = database
    config = Config()
    config.set_main_option("script_location", str(directory))
    config.set_main_option("path_separator", "os")
    with _engine(url).connect() as connection:
        config.attributes["connection"] = connection
        action(config, target)


def _facts(database: tuple[Path, str]) -> Facts:
    return (_sqlite_facts if database[1].startswith("sqlite:") else _postgres_facts)(database[1])


def test_up_down_up_gives_the_same_schema_and_down_leaves_no_trace(
    database: tuple[Path, str],
) -> None:
    _run(command.upgrade, database, "head")
    first = _facts(database)
    _run(command.downgrade, database, "base")
    assert _facts(database) == set()
    _run(command.upgrade, database, "head")
    assert _facts(database) == first
    assert first


def test_every_revision_can_be_undone_and_done_again(database: tuple[Path, str]) -> None:
    script = _script(database[0])
    steps = [revision.revision for revision in script.walk_revisions()][::-1]
    seen = [_facts(database)]
    for step in steps:
        _run(command.upgrade, database, step)
        seen.append(_facts(database))
    for expected in seen[-2::-1]:
        _run(command.downgrade, database, "-1")
        assert _facts(database) == expected
    assert len({frozenset(facts) for facts in seen}) == len(steps) + 1


def _script(directory: Path) -> ScriptDirectory:
    return ScriptDirectory(str(directory))


@pytest.mark.parametrize("directory", SETS.values(), ids=SETS)
def test_a_set_has_one_head_and_ids_that_fit_the_version_table(directory: Path) -> None:
    script = _script(directory)
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert len(script.get_heads()) == 1
    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", revision) for revision in revisions)
    files = {path.stem for path in (directory / "versions").glob("*.py")}
    assert files == set(revisions)


def test_every_sqlite_revision_has_its_pair_in_the_postgres_set() -> None:
    ids = {
        name: {revision.revision for revision in _script(directory).walk_revisions()}
        for name, directory in SETS.items()
    }
    assert all(revision.startswith("op_") for revision in ids["operational"])
    assert all(revision.startswith("mem_") for revision in ids["memory"])
    paired = ids["operational"] | ids["memory"]
    only_postgres = {revision for revision in ids["postgres"] if revision.startswith("pg_")}
    assert ids["postgres"] == paired | only_postgres


def test_every_trigger_file_is_installed_by_a_revision(tmp_path: Path, postgres_url: str) -> None:
    operational = (SETS["operational"], f"sqlite:///{tmp_path}/app.db")
    _run(command.upgrade, operational, "head")
    _run(command.upgrade, (SETS["postgres"], postgres_url), "head")
    in_sqlite = {fact[1] for fact in _facts(operational) if fact[0] == "trigger"}
    assert in_sqlite == {path.stem for path in (ROOT / "triggers" / "sqlite").iterdir()}
    in_postgres = _postgres_facts(postgres_url)
    names = {fact[2] for fact in in_postgres if fact[0] == "trigger"}
    names |= {fact[1] for fact in in_postgres if fact[0] == "function"}
    assert names == {path.stem for path in (ROOT / "triggers" / "postgres").iterdir()}


def test_tables_columns_nullability_and_index_names_are_the_same_in_both(
    tmp_path: Path, postgres_url: str
) -> None:
    _run(command.upgrade, (SETS["postgres"], postgres_url), "head")
    in_sqlite: Facts = set()
    indexes: set[object] = set()
    for name in ("operational", "memory"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        _run(command.upgrade, (SETS[name], url), "head")
        indexes |= {fact[1] for fact in _sqlite_facts(url) if fact[0] == "index" and fact[3]}
        in_sqlite |= _sqlite_columns(url)
    found = _postgres_facts(postgres_url)
    columns = {(fact[1], fact[2], fact[4] == "true") for fact in found if fact[0] == "column"}
    extra = columns - in_sqlite
    assert {table for table, column, _ in extra if column not in LEASE} == ONLY_POSTGRES_TABLES
    assert {table for table, _, _ in in_sqlite - columns} == ONLY_SQLITE_TABLES
    leases = {table for table, column, _ in extra if column == "fencing_token"}
    assert leases == {"runs", "work_plans", "subtasks"}
    theirs = {fact[2] for fact in found if fact[0] == "index"}
    theirs = {name for name in theirs if not str(name).startswith("pk_")}
    assert theirs - {"ix_runs_owner_id_lease_expires_at"} == indexes


def _sqlite_columns(url: str) -> Facts:
    tables = [fact[1] for fact in _sqlite_facts(url) if fact[0] == "table"]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return {
            (table, column[1], bool(column[3]))
            for table in tables
            for column in connection.execute(f"PRAGMA table_info({table})")
        }


def _alembic(directory: Path, *arguments: str) -> None:
    """Run what the `alembic` program runs."""
    alembic(["-c", str(directory / "alembic.ini"), *arguments])


@pytest.mark.parametrize("kind", ["option", "variable"])
def test_a_set_runs_with_plain_alembic(
    database: tuple[Path, str], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, url = database
    name = f"STATELAYER_{directory.name.removeprefix('alembic_').upper()}_URL"
    if kind == "variable":
        monkeypatch.setenv(name, url)
    option = ["-x", f"url={url}"] if kind == "option" else []
    _alembic(directory, *option, "upgrade", "head")
    with _engine(url).connect() as connection:
        revisions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    assert revisions == [(_script(directory).get_current_head(),)]


@pytest.mark.parametrize("directory", SETS.values(), ids=SETS)
def test_a_set_prints_its_sql_without_a_database(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _alembic(directory, "upgrade", "head", "--sql")
    tables = re.findall(r"^CREATE TABLE (\w+)", capsys.readouterr().out, re.MULTILINE)
    assert len(tables) == len(set(tables)) > 5


@pytest.mark.parametrize("directory", SETS.values(), ids=SETS)
def test_plain_alembic_without_a_url_says_what_to_give(directory: Path) -> None:
    with pytest.raises(SystemExit, match="give -x url="):
        _alembic(directory, "current")


def test_a_connection_inside_a_transaction_is_refused(database: tuple[Path, str]) -> None:
    directory, url = database
    config = Config()
    config.set_main_option("script_location", str(directory))
    with _engine(url).connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        config.attributes["connection"] = connection
        with pytest.raises(RuntimeError, match="inside a transaction"):
            command.upgrade(config, "head")
    assert _facts(database) == set()


def test_a_revision_that_fails_halfway_is_rolled_back_in_sqlite_too(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    directory = SETS["operational"]
    with closing(sqlite3.connect(path)) as connection:
        # In the way of the last table that the first revision makes.
        connection.execute("CREATE TABLE cast_proposals (id)")
    with pytest.raises(sa.exc.OperationalError, match="cast_proposals already exists"):
        _alembic(directory, "-x", f"url=sqlite:///{path}", "upgrade", "head")
    assert {fact[1] for fact in _sqlite_facts(f"sqlite:///{path}")} == {"cast_proposals"}


def test_the_version_table_goes_where_it_is_told(
    postgres_url: str, postgres: psycopg.Connection
) -> None:
    postgres.execute("CREATE SCHEMA app")
    postgres.commit()
    config = Config()
    config.set_main_option("script_location", str(SETS["postgres"]))
    with _engine(postgres_url, options="-c search_path=app").connect() as connection:
        config.attributes.update(connection=connection, schema="app")
        command.upgrade(config, "head")
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
    assert postgres.execute(query, ("public",)).fetchone() == (0,)
    assert postgres.execute("SELECT version_num FROM app.alembic_version").fetchone() == (
        _script(SETS["postgres"]).get_current_head(),
    )


def test_the_sets_run_where_the_wheel_puts_them(tmp_path: Path, postgres_url: str) -> None:
    packaged = tmp_path / "statelayer" / "sets"
    for name in ("alembic_sqlite", "alembic_postgres", "triggers"):
        shutil.copytree(ROOT / name, packaged / name)
    operational = (packaged / "alembic_sqlite" / "operational", f"sqlite:///{tmp_path}/app.db")
    for database in (operational, (packaged / "alembic_postgres", postgres_url)):
        _run(command.upgrade, database, "head")
        assert [fact for fact in _facts(database) if fact[0] == "trigger"]


def test_the_packaged_sets_win_over_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "statelayer"
    monkeypatch.setattr(sets, "__file__", str(package / "sets.py"))
    with pytest.raises(FileNotFoundError, match="no migration sets"):
        sets_root()
    for root in (tmp_path, package / "sets"):
        (root / "alembic_postgres").mkdir(parents=True)
        (root / "alembic_postgres" / "env.py").touch()
        assert sets_root() == root
