"""Ctrl-C and SIGTERM, at a few moments of each command."""

import pytest

from tests.fix_interruptions import MakeDoomed
from tests.interruptions.scenarios import SCENARIOS, assert_repaired, undisturbed

STATUSES = {"int": 130, "term": 143}
SIDES = {"migrate files": "sqlite"}


@pytest.mark.parametrize("action", STATUSES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_signal_is_answered_with_its_status_and_nothing_is_lost(
    doomed: MakeDoomed, name: str, action: str
) -> None:
    scenario, side = SCENARIOS[name], SIDES.get(name, "postgres")
    clean = undisturbed(doomed, scenario)
    total = clean.points[side]
    for at in (total // 3, 2 * total // 3):
        with doomed(scenario.stage) as copy:
            answer = copy.run(*scenario.words, side=side, action=action, at=at)
            assert answer.status == STATUSES[action], answer
            assert "nothing is lost: run the same command again" in answer.err
            assert_repaired(copy, scenario, scenario.words, clean)
