"""What `init` writes, run: the sets on real databases, the triggers against real statements."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cutover.catalog import Catalog, ForeignKey, Identity, Provider, Table, TableKind
from cutover.dialect.canonical import canonical
from cutover.errors import Refused
from cutover.migrate import migrate_postgres
from cutover.plan import Bucket
from cutover.profile import TableProfile
from cutover.scaffold import Scaffold, prove, scaffold, write
from cutover.settings import Settings, load_settings, parse_settings
from cutover.sources.sqlite.connect import open_source
from cutover.sources.sqlite.inspect import inspect as inspect_source
from cutover.sources.sqlite.scan import scan
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.inspect import inspect as inspect_target

Make = Callable[..., Path]

APPLICATION = """
CREATE TABLE "user" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    is_admin BOOLEAN NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1)),
    boss INTEGER REFERENCES "user" ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "group" INTEGER REFERENCES groups (id),
    score REAL CHECK (score >= 0.5),
    tags JSON DEFAULT '[]',
    photo BLOB,
    joined DATETIME DEFAULT CURRENT_TIMESTAMP,
    label TEXT AS (lower(email) || '!') STORED
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    owner INTEGER REFERENCES "user" (id) ON DELETE CASCADE ON UPDATE RESTRICT,
    name TEXT CONSTRAINT named CHECK (length(name) > 1 AND name NOT LIKE '%:b%')
);
CREATE UNIQUE INDEX one_admin ON "user" ("group") WHERE is_admin = 1 AND photo IS NULL;
CREATE INDEX by_name ON groups (lower(name), id DESC);
CREATE INDEX by_owner ON groups (owner DESC);
CREATE TABLE history (id INTEGER PRIMARY KEY, note TEXT);
CREATE TRIGGER keep_update BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'it''s kept'); END;
CREATE TRIGGER keep_delete BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, '100% kept'); END;
CREATE TRIGGER no_rename BEFORE UPDATE OF name ON groups WHEN OLD.name <> NEW.name
    BEGIN SELECT RAISE(ABORT, 'no'); END;
CREATE VIEW z_names AS SELECT Name, Id FROM groups;
CREATE VIEW a_names AS SELECT * FROM (SELECT name FROM Z_NAMES WHERE id > 0);
INSERT INTO groups VALUES (1, NULL, 'staff');
INSERT INTO "user" (id, email, is_admin, "group", score, tags, joined)
    VALUES (7, 'Ann@example.org', 1, 1, 0.5, '["a"]', '2026-01-02 03:04:05');
INSERT INTO history VALUES (1, 'first');
"""


@dataclass(frozen=True)
class Drafted:
    """A scaffold with the catalog it came from."""

    catalog: Catalog
    scaffold: Scaffold
    rejected: dict[str, str]

    def bucket(self, kind: str, name: str) -> Bucket:
        """Return the one bucket of an object."""
        found = [o.bucket for o in self.scaffold.objects if (o.kind, o.name) == (kind, name)]
        assert len(found) == 1, (kind, name, found)
        return found[0]


@pytest.fixture
def draft(postgres_url: str) -> Callable[..., Drafted]:
    """Give a function that does all that `init` does, short of writing; nothing stays behind."""

    def draft_file(path: Path, settings: Settings | None = None) -> Drafted:
        catalog, profiles = survey(path)
        given = ({path.name: catalog}, {path.name: profiles}, settings or Settings())
        with closing(connect(postgres_url)) as connection:
            rejected = prove(connection, scaffold(*given))
        return Drafted(catalog, scaffold(*given, rejected=rejected), rejected)

    return draft_file


def survey(path: Path) -> tuple[Catalog, dict[str, TableProfile]]:
    catalog = inspect_source(path)
    with closing(open_source(path)) as source:
        tables = [table for table in catalog.tables if table.kind is TableKind.TABLE]
        return catalog, {table.name: profile(source, table) for table in tables}


def profile(source: sqlite3.Connection, table: Table) -> TableProfile:
    return scan(source, table, where=None, json_columns=frozenset(), emit=lambda _: None)


@pytest.fixture
def written(sqlite_file: Make, draft: Callable[..., Drafted], tmp_path: Path) -> Path:
    """Give the folder of the application's two sets."""
    write(draft(sqlite_file(APPLICATION)).scaffold, tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def migrated(written: Path, postgres_url: str) -> Iterator[Connection]:
    """Give a connection to the application's target at head."""
    migrate_postgres(postgres_url, written / "alembic_postgres")
    with closing(connect(postgres_url)) as connection:
        yield connection


def table(connection: Connection, name: str) -> Table:
    found = inspect_target(connection, "public").table(name)
    assert found is not None
    return found


def test_every_object_of_the_application_is_carried(
    sqlite_file: Make, draft: Callable[..., Drafted]
) -> None:
    drafted = draft(sqlite_file(APPLICATION))
    assert drafted.rejected == {}
    assert drafted.scaffold.decisions == ()
    assert drafted.bucket("check", "user.is_admin IN (0, 1)") is Bucket.EQUIVALENT
    assert drafted.bucket("table", "sqlite_sequence") is Bucket.EXCLUDED
    for trigger in ("keep_update", "keep_delete", "no_rename"):
        assert drafted.bucket("trigger", trigger) is Bucket.CARRIED


def test_columns_have_the_types_of_their_values(migrated: Connection) -> None:
    types = {c.name: (c.type, c.nullable) for c in table(migrated, "user").columns}
    assert types == {
        "id": ("bigint", False),
        "email": ("text", False),
        "is_admin": ("boolean", False),
        "boss": ("bigint", True),
        "group": ("bigint", True),
        "score": ("double precision", True),
        "tags": ("jsonb", True),
        "photo": ("bytea", True),
        "joined": ("timestamp with time zone", True),
        "label": ("text", True),
    }
    identity = table(migrated, "user").column("id")
    assert identity is not None
    assert identity.identity is Identity.BY_DEFAULT


def test_defaults_and_computed_columns_work(migrated: Connection) -> None:
    migrated.execute("INSERT INTO \"user\" (email, score) VALUES ('ÄNN', 1)")
    query = 'SELECT id, is_admin, tags, joined = now(), label FROM "user"'
    assert migrated.execute(query).fetchone() == (1, False, "[]", True, "Änn!")


def test_foreign_keys_keep_actions_and_deferral(migrated: Connection) -> None:
    keys = {key.columns: key for key in table(migrated, "user").foreign_keys}
    assert keys["boss",] == ForeignKey(
        name="user_boss_fkey",
        columns=("boss",),
        table="user",
        references=("id",),
        on_delete="SET NULL",
        deferrable=True,
        initially_deferred=True,
    )
    assert keys["group",].table == "groups"
    (owner,) = table(migrated, "groups").foreign_keys
    assert (owner.on_delete, owner.on_update) == ("CASCADE", "RESTRICT")


@pytest.mark.hazard("A32", "writes DESC NULLS LAST, where SQLite's DESC has its NULLs")
def test_indexes_keep_predicate_expression_and_direction(migrated: Connection) -> None:
    (one_admin,) = [i for i in table(migrated, "user").indexes if i.name == "one_admin"]
    assert one_admin.unique
    meant = canonical("is_admin AND photo IS NULL", Provider.POSTGRES)
    assert canonical(one_admin.predicate or "", Provider.POSTGRES) == meant
    indexes = {index.name: index for index in table(migrated, "groups").indexes}
    assert [part.descending for part in indexes["by_name"].parts] == [False, True]
    assert [part.column for part in indexes["by_name"].parts] == [None, "id"]
    assert indexes["by_owner"].definition.endswith("(owner DESC NULLS LAST)")


def test_a_conflicting_pair_is_refused_inside_the_predicate_only(migrated: Connection) -> None:
    migrated.execute("INSERT INTO groups VALUES (1, NULL, 'staff')")
    insert = 'INSERT INTO "user" (email, is_admin, "group") VALUES (%s, %s, 1)'
    migrated.execute(insert, ("a", True))
    migrated.execute(insert, ("b", False))
    with pytest.raises(psycopg.errors.UniqueViolation, match="one_admin"):
        migrated.execute(insert, ("c", True))


def test_a_nocase_key_stays_as_strict_as_it_was(migrated: Connection) -> None:
    migrated.execute("INSERT INTO \"user\" (email) VALUES ('Bob')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        migrated.execute("INSERT INTO \"user\" (email) VALUES ('bOB')")


def test_a_check_refuses_what_it_refused(migrated: Connection) -> None:
    migrated.execute("INSERT INTO groups (name) VALUES ('ab')")
    with pytest.raises(psycopg.errors.CheckViolation, match="named"):
        migrated.execute("INSERT INTO groups (name) VALUES ('a:B')")


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE history SET note = ''", "it's kept"),
        ("DELETE FROM history", "100% kept"),
        ("TRUNCATE history", "100% kept"),
    ],
)
def test_history_refuses_to_be_rewritten(
    migrated: Connection, role: str, statement: str, message: str
) -> None:
    migrated.execute("INSERT INTO history VALUES (1, 'first')")
    migrated.execute("SELECT set_config('session_replication_role', %s, true)", (role,))
    with pytest.raises(psycopg.errors.RestrictViolation) as raised:
        migrated.execute(statement.encode())
    assert raised.value.diag.message_primary == message


def test_a_trigger_with_a_condition_refuses_only_then(migrated: Connection) -> None:
    migrated.execute("INSERT INTO groups VALUES (1, NULL, 'staff')")
    migrated.execute("UPDATE groups SET name = 'staff', id = 2")
    with pytest.raises(psycopg.errors.RestrictViolation, match="no"):
        migrated.execute("UPDATE groups SET name = 'crew'")


def test_views_are_made_in_an_order_that_works(migrated: Connection) -> None:
    migrated.execute("INSERT INTO groups VALUES (1, NULL, 'staff')")
    assert migrated.execute("SELECT * FROM a_names").fetchall() == [("staff",)]


def test_the_way_back_leaves_nothing(written: Path, postgres_url: str) -> None:
    migrate_postgres(postgres_url, written / "alembic_postgres")
    config = Config(str(written / "alembic_postgres" / "alembic.ini"))
    url = postgres_url.replace("%", "%%")
    config.cmd_opts = type("Options", (), {"x": [f"url={url}"]})()
    command.downgrade(config, "base")
    with closing(connect(postgres_url)) as connection:
        left = inspect_target(connection, "public")
        assert [t.name for t in left.tables] == ["alembic_version"]
        assert left.views == ()
        assert connection.execute(
            "SELECT count(*) FROM pg_proc p JOIN pg_namespace n"
            " ON n.oid = p.pronamespace WHERE n.nspname = 'public'"
        ).fetchone() == (0,)


def test_the_sets_can_be_moved(written: Path, tmp_path: Path, postgres_url: str) -> None:
    shutil.move(written, tmp_path / "else where")
    assert migrate_postgres(postgres_url, tmp_path / "else where" / "alembic_postgres")


def test_the_sqlite_set_makes_the_source_again(
    written: Path, sqlite_file: Make, tmp_path: Path
) -> None:
    config = Config(str(written / "alembic_sqlite" / "app" / "alembic.ini"))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'again.db'}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    source = inspect_source(sqlite_file(APPLICATION, "fresh.db"))
    again = inspect_source(tmp_path / "again.db")
    assert {t.name for t in source.tables} < {t.name for t in again.tables}
    for one in source.tables:
        assert again.table(one.name) == one
    assert again.views == source.views


def test_assumptions_are_settings_that_can_be_read(written: Path) -> None:
    settings = load_settings(written / "cutover.toml", environment={})
    assert settings.column("user", "joined").zone == "UTC"
    assert settings.sets.postgres == "alembic_postgres"
    text = (written / "cutover.toml").read_text()
    assert "# assumed: 1 of 1 values name no zone, and mean UTC" in text


def test_the_same_source_gives_the_same_files(
    sqlite_file: Make, draft: Callable[..., Drafted]
) -> None:
    path = sqlite_file(APPLICATION)
    assert draft(path).scaffold == draft(path).scaffold


def test_files_are_written_once_and_never_over_others(
    sqlite_file: Make, draft: Callable[..., Drafted], tmp_path: Path
) -> None:
    made = draft(sqlite_file(APPLICATION)).scaffold
    write(made, tmp_path / "work")
    write(made, tmp_path / "work")
    changed = tmp_path / "work" / "cutover.toml"
    changed.write_text("# mine\n")
    with pytest.raises(Refused, match=r"cutover\.toml"):
        write(made, tmp_path / "work")
    assert changed.read_text() == "# mine\n"


def test_what_the_server_refuses_is_listed_and_left_out(
    sqlite_file: Make, draft: Callable[..., Drafted], tmp_path: Path, postgres_url: str
) -> None:
    drafted = draft(
        sqlite_file(
            "CREATE TABLE t (a DATETIME DEFAULT '0000-01-01 00:00:00', b INTEGER);"
            "CREATE VIEW v AS SELECT b, count(*) AS n FROM t;"
            "CREATE VIEW w AS SELECT n FROM v;"
        )
    )
    assert set(drafted.rejected) == {"default:t.a", "view:v", "view:w"}
    open_ = {f"{o.kind}:{o.name}": o for o in drafted.scaffold.decisions}
    assert set(open_) == set(drafted.rejected)
    assert "SELECT b, count(*) AS n FROM t" in open_["view:v"].note
    assert open_["view:v"].setting == '[waive] "view:v" = "why it is not needed"'
    write(drafted.scaffold, tmp_path / "work")
    assert migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")


def test_a_waived_object_needs_no_decision(
    sqlite_file: Make, draft: Callable[..., Drafted]
) -> None:
    settings = parse_settings({"waive": {"view:v": "a report nobody reads"}}, base=Path())
    path = sqlite_file("CREATE TABLE t (a); CREATE VIEW v AS SELECT printf('%d', a) FROM t;")
    drafted = draft(path, settings)
    assert drafted.bucket("view", "v") is Bucket.EXCLUDED


@pytest.mark.hazard("A48", "makes it a UNIQUE key where it writes the set, and says so")
def test_null_in_a_primary_key_makes_it_a_unique_key_and_a_decision(
    sqlite_file: Make,
    draft: Callable[..., Drafted],
    tmp_path: Path,
    postgres: Connection,
    postgres_url: str,
) -> None:
    script = "CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL), ('x');"
    drafted = draft(sqlite_file(script))
    assert drafted.bucket("primary key", "t(a)") is Bucket.DECISION
    write(drafted.scaffold, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    found = table(postgres, "t")
    assert found.primary_key is None
    assert [key.columns for key in found.uniques] == [("a",)]


def test_a_foreign_key_that_postgres_cannot_have_is_a_decision(
    sqlite_file: Make, draft: Callable[..., Drafted]
) -> None:
    drafted = draft(
        sqlite_file(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT);"
            "CREATE TABLE c (lost INTEGER REFERENCES nowhere (id), code TEXT REFERENCES p (code),"
            " word TEXT REFERENCES p (id));"
            "INSERT INTO c VALUES (1, 'x', 'one');"
        )
    )
    notes = {o.name: o.note for o in drafted.scaffold.decisions}
    assert notes == {
        "c(lost)": 'there is no table "nowhere" to reference',
        "c(code)": '"p" is not unique by (code)',
        "c(word)": '"word" is text, "p"."id" is bigint',
    }


def test_a_child_takes_the_type_of_its_parent_where_all_it_holds_fits(
    sqlite_file: Make, draft: Callable[..., Drafted]
) -> None:
    drafted = draft(
        sqlite_file(
            "CREATE TABLE p (id INTEGER PRIMARY KEY);"
            "CREATE TABLE c (p NUMERIC REFERENCES p); CREATE TABLE g (c TEXT REFERENCES p);"
            "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);"
        )
    )
    assert drafted.scaffold.decisions == ()
    assert drafted.scaffold.types["c.p"].startswith("bigint")
    assert drafted.scaffold.types["g.c"].startswith("bigint")


@pytest.mark.hazard("A45", "cuts such names apart before any DDL, each with a digest of its own")
def test_names_beyond_63_bytes_stay_apart(
    sqlite_file: Make,
    draft: Callable[..., Drafted],
    tmp_path: Path,
    postgres: Connection,
    postgres_url: str,
) -> None:
    long = "ä" * 40
    script = f"""
        CREATE TABLE "{long}1" ("{long}x" INTEGER UNIQUE, "{long}y" INTEGER UNIQUE);
        CREATE TABLE "{long}2" ("{long}x" INTEGER);
        CREATE INDEX "{long}3" ON "{long}1" ("{long}x");
        CREATE INDEX "{long}4" ON "{long}1" ("{long}y");
    """
    drafted = draft(sqlite_file(script))
    assert drafted.scaffold.decisions == ()
    write(drafted.scaffold, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    found = inspect_target(postgres, "public")
    assert {Settings().target_name(f"{long}{n}") for n in (1, 2)} < {t.name for t in found.tables}
    first = found.table(Settings().target_name(f"{long}1"))
    assert first is not None
    assert len(first.columns) == len(first.uniques) == len(first.indexes) == 2


def test_one_name_in_two_files_is_a_decision(sqlite_file: Make) -> None:
    paths = [
        sqlite_file("CREATE TABLE t (a); CREATE INDEX i ON t (a)", n) for n in ("a.db", "b.db")
    ]
    surveyed = {path.name: survey(path) for path in paths}
    catalogs = {label: catalog for label, (catalog, _) in surveyed.items()}
    profiles = {label: found for label, (_, found) in surveyed.items()}
    made = scaffold(catalogs, profiles, Settings())
    assert [(o.database, o.kind, o.name) for o in made.decisions] == [("b.db", "table", "t")]
    assert {"alembic_sqlite/a/env.py", "alembic_sqlite/b/env.py"} < set(made.files)


def test_lower_case_names_are_lower_everywhere(
    sqlite_file: Make,
    draft: Callable[..., Drafted],
    tmp_path: Path,
    postgres: Connection,
    postgres_url: str,
) -> None:
    settings = parse_settings({"names": {"case": "lower"}}, base=Path())
    script = """
        CREATE TABLE Parent (Id INTEGER PRIMARY KEY, Flag BOOLEAN CHECK (Flag IN (0, 1)));
        CREATE TABLE Child (ParentId INTEGER REFERENCES Parent (Id), N INTEGER CHECK (N > 0));
        CREATE INDEX ByFlag ON Parent (Flag) WHERE Flag = 1;
        CREATE VIEW Flagged AS SELECT Id FROM Parent WHERE Flag = 1;
    """
    drafted = draft(sqlite_file(script), settings)
    assert drafted.scaffold.decisions == ()
    write(drafted.scaffold, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    postgres.execute("INSERT INTO parent (flag) VALUES (true), (false)")
    postgres.execute("INSERT INTO child (parentid, n) VALUES (1, 1)")
    assert postgres.execute("SELECT id FROM flagged").fetchall() == [(1,)]


def test_a_column_of_a_type_that_sqlalchemy_has_not_is_written_all_the_same(
    sqlite_file: Make,
    draft: Callable[..., Drafted],
    tmp_path: Path,
    postgres: Connection,
    postgres_url: str,
) -> None:
    settings = parse_settings({"columns": {"t.a": {"type": "point"}}}, base=Path())
    drafted = draft(sqlite_file("CREATE TABLE t (a TEXT)"), settings)
    write(drafted.scaffold, tmp_path / "work")
    migrate_postgres(postgres_url, tmp_path / "work" / "alembic_postgres")
    assert [c.type for c in table(postgres, "t").columns] == ["point"]
