"""What SQLite does by itself is looked for in the target: defaults, computations, folded keys."""

from dataclasses import replace

import pytest

from cutover.catalog import (
    Catalog,
    Column,
    Generated,
    Index,
    IndexPart,
    Key,
    Provider,
    Table,
    Trigger,
    View,
)
from cutover.counterparts import Answer, Pair, table_answers, view_answers


def answers(source: Column, target: Column, **of_tables: object) -> list[Answer]:
    tables = [Table(name="t", columns=(column,)) for column in (source, target)]
    pair = Pair(
        source=replace(tables[0], **of_tables),
        target=tables[1],
        column_name=str,
        table_name=str,
    )
    return list(table_answers(pair))


@pytest.mark.parametrize(
    ("type_", "default", "target_default", "found"),
    [
        ("bigint", "7", "7", True),
        ("bigint", "7", "'7'::bigint", True),
        ("bigint", "7", "8", False),
        ("bigint", "7", None, False),
        ("text", "'a'", "'a'::text", True),
        ("text", "'a'", "'A'::text", False),
        ("boolean", "1", "true", True),
        ("boolean", "1", "false", False),
        ("jsonb", "'{\"a\":1}'", "'{\"a\": 1}'::jsonb", True),
        ("jsonb", "'{\"a\":1}'", "'{\"a\": 2}'::jsonb", False),
        ("timestamp with time zone", "CURRENT_TIMESTAMP", "now()", True),
        ("timestamp with time zone", "CURRENT_TIMESTAMP", None, False),
        ("bigint", "random()", "nextval('s'::regclass)", True),
    ],
)
def test_a_default_is_there_and_says_the_same(
    type_: str, default: str, target_default: str | None, *, found: bool
) -> None:
    source = Column(name="c", type="", default=default)
    target = Column(name="c", type=type_, default=target_default)
    (answer,) = answers(source, target)
    assert (answer.kind, answer.name, answer.found) == ("default", "t.c", found)
    assert answer.note if not found else True


def test_a_default_of_null_is_none() -> None:
    assert answers(Column(name="c", type="", default="NULL"), Column(name="c", type="text")) == []


@pytest.mark.parametrize("generated", list(Generated))
def test_a_computed_column_is_computed_on_both_sides(generated: Generated) -> None:
    source = Column(name="c", type="", generated=Generated.VIRTUAL, expression="1 + 1")
    target = Column(name="c", type="bigint", generated=generated)
    (answer,) = answers(source, target)
    assert (answer.kind, answer.found) == ("generated column", generated is not Generated.NO)


@pytest.mark.parametrize(
    ("collation", "folded", "found"),
    [
        (None, False, True),
        ("BINARY", False, True),
        ("NOCASE", True, True),
        ("NOCASE", False, False),
        ("RTRIM", True, False),
    ],
)
def test_a_key_that_takes_more_for_equal_needs_more_than_a_key(
    collation: str | None, *, folded: bool, found: bool
) -> None:
    key = Key(name=None, columns=("c",))
    lower = IndexPart(column=None, expression='lower((c COLLATE "C"))')
    indexes = (Index(name="i", parts=(lower,), unique=True),) if folded else ()
    pair = Pair(
        source=Table(
            name="t", columns=(Column(name="c", type="TEXT", collation=collation),), uniques=(key,)
        ),
        target=Table(
            name="t",
            columns=(Column(name="c", type="text", collation="C"),),
            uniques=(replace(key, name="k"),),
            indexes=indexes,
        ),
        column_name=str,
        table_name=str,
    )
    (answer,) = table_answers(pair)
    assert (answer.kind, answer.found) == ("unique", found)


def test_a_trigger_of_a_view_is_looked_for_too() -> None:
    trigger = Trigger(name="tr", timing="INSTEAD OF", events=("INSERT",), definition="CREATE …")
    view = View(name="v", definition="SELECT 1", triggers=(trigger,))
    source = Catalog(provider=Provider.SQLITE, label="s", views=(view,))
    for views, expected in (
        ((), [False, False]),
        ((replace(view, triggers=()),), [True, False]),
        ((view,), [True, True]),
    ):
        target = Catalog(provider=Provider.POSTGRES, label="t", views=views)
        assert [a.found for a in view_answers(source, target, str)] == expected


def test_what_is_lost_is_shown_on_one_line_and_not_at_any_length() -> None:
    view = View(name="v", definition="SELECT\n  1," + " 2," * 500 + " 3")
    source = Catalog(provider=Provider.SQLITE, label="s", views=(view,))
    target = Catalog(provider=Provider.POSTGRES, label="t")
    (answer,) = view_answers(source, target, str)
    assert "SELECT 1, 2," in answer.note
    assert "\n" not in answer.note
    assert len(answer.note) < 300
