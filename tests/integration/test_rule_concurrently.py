"""CREATE INDEX CONCURRENTLY alone in its revision, and outside a transaction."""

import pytest

from tests.fix_rules import Ask, SetWriter

TABLE = 'op.create_table("t", sa.Column("a", sa.Integer()))'
BY_CALL = 'op.create_index("i", "t", ["a"], postgresql_concurrently=True)'
BY_TEXT = 'op.execute("create  index /* now */ concurrently i on t (a)")'
BLOCK = "with op.get_context().autocommit_block():\n    "
DROP = f'{BLOCK}op.drop_index("i", postgresql_concurrently=True)'


@pytest.fixture
def writer(postgres_set: SetWriter) -> SetWriter:
    """Give a set with a table."""
    return postgres_set.add("one", TABLE, 'op.drop_table("t")')


@pytest.mark.parametrize("build", [BY_CALL, BY_TEXT])
def test_alone_and_in_a_block_is_no_breach(writer: SetWriter, ask: Ask, build: str) -> None:
    assert ask("concurrently", writer.add("two", BLOCK + build, DROP)) == []


@pytest.mark.parametrize("build", [BY_CALL, BY_TEXT, "for name in ('i',):\n    " + BY_CALL])
def test_beside_another_operation_is_a_breach(writer: SetWriter, ask: Ask, build: str) -> None:
    up = 'op.execute("UPDATE t SET a = 1")\n' + BLOCK + build.replace("\n", "\n    ")
    (finding,) = ask("concurrently", writer.add("two", up, DROP))
    assert finding.subject == 'revision "two" of "server"'
    assert "is not alone in upgrade()" in finding.message
    assert "see line 10" in finding.message


@pytest.mark.parametrize(
    "before",
    [
        "op.execute('SET lock_timeout = 0')",
        "op.execute('DROP INDEX CONCURRENTLY IF EXISTS i')",
        "op.drop_index('i', if_exists=True, postgresql_concurrently=True)",
    ],
)
def test_what_makes_a_second_attempt_possible_may_stand_beside_it(
    writer: SetWriter, ask: Ask, before: str
) -> None:
    up = f"{BLOCK}{before}\n    {BY_CALL}"
    assert ask("concurrently", writer.add("two", up, DROP)) == []


def test_two_in_one_revision_are_a_breach(writer: SetWriter, ask: Ask) -> None:
    second = BY_CALL.replace('"i"', '"j"')
    up = f"{BLOCK}{BY_CALL}\n    {second}"
    (finding,) = ask("concurrently", writer.add("two", up))
    assert "is not alone" in finding.message


def test_a_downgrade_is_read_too(writer: SetWriter, ask: Ask) -> None:
    down = DROP + '\nop.execute("UPDATE t SET a = 1")'
    (finding,) = ask("concurrently", writer.add("two", BLOCK + BY_CALL, down))
    assert 'drop_index("i") is not alone in downgrade()' in finding.message


def test_inside_a_transaction_is_a_breach(writer: SetWriter, ask: Ask) -> None:
    # Never reached, as in a branch for one server version: an upgrade that does reach it fails.
    (finding,) = ask("concurrently", writer.add("two", f"if False:\n    {BY_CALL}"))
    assert finding.message == 'line 11: create_index("i") is inside a transaction'
    assert "autocommit_block" in finding.hint


def test_a_plain_index_beside_others_is_no_breach(writer: SetWriter, ask: Ask) -> None:
    plain = 'op.create_index("i", "t", ["a"])\nop.create_index("j", "t", ["a"])'
    assert (
        ask("concurrently", writer.add("two", plain, 'op.drop_index("i")\nop.drop_index("j")'))
        == []
    )


def test_sqlite_has_no_such_thing(sqlite_set: SetWriter, ask: Ask) -> None:
    sqlite_set.add("one", f"{TABLE}\n{BY_CALL}", 'op.drop_table("t")')
    assert ask("concurrently", sqlite_set) == []
