"""A set and the application's models, where there are any."""

from pathlib import Path

import pytest

from cutover.catalog import Provider
from tests.fix_rules import Ask, SetWriter

MODELS = """
import sqlalchemy as sa
target_metadata = sa.MetaData()
sa.Table("t", target_metadata, sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("a", sa.Text(), nullable=False), sa.Column("b", sa.Text()),
    sa.Index("ix_t_a", "a"))
sa.Table("u", target_metadata, sa.Column("id", sa.Integer(), primary_key=True))
"""
ALIKE = """
op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("a", sa.Text(), nullable=False), sa.Column("b", sa.Text()))
op.create_index("ix_t_a", "t", ["a"])
op.create_table("u", sa.Column("id", sa.Integer(), primary_key=True))
"""
UNLIKE = """
op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Text()))
op.create_table("v", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture(params=Provider)
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> SetWriter:
    """Give an empty set of either provider, with models."""
    return SetWriter(tmp_path / "modelled", request.param, MODELS)


def test_a_set_that_makes_its_models_is_no_breach(writer: SetWriter, ask: Ask) -> None:
    down = 'op.drop_table("u")\nop.drop_table("t")'
    assert ask("models", writer.add("one", ALIKE, down)) == []


@pytest.mark.hazard("H30", "holds each set against the application's models")
def test_each_difference_is_named_with_its_table(writer: SetWriter, ask: Ask) -> None:
    found = ask("models", writer.add("one", UNLIKE, 'op.drop_table("v")\nop.drop_table("t")'))
    assert {(f.subject, f.message) for f in found} == {
        ('table "u" of "modelled"', 'table "u" is in the models, and no revision makes it'),
        ('table "v" of "modelled"', 'table "v" is made by the set, and is not in the models'),
        ('table "t" of "modelled"', 'column "t"."b" is in the models, and no revision makes it'),
        (
            'table "t" of "modelled"',
            'index "ix_t_a" of "t" is in the models, and no revision makes it',
        ),
        (
            'table "t" of "modelled"',
            '"t"."a": nullable is True in the set and False in the models',
        ),
    }


def test_a_set_without_models_is_silent(sqlite_set: SetWriter, ask: Ask) -> None:
    assert (
        ask("models", sqlite_set.add("one", UNLIKE, 'op.drop_table("v")\nop.drop_table("t")')) == []
    )
