"""Names as SQLite allows them: each arrives as it is, or as the settings say, or is refused."""

import pytest

from cutover.plan import Plan
from tests.fix_move import MakeMove, Move


def moved(move: Move) -> Plan:
    """Run, and check that verify passed."""
    done = move.run()
    assert done.verified is not None, done.plan.unsettled
    assert done.verified.outcome.passed, done.verified.outcome.findings
    return done.plan


ODD = [
    *("user", "order", "group", "select", "table", "limit", "ctid_", "xmin_"),
    *("with space", " leading", "a.b", 'quo"te', "it's", "semi;colon", "per%cent", "{brace}"),
    *("naïve", "名前", "🎺", "UPPER", "Mixed", "1st", "back\\slash", "new\nline", "-- note"),
]


@pytest.mark.hazard("A43", "names keep their case, and sequences of such tables are set")
@pytest.mark.hazard("A44", "reserved words are quoted wherever they stand")
@pytest.mark.hazard("C9.4", "every name is quoted")
def test_odd_names_of_tables_and_columns_arrive_as_they_are(make_move: MakeMove) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in ODD]
    columns = ", ".join(f"{name} TEXT" for name in quoted)
    values = ", ".join(["'v'"] * len(ODD))
    move = make_move(
        f"CREATE TABLE all_columns (id INTEGER PRIMARY KEY, {columns});"
        f"INSERT INTO all_columns VALUES (1, {values});"
        + "".join(
            f'CREATE TABLE {name} ("Id" INTEGER PRIMARY KEY AUTOINCREMENT, {name} TEXT);'
            f"INSERT INTO {name} VALUES (7, 'v');"
            for name in quoted
        )
    )
    moved(move)
    for name in quoted:
        assert move.fetch(f"SELECT {name} FROM {name}") == [("v",)]
        next_ = f'INSERT INTO {name} ({name}) VALUES (NULL) RETURNING "Id"'
        assert move.fetch(next_) == [(8,)]


LONG = "a_name_of_which_the_first_sixty_three_bytes_say_nothing_about_the_"


@pytest.mark.hazard("A45", "names that are one in 63 bytes get a digest each, before any DDL")
@pytest.mark.hazard("C9.6", "a name over 63 bytes is cut by us, and told from every other")
def test_names_that_would_be_one_in_63_bytes_stay_two(make_move: MakeMove) -> None:
    wide = "ü" * 40
    move = make_move(
        f"CREATE TABLE {LONG}one (id INTEGER PRIMARY KEY, {LONG}x TEXT, {LONG}y TEXT, {wide} TEXT);"
        f"CREATE TABLE {LONG}two (id INTEGER PRIMARY KEY);"
        f"CREATE INDEX {LONG}i ON {LONG}one ({LONG}x); CREATE INDEX {LONG}j ON {LONG}one ({LONG}y);"
        f"INSERT INTO {LONG}one VALUES (1, 'x', 'y', 'z'); INSERT INTO {LONG}two VALUES (2);"
    )
    plan = moved(move)
    one, two = plan.tables
    assert one.target != two.target
    names = [column.target for column in one.columns]
    assert len(set(names)) == 4
    assert all(len(name.encode()) <= 63 for name in (one.target, two.target, *names))
    values = ", ".join(f'"{name}"' for name in names)
    assert move.fetch(f'SELECT {values} FROM "{one.target}"') == [(1, "x", "y", "z")]


@pytest.mark.hazard("H15", "names are compared exactly; two that become one are refused")
@pytest.mark.hazard("C9.5", "one rule makes every name, for DDL, COPY and verify")
def test_lower_case_folds_what_sqlite_folds_and_no_more(make_move: MakeMove) -> None:
    """SQLite folds ASCII alone: Ä and ä are two tables there, and stay two."""
    move = make_move(
        'CREATE TABLE "Ärger" ("ID" INTEGER PRIMARY KEY);'
        'CREATE TABLE "ärger" (id INTEGER PRIMARY KEY);'
        'INSERT INTO "Ärger" VALUES (1); INSERT INTO "ärger" VALUES (2);',
        settings='[names]\ncase = "lower"\n',
    )
    moved(move)
    assert move.fetch('SELECT id FROM "Ärger"') == [(1,)]
    assert move.fetch('SELECT id FROM "ärger"') == [(2,)]


def test_tables_that_are_renamed_to_one_name_are_refused(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY);"
        "INSERT INTO a VALUES (1); INSERT INTO b VALUES (2);",
        "CREATE TABLE b (id bigserial PRIMARY KEY)",
        '[tables]\nrename = { "a" = "b" }\n',
    )
    (finding,) = move.plan().unsettled
    assert finding.subject == '"b"'
    assert "[tables] rename" in finding.hint


def test_lower_case_names_are_used_everywhere(make_move: MakeMove) -> None:
    move = make_move(
        'CREATE TABLE "RunEvents" ("Id" INTEGER PRIMARY KEY AUTOINCREMENT, "RunId" TEXT UNIQUE);'
        "INSERT INTO \"RunEvents\" VALUES (3, 'r');",
        settings='[names]\ncase = "lower"\n',
    )
    moved(move)
    assert move.fetch("SELECT id, runid FROM runevents") == [(3, "r")]
    assert move.fetch("INSERT INTO runevents (runid) VALUES ('s') RETURNING id") == [(4,)]


def test_columns_keep_their_names_in_lower_case(make_move: MakeMove) -> None:
    move = make_move(
        'CREATE TABLE t (id INTEGER PRIMARY KEY, "Ä" TEXT, "ä" TEXT, "ÄB" TEXT);'
        "INSERT INTO t VALUES (1, 'x', 'y', 'z');",
        settings='[names]\ncase = "lower"\n',
    )
    moved(move)
    assert move.fetch('SELECT "Ä", "ä", "Äb" FROM t') == [("x", "y", "z")]


def test_a_name_without_letters_is_refused_by_name(make_move: MakeMove) -> None:
    """PostgreSQL has no name of no characters (42601)."""
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, \"\" TEXT); INSERT INTO t VALUES (1, 'x');",
        "CREATE TABLE t (id bigint PRIMARY KEY)",
    )
    (finding,) = move.plan().unsettled
    assert '"t".""' in finding.subject
