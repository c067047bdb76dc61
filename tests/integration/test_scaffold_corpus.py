"""The scaffold of files that other people made: it runs, and it accounts for every object."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cutover.catalog import Catalog, Table, TableKind
from cutover.migrate import migrate_postgres
from cutover.scaffold import Scaffold, prove, scaffold, write
from cutover.settings import Settings
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.inspect import inspect as inspect_source
from cutover.sources.sqlite.scan import scan
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.inspect import inspect as inspect_target
from cutover.targets.postgres.scratch import scratch_database

DEFAULT = Path(__file__).parents[3] / "shared" / "corpus"
CORPUS = Path(os.environ.get("CUTOVER_CORPUS", DEFAULT))
SUFFIXES = (".db", ".sqlite", ".mbtiles", ".gpkg")
FILES = sorted(path.name for path in CORPUS.glob("*") if path.suffix in SUFFIXES)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"there is no corpus in {CORPUS}"),
]


@pytest.fixture
def corpus_file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    copy = tmp_path / request.param
    shutil.copy(CORPUS / request.param, copy)
    return copy


def scaffolded(path: Path, url: str) -> tuple[Catalog, Scaffold]:
    catalog = inspect_source(path)
    with closing(open_source(path)) as source:
        profiles = {
            table.name: scan(
                source, table, where=None, json_columns=frozenset(), emit=lambda _: None
            )
            for table in catalog.tables
            if table.kind is TableKind.TABLE
        }
    given = ({path.name: catalog}, {path.name: profiles}, Settings())
    with scratch_database(url) as scratch, closing(connect(scratch)) as connection:
        rejected = prove(connection, scaffold(*given))
    return catalog, scaffold(*given, rejected=rejected)


def objects_of(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for table in catalog.tables:
        kind = "virtual table" if table.kind is TableKind.VIRTUAL else "table"
        yield kind, table.name
        if table.kind is TableKind.TABLE:
            yield from (("index", index.name) for index in table.indexes)
            yield from (("trigger", trigger.name) for trigger in table.triggers)
            yield from (("check", f"{table.name}.{c.name or c.expression}") for c in table.checks)
    yield from (("view", view.name) for view in catalog.views)


def shape(table: Table) -> object:
    """Return a table without what only the way it was made decides: the order of its indexes."""
    return (
        set(table.columns),
        table.primary_key,
        set(table.uniques),
        set(table.checks),
        set(table.foreign_keys),
        set(table.indexes),
        set(table.triggers),
    )


@pytest.mark.parametrize("corpus_file", FILES, indirect=True)
def test_the_revisions_make_what_was_proved_and_nothing_is_forgotten(
    corpus_file: Path, postgres_url: str, tmp_path: Path
) -> None:
    catalog, made = scaffolded(corpus_file, postgres_url)
    judged = [(o.kind, o.name) for o in made.objects]
    assert len(judged) == len(set(judged))
    assert set(objects_of(catalog)) <= set(judged)

    write(made, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    with closing(connect(postgres_url)) as connection:
        by_alembic = inspect_target(connection, "public")
    with scratch_database(postgres_url) as scratch, closing(connect(scratch)) as connection:
        for statement in made.statements:
            connection.execute(statement.sql.encode())
        by_statements = inspect_target(connection, "public")
    tables = [t for t in by_alembic.tables if t.kind is not TableKind.HISTORY]
    assert {t.name: shape(t) for t in tables} == {t.name: shape(t) for t in by_statements.tables}
    assert by_alembic.views == by_statements.views


@pytest.mark.parametrize("corpus_file", ["pocketbase.db"], indirect=True)
def test_six_partial_unique_indexes_keep_their_predicates(
    corpus_file: Path, postgres_url: str, tmp_path: Path
) -> None:
    _, made = scaffolded(corpus_file, postgres_url)
    assert made.decisions == ()
    write(made, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    with closing(connect(postgres_url)) as connection:
        found = inspect_target(connection, "public")
    partial = [i for t in found.tables for i in t.indexes if i.unique and i.predicate]
    assert len(partial) == 6
    assert {view.name for view in found.views} == {"view1", "view2", "numeric_id_view"}


@pytest.mark.parametrize("corpus_file", ["airflow.db"], indirect=True)
def test_a_history_table_is_left_to_its_tool(corpus_file: Path, postgres_url: str) -> None:
    _, made = scaffolded(corpus_file, postgres_url)
    assert made.decisions == ()
    baseline = made.files["alembic_postgres/versions/0001_baseline.py"]
    assert "alembic_version" not in baseline
    assert 'sa.Column("is_paused", sa.Boolean())' in baseline
    assert "IN (0, 1)" not in baseline
