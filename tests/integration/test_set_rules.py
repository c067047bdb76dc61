"""Every rule about the reference sets: none is broken, and each is one that could be."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from cutover.catalog import Provider
from cutover.events import Emit, Event, StepFinished, StepStarted, ignore
from cutover.locate import Locator
from cutover.plan import Finding
from cutover.set_facts import MigrationSet
from cutover.set_rules import find_breaches
from cutover.targets.postgres.scratch import scratch_database
from statelayer.sets import sets_root

SETS = {
    Path("alembic_sqlite/operational"): Provider.SQLITE,
    Path("alembic_sqlite/memory"): Provider.SQLITE,
    Path("alembic_postgres"): Provider.POSTGRES,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a copy of the reference sets, to be broken."""
    for name in ("alembic_sqlite", "alembic_postgres", "triggers"):
        shutil.copytree(sets_root() / name, tmp_path / name)
    return tmp_path


def _ask(root: Path, server: str, emit: Emit = ignore) -> tuple[Finding, ...]:
    sets = [MigrationSet(provider=SETS[path], directory=root / path) for path in SETS]
    return find_breaches(sets, scratch=partial(scratch_database, server), emit=emit)


def test_the_reference_sets_break_no_rule_and_are_told_one_by_one(postgres_server: str) -> None:
    events: list[Event] = []
    assert _ask(sets_root(), postgres_server, events.append) == ()
    assert [type(event) for event in events] == [StepStarted, StepFinished] * len(SETS)


def test_the_waivers_of_the_reference_sets_are_needed(root: Path, postgres_server: str) -> None:
    path = root / "alembic_postgres" / "versions" / "pg_0001_leases.py"
    path.write_text(path.read_text().replace("unpaired =", "unheeded ="))
    (finding,) = _ask(root, postgres_server)
    assert (finding.check, finding.subject) == (
        "pairs",
        'revision "pg_0001_leases" of "alembic_postgres"',
    )


def test_breaches_of_several_sets_and_rules_come_together_and_have_a_place(
    root: Path, postgres_server: str
) -> None:
    edits = {
        "alembic_postgres/versions/op_0003_open_backlog.py": (
            '    op.drop_index("ux_backlog_tasks_run_id", table_name="backlog_tasks")\n',
            "    raise NotImplementedError\n",
        ),
        "alembic_sqlite/memory/versions/mem_0004_expert_findings.py": (
            'op.drop_table("expert_findings")',
            "pass",
        ),
    }
    for name, (old, new) in edits.items():
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))
    found = _ask(root, postgres_server)
    assert [(f.check, f.subject) for f in found] == [
        ("round_trip", 'set "memory"'),
        ("round_trip", 'revision "mem_0004_expert_findings" of "memory"'),
        ("round_trip", 'revision "op_0003_open_backlog" of "alembic_postgres"'),
    ]
    locator = Locator([root / path for path in SETS], base=root)
    places = [locator.of(finding) for finding in found]
    assert [place.path for place in places if place] == [
        "alembic_sqlite/memory/env.py",
        "alembic_sqlite/memory/versions/mem_0004_expert_findings.py",
        "alembic_postgres/versions/op_0003_open_backlog.py",
    ]


def test_a_set_is_run_in_the_schema_that_is_named(postgres_server: str, root: Path) -> None:
    path = root / "alembic_postgres" / "versions" / "pg_0002_checkpoints.py"
    path.write_text(path.read_text().replace('op.drop_table("dispatch_idempotency")', ""))
    set_ = MigrationSet(provider=Provider.POSTGRES, directory=root / "alembic_postgres")
    lend = partial(scratch_database, postgres_server)
    found = find_breaches([set_], scratch=lend, schema="app", emit=ignore)
    assert found[0].message == 'its downgrade to base leaves table "dispatch_idempotency"'
