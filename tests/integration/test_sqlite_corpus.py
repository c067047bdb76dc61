"""Real files, written by others, are read whole and left as they were.

Counts come from the corpus's own README, or from SQLite's shell.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cutover.catalog import Catalog, Identity, Index, TableKind
from cutover.profile import Problem
from cutover.sources.sqlite.clashes import find_clashes
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.image import image_of
from cutover.sources.sqlite.inspect import inspect, sequence_values
from cutover.sources.sqlite.rows import RowQuery, cursor_of, stream
from cutover.sources.sqlite.scan import scan

CORPUS = Path(os.environ.get("CUTOVER_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FILES = sorted(
    path.name
    for path in (CORPUS.iterdir() if CORPUS.is_dir() else ())
    if path.suffix in {".db", ".sqlite", ".gpkg", ".mbtiles"}
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}; CUTOVER_CORPUS names another"),
]


def copied(name: str, directory: Path) -> Path:
    """Copy a file with its log, without the memory that its last readers shared."""
    if name not in FILES:
        pytest.skip(f"the corpus has no {name}")
    for suffix in ("", "-wal"):
        if (CORPUS / f"{name}{suffix}").exists():
            shutil.copyfile(CORPUS / f"{name}{suffix}", directory / f"{name}{suffix}")
    return directory / name


def catalog_of(name: str, directory: Path) -> Catalog:
    return inspect(copied(name, directory))


@pytest.mark.parametrize("name", FILES)
def test_every_value_of_every_table_is_read_and_the_file_left_alone(
    name: str, tmp_path: Path
) -> None:
    path = copied(name, tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    image = image_of(path)
    with closing(open_source(path)) as connection:
        catalog = inspect(connection, name)
        for table in catalog.tables:
            if table.kind is TableKind.VIRTUAL:
                continue
            profile = scan(
                connection, table, where=None, json_columns=frozenset(), emit=lambda _rows: None
            )
            (rows,) = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()
            assert profile.rows == rows
            assert all(column.rows == rows for column in profile.columns)
            find_clashes(connection, table)
    assert image_of(path) == image
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_walked_once_in_the_order_of_its_key(name: str, tmp_path: Path) -> None:
    with closing(open_source(copied(name, tmp_path), exact_text=False)) as connection:
        for table in inspect(connection).tables:
            if table.kind is not TableKind.TABLE:
                continue
            order = cursor_of(table)
            query = RowQuery(table=table.name, columns=(), order=order, batch_rows=7)
            keys = [key for batch in stream(connection, query) for key in batch]
            (rows,) = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()
            assert len(set(keys)) == rows
            assert keys == sorted(keys)


@pytest.mark.parametrize("name", FILES)
def test_the_catalog_names_each_object_of_the_file_once(name: str, tmp_path: Path) -> None:
    path = copied(name, tmp_path)
    catalog = inspect(path)
    tables = catalog.tables
    found = {("table", table.name) for table in tables}
    found |= {("view", view.name) for view in catalog.views}
    found |= {("index", index.name) for table in tables for index in table.indexes}
    owners = [*tables, *catalog.views]
    found |= {("trigger", trigger.name) for owner in owners for trigger in owner.triggers}
    with closing(open_source(path)) as connection:
        query = "SELECT type, name FROM sqlite_master WHERE type <> 'index' OR sql IS NOT NULL"
        assert found == set(connection.execute(query).fetchall())


def test_chinook_has_its_keys_identities_and_self_reference(tmp_path: Path) -> None:
    path = copied("chinook.sqlite", tmp_path)
    catalog = inspect(path)
    tables = {t.name: t for t in catalog.tables if t.kind is TableKind.TABLE}
    assert len(tables) == 11
    assert sum(len(table.foreign_keys) for table in tables.values()) == 11
    identities = [c for t in tables.values() for c in t.columns if c.identity is not Identity.NONE]
    assert len(identities) == 10
    (key,) = tables["Employee"].foreign_keys
    assert (key.columns, key.table, key.references) == (("ReportsTo",), "Employee", ("EmployeeId",))
    playlist_track = tables["PlaylistTrack"].primary_key
    assert playlist_track is not None
    assert playlist_track.columns == ("PlaylistId", "TrackId")


def test_pocketbase_has_six_partial_unique_indexes(tmp_path: Path) -> None:
    catalog = catalog_of("pocketbase.db", tmp_path)
    partial: list[Index] = [i for t in catalog.tables for i in t.indexes if i.predicate]
    assert len(partial) == 6
    assert all(index.unique for index in partial)
    assert len(catalog.views) == 3


def test_airflow_has_its_revisions_and_checks(tmp_path: Path) -> None:
    catalog = catalog_of("airflow.db", tmp_path)
    history = catalog.table("alembic_version")
    assert history is not None
    assert history.kind is TableKind.HISTORY
    assert catalog.revisions
    checks = [check.expression for table in catalog.tables for check in table.checks]
    assert len(checks) == 14
    # All but two of them are SQLAlchemy's way to say BOOLEAN.
    assert [check for check in checks if not check.endswith(" IN (0, 1)")] == ["one_row_id"] * 2


def test_a_geopackage_has_its_triggers_and_shadow_tables(tmp_path: Path) -> None:
    catalog = catalog_of("example.gpkg", tmp_path)
    assert sum(table.kind is not TableKind.INTERNAL for table in catalog.tables) == 100
    assert sum(len(table.triggers) for table in catalog.tables) == 54
    virtual = [table for table in catalog.tables if table.kind is TableKind.VIRTUAL]
    shadow = [table for table in catalog.tables if table.kind is TableKind.SHADOW]
    assert {table.module for table in virtual} == {"rtree"}
    # An r-tree keeps its rows in three tables.
    assert len(shadow) == 3 * len(virtual)


def test_spatialite_is_read_without_its_modules(tmp_path: Path) -> None:
    catalog = catalog_of("spatialite.db", tmp_path)
    owners = [*catalog.tables, *catalog.views]
    assert sum(len(owner.triggers) for owner in owners) == 71
    assert all("no such module" in problem for problem in catalog.problems)
    assert catalog.problems


def test_text_that_is_not_utf8_is_found_in_load_statistics(tmp_path: Path) -> None:
    with closing(open_source(copied("load_statistics.db", tmp_path))) as connection:
        problems = [
            column.problem(Problem.INVALID_UTF8).count
            for table in inspect(connection).tables
            for column in scan(
                connection, table, where=None, json_columns=frozenset(), emit=lambda _rows: None
            ).columns
        ]
    assert sum(problems) == 1


def test_zeitgeist_has_its_orphans(tmp_path: Path) -> None:
    with closing(open_source(copied("zeitgeist.sqlite", tmp_path))) as connection:
        clashes = [
            clash
            for table in inspect(connection).tables
            for clash in find_clashes(connection, table)
        ]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    assert sum(clash.count for clash in clashes) == len(orphans) == 44


def test_sequences_of_grafana_are_those_of_its_table(tmp_path: Path) -> None:
    path = copied("grafana.db", tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert sequence_values(connection) == dict(
            connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        )
