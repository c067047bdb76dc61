"""The catalog holds all that a SQLite file declares."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cutover.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexPart,
    Key,
    Provider,
    Table,
    TableKind,
    Trigger,
)
from cutover.sources.sqlite.inspect import inspect, sequence_values

MakeFile = Callable[..., Path]


@pytest.fixture
def catalog_of(sqlite_file: MakeFile) -> Callable[[str], Catalog]:
    return lambda script: inspect(sqlite_file(script))


@pytest.fixture
def table_of(catalog_of: Callable[[str], Catalog]) -> Callable[..., Table]:
    def first(script: str, name: str = "t") -> Table:
        catalog = catalog_of(script)
        assert catalog.problems == ()
        table = catalog.table(name)
        assert table is not None
        return table

    return first


TableOf = Callable[..., Table]
CatalogOf = Callable[[str], Catalog]


def column(table: Table, name: str) -> Column:
    found = table.column(name)
    assert found is not None
    return found


def test_a_column_has_its_declared_type_default_and_collation(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE t (
            a VARCHAR(10) NOT NULL DEFAULT 'it''s',
            b unsigned big int DEFAULT (datetime('now')) COLLATE nocase,
            c, -- CHECK (nothing)
            d DECIMAL(10, 2) DEFAULT -1 COLLATE BINARY,
            e TEXT DEFAULT "quoted" COLLATE [rtrim] /* PRIMARY KEY */
        )"""
    )
    assert table.columns == (
        Column(name="a", type="VARCHAR(10)", nullable=False, default="'it''s'"),
        Column(name="b", type="unsigned big int", default="datetime('now')", collation="NOCASE"),
        Column(name="c", type=""),
        Column(name="d", type="DECIMAL(10, 2)", default="-1"),
        Column(name="e", type="TEXT", default='"quoted"', collation="RTRIM"),
    )
    assert table.checks == ()
    assert table.primary_key is None


@pytest.mark.parametrize(
    ("definition", "identity"),
    [
        ("id INTEGER PRIMARY KEY", Identity.ROWID),
        ("id integer primary key asc", Identity.ROWID),
        ("id INTEGER PRIMARY KEY AUTOINCREMENT", Identity.AUTOINCREMENT),
        ("id INTEGER PRIMARY KEY ON CONFLICT ABORT AUTOINCREMENT", Identity.AUTOINCREMENT),
        ("id INTEGER, PRIMARY KEY (id)", Identity.ROWID),
        ("id INTEGER, PRIMARY KEY (id DESC)", Identity.ROWID),
        ("id INTEGER, PRIMARY KEY (id AUTOINCREMENT)", Identity.AUTOINCREMENT),
        ("id INTEGER PRIMARY KEY DESC", Identity.NONE),
        ("id INT PRIMARY KEY", Identity.NONE),
        ("id BIGINT PRIMARY KEY", Identity.NONE),
        ("id TEXT PRIMARY KEY", Identity.NONE),
        ("id INTEGER, b, PRIMARY KEY (id, b)", Identity.NONE),
        ("id INTEGER UNIQUE", Identity.NONE),
    ],
)
def test_the_rowid_is_told_from_other_keys(
    table_of: TableOf, definition: str, identity: Identity
) -> None:
    id_ = column(table_of(f"CREATE TABLE t ({definition})"), "id")
    assert id_.identity is identity
    assert id_.nullable == (identity is Identity.NONE)


def test_a_without_rowid_table_has_no_rowid(table_of: TableOf) -> None:
    table = table_of("CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT) WITHOUT ROWID, STRICT")
    assert (table.without_rowid, table.strict) == (True, True)
    assert column(table, "id").identity is Identity.NONE
    assert not column(table, "id").nullable
    assert table.primary_key == Key(name=None, columns=("id",))
    assert table.indexes == ()


def test_a_primary_key_keeps_its_own_order_name_and_conflict(table_of: TableOf) -> None:
    table = table_of(
        "CREATE TABLE t (a, B, c, CONSTRAINT pk PRIMARY KEY (c, b) ON CONFLICT REPLACE)"
    )
    assert table.primary_key == Key(name="pk", columns=("c", "B"), conflict="REPLACE")


def test_a_unique_constraint_is_told_from_a_unique_index(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE t (
            a UNIQUE ON CONFLICT IGNORE, b CONSTRAINT ub UNIQUE, c,
            CONSTRAINT [two words] UNIQUE (c, "a"), UNIQUE (b)
        );
        CREATE UNIQUE INDEX i ON t (c)"""
    )
    assert table.uniques == (
        Key(name=None, columns=("a",), conflict="IGNORE"),
        Key(name="ub", columns=("b",)),
        Key(name="two words", columns=("c", "a")),
    )
    assert [(index.name, index.unique) for index in table.indexes] == [("i", True)]


def test_a_key_with_a_collation_of_its_own_is_an_index(table_of: TableOf) -> None:
    table = table_of("CREATE TABLE t (a TEXT, b TEXT COLLATE NOCASE, UNIQUE (a COLLATE NOCASE, b))")
    assert table.uniques == ()
    (index,) = table.indexes
    assert index.unique
    assert index.parts == (
        IndexPart(column="a", collation="NOCASE"),
        IndexPart(column="b", collation="NOCASE"),
    )


def test_an_index_keeps_direction_collation_predicate_and_expression(table_of: TableOf) -> None:
    partial = (
        "CREATE UNIQUE INDEX \"odd name\" ON t (a DESC, lower( b ) COLLATE NOCASE, (a || ','), b)"
        " WHERE a IS NOT NULL -- only those\n AND b IN ('x', 'y')"
    )
    table = table_of(f"CREATE TABLE t (a, b COLLATE nocase);{partial};CREATE INDEX j ON t (b, a)")
    assert table.indexes == (
        Index(
            name="odd name",
            parts=(
                IndexPart(column="a", descending=True),
                IndexPart(column=None, expression="lower( b )", collation="NOCASE"),
                IndexPart(column=None, expression="(a || ',')"),
                IndexPart(column="b", collation="NOCASE"),
            ),
            unique=True,
            predicate="a IS NOT NULL AND b IN ('x', 'y')",
            definition=partial,
        ),
        Index(
            name="j",
            parts=(IndexPart(column="b", collation="NOCASE"), IndexPart(column="a")),
            definition="CREATE INDEX j ON t (b, a)",
        ),
    )


def test_checks_are_found_and_never_in_comments_or_strings(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE t (
            a INTEGER CONSTRAINT positive CHECK (a > 0) CHECK (a < length('CHECK (b)')),
            b TEXT DEFAULT 'CHECK (c)' -- CHECK (d)
                /* CHECK (e) */ CONSTRAINT nn NOT NULL CHECK (b <> /* f */ 'g'),
            "check" INT DEFAULT (max(1, 2)),
            CHECK (a IN (1, 2) OR "check" = 3) CONSTRAINT last CHECK (b != ')')
        )"""
    )
    assert table.checks == (
        Check(name="positive", expression="a > 0"),
        Check(name=None, expression="a < length('CHECK (b)')"),
        Check(name=None, expression="b <> 'g'"),
        Check(name=None, expression="""a IN (1, 2) OR "check" = 3"""),
        Check(name="last", expression="b != ')'"),
    )


def test_generated_columns_have_their_expressions(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE t (
            a INT,
            v TEXT GENERATED ALWAYS AS (a || ')') VIRTUAL,
            s INT AS (a * 2) STORED NOT NULL
        )"""
    )
    assert table.columns[1:] == (
        Column(name="v", type="TEXT", generated=Generated.VIRTUAL, expression="a || ')'"),
        Column(
            name="s", type="INT", nullable=False, generated=Generated.STORED, expression="a * 2"
        ),
    )


def test_foreign_keys_are_resolved_to_names_as_declared(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE Parent (Id INTEGER PRIMARY KEY, X, Y, UNIQUE (X, Y));
        CREATE TABLE t (
            a REFERENCES parent,
            b REFERENCES "PARENT" (id) ON DELETE SET NULL ON UPDATE CASCADE NOT NULL
                DEFERRABLE INITIALLY DEFERRED,
            c REFERENCES parent (id) ON DELETE SET DEFAULT CHECK (c > 0)
                NOT DEFERRABLE INITIALLY DEFERRED,
            d, e REFERENCES t (A) MATCH FULL DEFERRABLE,
            CONSTRAINT pair FOREIGN KEY (D, e) REFERENCES Parent (x, y) ON DELETE RESTRICT
            FOREIGN KEY (d) REFERENCES gone (Some)
        )"""
    )
    assert table.foreign_keys == (
        ForeignKey(name=None, columns=("a",), table="Parent", references=("Id",)),
        ForeignKey(
            name=None,
            columns=("b",),
            table="Parent",
            references=("Id",),
            on_delete="SET NULL",
            on_update="CASCADE",
            deferrable=True,
            initially_deferred=True,
        ),
        ForeignKey(
            name=None, columns=("c",), table="Parent", references=("Id",), on_delete="SET DEFAULT"
        ),
        ForeignKey(name=None, columns=("e",), table="t", references=("a",), deferrable=True),
        ForeignKey(
            name="pair",
            columns=("d", "e"),
            table="Parent",
            references=("X", "Y"),
            on_delete="RESTRICT",
        ),
        ForeignKey(name=None, columns=("d",), table="gone", references=("Some",)),
    )
    assert table.checks == (Check(name=None, expression="c > 0"),)


def test_a_reference_to_nothing_that_can_be_named_is_a_problem(catalog_of: CatalogOf) -> None:
    catalog = catalog_of("CREATE TABLE t (a REFERENCES gone)")
    (foreign_key,) = catalog.tables[0].foreign_keys
    assert (foreign_key.table, foreign_key.references) == ("gone", ())
    assert catalog.problems == ('"t": no key of "gone" to reference',)


def test_triggers_are_taken_apart(table_of: TableOf) -> None:
    first = """CREATE TRIGGER stop BEFORE UPDATE OF a, "b" ON t FOR EACH ROW
        WHEN NEW.begin > CASE WHEN OLD.a THEN 1 ELSE 2 END -- so
        BEGIN SELECT RAISE(ABORT, 'append-only; END'); END"""
    second = "CREATE TEMP TRIGGER IF NOT EXISTS x DELETE ON t BEGIN DELETE FROM t; SELECT 1; END"
    third = "CREATE TRIGGER main.after AFTER INSERT ON T BEGIN /* why */ SELECT 1; END"
    table = table_of(f"CREATE TABLE t (a, b, begin);{first};{second};{third};")
    assert table.triggers[0] == Trigger(
        name="stop",
        timing="BEFORE",
        events=("UPDATE",),
        of_columns=("a", "b"),
        when="NEW.begin > CASE WHEN OLD.a THEN 1 ELSE 2 END",
        body="SELECT RAISE(ABORT, 'append-only; END');",
        definition=first,
    )
    # A temporary trigger is not in the file. SQLite stores the third without its schema.
    assert [trigger.name for trigger in table.triggers] == ["stop", "after"]
    assert (table.triggers[1].timing, table.triggers[1].events) == ("AFTER", ("INSERT",))
    assert table.triggers[1].body == "/* why */ SELECT 1;"


def test_a_trigger_without_a_time_is_before(table_of: TableOf) -> None:
    (trigger,) = table_of(
        "CREATE TABLE t (a); CREATE TRIGGER x DELETE ON t BEGIN SELECT 1; END"
    ).triggers
    assert (trigger.timing, trigger.events, trigger.when) == ("BEFORE", ("DELETE",), None)


def test_views_have_their_select_and_triggers(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        """CREATE TABLE t (a, b);
        CREATE VIEW "v 1" AS SELECT a AS x, -- the first
            b FROM t WHERE a = 'AS';
        CREATE VIEW v2 (p, "q r") AS SELECT a, b FROM t;
        CREATE TRIGGER i INSTEAD OF INSERT ON "v 1" BEGIN SELECT 1; END"""
    )
    first, second = catalog.views
    assert first.name == "v 1"
    assert " ".join(first.definition.split()) == "SELECT a AS x, b FROM t WHERE a = 'AS'"
    assert [(t.name, t.timing) for t in first.triggers] == [("i", "INSTEAD OF")]
    assert second.definition == ('WITH "v2"("p", "q r") AS (SELECT a, b FROM t) SELECT * FROM "v2"')
    assert catalog.table("t") == catalog.tables[0]
    assert catalog.tables[0].triggers == ()


def test_virtual_tables_and_their_shadows_are_told(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        """CREATE VIRTUAL TABLE docs USING fts5(title, body);
        CREATE VIRTUAL TABLE "Boxes" USING rtree(id, a, b);
        CREATE TABLE docs_notes (a); CREATE TABLE boxes_of_mine (a)"""
    )
    kinds = {table.name: table.kind for table in catalog.tables}
    assert {name for name, kind in kinds.items() if kind is TableKind.TABLE} == {
        "docs_notes",
        "boxes_of_mine",
    }
    assert {name for name, kind in kinds.items() if kind is TableKind.VIRTUAL} == {"docs", "Boxes"}
    assert kinds["docs_data"] is kinds["Boxes_node"] is TableKind.SHADOW
    docs = catalog.table("docs")
    assert docs is not None
    assert docs.module == "fts5"
    assert [(c.name, c.hidden) for c in docs.columns] == [
        ("title", False),
        ("body", False),
        ("docs", True),
        ("rank", True),
    ]


def test_a_collation_that_is_missing_is_read_all_the_same(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a)")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        connection.execute("CREATE TABLE u (a TEXT COLLATE unicase UNIQUE, b)")
        connection.execute("CREATE INDEX i ON u (b COLLATE unicase)")
    catalog = inspect(path)
    table = catalog.table("u")
    assert table is not None
    assert column(table, "a").collation == "unicase"
    assert table.uniques == (Key(name=None, columns=("a",)),)
    assert table.indexes[0].parts == (IndexPart(column="b", collation="unicase"),)


def test_a_module_that_is_missing_is_a_problem_and_not_the_end(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (a); PRAGMA writable_schema = ON;
        INSERT INTO sqlite_master VALUES
            ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING vec0 (x float[3])');
        CREATE TABLE v_chunks (a)"""
    )
    catalog = inspect(path)
    assert [(table.name, table.kind) for table in catalog.tables] == [
        ("t", TableKind.TABLE),
        ("v", TableKind.VIRTUAL),
        ("v_chunks", TableKind.SHADOW),
    ]
    assert catalog.tables[1].module == "vec0"
    assert catalog.problems == ('"v": no such module: vec0',)


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ("alembic_version (version_num VARCHAR(32) NOT NULL)", TableKind.HISTORY),
        ("alembic_version (version_num, note)", TableKind.TABLE),
        ("alembic_version (version)", TableKind.TABLE),
        ("django_migrations (id, app, name, applied)", TableKind.HISTORY),
        ("__EFMigrationsHistory (MigrationId, ProductVersion)", TableKind.HISTORY),
        ("schema_migrations (version)", TableKind.HISTORY),
        ("schema_migrations (version, dirty)", TableKind.HISTORY),
        ("schema_migrations (version, a, b, c, d, e)", TableKind.TABLE),
        ("goose_db_version (id, version_id, is_applied, tstamp)", TableKind.HISTORY),
        ("migrations (id, name)", TableKind.TABLE),
    ],
)
def test_a_history_table_has_a_known_name_and_its_shape(
    catalog_of: CatalogOf, definition: str, kind: TableKind
) -> None:
    assert catalog_of(f"CREATE TABLE {definition}").tables[0].kind is kind


def test_revisions_come_from_alembic(catalog_of: CatalogOf) -> None:
    heads = "INSERT INTO alembic_version VALUES ('b'), ('a')"
    catalog = catalog_of(f"CREATE TABLE alembic_version (version_num); {heads}")
    assert catalog.revisions == ("a", "b")


def test_a_file_that_alembic_never_saw_has_no_revisions(catalog_of: CatalogOf) -> None:
    assert catalog_of("CREATE TABLE x (a)").revisions == ()


def test_internal_tables_are_told_and_sequences_read(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);
        CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT);
        INSERT INTO t VALUES (41), (7); DELETE FROM t;
        INSERT INTO sqlite_sequence VALUES ('gone', NULL), ('odd', 'text')"""
    )
    kinds = {table.name: table.kind for table in inspect(path).tables}
    assert kinds["sqlite_sequence"] is TableKind.INTERNAL
    with closing(sqlite3.connect(path)) as connection:
        assert sequence_values(connection) == {"t": 41}


def test_a_file_without_sequences_has_none(sqlite_file: MakeFile) -> None:
    with closing(sqlite3.connect(sqlite_file("CREATE TABLE t (a)"))) as connection:
        assert sequence_values(connection) == {}


def test_columns_added_and_renamed_later_are_read(table_of: TableOf) -> None:
    table = table_of(
        """CREATE TABLE t (a, CONSTRAINT c CHECK (a > 0));
        ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x' COLLATE NOCASE REFERENCES t (a);
        ALTER TABLE t RENAME COLUMN a TO "new name" """
    )
    assert [c.name for c in table.columns] == ["new name", "b"]
    assert column(table, "b").collation == "NOCASE"
    assert table.foreign_keys[0].references == ("new name",)
    assert table.checks == (Check(name="c", expression='"new name" > 0'),)


def test_comments_in_any_encoding_are_survived(sqlite_file: MakeFile) -> None:
    path = sqlite_file(
        """CREATE TABLE t (a CHECK (a > 0)); PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql =
            CAST('CREATE TABLE t (a /* ' || x'e9' || ' */ CHECK (a > 0))' AS TEXT)"""
    )
    catalog = inspect(path)
    assert catalog.tables[0].checks == (Check(name=None, expression="a > 0"),)


def test_a_catalog_says_whose_it_is(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a)")
    catalog = inspect(path)
    assert (catalog.provider, catalog.label) == (Provider.SQLITE, "app.db")
    with closing(sqlite3.connect(path)) as connection:
        assert inspect(connection, "other").label == "other"
        assert inspect(connection, "other").fingerprint == catalog.fingerprint


def test_the_fingerprint_moves_with_the_schema_and_not_with_the_rows(sqlite_file: MakeFile) -> None:
    path = sqlite_file("CREATE TABLE t (a)")
    before = inspect(path).fingerprint
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        assert inspect(path).fingerprint == before
        connection.execute("CREATE INDEX i ON t (a)")
        assert inspect(path).fingerprint != before
