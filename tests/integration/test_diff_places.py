"""Real differences, told to machines: each points at the statement that made the object."""

import re
import shutil
from pathlib import Path

import pytest

from cutover import parity
from cutover.differences import SchemaDiff
from cutover.locate import Locator
from cutover.report.annotations import github_text
from cutover.session import Session
from cutover.settings import load_settings
from statelayer.make import make_reference
from statelayer.sets import sets_root

SETS = ("alembic_sqlite/operational", "alembic_sqlite/memory", "alembic_postgres")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a copy of the reference sets, with settings for them and no baseline."""
    (tmp_path / "made").mkdir()
    make_reference(tmp_path / "made", events=10, seed=1)
    text = (tmp_path / "made" / "cutover.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^baseline = .*\n", "", text)
    # The settings name the sets of the checkout.
    text = text.replace(str(sets_root()), str(tmp_path))
    for name in ("alembic_sqlite", "alembic_postgres", "triggers"):
        shutil.copytree(sets_root() / name, tmp_path / name)
    (tmp_path / "cutover.toml").write_text(text, encoding="utf-8")
    return tmp_path


def _diff(root: Path, server: str) -> SchemaDiff:
    overrides = {("target", "url"): server}
    settings = load_settings(root / "cutover.toml", environment={}, overrides=overrides)
    session = Session(
        settings=settings,
        workdir=root / "work",
        now="2026-07-01T12:00:00Z",
        holder="a test",
    )
    ends = (f"set:{root / SETS[0]}", f"set:{root / SETS[2]}")
    return parity.diff(session, ends, None)


def test_what_only_one_side_has_is_shown_where_that_side_makes_it(
    root: Path, postgres_server: str
) -> None:
    path = root / "alembic_postgres" / "versions" / "op_0003_open_backlog.py"
    text = path.read_text(encoding="utf-8")
    assert "run_id IS NOT NULL" in text
    path.write_text(text.replace("run_id IS NOT NULL", "run_id IS NULL"), encoding="utf-8")
    diff = _diff(root, postgres_server)
    locator = Locator([root / name for name in reversed(SETS)], base=root)
    told = {c.subject: locator.of(c) for c in diff.unexplained}
    place = told['index "ux_backlog_tasks_run_id" of "backlog_tasks"']
    assert place
    assert place.path == "alembic_postgres/versions/op_0003_open_backlog.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert '"ux_backlog_tasks_run_id"' in lines[place.line - 1]
    for comparison in diff.unexplained:
        place = locator.of(comparison)
        assert place
        line = (root / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]
        assert place.path.endswith("env.py") is False, comparison.subject
        # Names of checks may be put together when a revision runs.
        assert comparison.name in line or 'f"ck_' in line, comparison.subject


def test_every_annotation_of_a_real_diff_has_a_file_and_a_line(
    root: Path, postgres_server: str
) -> None:
    diff = _diff(root, postgres_server)
    locator = Locator([root / name for name in reversed(SETS)], base=root)
    lines = github_text(diff, locator.of).splitlines()
    assert len([line for line in lines if line.startswith("::error")]) == 10
    errors = [line for line in lines if line.startswith(("::error", "error:"))]
    assert len(errors) == len(diff.unexplained) > 20
    for line in errors:
        found = re.match(
            r"::error file=([^,:]+),line=([0-9]+),title=[^:]+::\S"
            r"|error: ([^:]+):([0-9]+): \S",
            line,
        )
        assert found, line
        path, number = filter(None, found.groups())
        assert int(number) <= len((root / path).read_text(encoding="utf-8").splitlines())
