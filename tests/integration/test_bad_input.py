"""Bad input ends with one clear error, the contract's exit status, and nothing touched.

Each case is asked twice, for a person and for a script: both are told the same, on the stream that
is theirs, and neither sees a traceback or a password.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from cutover.cli import main
from cutover.embedded import database_url, serve
from cutover.errors import UsageError
from cutover.journal import Journal
from cutover.targets.postgres.connect import connect
from tests.fix_cli import Answer
from tests.fix_postgres import UNSAFE_AND_FAST

PASSWORD = "hunter2-s3cret"
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);"
ROWS = "INSERT INTO t (body) VALUES (hex(randomblob(200))), ('x'), ('y');"


@dataclass(frozen=True, slots=True)
class Said:
    """What a refused command said, whichever way it was asked."""

    status: int
    code: str
    message: str
    detail: str
    hint: str


Call = Callable[..., Answer]


@pytest.fixture
def call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Give a function that runs a command in this process, which is ten times as quick."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Answer(status, *capsys.readouterr())

    return run


@pytest.fixture
def refusal(call: Call) -> Callable[..., Said]:
    """Give a function that runs a command that must be refused, both ways, and returns why."""

    def run(*arguments: object) -> Said:
        told = call(*arguments)
        facts = call(*arguments, "--format", "json")
        assert told.status == facts.status
        return same_in_both(told, facts)

    return run


def same_in_both(told: Answer, facts: Answer) -> Said:
    """Check that a script is told what a person is told, and return it."""
    for text in (told.out, told.err, facts.out, facts.err):
        assert PASSWORD not in text
        assert "Traceback" not in text
    envelope = facts.json
    assert facts.out.count("\n") == 1
    assert (envelope["ok"], envelope["exit_status"]) == (False, facts.status)
    error = envelope["error"]
    assert error["message"]
    assert error["detail"] or error["hint"]
    assert told.out == ""
    assert told.err.count("error: ") == 1
    for part in ("message", "detail", "hint"):
        assert error[part] in told.err
    return Said(facts.status, error["code"], error["message"], error["detail"], error["hint"])


@contextmanager
def untouched(*paths: Path) -> Iterator[None]:
    """Check that files keep their bytes, and that nothing new lies beside them."""
    before = {path: _contents(path.parent) for path in paths}
    yield
    for path in paths:
        assert _contents(path.parent) == before[path]


def _contents(directory: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in directory.iterdir()
        if path.is_file() and path.name not in ("cutover.toml", "plan.json")
    }


def relations(url: str) -> list[str]:
    """Return every relation of a database that isn't the server's own."""
    with closing(connect(url, autocommit=True)) as connection:
        query = "SELECT relname FROM pg_class WHERE relnamespace >= 16384 OR relnamespace = 2200"
        return [name for (name,) in connection.execute(query).fetchall()]


MakeFile = Callable[..., Path]


@pytest.fixture
def source(sqlite_file: MakeFile) -> Path:
    return sqlite_file(TABLE + ROWS)


def missing(path: Path) -> None:
    path.unlink()


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def prose(path: Path) -> None:
    path.write_text("Dear reader, this is not a database. " * 200)


def encrypted(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(os.urandom(size))


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 4096)


def cut_in_its_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(60)


def corrupt(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)


def corrupt_in_its_schema(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\x0d\xff\xff\xff\xff\xff\xff\xff")


DAMAGES = {
    missing: "does not exist",
    a_directory: "directory",
    empty: "empty",
    prose: "not a SQLite database",
    encrypted: "not a SQLite database",
    truncated: "truncated",
    cut_in_its_header: "",
    corrupt: "corrupt",
    corrupt_in_its_schema: "corrupt",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_source_that_cannot_be_read_is_named(
    damage: Callable[[Path], None], source: Path, refusal: Callable[..., Said], postgres_url: str
) -> None:
    damage(source)
    with untouched(source):
        said = refusal("run", source.name, "--target", postgres_url)
    assert (said.status, said.code) == (5, "source")
    assert source.name in said.message
    assert DAMAGES[damage] in f"{said.message} {said.detail}"
    assert said.hint
    assert relations(postgres_url) == []


def test_damage_in_an_index_alone_is_found_before_anything_moves(
    sqlite_file: MakeFile, refusal: Callable[..., Said], postgres_url: str
) -> None:
    """Every row reads well, but SQLite counts rows by the damaged index."""
    path = sqlite_file("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE);")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO t (n) VALUES (?)", [(n,) for n in range(200)])
        query = "SELECT rootpage FROM sqlite_master WHERE type = 'index'"
        root = connection.execute(query).fetchone()[0]
    data = bytearray(path.read_bytes())
    start = (root - 1) * 4096
    data[start + 3 : start + 5] = (100).to_bytes(2, "big")  # half of the cells
    path.write_bytes(data)
    said = refusal("run", path.name, "--target", postgres_url)
    assert (said.status, said.code) == (5, "source")
    assert relations(postgres_url) == []


def test_a_locked_source_is_named(
    source: Path, refusal: Callable[..., Said], postgres_url: str
) -> None:
    holder = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    line = [sys.executable, "-c", holder, str(source)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        said = refusal("run", source.name, "--target", postgres_url)
        process.communicate()
    assert (said.status, said.code) == (5, "source")
    assert "locked" in said.message
    assert relations(postgres_url) == []


@dataclass(frozen=True, slots=True)
class Guarded:
    """A server that asks for passwords; `owner` may do everything without one."""

    owner: str
    directory: Path

    def url(self, *, user: str = "app", password: str = PASSWORD, database: str = "app") -> str:
        """Return the URL of a role with a password."""
        return f"postgresql://{user}:{password}@/{database}?host={self.directory}&port=5432"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner."""
        url = database_url(self.owner, database)
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    place = Path(tempfile.mkdtemp(prefix="cutover-guarded-"))
    try:
        with serve(place, settings=UNSAFE_AND_FAST) as owner:
            server = Guarded(owner, place / "data")
            server.execute(
                f"CREATE ROLE app LOGIN CREATEDB PASSWORD '{PASSWORD}'",
                f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'",
                f"CREATE ROLE guest LOGIN CREATEDB PASSWORD '{PASSWORD}'",
                "CREATE DATABASE app OWNER app",
            )
            lines = "local all postgres trust\nlocal all all scram-sha-256\n"
            (server.directory / "pg_hba.conf").write_text(lines)
            server.execute("SELECT pg_reload_conf()")
            yield server
    except UsageError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.hazard("A72", "gives up on a server that is not there, and says: try again")
def test_a_server_that_is_not_there_can_be_tried_again(
    source: Path, refusal: Callable[..., Said], tmp_path: Path
) -> None:
    target = f"postgresql://app:{PASSWORD}@/app?host={tmp_path}&port=5432"
    with untouched(source):
        said = refusal("run", source.name, "--target", target)
    assert (said.status, said.code) == (75, "try_again")
    assert "not reachable" in said.message


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"password": PASSWORD + "-wrong"}, 'the password of role "app"'),
        ({"user": "nobody"}, '"nobody"'),
        ({"database": "absent"}, 'database "absent" does not exist'),
    ],
    ids=["wrong password", "no such role", "no such database"],
)
def test_a_server_that_lets_nobody_in_says_why(
    guarded: Guarded,
    source: Path,
    refusal: Callable[..., Said],
    changes: dict[str, str],
    named: str,
) -> None:
    with untouched(source):
        said = refusal("run", source.name, "--target", guarded.url(**changes))
    assert (said.status, said.code) == (6, "target")
    assert named in said.message
    assert said.hint


def test_a_role_that_may_not_create_databases_is_told_what_it_needs(
    guarded: Guarded, source: Path, refusal: Callable[..., Said]
) -> None:
    said = refusal("run", source.name, "--target", guarded.url(user="reader"))
    assert said.status in (4, 6)
    assert '"reader"' in said.message
    assert "CREATEDB" in said.hint
    assert relations(database_url(guarded.owner, "app")) == []


def test_a_role_that_may_not_create_tables_is_told_what_it_needs(
    guarded: Guarded, source: Path, refusal: Callable[..., Said]
) -> None:
    said = refusal("run", source.name, "--target", guarded.url(user="guest"))
    assert said.status in (4, 6)
    assert "permission denied" in f"{said.message} {said.detail}"
    assert said.hint
    assert relations(database_url(guarded.owner, "app")) == []


def test_a_password_is_masked_wherever_the_target_is_shown(
    guarded: Guarded, source: Path, call: Call, tmp_path: Path
) -> None:
    guarded.execute("CREATE DATABASE shown OWNER app")
    target = guarded.url(database="shown")
    config = tmp_path / "cutover-work" / "cutover.toml"
    for line in (
        ("run", source.name),
        ("run", source.name, "--format", "json"),
        ("plan", "--config", config, "--out", "plan.json"),
        ("verify", "--config", config, "--format", "json"),
        ("status", "--config", config),
    ):
        answer = call(*line, "--target", target)
        assert answer.status == 0, answer.err
        assert PASSWORD not in answer.out + answer.err
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
    with closing(connect(target, autocommit=True)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'cutover'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'SELECT t::text FROM cutover."{table}" t'.encode())
            assert PASSWORD not in str(rows.fetchall())
        assert len(tables) > 3


def test_a_target_with_other_rows_is_left_alone(
    source: Path, refusal: Callable[..., Said], postgres_url: str
) -> None:
    with closing(connect(postgres_url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE t (id bigint PRIMARY KEY, body text)")
        connection.execute("INSERT INTO t VALUES (99, 'mine')")
        said = refusal("run", source.name, "--target", postgres_url)
        assert connection.execute("SELECT * FROM t").fetchall() == [(99, "mine")]
    assert (said.status, said.code) == (4, "refused")
    assert '"t"' in said.message


def test_another_run_in_progress_is_named(
    source: Path, refusal: Callable[..., Said], postgres_url: str
) -> None:
    with closing(connect(postgres_url, autocommit=True)) as connection:
        journal = Journal(connection)
        journal.create()
        journal.take_lease("ann@build-7 pid 4711")
        said = refusal("run", source.name, "--target", postgres_url)
    assert (said.status, said.code) == (75, "try_again")
    assert "another run is in progress" in said.message
    assert "ann@build-7 pid 4711" in said.detail
    assert "t" not in relations(postgres_url)


@pytest.fixture
def planned(source: Path, call: Call, postgres_url: str, tmp_path: Path) -> tuple[str, ...]:
    """Write the sets and a plan of the source; return the options that name the settings."""
    assert call("init", source.name, "--target", postgres_url).status == 0
    options = ("--target", postgres_url)
    assert call("plan", "--out", "plan.json", *options).status == 0
    assert (tmp_path / "plan.json").exists()
    return options


def test_a_plan_that_is_no_plan_is_refused(
    planned: tuple[str, ...], refusal: Callable[..., Said], tmp_path: Path, postgres_url: str
) -> None:
    plan = tmp_path / "plan.json"
    text = plan.read_text()
    facts = json.loads(text)
    broken = {
        "not JSON": text[: len(text) // 2],
        "nothing": "",
        "not a plan": "[1, 2]",
        "of another format": json.dumps({**facts, "format": "2.0"}),
        "edited": text.replace('"rows": 3', '"rows": 4'),
        "with an unknown key": json.dumps({**facts, "colour": "blue"}),
    }
    for what, content in broken.items():
        assert content != text, what
        plan.write_text(content)
        said = refusal("apply", "plan.json", *planned)
        assert (said.status, said.code) == (2, "usage"), what
        assert "plan.json" in said.message
        assert "cutover plan" in said.hint
    plan.unlink()
    said = refusal("apply", "plan.json", *planned)
    assert said.status == 2
    assert "cutover plan --out plan.json" in said.hint
    plan.write_bytes(b"\xff\xfe")
    assert refusal("apply", "plan.json", *planned).status == 2
    assert "t" not in relations(postgres_url)


def test_a_plan_of_older_rows_is_refused(
    planned: tuple[str, ...], source: Path, refusal: Callable[..., Said], postgres_url: str
) -> None:
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE t SET body = 'later' WHERE id = 1")
    with untouched(source):
        said = refusal("apply", "plan.json", *planned)
    assert (said.status, said.code) == (4, "refused")
    assert "outdated" in said.message
    assert "t" not in relations(postgres_url)


def test_a_plan_of_an_older_set_is_refused(
    planned: tuple[str, ...], refusal: Callable[..., Said], tmp_path: Path, postgres_url: str
) -> None:
    versions = tmp_path / "alembic_postgres" / "versions"
    (versions / "0002_more.py").write_text(
        'from alembic import op\n\nrevision = "0002_more"\ndown_revision = "0001_baseline"\n\n\n'
        'def upgrade() -> None:\n    op.execute("CREATE TABLE more (id bigint)")\n'
    )
    said = refusal("apply", "plan.json", *planned)
    assert said.status == 4
    assert "t" not in relations(postgres_url)


SETTINGS = {
    "[target]\nulr = 'x'": ["target.ulr", '"url"'],
    "[taget]\nurl = 'x'": ["taget", '"target"'],
    "[tables]\nexcludes = ['a']": ["tables.excludes", '"exclude"'],
    "[columns]\n't.body' = { zon = 'UTC' }": ["zon", '"zone"'],
    "[rows]\nt = { where = 'id > 1' }": ["rows.t", "reason"],
    "[names]\ncase = 'upper'": ["names.case"],
    "[columns]\n't.body' = { nul = 'drop' }": ["nul"],
    "[verify]\nlevel = 1": ["verify.level"],
    "[sets]\nsqlite = 3": ["sets.sqlite"],
    "source = 'app.db'": ["source"],
    "[target\nurl = 'x'": ["cutover.toml", "line 1"],
    "[a]\n[a]\n": ["cutover.toml"],
}


@pytest.mark.parametrize("text", SETTINGS)
def test_a_setting_that_is_not_understood_is_never_ignored(
    text: str, source: Path, refusal: Callable[..., Said], tmp_path: Path
) -> None:
    (tmp_path / "cutover.toml").write_text(f"{text}\n")
    with untouched(source):
        said = refusal("run", source.name, "--target", "postgresql:///never")
    assert (said.status, said.code) == (2, "usage")
    for word in SETTINGS[text]:
        assert word in f"{said.message} {said.detail} {said.hint}"


def test_a_password_in_a_wrong_setting_is_not_repeated(
    source: Path, refusal: Callable[..., Said], tmp_path: Path
) -> None:
    line = f"url = ['postgresql://app:{PASSWORD}@db/app']"
    (tmp_path / "cutover.toml").write_text(f"[target]\n{line}\n")
    assert refusal("run", source.name).status == 2


def test_a_settings_file_that_is_named_must_be_there(
    source: Path, refusal: Callable[..., Said]
) -> None:
    said = refusal("run", source.name, "--config", "elsewhere.toml")
    assert (said.status, said.code) == (2, "usage")
    assert "elsewhere.toml" in said.message


@pytest.mark.parametrize(
    "line",
    [
        "run app.db --tagret x",
        "run",
        "rum app.db",
        "apply one.plan two.plan",
        "plan --check=maybe",
        "run app.db --target mysql://app@db/app",
        f"run app.db --target postgresql://app:{PASSWORD}@db:port/app",
        f"run app.db --target postgresql://app:{PASSWORD}@db/app?sslmod=require",
        "run app.db --target postgresql://app@db/app?connect_timeout=soon",
        "run app.db --target ",
        "run app.db --allow replace-targt-rows",
        "verify",
        f"verify postgresql://app:{PASSWORD}@db/app",
        f"plan --check=postgresql://app:{PASSWORD}@db/app",
        f"migrate --provider postgresql://app:{PASSWORD}@db/app",
        f"diff postgresq://app:{PASSWORD}@db/app sqlite:app.db",
        f"diff app:{PASSWORD}@db/app sqlite:app.db",
        f"snapshot host=db,password={PASSWORD} app.json",
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_read(
    line: str, source: Path, refusal: Callable[..., Said], tmp_path: Path
) -> None:
    with untouched(source):
        said = refusal(*line.split(" "))
    assert (said.status, said.code) == (2, "usage")
    assert not (tmp_path / "cutover-work").exists()


def test_two_names_for_one_file_are_not_two_sources(
    source: Path, refusal: Callable[..., Said], postgres_url: str, tmp_path: Path
) -> None:
    (tmp_path / "other.db").symlink_to(source)
    said = refusal("run", source.name, source.name, "--target", postgres_url)
    assert said.status in (2, 4)
    assert relations(postgres_url) == []


@pytest.mark.parametrize("command", ["status", "flip", "revert"])
def test_an_unknown_provider_in_the_flag_is_an_error(
    command: str, planned: tuple[str, ...], refusal: Callable[..., Said], tmp_path: Path
) -> None:
    flag = {"value": "postgers", "generation": 1}
    (tmp_path / "provider.json").write_text(json.dumps(flag))
    said = refusal(command, *planned)
    assert (said.status, said.code) == (8, "flag")
    assert "postgers" in f"{said.message} {said.detail}"
    assert json.loads((tmp_path / "provider.json").read_text()) == flag


def test_a_row_filter_that_is_no_condition_is_refused(
    source: Path, refusal: Callable[..., Said], tmp_path: Path, postgres_url: str
) -> None:
    text = '[rows]\nt = { where = "nothing = like this", reason = "a typo" }\n'
    (tmp_path / "cutover.toml").write_text(text)
    said = refusal("run", source.name, "--target", postgres_url)
    assert (said.status, said.code) == (2, "usage")
    assert '[rows] "t"' in said.hint
    assert relations(postgres_url) == []
