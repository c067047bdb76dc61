"""Break a leaf's `convert` in one way: verify names the column, and nothing else is wrong.

The rows of docs/reference/verify-table.md are what these tests found.
"""

import pytest

from cutover import commands
from cutover.plan import Plan
from cutover.registry import coercions
from tests.fix_move import Move
from tests.mutants.breaking import broken
from tests.mutants.page import assert_on_page, found_row
from tests.mutants.values import MUTANTS, SAME, Mutant

HAZARDS = {
    "float4": pytest.mark.hazard("A4", "verify finds a double that became four bytes"),
    "fifteen digits": pytest.mark.hazard(
        "A4", "verify finds a double that was written with fifteen digits"
    ),
    "the offset dropped, the clock kept": pytest.mark.hazard(
        "A7", "verify finds an offset that was dropped"
    ),
    "local time read as UTC": pytest.mark.hazard(
        "A8", "verify finds local time that was read in another zone"
    ),
    "the seventh digit rounded by the server": pytest.mark.hazard(
        "A9", "verify keeps to load's rule: truncate"
    ),
    "cut to milliseconds": pytest.mark.hazard("A10", "verify finds microseconds that were cut"),
    "cut at the NUL": pytest.mark.hazard("A11", "verify finds text that was cut at its NUL"),
    "text decoded as base64": pytest.mark.hazard(
        "A13", "verify finds text that was decoded as base64"
    ),
    "the last byte lost": pytest.mark.hazard(
        "A14", "verify finds bytes that are not those of the BLOB"
    ),
    "'' as NULL": pytest.mark.hazard("A15", "verify tells '' from NULL"),
    "no bytes as NULL": pytest.mark.hazard("A15", "verify tells an empty BLOB from NULL"),
    "Infinity as NULL": pytest.mark.hazard("A16", "verify finds an infinity that became NULL"),
}

CASES = [
    pytest.param(
        mutant,
        id=f"{leaf}: {mutant.name}",
        marks=[HAZARDS[mutant.name]] if mutant.name in HAZARDS else [],
    )
    for leaf, mutants in MUTANTS.items()
    for mutant in mutants
]
HARMLESS = [
    pytest.param(mutant, id=f"{leaf}: {mutant.name}")
    for leaf, mutants in SAME.items()
    for mutant in mutants
]


def test_the_unbroken_application_passes(unloaded: Move, mutant_plan: Plan) -> None:
    commands.apply(unloaded.session, mutant_plan)
    verified = unloaded.verify()
    assert verified.outcome.findings == ()
    assert verified.outcome.passed


@pytest.mark.parametrize("mutant", CASES)
def test_a_broken_conversion_is_found(
    mutant: Mutant,
    unloaded: Move,
    mutant_plan: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with broken(mutant_plan, mutant, monkeypatch):
        commands.apply(unloaded.session, mutant_plan)
    findings = unloaded.verify().outcome.findings
    named = {(finding.check, finding.kind, finding.subject) for finding in findings}
    assert ("values", "mismatching", f'"readings"."{mutant.column}"') in named
    assert unloaded.differences()
    assert_on_page(found_row(mutant, findings))


@pytest.mark.parametrize("same", HARMLESS)
def test_another_spelling_of_the_same_passes(
    same: Mutant,
    unloaded: Move,
    mutant_plan: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with broken(mutant_plan, same, monkeypatch):
        commands.apply(unloaded.session, mutant_plan)
    assert unloaded.verify().outcome.findings == ()


def test_a_mutant_is_of_its_leaf(mutant_plan: Plan) -> None:
    leaves = {c.target: c.coercion for c in mutant_plan.table("readings").columns}
    for leaf, mutants in [*MUTANTS.items(), *SAME.items()]:
        assert {leaves[mutant.column] for mutant in mutants} == {leaf}


def test_every_leaf_has_three_mutants_at_least() -> None:
    few = [leaf for leaf in coercions.all() if len(MUTANTS.get(leaf, ())) < 3]
    assert few == [], "see the head of tests/mutants/values.py"
