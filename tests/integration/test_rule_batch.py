"""What Alembic's batch mode drops without a word, found by running it."""

import pytest

from cutover.errors import SourceError
from tests.fix_rules import Ask, SetWriter

MADE = '''
op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
op.execute("""CREATE TABLE t (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT COLLATE NOCASE,
    spare TEXT,
    parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE,
    CHECK (length(name) < 9),
    CONSTRAINT ck_t_spare CHECK (spare <> '')
)""")
op.execute("CREATE INDEX ix_lower ON t (lower(name))")
op.execute("CREATE INDEX ix_down ON t (spare DESC)")
op.execute("CREATE INDEX ix_part ON t (spare) WHERE spare IS NOT NULL")
op.execute("CREATE TRIGGER tr AFTER DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END")
'''
UNMADE = 'op.drop_table("t")\nop.drop_table("parent")'
BATCH = """
with op.batch_alter_table("t") as b:
    b.add_column(sa.Column("extra", sa.Text()))
"""
REBUILD = """
with op.batch_alter_table("t", recreate="always") as b:
    b.alter_column("spare", nullable=False)
"""
LOST = {
    'trigger "tr"',
    'index "ix_lower"',
    'DESC of key 1 of index "ix_down"',
    "CHECK (length(name) < 9)",
    'AUTOINCREMENT of "id"',
    'COLLATE NOCASE of "name"',
}


@pytest.fixture
def writer(sqlite_set: SetWriter) -> SetWriter:
    """Give a set with a table that has all that batch mode loses."""
    return sqlite_set.add("one", MADE, UNMADE)


def _lost(writer: SetWriter, ask: Ask) -> set[str]:
    found = ask("batch", writer)
    assert {finding.subject for finding in found} <= {'revision "two" of "lite"'}
    opening = 'its batch operation on "t" loses '
    assert all(finding.message.startswith(opening) for finding in found)
    return {finding.message.removeprefix(opening) for finding in found}


@pytest.mark.hazard("A38", "names what each batch operation of a set loses, its triggers first")
def test_everything_that_a_rebuild_loses_is_named(writer: SetWriter, ask: Ask) -> None:
    lost = _lost(writer.add("two", REBUILD), ask)
    assert lost >= LOST
    assert not any("ck_t_spare" in each or "ix_part" in each for each in lost)


def test_a_batch_that_rebuilds_nothing_loses_nothing(writer: SetWriter, ask: Ask) -> None:
    assert _lost(writer.add("two", BATCH), ask) == set()


def test_what_a_revision_drops_by_name_is_not_lost(writer: SetWriter, ask: Ask) -> None:
    up = """
    op.execute("DROP TRIGGER tr")
    with op.batch_alter_table("t", recreate="always") as b:
        b.drop_index("ix_down")
        b.alter_column("spare", nullable=False)
    op.execute("DROP INDEX IF EXISTS ix_lower")
    """
    lost = _lost(writer.add("two", up), ask)
    assert lost.isdisjoint({'trigger "tr"', 'index "ix_lower"', 'index "ix_down"'})
    assert 'AUTOINCREMENT of "id"' in lost


def test_what_a_revision_puts_back_is_not_lost(writer: SetWriter, ask: Ask) -> None:
    up = """
    with op.batch_alter_table("t", recreate="always") as b:
        b.alter_column("spare", nullable=False)
    op.execute("CREATE TRIGGER tr AFTER DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END")
    op.execute("CREATE INDEX ix_lower ON t (lower(name))")
    """
    lost = _lost(writer.add("two", up), ask)
    assert lost.isdisjoint({'trigger "tr"', 'index "ix_lower"'})
    assert "CHECK (length(name) < 9)" in lost


def test_a_set_without_batch_operations_is_not_run_step_by_step(
    writer: SetWriter, ask: Ask
) -> None:
    assert ask("batch", writer.add("two", 'op.execute("DROP TRIGGER tr")')) == []


def test_a_generated_column_makes_the_rebuild_itself_fail(sqlite_set: SetWriter, ask: Ask) -> None:
    made = 'op.execute("CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1) STORED)")'
    sqlite_set.add("one", made, 'op.drop_table("t")')
    sqlite_set.add("two", REBUILD.replace("spare", "a"))
    with pytest.raises(SourceError, match='revision "two"') as caught:
        ask("batch", sqlite_set)
    assert 'cannot INSERT into generated column "b"' in (caught.value.detail or "")
