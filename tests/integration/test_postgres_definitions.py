"""Taking down what slows a load, and putting it back as it was."""

import pytest
from psycopg import sql

from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.definitions import Definition, definitions
from cutover.targets.postgres.inspect import inspect

SCHEMA = r"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE "Parent" (id int PRIMARY KEY, code text, "from" int, span int4range,
    CONSTRAINT code_key UNIQUE (code, "from") INCLUDE (span) WITH (fillfactor = 70),
    CONSTRAINT late UNIQUE ("from") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT apart EXCLUDE USING gist (span WITH &&) WHERE ("from" > 0));
CREATE TABLE child (id int PRIMARY KEY, parent int, self int REFERENCES child ON DELETE SET NULL,
    code text, n int,
    CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES "Parent" ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT of_code FOREIGN KEY (code, n) REFERENCES "Parent" (code, "from"));
CREATE TABLE outsider (parent int);
ALTER TABLE outsider ADD CONSTRAINT half FOREIGN KEY (parent) REFERENCES "Parent" NOT VALID;
CREATE INDEX plain ON child (n DESC NULLS LAST, lower(code)) WHERE n > 0;
CREATE UNIQUE INDEX "Odd %s {name}" ON child ((n + 1), code COLLATE "C" text_pattern_ops)
    WITH (fillfactor = 80);
ALTER INDEX "Odd %s {name}" ALTER COLUMN 1 SET STATISTICS 500;
CREATE TRIGGER normal BEFORE UPDATE OF n ON child FOR EACH ROW WHEN (OLD.n IS DISTINCT FROM NEW.n)
    EXECUTE FUNCTION refuse();
CREATE TRIGGER always BEFORE TRUNCATE ON child EXECUTE FUNCTION refuse();
CREATE TRIGGER replica AFTER INSERT ON child EXECUTE FUNCTION refuse();
CREATE TRIGGER off AFTER INSERT ON child EXECUTE FUNCTION refuse();
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON child DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE child ENABLE ALWAYS TRIGGER always;
ALTER TABLE child ENABLE REPLICA TRIGGER replica;
ALTER TABLE child DISABLE TRIGGER off;
COMMENT ON TRIGGER always ON child IS 'it''s 100% "append-only"';
COMMENT ON CONSTRAINT of_parent ON child IS 'why';
COMMENT ON CONSTRAINT code_key ON "Parent" IS 'of the key';
COMMENT ON INDEX code_key IS 'of its index';
COMMENT ON INDEX plain IS E'two\nlines';
"""
TABLES = ("Parent", "child")

# What inspect does not look at: parameters, statistics targets, comments, the order of triggers.
BEYOND = r"""
SELECT c.relname, c.reloptions::text, obj_description(c.oid, 'pg_class'),
       (SELECT string_agg(coalesce(a.attstattarget, -1)::text, ',' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'),
       rank() OVER (PARTITION BY k.contype ORDER BY CASE k.contype WHEN 'f' THEN k.oid END)::text
FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 't'
UNION ALL
SELECT t.tgname, pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger'), t.tgenabled::text
FROM pg_trigger t WHERE NOT t.tgisinternal
ORDER BY 1, 2, 3, 4
"""


def run(connection: Connection, script: str) -> None:
    connection.execute(sql.SQL(script))  # type: ignore[arg-type]


def take_down(connection: Connection, found: tuple[Definition, ...]) -> None:
    for definition in found:
        run(connection, definition.drop)


def put_back(connection: Connection, found: tuple[Definition, ...]) -> None:
    for definition in reversed(found):
        for statement in (definition.create, *definition.after):
            run(connection, statement)


def names(found: tuple[Definition, ...]) -> list[tuple[str, str, str]]:
    return sorted((d.kind, d.table, d.name) for d in found)


@pytest.fixture
def target(postgres: Connection) -> Connection:
    run(postgres, SCHEMA)
    return postgres


def test_everything_that_slows_a_load_is_listed(target: Connection) -> None:
    assert names(definitions(target, "public", TABLES)) == [
        ("exclusion", "Parent", "apart"),
        ("foreign key", "child", "child_self_fkey"),
        ("foreign key", "child", "of_code"),
        ("foreign key", "child", "of_parent"),
        ("foreign key", "outsider", "half"),
        ("index", "child", "Odd %s {name}"),
        ("index", "child", "plain"),
        ("primary key", "Parent", "Parent_pkey"),
        ("primary key", "child", "child_pkey"),
        ("trigger", "child", "always"),
        ("trigger", "child", "deferred"),
        ("trigger", "child", "normal"),
        ("trigger", "child", "off"),
        ("trigger", "child", "replica"),
        ("unique", "Parent", "code_key"),
        ("unique", "Parent", "late"),
    ]


@pytest.mark.hazard("A36", "puts every trigger back in the state that it was in")
def test_what_is_taken_down_comes_back_exactly(target: Connection) -> None:
    catalog, beyond = inspect(target, "public"), target.execute(BEYOND).fetchall()
    found = definitions(target, "public", TABLES)
    take_down(target, found)
    assert names(definitions(target, "public", TABLES)) == []
    bare = inspect(target, "public")
    assert all(not (t.indexes or t.triggers or t.uniques or t.foreign_keys) for t in bare.tables)
    assert all(t.primary_key is None for t in bare.tables if t.name in TABLES)
    put_back(target, found)
    assert inspect(target, "public") == catalog
    assert target.execute(BEYOND).fetchall() == beyond


def test_a_second_round_has_the_same_definitions(target: Connection) -> None:
    found = definitions(target, "public", TABLES)
    take_down(target, found)
    put_back(target, found)
    again = definitions(target, "public", TABLES)
    assert sorted(again, key=repr) == sorted(found, key=repr)


def test_it_comes_back_on_a_connection_with_another_search_path(postgres_url: str) -> None:
    with connect(postgres_url) as here:
        run(here, SCHEMA)
        catalog = inspect(here, "public")
        found = definitions(here, "public", TABLES)
        take_down(here, found)
    with connect(postgres_url, schema="elsewhere") as there:
        put_back(there, found)
        assert inspect(there, "public") == catalog


def test_only_the_named_tables_are_touched(target: Connection) -> None:
    found = definitions(target, "public", ("outsider",))
    assert names(found) == [("foreign key", "outsider", "half")]


LEFT_UP = {
    "the replica identity": """CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a);
        ALTER TABLE t REPLICA IDENTITY USING INDEX i""",
    "the order of CLUSTER": "CREATE TABLE t (a int); CREATE INDEX i ON t (a); CLUSTER t USING i",
    "a partitioned table": """CREATE TABLE t (a int UNIQUE REFERENCES "Parent") PARTITION BY
        RANGE (a); CREATE TABLE t1 PARTITION OF t DEFAULT; CREATE INDEX i ON t (a)""",
    "an inherited table": "CREATE TABLE t (a int UNIQUE); CREATE TABLE t1 () INHERITS (t)",
    "a key that a partition references": """CREATE TABLE t (a int UNIQUE);
        CREATE TABLE c (a int REFERENCES t (a)) PARTITION BY RANGE (a)""",
    "a foreign key whose triggers are off": """CREATE TABLE t (a int REFERENCES "Parent");
        ALTER TABLE t DISABLE TRIGGER ALL""",
    "a dependent of an extension": """CREATE TABLE t (a int); CREATE INDEX i ON t (a);
        ALTER INDEX i DEPENDS ON EXTENSION plpgsql""",
    "an extension's table": """CREATE TABLE t (a int UNIQUE);
        ALTER EXTENSION plpgsql ADD TABLE t""",
}


@pytest.mark.parametrize("case", LEFT_UP)
def test_what_would_not_come_back_exactly_stays_up(target: Connection, case: str) -> None:
    run(target, LEFT_UP[case])
    found = definitions(target, "public", ("t", "t1"))
    assert names(found) == []
    take_down(target, definitions(target, "public", (*TABLES, "t", "t1")))


def test_an_invalid_index_stays_up(postgres_url: str) -> None:
    with connect(postgres_url, autocommit=True) as connection:
        run(connection, "CREATE TABLE t AS SELECT 1 AS a FROM generate_series(1, 2)")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
        assert names(definitions(connection, "public", ("t",))) == []
