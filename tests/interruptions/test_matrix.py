"""Each command is stopped at every point that it passes, and run again.

A point that leaves the world as another did has the same sequel, which is played once.
"""

import pytest

from tests.fix_cli import Answer
from tests.fix_interruptions import MakeDoomed
from tests.interruptions.page import promised
from tests.interruptions.scenarios import KILLED, SCENARIOS, assert_repaired, undisturbed
from tests.interruptions.world import World

SAID = {
    "postgres": ((6, 7), ("the disk says no", "connection to the target was lost")),
    "sqlite": ((5,), ("disk I/O error",)),
    "flag": ((8,), ("No space left on device",)),
}
FLAGS = (None, "sqlite", "postgres")
"""Before the first flip there is no file, and after it one of two values."""

WAYS = {
    "plan": (("postgres", "refuse"), ("postgres", "kill-after"), ("sqlite", "refuse")),
    "apply": (("postgres", "refuse"), ("postgres", "kill-after")),
    "verify": (("postgres", "refuse"), ("postgres", "kill-after"), ("sqlite", "refuse")),
    "flip": (
        ("postgres", "refuse"),
        ("postgres", "kill-after"),
        ("sqlite", "refuse"),
        ("flag", "refuse"),
        ("flag", "kill"),
        ("flag", "kill-after"),
    ),
    "migrate": (("postgres", "refuse"), ("postgres", "kill-after")),
    "migrate files": (("sqlite", "refuse"), ("sqlite", "kill-after")),
}
WAYS |= {"apply at head": WAYS["plan"], "revert": WAYS["flip"]}
MATRIX = [(name, *way) for name, ways in WAYS.items() for way in ways]


def assert_said(answer: Answer, side: str, action: str) -> None:
    """Require the status of the side that failed, and what it said."""
    if action != "refuse":
        assert answer.status == KILLED, answer
        return
    statuses, words = SAID[side]
    assert answer.status in statuses, answer
    assert any(word in answer.err for word in words), answer


@pytest.mark.hazard(
    "H38", "ends with a status of its own after every call that fails, never with 0 or 1"
)
@pytest.mark.hazard("A36", "leaves a trigger that its owner had disabled disabled")
@pytest.mark.hazard("A64", "goes on after any interruption, with no row twice and none lost")
@pytest.mark.parametrize(("name", "side", "action"), MATRIX)
def test_stopped_anywhere_the_same_command_ends_well(
    doomed: MakeDoomed, name: str, side: str, action: str
) -> None:
    scenario = SCENARIOS[name]
    clean = undisturbed(doomed, scenario)
    total = clean.points[place := f"{side}-after" if action == "kill-after" else side]
    if scenario.rest:
        total -= undisturbed(doomed, SCENARIOS[scenario.rest]).points[place]
    assert total >= promised(name, side, action)
    proven: set[World] = set()
    at = 1
    while at <= total:
        with doomed(scenario.stage) as copy:
            world = clean.before
            # What has changed nothing leaves the copy for the next point.
            while world == clean.before and at <= total:
                answer = copy.run(*scenario.words, side=side, action=action, at=at)
                assert_said(answer, side, action)
                assert copy.flag() in FLAGS
                world = copy.world()
                at += 1
            if world not in proven:
                assert_repaired(copy, scenario, scenario.again(action), clean)
                proven.add(world)
    assert proven
