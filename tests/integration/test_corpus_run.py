"""`cutover run` on files that other people made: proved, or refused by name; never a crash.

Each file is copied, moved into a database of its own, and must be left as it was, alone in its
folder. What the files hold is counted here with plain SQL, not taken from what cutover says.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cutover.cli import main
from cutover.targets.postgres.connect import connect

DEFAULT = Path(__file__).parents[3] / "shared" / "corpus"
CORPUS = Path(os.environ.get("CUTOVER_CORPUS", DEFAULT))
SUFFIXES = (".db", ".sqlite", ".mbtiles", ".gpkg")
FILES = sorted(path.name for path in CORPUS.glob("*") if path.suffix in SUFFIXES)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"there is no corpus in {CORPUS}"),
]

CHINOOK_TABLES, CHINOOK_ROWS = 11, 15_607


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run of one file answered, and where everything is."""

    status: int
    facts: Any
    err: str
    source: Path
    url: str

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the source."""
        with closing(sqlite3.connect(f"file:{self.source}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def loaded(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the target."""
        with closing(connect(self.url, autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()


Move = Callable[..., Moved]


@pytest.fixture
def move(
    tmp_path: Path,
    postgres_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Move:
    """Give a function that runs a copy of a corpus file into a database of its own."""
    monkeypatch.setenv("TERM", "dumb")

    def run(name: str) -> Moved:
        source = tmp_path / "source" / name
        if not source.exists():
            source.parent.mkdir()
            shutil.copyfile(CORPUS / name, source)
        before = source.read_bytes()
        line = ["run", str(source), "--target", postgres_url, "--workdir", str(tmp_path / "work")]
        capsys.readouterr()
        status = main([*line, "--format", "json"])
        said = capsys.readouterr()
        assert source.read_bytes() == before
        assert [path.name for path in source.parent.iterdir()] == [name]
        return Moved(status, json.loads(said.out), said.err, source, postgres_url)

    return run


def test_chinook_arrives_whole_and_goes_on(move: Move) -> None:
    moved = move("chinook.sqlite")
    assert moved.status == 0, moved.facts
    names = [name for (name,) in moved.stored(TABLES)]
    rows = {name: moved.stored(f'SELECT count(*) FROM "{name}"')[0][0] for name in names}
    assert (len(rows), sum(rows.values())) == (CHINOOK_TABLES, CHINOOK_ROWS)
    for name, count in rows.items():
        assert moved.loaded(f'SELECT count(*) FROM "{name}"') == [(count,)]

    keys = [(name, *key[2:5]) for name in names for key in foreign_keys(moved, name)]
    found = moved.loaded(FOREIGN_KEYS)
    assert sorted(found) == sorted(keys)
    assert ("Employee", "Employee", "ReportsTo", "EmployeeId") in found

    highest = max(n for (n,) in moved.stored('SELECT "ArtistId" FROM "Artist"'))
    insert = """INSERT INTO "Artist" ("Name") VALUES ('next') RETURNING "ArtistId" """
    assert moved.loaded(insert) == [(highest + 1,)]


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
FOREIGN_KEYS = """
    SELECT child.relname, parent.relname, own.attname, other.attname
    FROM pg_constraint
    JOIN pg_class child ON child.oid = conrelid
    JOIN pg_class parent ON parent.oid = confrelid
    JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
    JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
    WHERE contype = 'f' AND convalidated AND connamespace = 'public'::regnamespace
"""


def foreign_keys(moved: Moved, table: str) -> list[tuple[Any, ...]]:
    return moved.stored(f'PRAGMA foreign_key_list("{table}")')


def test_chinook_a_second_time_has_nothing_to_do(
    move: Move, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = move("chinook.sqlite")
    assert first.status == 0
    assert move("chinook.sqlite").status == 0
    line = ["run", str(first.source), "--target", first.url, "--workdir", str(tmp_path / "work")]
    assert main(line) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert first.loaded('SELECT count(*) FROM "PlaylistTrack"') == [(8_715,)]


@pytest.mark.hazard("A2", "leaves the history of the source's own tool behind")
def test_the_history_of_airflow_is_not_copied(move: Move) -> None:
    moved = move("airflow.db")
    assert moved.status == 0, moved.facts
    (theirs,) = moved.stored("SELECT version_num FROM alembic_version")[0]
    assert (theirs,) not in moved.loaded("SELECT version_num FROM alembic_version")
    assert "alembic_version" not in [table["name"] for table in tables_of(moved)]
    flags = {
        row[1] for row in moved.stored("PRAGMA table_info(dag)") if row[2].upper() == "BOOLEAN"
    }
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'dag' AND data_type = 'boolean'"
    )
    assert flags
    assert {name for (name,) in moved.loaded(query)} == flags


def test_tiles_are_the_same_bytes(move: Move) -> None:
    moved = move("tiles.mbtiles")
    assert moved.status == 0, moved.facts
    columns = [
        row[1] for row in moved.stored("PRAGMA table_info(images)") if "BLOB" in row[2].upper()
    ]
    assert columns
    for column in columns:
        query = f"SELECT {column} FROM images WHERE {column} IS NOT NULL"
        assert digests(moved.stored(query)) == digests(moved.loaded(query))


def digests(rows: list[tuple[Any, ...]]) -> list[str]:
    return sorted(hashlib.sha256(body).hexdigest() for (body,) in rows)


@pytest.mark.hazard("A28", "keeps each partial unique index with its predicate")
def test_pocketbase_keeps_its_six_partial_unique_indexes(move: Move) -> None:
    moved = move("pocketbase.db")
    open_ = findings_of(moved)
    assert moved.status in (0, 3)
    assert (moved.status == 3) == bool(open_)
    assert all(finding["message"].startswith('view "') for finding in open_)
    wanted = moved.stored(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%UNIQUE%WHERE%'"
    )
    query = (
        "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid"
        " WHERE indisunique AND indisvalid AND indpred IS NOT NULL"
        " AND relnamespace = 'public'::regnamespace"
    )
    assert len(wanted) == 6
    assert set(moved.loaded(query)) == set(wanted)
    predicates = moved.loaded(
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indpred IS NOT NULL"
    )
    meant = [text.strip("()").partition("::")[0] for (text,) in predicates]
    assert sorted(meant) == sorted(
        ["email <> ''"] * 4 + ["rel_one_unique <> ''", "rel_many_unique <> '[]'"]
    )


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_proved_or_refused_by_name(name: str, move: Move) -> None:
    moved = move(name)
    assert moved.status in (0, 3, 4, 5), moved.facts
    assert moved.facts["exit_status"] == moved.status
    assert moved.facts["ok"] == (moved.status == 0)
    assert "Traceback" not in moved.err
    if moved.status == 4:
        assert moved.loaded("SELECT 1 FROM pg_class WHERE relnamespace = 2200") == []
        check_unsettled(moved)
    else:
        differing = [t for t in tables_of(moved) if t["source_rows"] != t["target_rows"]]
        assert differing == []
        assert bool(findings_of(moved)) == (moved.status == 3)


def check_unsettled(moved: Moved) -> None:
    """Check that each value that is not settled is named, with its keys and what settles it."""
    unsettled = [f for f in findings_of(moved) if f["kind"] == "unsettled"]
    assert unsettled
    tables = {name for (name,) in moved.stored(TABLES)}
    for finding in unsettled:
        assert any(f'"{table}"' in finding["subject"] for table in tables)
        assert "[" in finding["hint"] or "UPDATE" in finding["hint"]
        assert finding["samples"] or finding["detail"], finding


def tables_of(moved: Moved) -> list[dict[str, Any]]:
    return list(moved.facts["tables"])


def findings_of(moved: Moved) -> list[dict[str, Any]]:
    facts = moved.facts["plan"] if moved.status == 4 else moved.facts
    return list(facts["findings"])
