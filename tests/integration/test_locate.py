"""Every object of the reference sets is found on a line that has its name; so are odd spellings."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cutover.catalog import Catalog, Provider, TableKind
from cutover.differences import Accepted, Comparison, Verdict
from cutover.locate import Location, Locator
from cutover.migrate import migrate_postgres, migrate_sqlite
from cutover.plan import Finding
from cutover.sources.sqlite.inspect import inspect as inspect_sqlite
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.inspect import inspect as inspect_postgres
from statelayer.sets import sets_root
from tests.fix_cli import Cli
from tests.fix_rules import SetWriter

ROOT = sets_root()
POSTGRES = ROOT / "alembic_postgres"
SQLITE = (ROOT / "alembic_sqlite" / "operational", ROOT / "alembic_sqlite" / "memory")

Object = tuple[str, str, str]


def _objects(catalog: Catalog) -> Iterator[Object]:
    for table in catalog.tables:
        if table.kind is not TableKind.TABLE:
            continue
        yield "table", "", table.name
        yield from (("column", table.name, column.name) for column in table.columns)
        yield from (("index", table.name, index.name) for index in table.indexes)
        yield from (("trigger", table.name, trigger.name) for trigger in table.triggers)
        yield from (("check", table.name, check.name) for check in table.checks if check.name)
        keys = [*table.uniques, table.primary_key] if table.primary_key else table.uniques
        yield from (("primary key", table.name, key.name) for key in keys if key.name)
        yield from (("foreign key", table.name, k.name) for k in table.foreign_keys if k.name)


def _misplaced(catalog: Catalog, locator: Locator) -> list[tuple[Object, Location | None]]:
    """Return what is not found on a line with its name."""
    found = [(each, locator.find(*each)) for each in _objects(catalog)]
    assert len(found) > 50
    return [(each, place) for each, place in found if place is None or each[2] not in _text(place)]


def _text(place: Location) -> str:
    return (ROOT / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]


def test_every_object_of_the_postgres_set_is_found(postgres_url: str) -> None:
    migrate_postgres(postgres_url, POSTGRES)
    with closing(connect(postgres_url, autocommit=True)) as connection:
        catalog = inspect_postgres(connection, "public")
    misplaced = [each for each, _ in _misplaced(catalog, Locator([POSTGRES], base=ROOT))]
    # These names are put together when the revision runs.
    assert misplaced == [
        ("check", "expert_findings", "ck_expert_findings_evidence"),
        ("check", "expert_findings", "ck_expert_findings_recommendation"),
        ("check", "expert_findings", "ck_expert_findings_risk"),
    ]
    place = Locator([POSTGRES], base=ROOT).find(*misplaced[0])
    assert place is not None
    assert 'f"ck_expert_findings_{finding_type}"' in _text(place)


@pytest.mark.parametrize("directory", SQLITE, ids=lambda path: path.name)
def test_every_object_of_a_sqlite_set_is_found(directory: Path, tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "app.db", directory)
    catalog = inspect_sqlite(tmp_path / "app.db")
    assert _misplaced(catalog, Locator([directory], base=ROOT)) == []


@pytest.mark.parametrize(
    ("kind", "table", "name", "path", "text"),
    [
        ("type", "runs", "archived_at", "alembic_postgres/versions/op_0004", '"archived_at"'),
        ("column", "subtasks", "owner_id", "alembic_postgres/versions/pg_0001", '"owner_id"'),
        ("default", "work_plans", "attempt", "alembic_postgres/versions/pg_0001", '"attempt"'),
        ("trigger", "run_revisions", "run_revisions_no_update", "triggers/sqlite/", "no_update"),
        ("trigger", "run_revisions", "run_revisions_no_change", "triggers/postgres/", "no_change"),
        ("unique", "backlog_tasks", "ux_backlog_tasks_run_id", "alembic_postgres/", "tasks_run_id"),
        ("column", "locks", "owner", "alembic_sqlite/operational/versions/op_0005", '"owner"'),
        ("primary key", "run_revisions", "run_id, revision_number", "alembic_", "pk_run_revisions"),
        ("foreign key", "tasks", "thread_id", "alembic_postgres/", "fk_tasks_thread_id"),
        ("unique", "backlog_tasks", "run_id", "alembic_postgres/", "op.create_index("),
        ("unique", "tasks", "status, no key", "alembic_postgres/versions/op_0005", '"status"'),
        ("check", "runs", "no such one", "alembic_postgres/versions/op_0001", '"runs"'),
        ("view", "", "no such one", "alembic_postgres/env.py", '"""Run the PostgreSQL'),
    ],
)
def test_where_an_object_of_the_reference_comes_from(
    kind: str, table: str, name: str, path: str, text: str
) -> None:
    place = Locator([POSTGRES, *SQLITE], base=ROOT).find(kind, table, name)
    assert place is not None
    assert place.path.startswith(path)
    assert text in _text(place)


MADE = '''
from alembic import op as alembic_op
TABLES = ("one", "two")
VIEW = """
CREATE VIEW v AS
SELECT 1
"""


def _lease(table):
    op.add_column(table, sa.Column("lease", sa.Text()))


def upgrade():
    for table in TABLES:
        op.create_table(table, sa.Column("id", sa.Integer(), primary_key=True))
        op.create_index(f"ix_{table}_id", table, ["id"])
        _lease(table)
    op.execute(VIEW)
    op.execute(
        "CREATE TABLE \\"Odd name\\" (a INT, CONSTRAINT ck_odd CHECK (a::int > 0))"
    )
    op.execute("""\\
        CREATE TABLE raw (
            -- id, code and other: explained here
            other INT REFERENCES two (id), note TEXT DEFAULT '\\n\\x41',
            id INTEGER PRIMARY KEY,
            code TEXT,
            UNIQUE (code, other)
        )
    """)
    op.execute(
        "CREATE TABLE pieces (" r"id INT,"  # id
        "a INT,"
        " PRIMARY KEY (id, a))"
    )
    with op.batch_alter_table("one") as batch:
        batch.add_column(sa.Column("late", sa.Text()))
        batch.create_check_constraint("ck_late", "late <> ''")
        batch.create_unique_constraint("uq_late", ["late", "lease"])
    alembic_op.add_column("one", sa.Column("up", sa.ForeignKey("two.id"), unique=True))
    op.create_foreign_key("fk_lease", "one", "two", ["lease"], ["id"])
    op.get_bind().execute(sa.text("CREATE TRIGGER tr AFTER INSERT ON one BEGIN SELECT 1; END"))
    for name, table in (("ix_a", "one"), ("ix_b", "two")):
        op.create_index(name, table, ["id"])
'''


@pytest.mark.parametrize(
    ("kind", "table", "name", "text"),
    [
        ("table", "", "two", "op.create_table(table"),
        ("index", "two", "ix_two_id", "op.create_index(f"),
        ("column", "one", "lease", '"lease"'),
        ("view", "", "v", "CREATE VIEW v"),
        ("table", "", "odd name", "Odd name"),
        ("check", "Odd name", "ck_odd", "ck_odd"),
        ("column", "one", "late", '"late"'),
        ("check", "one", "ck_late", '"ck_late"'),
        ("trigger", "one", "tr", "CREATE TRIGGER tr"),
        ("index", "two", "ix_b", "op.create_index(name"),
        ("primary key", "two", "id", "primary_key=True"),
        ("unique", "one", "late, lease", "uq_late"),
        ("foreign key", "one", "up", "ForeignKey"),
        ("unique", "one", "up", "unique=True"),
        ("foreign key", "one", "lease", "fk_lease"),
        ("primary key", "raw", "id", "id INTEGER PRIMARY KEY"),
        ("type", "raw", "id", "id INTEGER PRIMARY KEY"),
        ("default", "raw", "code", "code TEXT"),
        ("foreign key", "raw", "other", "other INT REFERENCES"),
        ("unique", "raw", "code, other", "UNIQUE (code, other)"),
        ("column", "pieces", "id", '"CREATE TABLE pieces ("'),
        ("column", "pieces", "a", '"a INT,"'),
        ("primary key", "pieces", "id, a", "PRIMARY KEY (id, a)"),
    ],
)
def test_how_else_a_revision_makes_an_object(
    sqlite_set: SetWriter, kind: str, table: str, name: str, text: str
) -> None:
    sqlite_set.add("one", "pass")
    path = sqlite_set.set.directory / "versions" / "one.py"
    path.write_text(path.read_text().partition("def upgrade")[0] + MADE)
    place = Locator([sqlite_set.set.directory]).find(kind, table, name)
    assert place is not None
    assert text in Path(place.path).read_text().splitlines()[place.line - 1]


def test_the_last_statement_wins_by_the_graph_and_not_by_the_name(sqlite_set: SetWriter) -> None:
    sqlite_set.add("z", 'op.create_table("t", sa.Column("a", sa.Integer()))')
    sqlite_set.add("y", 'op.alter_column("t", "a", nullable=False)')
    sqlite_set.add("x", 'op.execute("ALTER TABLE t ALTER COLUMN a SET NOT NULL")')
    locator = Locator([sqlite_set.set.directory], base=sqlite_set.set.directory)
    assert locator.find("not null", "t", "a") == Location(path="versions/x.py", line=10)
    assert locator.find("table", "", "t") == Location(path="versions/z.py", line=10)


def test_one_of_several_sql_files_is_the_one_in_the_folder_that_is_named(tmp_path: Path) -> None:
    for provider in ("a", "b"):
        folder = tmp_path / "sql" / provider
        folder.mkdir(parents=True)
        (folder / "tr.sql").write_text("-- why\n\nCREATE TRIGGER tr AFTER INSERT ON t BEGIN END;")
    writer = SetWriter(tmp_path / "lite", Provider.SQLITE)
    writer.add("one", 'op.execute((ROOT / "sql" / "b" / "tr.sql").read_text())')
    place = Locator([writer.set.directory], base=tmp_path).find("trigger", "t", "tr")
    assert place == Location(path="sql/b/tr.sql", line=3)


def test_a_set_that_is_broken_still_has_places(sqlite_set: SetWriter) -> None:
    sqlite_set.add("one", 'op.create_table("t", sa.Column("a", sa.Integer()))', words="x = 1")
    sqlite_set.add("two", "pass", parent="two")
    (sqlite_set.set.directory / "versions" / "bad.py").write_text("def broken(:")
    locator = Locator([sqlite_set.set.directory], base=sqlite_set.set.directory)
    assert locator.find("table", "", "t") == Location(path="versions/one.py", line=10)


def test_what_is_no_comparison_has_a_place_too(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text('{\n  "missing table \\"x\\"": "later"\n}\n')
    shutil.copytree(POSTGRES, tmp_path / "alembic_postgres")
    locator = Locator([tmp_path / "alembic_postgres"], base=tmp_path, baseline=baseline)
    stale = Accepted(key='missing table "x"', reason="later")
    assert locator.of(stale) == Location(path="baseline.json", line=2)
    comparison = Comparison(kind="table", name="runs", verdict=Verdict.MISSING)
    table = locator.of(comparison)
    assert table
    assert table.path == "alembic_postgres/versions/op_0001_baseline.py"
    breach = Finding(
        check="concurrently",
        subject='revision "pg_0001_leases" of "alembic_postgres"',
        kind="breach",
        message="line 21: it is inside a transaction",
    )
    place = Location(path="alembic_postgres/versions/pg_0001_leases.py", line=21)
    assert locator.of(breach) == place


@pytest.mark.parametrize(
    ("verdict", "name", "shown"),
    [
        (Verdict.LOOSENED, "both", "server"),
        (Verdict.UNKNOWN, "both", "server"),
        (Verdict.TIGHTENED, "both", "server"),
        (Verdict.EXTRA, "right", "server"),
        (Verdict.MISSING, "left", "lite"),
        # The table is all that either has of it.
        (Verdict.MISSING, "unnamed", "lite"),
        (Verdict.EXTRA, "unnamed", "server"),
    ],
)
def test_a_difference_is_shown_on_the_side_that_has_to_change(
    sqlite_set: SetWriter, postgres_set: SetWriter, *, verdict: Verdict, name: str, shown: str
) -> None:
    for writer, own in ((sqlite_set, "left"), (postgres_set, "right")):
        columns = ", ".join(f'sa.Column("{each}", sa.Integer())' for each in ("both", own))
        writer.add(f"{own}_1", f'op.create_table("t", {columns})')
    locator = Locator([postgres_set.set.directory, sqlite_set.set.directory])
    place = locator.of(Comparison(kind="column", table="t", name=name, verdict=verdict))
    assert place
    assert f"/{shown}/versions/" in place.path
    # What a column is: both have the column, whichever of them has the default.
    default = locator.of(Comparison(kind="default", table="t", name="both", verdict=verdict))
    assert default
    assert "/server/versions/" in default.path


@pytest.mark.parametrize("form", ["github", "sarif", "markdown"])
def test_each_output_shows_that_side(
    cli: Cli,
    sqlite_set: SetWriter,
    postgres_set: SetWriter,
    postgres_server: str,
    *,
    form: str,
    tmp_path: Path,
) -> None:
    table = 'op.create_table("t", sa.Column("a", sa.Integer(), nullable={}))'
    sqlite_set.add("old", table.format("False"))
    postgres_set.add("new", table.format("True"))
    (tmp_path / "cutover.toml").write_text('[sets]\nsqlite = ["lite"]\npostgres = "server"\n')
    told = cli("diff", "--format", form, "--target", postgres_server)
    assert told.status == 3
    assert "server/versions/new.py" in told.out
    ends = ("set:lite", "set:server")
    for given in (ends, ends[::-1]):
        out = cli("diff", *given, "--format", form, "--target", postgres_server).out
        assert "server/versions/new.py" in out
        assert "lite/versions/old.py" not in out


def test_without_a_set_there_is_no_place() -> None:
    assert Locator([]).find("table", "", "t") is None
