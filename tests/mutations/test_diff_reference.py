"""Damage one property of the reference sets: diff fails, and names it.

The rows of docs/reference/diff-table.md that tell of damages are what these tests found.
"""

import tempfile
from operator import attrgetter
from pathlib import Path

import pytest

from tests.fix_cli import Cli
from tests.mutations.damages import DAMAGES, PREDICATES, Damage
from tests.mutations.page import assert_on_page, damage_row, reworded_row
from tests.mutations.rewrites import REWORDED, Reworded
from tests.mutations.sets import compare, edited_reference, named

CASES = [case for section in DAMAGES.values() for case in section]


@pytest.fixture(autouse=True)
def _files_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the files of SQLite's sets where nothing is synced: they are thrown away at once."""
    if Path("/dev/shm").is_dir():
        monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")


def test_the_undamaged_sets_pass(tmp_path: Path, postgres_server: str) -> None:
    diff = compare(edited_reference(tmp_path, ()), postgres_server)
    assert named(diff) == []
    assert diff.passed


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_a_damage_is_named(case: Damage, tmp_path: Path, postgres_server: str) -> None:
    diff = compare(edited_reference(tmp_path, case.edits), postgres_server)
    lines = named(diff)
    assert case.subject in {line.partition(" ")[2] for line in lines}, lines
    assert not diff.passed
    assert_on_page(case.name, damage_row(case, diff))


@pytest.mark.parametrize("case", REWORDED, ids=attrgetter("name"))
def test_a_rewrite_of_the_reference_sets_passes(
    case: Reworded, tmp_path: Path, postgres_server: str
) -> None:
    diff = compare(edited_reference(tmp_path, case.edits), postgres_server)
    assert named(diff) == []
    assert diff.passed
    assert_on_page(case.name, reworded_row(case, diff))


def test_a_damage_gives_status_3_and_its_name_in_json(
    tmp_path: Path, postgres_server: str, cli: Cli
) -> None:
    config = edited_reference(tmp_path, PREDICATES[0].edits)
    options = ("--config", config, "--target", postgres_server, "--workdir", tmp_path / "work")
    answer = cli("diff", *options, "--format", "json")
    assert answer.status == 3
    failing = [d for d in answer.json["differences"] if d["verdict"] == "loosened"]
    assert [(d["table"], d["name"]) for d in failing] == [
        ("backlog_tasks", "ux_backlog_tasks_open_order")
    ]


def test_a_rewrite_gives_status_0(tmp_path: Path, postgres_server: str, cli: Cli) -> None:
    config = edited_reference(tmp_path, REWORDED[0].edits)
    options = ("--config", config, "--target", postgres_server, "--workdir", tmp_path / "work")
    answer = cli("diff", *options)
    assert answer.status == 0
    assert "0 unexplained differences" in answer.out


def test_there_are_at_least_45_damages() -> None:
    assert len(CASES) >= 45
