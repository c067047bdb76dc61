"""Any application makes the way, or is told why not: equal, or refused by table and column.

Never a status 1, never a row that is neither carried, nor left out, nor unsettled.
"""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from cutover import commands
from cutover.errors import CutoverError, ExitStatus
from cutover.plan import Plan
from cutover.sources.sqlite.rows import quote
from tests.fix_move import Move
from tests.fix_postgres import fresh_database
from tests.properties.schemas import Table, applications, make

SOME, MANY = 12, 400
KNOWN = {ExitStatus.SOURCE, ExitStatus.TARGET, ExitStatus.REFUSED, ExitStatus.USAGE}

usual = settings(
    max_examples=SOME,
    derandomize=True,
    deadline=None,
    # Each example is a move of its own: a set, a plan, a database.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)


def moved(tables: list[Table], server: str, folder: Path) -> None:
    """Run an application through, and assert what must hold of any."""
    make(folder / "app.db", tables)
    with fresh_database(server) as url:
        move = Move(folder, url)
        move.again("")
        result = _ran(move, tables)
        if result is not None and result.verified is None:
            event("unsettled")
            assert_named(result.plan, tables)
            result = _ran(move, tables, "rejected-rows")
        if result is not None and result.verified is not None:
            assert_accounted(result, move, tables)


def _ran(move: Move, tables: list[Table], *allow: str) -> commands.RunResult | None:
    """Run; None where a database said no, and of which table."""
    try:
        return move.run(*allow)
    except CutoverError as caught:
        error = caught
    event(f"status {error.status}")
    assert error.status in KNOWN, error
    assert names_a_table(f"{error.message} {error.detail}", tables), error
    return None


def assert_named(plan: Plan, tables: list[Table]) -> None:
    """Every unsettled finding names a table, and a column of it where it is about values."""
    for finding in plan.unsettled:
        assert any(finding.subject.startswith(quote(table.name)) for table in tables), finding
        assert finding.hint, finding


def assert_accounted(result: commands.RunResult, move: Move, tables: list[Table]) -> None:
    """Rows carried and rows left out are the rows of the source, and verify agrees."""
    assert result.verified is not None
    lines: list[dict[str, object]] = []
    commands.ledger(move.session, lambda line: lines.append(dict(line)))
    rejected = [line["table"] for line in lines if line["kind"] == "rejected"]
    for carried in result.plan.tables:
        (stored,) = move.stored(f"SELECT count(*) FROM {quote(carried.source)}")[0]
        (loaded,) = move.fetch(f"SELECT count(*) FROM {quote(carried.target)}")[0]
        assert loaded + rejected.count(carried.target) == stored, carried.target
    named = {table.source for table in result.plan.tables}
    decided = {object_.name for object_ in result.plan.objects}
    assert {table.name for table in tables} <= named | decided
    kinds = {finding.kind for finding in result.verified.outcome.findings}
    event(f"rejected {len(rejected)}" if rejected else f"verified {sorted(kinds)}")
    if not rejected:
        assert kinds <= {"decision"}, result.verified.outcome.findings
    else:
        assert kinds <= {"decision", "missing", "unsettled"}


def names_a_table(said: str, tables: list[Table]) -> bool:
    """Tell whether a message is about one of the tables, or a column of one."""
    return any(name in said for table in tables for name in _names_of(table))


def _names_of(table: Table) -> list[str]:
    return [table.name, *(column.name for column in table.columns)]


@pytest.mark.hazard("A43", "carries any name as it is: case, blanks, quotes, per cent signs")
@pytest.mark.hazard("A44", "carries reserved words as names")
@usual
@given(tables=applications(tame=True))
def test_what_an_application_stores_arrives(tables: list[Table], postgres_server: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        moved(tables, postgres_server, Path(folder))


@pytest.mark.hazard("A1", "accounts for every row: carried, left out by name, or unsettled")
@usual
@given(tables=applications(tame=False))
def test_anything_in_any_column_arrives_or_is_named(
    tables: list[Table], postgres_server: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        moved(tables, postgres_server, Path(folder))


@pytest.mark.slow
@pytest.mark.skipif("CUTOVER_HUNT" not in os.environ, reason="a hunt for new cases: CUTOVER_HUNT=1")
@settings(usual, max_examples=MANY, derandomize=False)
@given(tables=st.booleans().flatmap(lambda tame: applications(tame=tame)))
def test_many_applications(tables: list[Table], postgres_server: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        moved(tables, postgres_server, Path(folder))
