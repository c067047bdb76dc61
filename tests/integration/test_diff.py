"""Two schemas compared from the command line: every kind of end, a baseline, and what is said."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cutover.cli import main
from cutover.targets.postgres.connect import connect
from statelayer.make import make_reference
from statelayer.sets import sets_root
from tests.fix_cli import Answer
from tests.fix_postgres import fresh_database

Diff = Callable[..., Answer]
OPERATIONAL = "set:" + str(sets_root() / "alembic_sqlite" / "operational")
MEMORY = "set:" + str(sets_root() / "alembic_sqlite" / "memory")
POSTGRES = "set:" + str(sets_root() / "alembic_postgres")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of small reference files."""
    directory = tmp_path_factory.mktemp("reference")
    make_reference(directory, events=50, seed=1)
    return directory


@pytest.fixture
def run(
    reference: Path,
    postgres_server: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Diff:
    """Give a function that runs a command with the reference settings, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "240")
    settings = reference / "cutover.toml"

    def call(*arguments: object, config: Path = settings) -> Answer:
        capsys.readouterr()
        common = ["--config", str(config), "--target", postgres_server]
        status = main([*map(str, arguments), *common])
        return Answer(status, *capsys.readouterr())

    return call


def test_the_reference_sets_differ_in_nothing_unexplained(run: Diff) -> None:
    told = run("diff")
    assert told.status == 0
    assert "0 unexplained differences" in told.out
    facts = run("diff", "--format", "json").json
    assert facts["ok"]
    assert facts["differences"] == facts["stale"] == []
    assert len(facts["accepted"]) > 20
    assert facts["counts"]["equivalent"] > 200


def test_a_live_file_is_what_its_set_promises_until_it_is_changed(
    run: Diff, reference: Path, tmp_path: Path
) -> None:
    path = tmp_path / "memory.db"
    shutil.copy(reference / "memory.db", path)
    assert run("diff", MEMORY, f"sqlite:{path}").status == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP INDEX ux_decision_inbox_project_id_slug")
    told = run("diff", MEMORY, f"sqlite:{path}")
    assert told.status == 3
    assert 'missing: index "ux_decision_inbox_project_id_slug" of "decision_inbox"' in told.out


@pytest.mark.hazard("A30", "names an index whose predicate the live file has lost")
def test_a_predicate_that_a_live_file_lost_is_named(
    run: Diff, reference: Path, tmp_path: Path
) -> None:
    path = tmp_path / "operational.db"
    shutil.copy(reference / "operational.db", path)
    with closing(sqlite3.connect(path)) as connection:
        name, text = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
        ).fetchone()
        full = text.partition(" WHERE ")[0].replace(" UNIQUE ", " ")
        connection.executescript(f'DROP INDEX "{name}"; {full}')
    told = run("diff", OPERATIONAL, f"sqlite:{path}")
    assert told.status == 3
    assert f'loosened: index "{name}"' in told.out


@pytest.mark.hazard("A38", "names a trigger of its set that the live file lacks")
def test_a_lost_trigger_of_a_live_file_is_named(run: Diff, reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "operational.db"
    shutil.copy(reference / "operational.db", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TRIGGER run_revisions_no_delete")
    told = run("diff", OPERATIONAL, f"sqlite:{path}")
    assert told.status == 3
    assert 'missing: trigger "run_revisions_no_delete" of "run_revisions"' in told.out


def test_a_live_target_and_a_snapshot_are_ends_too(
    run: Diff, postgres_server: str, tmp_path: Path
) -> None:
    snapshot = tmp_path / "snapshot.json"
    assert run("snapshot", POSTGRES, snapshot).status == 0
    assert run("diff", f"snapshot:{snapshot}", POSTGRES).status == 0
    with fresh_database(postgres_server) as url:
        told = run("diff", POSTGRES, url)
        assert told.status == 3
        assert 'missing: table "projects"' in told.out
        assert "postgres:postgres@" not in told.out
    facts = json.loads(snapshot.read_text())
    facts["format"] = "2.0"
    snapshot.write_text(json.dumps(facts))
    assert run("diff", f"snapshot:{snapshot}", POSTGRES).status == 2


@pytest.mark.hazard("A30", "compares predicates by meaning, at last by the rows that they select")
def test_predicates_written_otherwise_are_compared_by_their_rows(
    run: Diff, postgres_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as lite:
        lite.executescript(
            "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, n TEXT);"
            "INSERT INTO t VALUES ('a', 'x'), ('b', 'xy'), ('c', 'y');"
            "CREATE INDEX ix ON t (n) WHERE n LIKE 'x%'"
        )
    with closing(connect(postgres_url, autocommit=True)) as target:
        target.execute("CREATE TABLE t (id text PRIMARY KEY, n text)")
        target.execute("INSERT INTO t VALUES ('a', 'x'), ('b', 'xy'), ('c', 'y')")
        target.execute("CREATE INDEX ix ON t (n) WHERE n LIKE 'x%'")
        told = run("diff", f"sqlite:{path}", postgres_url, "--explain", "t")
        assert told.status == 0
        assert "both predicates select the same 2 rows" in told.out
        target.execute("INSERT INTO t VALUES ('d', 'xz')")
        told = run("diff", f"sqlite:{path}", postgres_url)
    assert told.status == 3
    assert 'loosened: index "ix" of "t"' in told.out
    assert "LIKE folds ASCII case in SQLite only" in told.out


def test_a_view_is_compared_as_the_server_writes_its_translation(
    run: Diff, postgres_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as lite:
        lite.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT);"
            'CREATE VIEW v AS SELECT n, count(*) AS c FROM t WHERE n = "x" GROUP BY n'
        )
    with closing(connect(postgres_url, autocommit=True)) as target:
        target.execute(
            "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n text)"
        )
        target.execute("CREATE VIEW v AS SELECT n, count(*) AS c FROM t WHERE (n = 'x') GROUP BY 1")
        told = run("diff", f"sqlite:{path}", postgres_url, "--format", "json")
        assert (told.status, told.json["differences"]) == (0, [])
        target.execute("DROP VIEW v; CREATE VIEW v AS SELECT n, 1::bigint AS c FROM t")
        told = run("diff", f"sqlite:{path}", postgres_url, "--format", "json")
    assert told.status == 3
    assert [d["key"].partition(" #")[0] for d in told.json["differences"]] == ['unknown view "v"']


def test_the_ends_may_stand_either_way(run: Diff, reference: Path) -> None:
    one = run("diff", MEMORY, POSTGRES, "--format", "json").json
    other = run("diff", POSTGRES, f"sqlite:{reference / 'memory.db'}", "--format", "json").json
    assert one["differences"] == other["differences"] != []


def test_a_baseline_accepts_one_difference_and_no_other_like_it(run: Diff, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.toml"
    keys = [d["key"] for d in run("diff", MEMORY, POSTGRES, "--format", "json").json["differences"]]
    lines = "".join(f"'{key}' = \"because\"\n" for key in keys)
    baseline.write_text(f"[accepted]\n{lines}")
    assert run("diff", MEMORY, POSTGRES, "--baseline", baseline).status == 0
    baseline.write_text(f"[accepted]\n{lines}".replace("#", "#0", 1))
    told = run("diff", MEMORY, POSTGRES, "--baseline", baseline)
    assert told.status == 3
    assert "1 unexplained difference" in told.out
    assert f"stale: {keys[0].replace('#', '#0')}" in told.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds"),
        ("[accepted]\n'extra table \"t\" #0' = ''", "without a reason"),
        ("[accepted]\nx = 1", "without a reason"),
        ("[acepted]\n", "holds more than"),
        ("[", "is not TOML"),
    ],
)
def test_a_baseline_that_is_none_is_refused(
    run: Diff, tmp_path: Path, text: str, said: str
) -> None:
    baseline = tmp_path / "baseline.toml"
    if text:
        baseline.write_text(text)
    told = run("diff", "--baseline", baseline)
    assert told.status == 2
    assert said in told.err or not text


@pytest.mark.parametrize(
    "line",
    [
        "diff one",
        "diff nothing:x set:alembic_postgres",
        "diff set: set:alembic_postgres",
        "diff snapshot:missing.json snapshot:missing.json",
        "diff set:somewhere set:alembic_postgres",
        "diff set:. set:alembic_postgres",
        "diff --explain no_such_table --quiet",
        "diff --explain run_revisions --format sarif",
        "diff --baseline missing.toml",
        "diff --format xml",
        "snapshot nothing:x file.json",
    ],
)
def test_an_end_that_is_none_is_a_usage_error(run: Diff, line: str) -> None:
    told = run(*line.split(" "))
    assert told.status == 2
    assert told.err.startswith("error: ")
    assert "hint: " in told.err


def test_a_table_is_explained_object_by_object(run: Diff) -> None:
    told = run("diff", "--explain", "run_revisions")
    assert told.status == 0
    for word in ("append-only", "run_revisions_no_delete", "revision_number", "equivalent"):
        assert word in told.out


def test_a_table_that_is_explained_on_a_narrow_screen_breaks_no_word(
    run: Diff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run("diff", "--explain", "run_revisions")
    assert 'equal: column "run_revisions"."revision_number"' in told.out
    assert "detail: append-only" in told.out


def test_a_table_that_neither_side_has_is_asked_back(run: Diff) -> None:
    told = run("diff", MEMORY, POSTGRES, "--explain", "run_revision")
    assert told.status == 2
    assert 'did you mean "run_revisions"?' in told.err


def test_a_folder_that_is_no_set_is_told_before_it_is_asked_whose(run: Diff) -> None:
    assert 'set "somewhere" does not exist' in run("diff", "set:somewhere", POSTGRES).err
    assert '"." is not an Alembic set' in run("diff", "set:.", POSTGRES).err


def test_what_is_waived_in_the_settings_is_accepted_for_that_reason(
    run: Diff, tmp_path: Path
) -> None:
    lite, pg = tmp_path / "alembic_sqlite", tmp_path / "alembic_postgres"
    for directory, extra in ((lite, "CREATE INDEX ix ON t (a)"), (pg, "SELECT 1")):
        shutil.copytree(sets_root() / "alembic_sqlite" / "memory", directory)
        shutil.rmtree(directory / "versions")
        (directory / "versions").mkdir()
        (directory / "versions" / "a.py").write_text(
            'from alembic import op\nrevision = "a"\ndown_revision = None\n\n\n'
            "def upgrade():\n"
            '    op.execute("CREATE TABLE t (a TEXT)")\n'
            f'    op.execute("{extra}")\n\n\n'
            "def downgrade():\n"
            '    op.execute("DROP TABLE t")\n'
        )
    settings = tmp_path / "cutover.toml"
    sets = '[sets]\nsqlite = ["alembic_sqlite"]\npostgres = "alembic_postgres"\n'
    settings.write_text(sets)
    assert run("diff", config=settings).status == 3
    settings.write_text(f'{sets}[waive]\n"index:ix" = "nobody asks for it any more"\n')
    told = run("diff", "--format", "json", config=settings)
    assert told.status == 0
    assert [a["reason"] for a in told.json["accepted"]] == ["nobody asks for it any more"]
