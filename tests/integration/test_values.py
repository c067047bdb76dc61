"""Values of every kind, moved to a real server under settings that answer what they ask.

Each move must be planned, loaded and verified; the ledger must have as many lines as the plan
counted, and the same again where nothing is left to do.
"""

from dataclasses import dataclass, field

import pytest

from cutover.errors import Refused
from tests.fix_move import MakeMove, Move


@dataclass(frozen=True)
class Case:
    """Stored values in SQL, the target's type, its column's settings, and what arrives as text."""

    stored: tuple[str, ...]
    type: str
    settings: str
    arrives: tuple[str | None, ...]
    declared: str = ""
    before: str = ""
    """What the target's set makes before its table."""
    id: str = field(default="", kw_only=True)


CASES = (
    Case(
        ("1", "2.5", "'abc'", "'7'", "''"),
        "integer",
        'fraction = "round", invalid = "null", empty = "null"',
        ("1", "3", None, "7", None),
        id="integer",
    ),
    Case(("0.5", "0.1", "3"), "real", 'fraction = "round"', ("0.5", "0.1", "3"), id="real"),
    Case(
        ("1.005", "-2", "'3.999'"),
        "numeric(6,2)",
        'fraction = "truncate"',
        ("1.00", "-2.00", "3.99"),
        id="scale",
    ),
    Case(
        ("'Inf'", "'nan'", "9e999", "0.1"),
        "double precision",
        "",
        ("Infinity", "NaN", "Infinity", "0.1"),
        id="double",
    ),
    Case(
        ("0", "1", "2", "'yes'", "'f'", "'maybe'"),
        "boolean",
        'boolean = "nonzero", invalid = "null"',
        ("false", "true", "true", "true", "false", None),
        id="boolean",
    ),
    Case(
        ("'abcd'", "'ab'", "12345"),
        "varchar(3)",
        'overlong = "truncate"',
        ("abc", "ab", "123"),
        id="overlong",
    ),
    Case(
        ("CAST(x'61ff' AS TEXT)", "'a' || char(0)", r"'\xff'", "'é'"),
        "text",
        'utf8 = "escape", nul = "escape"',
        (r"a\xff", r"a\0", r"\\xff", "é"),
        id="text",
    ),
    Case(
        ("'{]'", "'{\"a\": 1}'", r"""'"x\u0000"'""", "'NaN'"),
        "jsonb",
        'json = "string", nul = "escape"',
        ('"{]"', '{"a": 1}', r'"x\\u0000"', '"NaN"'),
        id="json",
    ),
    Case(
        (
            "1782907200",
            "'2026-07-01 12:00:00'",
            "'2026-07-01T14:00:00+02:00'",
            "'2026-06-30 24:00:00'",
            "'0000-00-00'",
            "'Infinity'",
        ),
        "timestamptz",
        'zone = "UTC", invalid = "null"',
        ("2026-07-01 12:00:00+00",) * 3 + ("2026-07-01 00:00:00+00", None, "infinity"),
        id="mixed moments",
    ),
    Case(
        ("2461121.5", "2461122.25"),
        "timestamptz",
        "",
        ("2026-03-22 00:00:00+00", "2026-03-22 18:00:00+00"),
        id="julian",
    ),
    Case(
        ("'1782907200'", "'1782907201.5'"),
        "timestamptz",
        "",
        ("2026-07-01 12:00:00+00", "2026-07-01 12:00:01.5+00"),
        id="digits",
    ),
    Case(
        ("'2026-07-01 12:00:00.0006Z'", "1782907200.9996"),
        "timestamptz(3)",
        'fraction = "round"',
        ("2026-07-01 12:00:00.001+00", "2026-07-01 12:00:01+00"),
        id="precision",
    ),
    Case(
        ("'2026-07-01'", "'infinity'", "'2026-02-30'"),
        "date",
        'invalid = "null"',
        ("2026-07-01", "infinity", None),
        id="date",
    ),
    Case(
        ("'24:00:00'", "'09:30'", "'10:00:00.1234567'"),
        "time",
        "",
        ("24:00:00", "09:30:00", "10:00:00.123456"),
        id="time",
    ),
    Case(("'10:00:00+02'", "'10:00Z'"), "timetz", "", ("10:00:00+02", "10:00:00+00"), id="timetz"),
    Case(
        ("'P1Y2DT3H'", "'-1 day, 23:00:00'", "90000000"),
        "interval",
        'unit = "us"',
        ("1 year 2 days 03:00:00", "-1 days +23:00:00", "00:01:30"),
        id="interval",
    ),
    Case(
        (r"""'["a", null, "b\"c"]'""", "'{x,y}'", "'[]'"),
        "text[]",
        "",
        ('{a,NULL,"b\\"c"}', "{x,y}", "{}"),
        id="text array",
    ),
    Case(
        ("'[1, 2]'", "'{3}'", "'[1.5]'"),
        "bigint[]",
        'invalid = "null"',
        ("{1,2}", "{3}", None),
        id="array",
    ),
    Case(("'[true, null]'",), "boolean[]", "", ("{t,NULL}",), id="boolean array"),
    Case(
        ("'10.0.0.1/24'", "'::1'", "'10.1'"),
        "inet",
        'invalid = "null"',
        ("10.0.0.1/24", "::1/128", None),
        id="inet",
    ),
    Case(
        ("'10.0.0.0/8'", "'2001:db8::/32'"), "cidr", "", ("10.0.0.0/8", "2001:db8::/32"), id="cidr"
    ),
    Case(("'AA-BB-CC-DD-EE-FF'",), "macaddr", "", ("aa:bb:cc:dd:ee:ff",), id="macaddr"),
    Case(
        ("'ok'", "'lost'", "NULL"),
        "mood",
        'invalid = "null"',
        ("ok", None, None),
        before="CREATE TYPE mood AS ENUM ('sad', 'ok');",
        id="enum",
    ),
    Case(
        ("'17'", "18"),
        "age",
        "",
        ("17", "18"),
        before="CREATE DOMAIN whole AS integer; CREATE DOMAIN age AS whole CHECK (VALUE > 0);",
        id="domain",
    ),
    Case(
        ("'not-a-uuid'", "'6F9619FF8B86D011B42D00CF4FC964FF'"),
        "uuid",
        'invalid = "null"',
        (None, "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        id="uuid",
    ),
)


def _made(make_move: MakeMove, case: Case, settings: str) -> Move:
    rows = ", ".join(f"({key}, {value})" for key, value in enumerate(case.stored, start=1))
    return make_move(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {case.declared}); INSERT INTO t VALUES {rows};",
        f"{case.before} CREATE TABLE t (id bigserial PRIMARY KEY, v {case.type})",
        f'[columns]\n"t.v" = {{ {settings} }}' if settings else "",
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_values_arrive_as_the_settings_say_and_each_change_is_told(
    make_move: MakeMove, case: Case
) -> None:
    move = _made(make_move, case, case.settings)
    plan = move.plan()
    assert plan.unsettled == ()
    done = move.run()
    assert done.verified is not None
    assert done.verified.outcome.passed, move.differences()
    assert tuple(v for (v,) in move.fetch("SELECT v::text FROM t ORDER BY id")) == case.arrives
    counted = {
        c.rule: c.count for table in plan.tables for col in table.columns for c in col.changes
    }
    told = move.fetch("SELECT rule, count(*) FROM cutover.ledger WHERE kind = 'changed' GROUP BY 1")
    assert dict(told) == counted
    move.execute("UPDATE t SET v = (SELECT v FROM t WHERE id = 2) WHERE id = 1")
    again = move.verify().outcome
    assert again.passed == (case.arrives[:1] == case.arrives[1:2])


@pytest.mark.parametrize("case", [c for c in CASES if c.settings], ids=lambda case: case.id)
def test_without_its_setting_a_value_is_refused_and_the_hint_names_it(
    make_move: MakeMove, case: Case
) -> None:
    move = _made(make_move, case, "")
    findings = move.plan().unsettled
    hints = " ".join(finding.hint for finding in findings)
    assert all(finding.subject == '"t"."v"' and finding.count for finding in findings)
    for setting in case.settings.split(", "):
        assert setting.partition(" ")[0] + " = " in hints
    assert '[columns] "t.v" = {' in hints
    with pytest.raises(Refused):
        move.apply()


@pytest.mark.parametrize(
    ("type_", "remedy"),
    [
        ("money", "numeric"),
        ("xml", "text"),
        ("bit(8)", "bytea"),
        ("int4range", "two columns"),
        ("tsvector", "GENERATED"),
        ("point", "double precision"),
        ("interval(3)", "text"),
    ],
)
@pytest.mark.hazard(
    "A53", "a type that nothing is known for is refused by name, and nothing else is lost by it"
)
def test_a_type_that_nothing_is_known_for_is_refused_by_name(
    make_move: MakeMove, type_: str, remedy: str
) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'x');",
        f"CREATE TABLE t (id bigserial PRIMARY KEY, v {type_})",
    )
    (finding,) = move.plan().unsettled
    assert '"t"."v" as ' + type_.partition("(")[0] in finding.message
    assert remedy in finding.hint
    assert 'exclude = ["t.v"]' in finding.hint


def test_a_local_time_that_a_zone_has_twice_is_listed_before_anything_moves(
    make_move: MakeMove,
) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
        "INSERT INTO t VALUES (1, '2026-10-25 02:30:00'), (2, '2026-03-29 02:30:00'),"
        " (3, '2026-10-25 12:00:00');",
        "CREATE TABLE t (id bigserial PRIMARY KEY, v timestamptz)",
        '[columns]\n"t.v" = { zone = "Europe/Berlin" }',
    )
    (finding,) = move.plan().unsettled
    assert [sample.key for sample in finding.samples] == [(1,), (2,)]
    assert "twice or not at all" in finding.message
    assert "repair them" in finding.hint


def test_null_is_no_answer_where_the_target_takes_none(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'abc');",
        "CREATE TABLE t (id bigserial PRIMARY KEY, v integer NOT NULL)",
        '[columns]\n"t.v" = { invalid = "null" }',
    )
    (finding,) = move.plan().unsettled
    assert "take NULL" in finding.hint


def test_a_domain_that_refuses_a_value_costs_a_rehearsal_that_row(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, -1), (2, 2);",
        "CREATE DOMAIN age AS integer CHECK (VALUE > 0);"
        " CREATE TABLE t (id bigserial PRIMARY KEY, v age)",
    )
    move.apply("rejected-rows")
    assert move.fetch("SELECT id FROM t") == [(2,)]
