"""What means the same passes, whoever wrote it; what only reads the same does not.

Each case is a set of one table for SQLite and one for PostgreSQL. The rows of
docs/reference/diff-table.md that tell of rewrites and traps are what these tests found.
"""

import tempfile
from operator import attrgetter
from pathlib import Path

import pytest

from cutover.differences import Verdict
from tests.mutations.damages import DAMAGES
from tests.mutations.page import assert_on_page, hazard_row, names_on_page, pair_row
from tests.mutations.rewrites import COLUMNS, HAZARDS, REWORDED, REWRITES, TIGHTENED, Pair
from tests.mutations.sets import about, compare, named, pair

CASES = [case for section in REWRITES.values() for case in section]
TRAPS = [case for section in HAZARDS.values() for case in section]


@pytest.fixture(autouse=True)
def _files_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the files of SQLite's sets where nothing is synced: they are thrown away at once."""
    if Path("/dev/shm").is_dir():
        monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")


@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_what_means_the_same_passes(case: Pair, tmp_path: Path, postgres_server: str) -> None:
    config = pair(tmp_path, case.lite_sql, case.postgres_sql, COLUMNS)
    diff = compare(config, postgres_server)
    assert named(diff) == []
    assert diff.passed
    assert_on_page(case.name, pair_row(case, diff))


@pytest.mark.parametrize("case", TRAPS, ids=attrgetter("name"))
def test_what_only_reads_the_same_is_named(
    case: Pair, tmp_path: Path, postgres_server: str
) -> None:
    config = pair(tmp_path, case.lite_sql, case.postgres_sql, COLUMNS)
    diff = compare(config, postgres_server)
    assert any(c.subject.startswith(case.subject) for c in diff.unexplained), named(diff)
    assert not diff.passed
    assert_on_page(case.name, hazard_row(case, diff))


@pytest.mark.parametrize("case", TIGHTENED, ids=attrgetter("name"))
def test_what_a_type_keeps_to_passes_and_is_told(
    case: Pair, tmp_path: Path, postgres_server: str
) -> None:
    config = pair(tmp_path, case.lite_sql, case.postgres_sql, COLUMNS)
    diff = compare(config, postgres_server)
    assert [c.verdict for c in about(diff, case.subject)] == [Verdict.TIGHTENED]
    assert diff.passed
    assert_on_page(case.name, pair_row(case, diff))


def test_there_are_at_least_30_rewrites() -> None:
    assert len(CASES) + len(REWORDED) >= 30


def test_the_page_tells_of_every_case_once_and_of_nothing_else() -> None:
    cases = [*sum(DAMAGES.values(), ()), *REWORDED, *CASES, *TRAPS, *TIGHTENED]
    names = [case.name for case in cases]
    assert len(names) == len(set(names))
    assert names_on_page() == names
