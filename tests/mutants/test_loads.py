"""Damage what load sends of a table: verify names the table, or the target's key refuses the rows.

The rows of docs/reference/verify-table.md are what these tests found.
"""

from operator import attrgetter

import pytest

from cutover import commands
from cutover.errors import TargetError
from cutover.plan import Plan
from tests.fix_move import Move
from tests.mutants.breaking import damaged
from tests.mutants.loads import LOADS, Damage
from tests.mutants.page import assert_on_page, found_row, refused_row

FOUND = [damage for damage in LOADS if damage.kind]
REFUSED = [damage for damage in LOADS if not damage.kind]


@pytest.mark.hazard("A1", "verify names every table that lacks a row or has one twice")
@pytest.mark.parametrize("damage", FOUND, ids=attrgetter("name"))
def test_a_damaged_load_is_found(
    damage: Damage, unloaded: Move, mutant_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with damaged(damage, monkeypatch):
        commands.apply(unloaded.session, mutant_plan)
    findings = unloaded.verify().outcome.findings
    named = {(finding.check, finding.kind, finding.subject) for finding in findings}
    assert ("values", damage.kind, damage.subject) in named
    assert_on_page(found_row(damage, findings))


@pytest.mark.parametrize("damage", REFUSED, ids=attrgetter("name"))
def test_a_damage_that_breaks_a_key_does_not_get_as_far(
    damage: Damage, unloaded: Move, mutant_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with damaged(damage, monkeypatch), pytest.raises(TargetError) as caught:
        commands.apply(unloaded.session, mutant_plan)
    assert damage.subject in caught.value.message
    assert caught.value.status == 6
    assert_on_page(refused_row(damage, caught.value.message))
