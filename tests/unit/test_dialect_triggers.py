"""Which triggers only refuse, and the statements that refuse the same in PostgreSQL."""

import pytest

from cutover.catalog import Column, Table, Trigger
from cutover.dialect.triggers import Guard, append_only_sql, recognise

TABLE = Table(
    name="t",
    columns=(Column(name="id", type="TEXT", nullable=False), Column(name="a", type="TEXT")),
)


def trigger(body: str, **facts: object) -> Trigger:
    given = {"timing": "BEFORE", "events": ("UPDATE",), **facts}
    return Trigger(name="keep", body=body, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "when"),
    [
        ("SELECT RAISE(ABORT, 'no');", None),
        ("select raise ( rollback , 'no' )", None),
        ("SELECT RAISE(ABORT, 'no') WHERE OLD.done = 1;", "OLD.done = 1"),
        ("SELECT CASE WHEN OLD.done = 1 THEN RAISE(ABORT, 'no') END;", "OLD.done = 1"),
        ("SELECT CASE WHEN a THEN RAISE(ABORT, 'no') ELSE NULL END", "a"),
        (
            "SELECT RAISE(ABORT, 'no') WHERE EXISTS (SELECT 1 FROM u WHERE id = OLD.id);",
            "EXISTS (SELECT 1 FROM u WHERE id = OLD.id)",
        ),
    ],
)
def test_recognises_every_form_of_a_refusal(body: str, when: str | None) -> None:
    found = recognise(trigger(body), TABLE)
    assert found is not None
    assert (found.message, found.when, found.events) == ("no", when, ("UPDATE",))


ALWAYS = (
    "1",
    "TRUE",
    "(7)",
    "EXISTS (SELECT 1 FROM t WHERE id = OLD.id)",
    "EXISTS (SELECT * FROM T AS x WHERE OLD.id = x.id AND x.id = old.id)",
    "EXISTS (SELECT 1 FROM t)",
)


@pytest.mark.parametrize("condition", ALWAYS)
def test_a_condition_that_always_holds_is_none(condition: str) -> None:
    for given in (
        trigger(f"SELECT RAISE(ABORT, 'no') WHERE {condition}"),
        trigger(f"SELECT CASE WHEN {condition} THEN RAISE(ABORT, 'no') END"),
        trigger("SELECT RAISE(ABORT, 'no')", when=condition),
    ):
        found = recognise(given, TABLE)
        assert found is not None
        assert found.when is None


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ("0", {}),
        ("NULL", {}),
        ("a", {}),
        ("EXISTS (SELECT 1 FROM t WHERE id = OLD.id)", {"timing": "AFTER"}),
        ("EXISTS (SELECT 1 FROM t WHERE id = OLD.id)", {"events": ("INSERT",)}),
        ("EXISTS (SELECT 1 FROM t WHERE id = NEW.id)", {}),
        ("EXISTS (SELECT 1 FROM t WHERE a = OLD.a)", {}),
        ("EXISTS (SELECT 1 FROM t WHERE a = OLD.id)", {}),
        ("EXISTS (SELECT 1 FROM t WHERE id = OLD.id AND a = 'x')", {}),
        ("EXISTS (SELECT 1 FROM t WHERE id = OLD.id LIMIT 0)", {}),
        ("EXISTS (SELECT 1 FROM t JOIN u WHERE t.id = OLD.id)", {}),
        ("EXISTS (SELECT 1 FROM t WHERE id = OLD.id GROUP BY id HAVING count(*) > 1)", {}),
        ("NOT EXISTS (SELECT 1 FROM t WHERE id = OLD.id)", {}),
    ],
)
def test_a_condition_that_may_not_hold_is_kept(condition: str, facts: dict[str, object]) -> None:
    found = recognise(trigger("SELECT RAISE(ABORT, 'no')", when=condition, **facts), TABLE)
    assert found is not None
    assert found.when == condition


def test_both_conditions_of_a_trigger_must_hold() -> None:
    found = recognise(trigger("SELECT RAISE(ABORT, 'no') WHERE a OR b", when="c"), TABLE)
    assert found is not None
    assert found.when == "(c) AND (a OR b)"


def test_the_columns_of_update_of_are_kept() -> None:
    found = recognise(trigger("SELECT RAISE(ABORT, 'no')", of_columns=("a", "b")), TABLE)
    assert found is not None
    assert found.of_columns == ("a", "b")


@pytest.mark.parametrize(
    "body",
    [
        "SELECT RAISE(FAIL, 'no');",
        "SELECT RAISE(IGNORE);",
        "SELECT 1; SELECT RAISE(ABORT, 'no');",
        "DELETE FROM t; SELECT RAISE(ABORT, 'no');",
        "SELECT RAISE(ABORT, 'no') FROM t;",
        "SELECT RAISE(ABORT, 'no') WHERE a LIMIT 0;",
        "SELECT RAISE(ABORT, 'no') WHERE a UNION SELECT 1;",
        "SELECT CASE WHEN a THEN RAISE(ABORT, 'no') ELSE RAISE(ABORT, 'other') END;",
        "SELECT CASE a WHEN 1 THEN RAISE(ABORT, 'no') END;",
        "SELECT RAISE(ABORT, 'no' || OLD.id);",
        "UPDATE t SET n = 1;",
        "SELECT 'unclosed",
        "",
    ],
)
def test_recognises_nothing_that_does_more_or_less(body: str) -> None:
    assert recognise(trigger(body), TABLE) is None


def test_a_trigger_on_a_view_refuses_nothing_of_a_table() -> None:
    assert recognise(trigger("SELECT RAISE(ABORT, 'no')", timing="INSTEAD OF"), TABLE) is None


def test_a_message_is_carried_whatever_it_holds() -> None:
    message = 'it\'s $guard$ 100% "no"'
    found = recognise(trigger("SELECT RAISE(ABORT, 'it''s $guard$ 100% \"no\"')"), TABLE)
    assert found is not None
    assert found.message == message
    function = append_only_sql(Guard(table="t", name="keep", function="keep", refusal=found))[0]
    assert function.count("$guard_$") == 2


def test_the_statements_guard_rows_and_truncate_and_stay_on() -> None:
    found = recognise(trigger("SELECT RAISE(ABORT, 'no')", events=("DELETE",)), TABLE)
    assert found is not None
    guard = Guard(table="T", name="keep", function="keep", refusal=found, truncate="T_no_truncate")
    _, row, truncate, *always = append_only_sql(guard)
    wanted = 'CREATE TRIGGER "keep" BEFORE DELETE ON "T" FOR EACH ROW EXECUTE FUNCTION "keep"()'
    assert " ".join(row.split()) == wanted
    assert 'BEFORE TRUNCATE ON "T"' in truncate
    assert always == [
        'ALTER TABLE "T" ENABLE ALWAYS TRIGGER "keep"',
        'ALTER TABLE "T" ENABLE ALWAYS TRIGGER "T_no_truncate"',
    ]
