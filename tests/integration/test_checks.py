"""What the checks say of a live target that is not quite what the set promised."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from cutover import commands
from cutover.abc import Evidence
from cutover.catalog import Catalog, Column, Identity, Provider, Table
from cutover.errors import TargetError
from cutover.plan import ColumnPlan, Finding, Numbering, Plan, TablePlan
from cutover.registry import checks
from cutover.targets.postgres.connect import Connection, connect
from cutover.targets.postgres.inspect import inspect
from cutover.targets.postgres.reader import LiveTarget
from tests.fix_plans import NO_WORK
from tests.fix_postgres import fresh_database
from tests.fix_reference import System

CARRIED = TablePlan(
    database="app.db",
    source="t",
    target="t",
    columns=(ColumnPlan(source="id", target="id", declared="", type="bigint", coercion="numeric"),),
    cursor=(),
    match=(),
    ordered=False,
    rows=0,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A live schema; `promise` takes what it holds now for what the set makes."""

    connection: Connection

    def promise(self, *statements: str) -> Catalog:
        """Run statements, and return what the schema then holds."""
        self.change(*statements)
        return inspect(self.connection, "public")

    def change(self, *statements: str) -> None:
        """Run statements."""
        for statement in statements:
            self.connection.execute(statement.encode())

    def ask(self, check: str, plan: Plan, source: Identity = Identity.NONE) -> list[Finding]:
        """Return what one check finds now; `source` numbers column t.id of the SQLite file."""
        table = Table(name="t", columns=(Column(name="id", type="INTEGER", identity=source),))
        evidence = Evidence(
            plan=plan,
            sources={"app.db": Catalog(provider=Provider.SQLITE, label="app.db", tables=(table,))},
            target=inspect(self.connection, "public"),
            reader=LiveTarget(self.connection, "public"),
        )
        return list(checks.get(check).find(evidence))


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database that every test here leaves empty."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def target(database: str) -> Iterator[Target]:
    """Give an empty schema; what is done to it is rolled back."""
    with closing(connect(database)) as connection:
        yield Target(connection)


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return the kinds and subjects."""
    return [(finding.kind, finding.subject) for finding in findings]


VIEWS = ("CREATE TABLE t (id bigint, word text)", "CREATE VIEW v AS SELECT id FROM t WHERE id > 1")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("SELECT", []),
        ("DROP VIEW v", [("missing", '"v"')]),
        ("CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE id > 2", [("mismatching", '"v"')]),
        ("CREATE VIEW w AS SELECT 1 AS one", []),
        ("DROP TRIGGER g ON v", [("missing", '"g"')]),
    ],
)
def test_a_view_is_as_the_set_makes_it(
    target: Target, change: str, expected: list[tuple[str, str]]
) -> None:
    promised = target.promise(
        *VIEWS,
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()",
    )
    target.change(change)
    assert said(target.ask("views", replace(NO_WORK, expected=promised))) == expected


def test_a_table_that_nothing_is_carried_to_is_checked_all_the_same(target: Target) -> None:
    promised = target.promise(
        "CREATE TABLE p (id bigint PRIMARY KEY)",
        "CREATE TABLE c (id bigint REFERENCES p CHECK (id > 0))",
        "CREATE INDEX i ON c (id)",
        "CREATE TABLE gone (id bigint)",
    )
    target.change(
        "ALTER TABLE c ALTER COLUMN id TYPE integer",
        "ALTER TABLE c DROP CONSTRAINT c_id_fkey, DROP CONSTRAINT c_id_check",
        "DROP INDEX i",
        "DROP TABLE gone",
        "CREATE TABLE strangers (id bigint)",
    )
    plan = replace(NO_WORK, expected=promised)
    assert said(target.ask("columns", plan)) == [
        ("mismatching", '"c"."id"'),
        ("missing", '"gone"'),
    ]
    assert said(target.ask("constraints", plan)) == [("missing", '"c_id_check"')]
    assert said(target.ask("foreign_keys", plan)) == [("missing", '"c_id_fkey"')]
    assert said(target.ask("indexes", plan)) == [("missing", '"i"')]


def test_a_table_of_the_target_alone_is_checked_in_the_reference_system(applied: System) -> None:
    plan = commands.plan(applied.session)
    carried = {table.target for table in plan.tables}
    alone = [t.name for t in plan.expected.tables if t.name not in carried | {"alembic_version"}]
    assert "workflow_checkpoints" in alone
    applied.execute("DROP TABLE workflow_checkpoints CASCADE")
    with closing(connect(applied.url, schema="public")) as connection:
        evidence = Evidence(
            plan=plan,
            sources={},
            target=inspect(connection, "public"),
            reader=LiveTarget(connection, "public"),
        )
        assert ("missing", '"workflow_checkpoints"') in said(
            list(checks.get("columns").find(evidence))
        )


GUARDED = (
    "CREATE TABLE t (id bigint PRIMARY KEY)",
    "INSERT INTO t VALUES (1)",
    """CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN RAISE EXCEPTION ''append-only'' USING ERRCODE = ''restrict_violation''; END'""",
    "CREATE TRIGGER g BEFORE UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE TRIGGER h BEFORE TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION f()",
)
OPEN = "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"


def probed(target: Target, plan: Plan) -> list[tuple[str, str]]:
    """Return the kind of each answer about the guard, with the event that was tried."""
    findings = target.ask("triggers", plan)
    events = ("UPDATE", "DELETE", "TRUNCATE")
    return [(f.kind, e) for f in findings for e in events if f"{e} on" in f.message]


def test_a_guard_that_raises_is_shut(target: Target) -> None:
    promised = target.promise(*GUARDED)
    assert target.ask("triggers", replace(NO_WORK, expected=promised)) == []


@pytest.mark.parametrize("guard", ["shut", "open"])
def test_a_session_that_takes_no_writes_proves_nothing_of_a_guard(
    target: Target, guard: str
) -> None:
    promised = target.promise(*GUARDED)
    if guard == "open":
        target.change(OPEN)
    target.change("SET TRANSACTION READ ONLY")
    events = ("DELETE", "TRUNCATE", "UPDATE")
    answers = probed(target, replace(NO_WORK, expected=promised))
    assert sorted(answers) == [("unprovable", event) for event in events]


def test_a_foreign_key_does_not_pass_for_a_guard(target: Target) -> None:
    promised = target.promise(
        *GUARDED,
        "CREATE TABLE child (id bigint REFERENCES t)",
        "INSERT INTO child VALUES (1)",
    )
    plan = replace(NO_WORK, expected=promised)
    assert probed(target, plan) == []
    target.change(OPEN)
    assert ("unprovable", "DELETE") in probed(target, plan)


def test_a_broken_transaction_is_no_refusal(target: Target) -> None:
    with pytest.raises(Exception, match="division by zero"):
        target.change("SELECT 1 / 0")
    with pytest.raises(TargetError, match="a check's probe"):
        LiveTarget(target.connection, "public").refusal_of(b"SELECT 1")


def numbered(target: Target, table: str, *, last: int | None) -> Plan:
    """Make a table whose column owns its sequence, and return the plan that sets it."""
    promised = target.promise(table)
    number = Numbering(table="t", column="id", last_value=last)
    return replace(NO_WORK, expected=promised, tables=(CARRIED,), numbers=(number,))


UP = "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY)"
DOWN = "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1))"
TENS = "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT 10))"
SETVAL = "SELECT setval(pg_get_serial_sequence('t', 'id'), {})"


@pytest.mark.parametrize(
    ("table", "last", "rows", "value", "repeats"),
    [
        (UP, None, [], None, False),
        (UP, None, [-5], None, False),
        (UP, 7, [3, 7], "7", False),
        (UP, 7, [3, 7], "6", True),
        (UP, 7, [3, 7], "8, false", False),
        (UP, 7, [3, 7], "7, false", True),
        (UP, 9, [3, 7], "8", True),
        (UP, 9, [], "1, false", True),
        (TENS, 7, [7], "1", False),
        (TENS, 17, [7, 17], "1", True),
        (DOWN, 7, [3, 7], None, False),
        (DOWN, None, [-3, -1], None, True),
        (DOWN, None, [-3, -1], "-3", False),
    ],
)
def test_a_sequence_is_past_what_was_used(
    target: Target,
    table: str,
    last: int | None,
    rows: list[int],
    value: str | None,
    *,
    repeats: bool,
) -> None:
    plan = numbered(target, table, last=last)
    target.change(*(f"INSERT INTO t VALUES ({row})" for row in rows))
    if value:
        target.change(SETVAL.format(value))
    expected = [("mismatching", '"t"."id"')] if repeats else []
    assert said(target.ask("sequences", plan)) == expected


def test_a_sequence_that_is_gone_is_missing(target: Target) -> None:
    plan = numbered(target, UP, last=3)
    target.change("ALTER TABLE t ALTER COLUMN id DROP IDENTITY")
    assert said(target.ask("sequences", plan)) == [("missing", '"t"."id"')]


def test_a_numbered_column_of_another_type_is_left_to_the_check_of_columns(target: Target) -> None:
    plan = numbered(target, UP, last=3)
    target.change(
        "ALTER TABLE t ALTER COLUMN id DROP IDENTITY", "ALTER TABLE t ALTER COLUMN id TYPE text"
    )
    assert target.ask("sequences", plan) == []
    assert ("mismatching", '"t"."id"') in said(target.ask("columns", plan))


LONE = ("CREATE SEQUENCE s", "CREATE TABLE t (id bigint DEFAULT nextval('s'), word text)")


@pytest.mark.parametrize(
    ("rows", "value", "kinds"),
    [
        ([], None, []),
        ([4, 5], None, ["mismatching"]),
        ([4, 5], "4", ["mismatching"]),
        ([4, 5], "5", []),
    ],
)
def test_a_sequence_that_its_column_does_not_own_is_asked_where_it_stands(
    target: Target, rows: list[int], value: str | None, kinds: list[str]
) -> None:
    plan = replace(NO_WORK, expected=target.promise(*LONE), tables=(CARRIED,))
    target.change(*(f"INSERT INTO t VALUES ({row})" for row in rows))
    if value:
        target.change(f"SELECT setval('s', {value})")
    findings = target.ask("sequences", plan)
    assert [finding.kind for finding in findings] == kinds
    for finding in findings:
        assert finding.subject == '"t"."id"'
        assert "sequence s," in finding.message
        assert 'ALTER SEQUENCE s OWNED BY "t"."id"' in finding.hint


def test_numbers_that_only_autoincrement_remembers_are_unprovable(target: Target) -> None:
    plan = replace(NO_WORK, expected=target.promise(*LONE), tables=(CARRIED,))
    findings = target.ask("sequences", plan, source=Identity.AUTOINCREMENT)
    assert said(findings) == [("unprovable", '"t"."id"')]


def test_a_number_within_a_text_is_unprovable(target: Target) -> None:
    promised = target.promise(
        "CREATE SEQUENCE s", "CREATE TABLE t (id text DEFAULT 'A-' || nextval('s'))"
    )
    plan = replace(NO_WORK, expected=promised, tables=(CARRIED,))
    target.change("INSERT INTO t DEFAULT VALUES")
    assert said(target.ask("sequences", plan)) == [("unprovable", '"t"."id"')]


def test_a_sequence_of_a_column_that_nothing_is_carried_to_is_its_own_affair(
    target: Target,
) -> None:
    promised = target.promise(
        "CREATE SEQUENCE s", "CREATE TABLE t (other bigint DEFAULT nextval('s'))"
    )
    plan = replace(NO_WORK, expected=promised, tables=(CARRIED,))
    target.change("INSERT INTO t DEFAULT VALUES")
    assert target.ask("sequences", plan) == []
