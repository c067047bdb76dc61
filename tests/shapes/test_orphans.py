"""Rows without a parent: refused with their keys, kept apart, or loaded under a key NOT VALID."""

import json

import pytest

from cutover.errors import Refused, UsageError
from cutover.plan import Bucket
from tests.fix_move import MakeMove, Move

FAMILY = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, up INTEGER REFERENCES p);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, body BLOB, note TEXT);"
    "CREATE TABLE g (k TEXT PRIMARY KEY, c INTEGER REFERENCES c) WITHOUT ROWID;"
    "INSERT INTO p VALUES (1, NULL), (2, 1);"
    "INSERT INTO c VALUES (10, 1, x'00ff', 'kept'), (11, 9, x'00ff', 'lost'),"
    " (12, NULL, NULL, NULL), (13, 8, NULL, NULL), (14, 8, x'', 'plain');"
    "INSERT INTO g VALUES ('a', 10), ('b', 11), ('c', NULL), ('d', 99);"
)
TARGET = (
    "CREATE TABLE p (id bigserial PRIMARY KEY, up bigint CONSTRAINT p_up REFERENCES p);"
    "CREATE TABLE c (id bigserial PRIMARY KEY, p bigint CONSTRAINT c_p REFERENCES p,"
    " body bytea, note text);"
    "CREATE TABLE g (k text PRIMARY KEY, c bigint CONSTRAINT g_c REFERENCES c)"
)
KEYS = (
    "SELECT conname::text, convalidated FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1"
)
KEPT = "SELECT table_name, key::text, row::text FROM cutover.quarantine ORDER BY 1, row ->> 'id', 2"
APART = '{ orphans = "quarantine", reason = "lost in 2024" }'
LOADED = '{ orphans = "not-valid", reason = "the old app tolerates them" }'


def rows(**choices: str) -> str:
    return "[rows]\n" + "".join(f'"{table}" = {choice}\n' for table, choice in choices.items())


@pytest.fixture
def family(make_move: MakeMove) -> Move:
    """Give an application with orphans in two tables, one of them the child of the other."""
    return make_move(FAMILY, TARGET)


@pytest.mark.hazard("A46", "orphans are listed by table, foreign key and keys, and stop the plan")
@pytest.mark.hazard("C7.1", "orphans are found before anything moves, whatever SQLite enforces")
@pytest.mark.hazard("H23", "orphans are found before anything moves, whatever order tables load in")
def test_orphans_are_refused_by_table_key_and_choice(family: Move) -> None:
    found = {finding.subject: finding for finding in family.plan().unsettled}
    assert set(found) == {'"c"', '"g"'}
    assert (found['"c"'].count, [s.key for s in found['"c"'].samples]) == (3, [(11,), (13,), (14,)])
    assert (found['"g"'].count, [s.key for s in found['"g"'].samples]) == (1, [("d",)])
    assert "c_p (p) -> p (id)" in found['"c"'].message
    assert '[rows] "c" = { orphans = "quarantine", reason = "…" }' in found['"c"'].hint
    with pytest.raises(Refused):
        family.apply()
    assert family.fetch("SELECT to_regclass('public.c')") == [(None,)]


@pytest.mark.hazard("A46", "orphans and their children can be kept apart, each once, and verified")
def test_orphans_and_their_children_are_kept_apart(family: Move) -> None:
    family.change(
        "UPDATE c SET note = CAST(x'c328' AS TEXT) WHERE id = 11;"
        "UPDATE c SET body = 1.5, note = 'nul' || char(0) WHERE id = 13;"
        "UPDATE c SET body = 9e999 WHERE id = 14;"
    )
    move = family.again(f'{rows(c=APART, g=APART)}\n[sets]\npostgres = "set"\n')
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed, done.verified.outcome.findings
    assert move.fetch("SELECT id FROM c ORDER BY 1") == [(10,), (12,)]
    assert move.fetch("SELECT k FROM g ORDER BY 1") == [("a",), ("c",)]
    kept = [(table, json.loads(key), json.loads(row)) for table, key, row in move.fetch(KEPT)]
    assert kept == [
        (
            *("c", {"id": 11}),
            {"id": 11, "p": 9, "body": {"blob": "00ff"}, "note": {"text": "c328"}},
        ),
        ("c", {"id": 13}, {"id": 13, "p": 8, "body": 1.5, "note": {"text": "6e756c00"}}),
        ("c", {"id": 14}, {"id": 14, "p": 8, "body": {"real": "inf"}, "note": "plain"}),
        ("g", {"k": "b"}, {"k": "b", "c": 11}),
        ("g", {"k": "d"}, {"k": "d", "c": 99}),
    ]
    tables = {table.target: table for table in done.plan.tables}
    assert [(t.rows, t.quarantined_rows, t.excluded_rows) for t in tables.values()] == [
        *((2, 0, 0), (2, 3, 0), (2, 2, 0)),
    ]
    assert tables["c"].orphans_reason == "lost in 2024"
    assert move.fetch(KEYS) == [("c_p", True), ("g_c", True), ("p_up", True)]


def test_children_go_with_their_parent_unless_they_choose_otherwise(family: Move) -> None:
    """A choice for the parent's table says what becomes of its rows' children, and of no others."""
    move = family.again(f'{rows(c=APART)}\n[sets]\npostgres = "set"\n')
    plan = move.plan()
    (finding,) = plan.unsettled
    assert (finding.subject, finding.count, finding.samples[0].key) == ('"g"', 1, ("d",))
    (g,) = [table for table in plan.tables if table.target == "g"]
    assert g.quarantined_rows == 1
    assert g.orphans_reason == "their parents are kept apart: lost in 2024"
    move = move.again(f'{rows(c=APART, g=LOADED)}\n[sets]\npostgres = "set"\n')
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    assert move.fetch("SELECT k FROM g ORDER BY 1") == [("a",), ("b",), ("c",), ("d",)]


@pytest.mark.hazard("A47", "rows that refer to one another load in any order: keys come after")
def test_a_chain_of_self_references_goes_as_a_whole(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER, at INTEGER);"
        "INSERT INTO t VALUES (1, NULL, 0), (2, 9, 0), (3, 2, 0), (4, 3, 0), (5, 1, 0), (6, 6, 0),"
        " (7, 8, 0), (8, 7, 0), (20, 1, -1), (21, 20, 0);",
        "CREATE TABLE t (id bigserial PRIMARY KEY, up bigint REFERENCES t, at bigint)",
        '[rows]\n"t" = { where = "at >= 0 -- live", orphans = "quarantine", reason = "old" }\n',
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    assert move.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (5,), (6,), (7,), (8,)]
    assert move.fetch("SELECT key ->> 'id' FROM cutover.quarantine ORDER BY 1") == [
        *(("2",), ("21",), ("3",), ("4",)),
    ]
    (table,) = done.plan.tables
    assert (table.rows, table.quarantined_rows, table.excluded_rows) == (5, 4, 1)


def test_a_composite_reference_is_followed_by_all_its_columns(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE p (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "CREATE TABLE c (x TEXT, y INTEGER, z TEXT, PRIMARY KEY (z, y)) WITHOUT ROWID;"
        "CREATE TABLE g (z TEXT, y INTEGER);"
        "INSERT INTO p VALUES ('one', 1);"
        "INSERT INTO c VALUES ('one', 1, 'k'), (NULL, 5, 'k'), ('two', 1, 'l');"
        "INSERT INTO g VALUES ('k', 1), ('l', 1), ('l', NULL);",
        "CREATE TABLE p (a text, b bigint, PRIMARY KEY (a, b));"
        "CREATE TABLE c (x text, y bigint, z text, PRIMARY KEY (z, y),"
        " FOREIGN KEY (x, y) REFERENCES p);"
        "CREATE TABLE g (z text, y bigint, FOREIGN KEY (z, y) REFERENCES c (z, y))",
        rows(c=APART),
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    assert move.fetch("SELECT z, y FROM c ORDER BY 2") == [("k", 1), ("k", 5)]
    assert move.fetch("SELECT z, y FROM g ORDER BY 2") == [("k", 1), ("l", None)]
    assert [table for table, _, _ in move.fetch(KEPT)] == ["c", "g"]


def test_what_is_secret_is_not_kept(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (token TEXT PRIMARY KEY, p INTEGER); INSERT INTO c VALUES ('hunter2', 7);",
        "CREATE TABLE p (id bigserial PRIMARY KEY);"
        "CREATE TABLE c (token text PRIMARY KEY, p bigint REFERENCES p)",
        f'[columns]\n"c.token" = {{ secret = true }}\n{rows(c=APART)}',
    )
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
    assert move.fetch(KEPT) == [("c", '{"rowid": 1}', '{"p": 7}')]


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("DELETE FROM cutover.quarantine WHERE key ->> 'id' = '11'", "missing"),
        ("INSERT INTO cutover.quarantine SELECT * FROM cutover.quarantine LIMIT 1", "extraneous"),
        ("UPDATE cutover.quarantine SET row = '{}' WHERE key ->> 'id' = '13'", "missing"),
    ],
)
def test_verify_looks_into_the_quarantine(family: Move, damage: str, kind: str) -> None:
    move = family.again(f'{rows(c=APART, g=APART)}\n[sets]\npostgres = "set"\n')
    move.apply()
    move.execute(damage)
    outcome = move.verify().outcome
    assert not outcome.passed
    assert kind in {f.kind for f in outcome.findings if f.check == "quarantine"}


def test_a_second_apply_finds_nothing_to_do(family: Move) -> None:
    move = family.again(f'{rows(c=APART, g=APART)}\n[sets]\npostgres = "set"\n')
    move.apply()
    assert move.plan().empty
    assert move.apply().applied.steps == 0
    assert len(move.fetch(KEPT)) == 5


@pytest.mark.hazard(
    "A46", "orphans can be loaded, and their foreign key is then put back NOT VALID"
)
@pytest.mark.hazard(
    "C7.5", "a foreign key over orphans is put back NOT VALID only where that is set"
)
def test_orphans_are_loaded_under_a_key_that_is_not_validated(family: Move) -> None:
    move = family.again(f'{rows(c=LOADED, g=LOADED)}\n[sets]\npostgres = "set"\n')
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed, done.verified.outcome.findings
    assert move.fetch(KEYS) == [("c_p", False), ("g_c", False), ("p_up", True)]
    assert move.fetch("SELECT count(*) FROM c") == [(5,)]
    (c,) = [table for table in done.plan.tables if table.target == "c"]
    assert (c.not_valid, c.orphans_reason) == (("c_p",), "the old app tolerates them")
    (carried,) = [o for o in done.plan.objects if o.name == "c" and o.kind == "table"]
    assert carried.bucket is Bucket.CARRIED


def test_no_other_key_may_stand_unvalidated(family: Move) -> None:
    move = family.again(f'{rows(c=LOADED, g=LOADED)}\n[sets]\npostgres = "set"\n')
    move.apply()
    move.execute(
        "ALTER TABLE p DROP CONSTRAINT p_up",
        "ALTER TABLE p ADD CONSTRAINT p_up FOREIGN KEY (up) REFERENCES p NOT VALID",
    )
    assert [f.subject for f in move.verify().outcome.findings] == ['"p_up"']


def test_a_key_that_was_validated_since_is_as_good(family: Move) -> None:
    move = family.again(f'{rows(c=LOADED, g=APART)}\n[sets]\npostgres = "set"\n')
    move.apply()
    move.execute("INSERT INTO p VALUES (8), (9)", "ALTER TABLE c VALIDATE CONSTRAINT c_p")
    outcome = move.verify().outcome
    # The two rows are not the source's, and go beyond the numbers that were handed out.
    assert {(f.subject, f.kind) for f in outcome.findings} == {
        ('"p"', "extraneous"),
        ('"p"."id"', "mismatching"),
    }


@pytest.mark.parametrize("choice", ["quarantine", "not-valid"])
def test_a_choice_needs_a_reason(make_move: MakeMove, choice: str) -> None:
    settings = f'[rows]\n"t" = {{ orphans = "{choice}" }}'
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE t (id bigint)", settings
    )
    with pytest.raises(UsageError, match=r'setting "rows\.t"') as caught:
        move.plan()
    assert "reason" in caught.value.detail


def test_rows_without_any_name_are_not_kept_apart(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (rowid, _rowid_, oid INTEGER);"
        "INSERT INTO c VALUES (1, 2, 3)",
        "CREATE TABLE p (id bigserial PRIMARY KEY);"
        "CREATE TABLE c (rowid bigint, _rowid_ bigint, oid bigint REFERENCES p)",
        rows(c=APART),
    )
    with pytest.raises(UsageError, match="cannot be kept apart") as caught:
        move.plan()
    assert "not-valid" in caught.value.hint
    move = move.again(f'{rows(c=LOADED)}\n[sets]\npostgres = "set"\n')
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed
