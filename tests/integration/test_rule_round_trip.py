"""Up, down and up again: what is left, what differs, what raises."""

import pytest

from cutover.errors import SourceError, TargetError
from tests.fix_rules import Ask, SetWriter

TABLE = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
DROP = 'op.drop_table("t")'


@pytest.fixture(params=["sqlite_set", "postgres_set"])
def either(request: pytest.FixtureRequest) -> SetWriter:
    """Give an empty set of either provider."""
    writer: SetWriter = request.getfixturevalue(request.param)
    return writer


def test_a_downgrade_that_undoes_everything_is_no_breach(either: SetWriter, ask: Ask) -> None:
    column = 'op.add_column("t", sa.Column("a", sa.Text()))'
    either.add("one", TABLE, DROP).add("two", column, 'op.drop_column("t", "a")')
    assert ask("round_trip", either) == []


def test_a_table_that_is_left_at_the_base_is_named(either: SetWriter, ask: Ask) -> None:
    found = ask("round_trip", either.add("one", TABLE, "pass"))
    assert found[0].subject == f'set "{either.name}"'
    assert found[0].message == 'its downgrade to base leaves table "t"'
    assert found[1].message == "its second upgrade raises"
    assert found[1].subject == f'revision "one" of "{either.name}"'
    assert "already exists" in found[1].detail


def test_a_downgrade_that_raises_is_named_by_its_revision(either: SetWriter, ask: Ask) -> None:
    either.add("one", TABLE, DROP).add("two", "pass", 'raise NotImplementedError("no way back")')
    (finding,) = ask("round_trip", either)
    assert finding.subject == f'revision "two" of "{either.name}"'
    assert finding.message == "its downgrade raises"
    assert "no way back" in finding.detail
    assert "versions/two.py, line" in finding.detail


def test_an_enumeration_that_outlives_its_table_is_named(postgres_set: SetWriter, ask: Ask) -> None:
    up = """
    op.create_table("t", sa.Column("mood", sa.Enum("sad", "ok", name="mood")))
    op.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    """
    found = ask("round_trip", postgres_set.add("one", up, DROP))
    assert found[0].message == 'its downgrade to base leaves function "f", type "mood"'


def test_a_head_that_is_different_the_second_time_is_named(either: SetWriter, ask: Ask) -> None:
    up = """
    op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_table("u", sa.Column("id", sa.Integer(), primary_key=True))
    """
    again = """
    import pathlib
    mark = pathlib.Path(__file__).with_suffix(".mark")
    if not mark.exists():
        mark.touch()
        op.add_column("u", sa.Column("a", sa.Text()))
    """
    either.add("one", up, 'op.drop_table("t")\nop.drop_table("u")').add("two", again)
    (finding,) = ask("round_trip", either)
    assert finding.subject == f'table "u" of "{either.name}"'
    assert "different after a downgrade" in finding.message


def test_a_set_that_does_not_reach_its_head_is_an_error(either: SetWriter, ask: Ask) -> None:
    with pytest.raises((SourceError, TargetError), match='revision "one" of the set') as caught:
        ask("round_trip", either.add("one", 'op.execute("nonsense")'))
    assert "versions/one.py, line" in (caught.value.detail or "")
