"""Keys as SQLite allows them: walked, matched, and refused where the target would refuse them."""

import pytest

from cutover.errors import Refused, TargetError
from tests.fix_move import MakeMove, Move

MAX = 2**63 - 1


def moved(move: Move) -> Move:
    """Run, and check that verify passed."""
    done = move.run()
    assert done.verified is not None, done.plan.unsettled
    assert done.verified.outcome.passed, done.verified.outcome.findings
    return move


@pytest.mark.hazard("A49", "rowids 0, negative and 2^63-1 are walked like any other")
def test_every_rowid_is_walked(make_move: MakeMove) -> None:
    keys = [-(2**63), -1, 0, 1, MAX]
    rows = ", ".join(f"({key}, 'v{key}')" for key in keys)
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE u (v TEXT);"
        f"INSERT INTO t VALUES {rows}; INSERT INTO u (rowid, v) VALUES {rows};"
    )
    moved(move)
    assert [key for (key,) in move.fetch("SELECT id FROM t ORDER BY 1")] == keys
    assert len(move.fetch("SELECT DISTINCT v FROM u")) == len(keys)


@pytest.mark.hazard("A49", "a WITHOUT ROWID table is walked by its declared key, in its order")
@pytest.mark.hazard("C2.5", "WITHOUT ROWID becomes an ordinary table")
def test_a_table_without_rowid_is_walked_by_its_key(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (v BLOB, b INTEGER, a TEXT COLLATE NOCASE, PRIMARY KEY (a DESC, b))"
        " WITHOUT ROWID;"
        "INSERT INTO t VALUES (x'01', -1, 'é'), (x'02', 0, 'z'), (x'', 9, ''), (NULL, 2, 'Z');",
        "CREATE TABLE t (v bytea, b bigint, a text, PRIMARY KEY (a, b))",
        '[waive]\n"primary key:t(a, b)" = "no two keys differ in case alone"',
    )
    moved(move)
    assert len(move.fetch("SELECT * FROM t")) == 4


def test_a_key_in_another_order_than_the_columns_is_no_damage(make_move: MakeMove) -> None:
    """`PRAGMA quick_check` of SQLite 3.40 takes x for y here, and tells of a NULL."""
    move = make_move(
        "CREATE TABLE t (x TEXT, y INTEGER, z TEXT, PRIMARY KEY (z, y)) WITHOUT ROWID;"
        "INSERT INTO t VALUES (NULL, 5, 'k');"
    )
    moved(move)
    assert move.fetch("SELECT x, y, z FROM t") == [(None, 5, "k")]


def test_rows_of_a_table_without_any_key_are_all_there(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (a, b TEXT); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (NULL, NULL),"
        " (NULL, NULL), (2, '');"
    )
    moved(move)
    assert move.fetch("SELECT count(*) FROM t") == [(5,)]


def test_rows_that_nothing_names_are_loaded_at_once(make_move: MakeMove) -> None:
    """Columns called rowid, _rowid_ and oid hide all three names of the rowid."""
    move = make_move(
        "CREATE TABLE t (rowid TEXT, _rowid_ TEXT, oid INTEGER);"
        "INSERT INTO t VALUES ('a', 'b', 1), ('a', 'b', 1), (NULL, NULL, NULL);"
    )
    plan = move.plan()
    assert plan.tables[0].cursor == ()
    moved(move)
    assert move.fetch('SELECT rowid, "_rowid_", oid FROM t ORDER BY 3') == [
        *(("a", "b", 1), ("a", "b", 1), (None, None, None)),
    ]


@pytest.mark.hazard("A48", "a NULL in a primary key is refused with table, key and rows")
@pytest.mark.hazard("C2.4", "NULLs in a primary key are found before anything moves")
@pytest.mark.hazard("H14", "a text key that is NULL is refused, '' is a key like any other")
def test_null_in_a_key_is_refused_with_its_row(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT); CREATE TABLE u (a TEXT, b INTEGER,"
        " PRIMARY KEY (a, b));"
        "INSERT INTO t VALUES (NULL, 'x'), ('', 'y'), (NULL, 'z'), (' ', 'w'), ('  ', 'u');"
        "INSERT INTO u VALUES ('a', NULL), ('a', 1);",
        "CREATE TABLE t (k text PRIMARY KEY, v text);"
        "CREATE TABLE u (a text, b bigint, PRIMARY KEY (a, b))",
    )
    found = {(f.check, f.subject): f for f in move.plan().unsettled}
    clash = found["null keys", '"t"']
    assert (clash.count, [s.key for s in clash.samples]) == (2, [(1,), (3,)])
    assert "the primary key (k)" in clash.message
    assert found["null keys", '"u"'].samples[0].key == (1,)
    with pytest.raises(Refused):
        move.apply()
    move = move.again(
        '[rows]\n"t" = { where = "k IS NOT NULL", reason = "no key" }\n'
        '"u" = { where = "b IS NOT NULL", reason = "no key" }\n[sets]\npostgres = "set"\n'
    )
    moved(move)
    assert move.fetch("SELECT v FROM t ORDER BY 1") == [("u",), ("w",), ("y",)]


COLLISIONS = {
    "timestamptz": ("TEXT", ["'2026-01-01T01:00:00+01:00'", "'2026-01-01 00:00:00Z'"]),
    "uuid": (
        "TEXT",
        ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "x'a0eebc999c0b4ef8bb6d6bb9bd380a11'"],
    ),
    "bigint": ("", ["'7'", "7"]),
    "numeric": ("", ["'1.50'", "1.5"]),
    "text": ("", ["'7'", "7"]),
    "bytea": ("", ["'a'", "x'61'"]),
    "boolean": ("", ["'true'", "1"]),
}


@pytest.mark.parametrize("type_", COLLISIONS)
@pytest.mark.hazard("A70", "keys that become one in the target are found by the plan, with rows")
@pytest.mark.hazard("C2.6", "uniqueness is asked of the values as the target will take them")
def test_keys_that_become_one_are_found_by_the_plan(make_move: MakeMove, type_: str) -> None:
    declared, (one, other) = COLLISIONS[type_]
    move = make_move(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, k {declared} UNIQUE);"
        f"INSERT INTO t VALUES (1, {one}), (2, {other}), (3, NULL), (4, NULL);",
        f"CREATE TABLE t (id bigint PRIMARY KEY, k {type_} UNIQUE)",
        '[waive]\n"unique:t(k)" = "-"',
    )
    found = [f for f in move.plan().unsettled if f.check == "duplicates"]
    assert [(f.subject, f.count, f.samples[0].key) for f in found] == [('"t"', 1, (2,))]
    assert "the unique key (k)" in found[0].message


def test_a_part_of_a_key_that_stays_apart_keeps_the_key_apart(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "INSERT INTO t VALUES ('2026-01-01 00:00:00Z', 'x'), ('2026-01-01T00:00:00Z', 'y'),"
        " ('2026-01-01 00:00:00.000Z', 'z');",
        "CREATE TABLE t (a timestamptz, b text, PRIMARY KEY (a, b))",
    )
    moved(move)
    move.change("INSERT INTO t VALUES ('2026-01-01T01:00:00+01:00', 'x')")
    (finding,) = [f for f in move.plan().unsettled if f.check == "duplicates"]
    assert finding.count == 1


INDEXES = [
    ("(k) WHERE gone IS NULL", "(k) WHERE gone IS NULL", "'a', NULL, 0", "'a', NULL, 1"),
    ("(k) WHERE live", "(k) WHERE live = 1", "'a', NULL, 1", "'a', 1, 1"),
    ("(k) WHERE k <> ''", "(k) WHERE k != ''", "'a', NULL, 1", "'a', 1, 1"),
    ("((k || '.x'))", "(k || '.x')", "'a', NULL, 1", "'a', 1, 1"),
    ('(lower(k COLLATE "C"))', "(lower(k))", "'A', NULL, 1", "'a', 1, 1"),
]


@pytest.mark.parametrize(("theirs", "own", "one", "other"), INDEXES)
@pytest.mark.hazard("A28", "duplicates under a partial or expression index are found by the plan")
@pytest.mark.hazard("H25", "rows that a unique index of the target refuses are found by the plan")
def test_duplicates_under_a_unique_index_are_asked_of_the_source(
    make_move: MakeMove, theirs: str, own: str, one: str, other: str
) -> None:
    """The source's own index, which becomes it, is not unique: its words say what to ask."""
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, gone INTEGER, live INTEGER);"
        f"CREATE INDEX t_k ON t {own};"
        f"INSERT INTO t VALUES (1, {one}), (2, {other}), (3, '', NULL, 0), (4, '', NULL, 0);"
        "DELETE FROM t WHERE id > 2 AND "
        + ("1" if "gone IS" in own or "||" in own or "lower" in own else "0"),
        "CREATE TABLE t (id bigint PRIMARY KEY, k text, gone bigint, live boolean);"
        f"CREATE UNIQUE INDEX t_k ON t {theirs}",
        '[waive]\n"index:t_k" = "-"',
    )
    found = [f for f in move.plan().unsettled if f.check == "duplicates"]
    assert [(f.subject, f.count, f.samples[0].key) for f in found] == [('"t"', 1, (2,))]
    assert 'the unique index "t_k"' in found[0].message


def test_a_condition_that_sqlite_shares_is_asked_without_an_index_of_its_own(
    make_move: MakeMove,
) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, state TEXT);"
        "INSERT INTO t VALUES (1, 'a', 'open'), (2, 'a', 'shut'), (3, 'a', 'open');",
        "CREATE TABLE t (id bigint PRIMARY KEY, k text, state text);"
        "CREATE UNIQUE INDEX one_open ON t (k) WHERE state IN ('open', 'new')",
    )
    (finding,) = move.plan().unsettled
    assert (finding.count, finding.samples[0].key) == (1, (3,))


def test_an_index_that_only_the_server_understands_is_named_when_it_refuses(
    make_move: MakeMove,
) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT);"
        "INSERT INTO t VALUES (1, 'abc'), (2, 'abd');",
        "CREATE TABLE t (id bigint PRIMARY KEY, k text);"
        "CREATE UNIQUE INDEX starts ON t (left(k, 2))",
    )
    assert move.plan().unsettled == ()
    with pytest.raises(TargetError, match='index "starts" of "t"') as caught:
        move.apply()
    assert '"left"(k, 2)' in caught.value.detail
    assert "rejected-rows" in caught.value.hint
    move.apply("rejected-rows")
    assert move.fetch("SELECT id FROM t") == [(1,)]
    assert move.fetch("SELECT key ->> 'id' FROM cutover.ledger") == [("2",)]
