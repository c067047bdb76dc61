"""What is stopped, and how it is proved that all is well after it.

What a repaired world must be, the undisturbed command says.
"""

from dataclasses import dataclass

from tests.fix_interruptions import Doomed, MakeDoomed
from tests.interruptions.world import Settled, World

KILLED = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A command at a stage, and the command that proves that all is well after it."""

    stage: str
    words: tuple[str, ...]
    proof: tuple[str, ...]
    rest: str = ""
    """The scenario that has what comes after the first part of this one, which alone is stopped."""

    def again(self, action: str) -> tuple[str, ...]:
        """Return what is run after it was stopped: after a kill, without the plan's file."""
        return self.words if action == "refuse" or "plan.json" not in self.words else ("apply",)


SCENARIOS = {
    "plan": Scenario(stage="empty", words=("plan",), proof=("apply",)),
    "apply": Scenario(
        stage="planned", words=("apply", "plan.json"), proof=("verify",), rest="apply at head"
    ),
    "apply at head": Scenario(stage="ready", words=("apply", "plan.json"), proof=("verify",)),
    "verify": Scenario(stage="applied", words=("verify",), proof=("flip",)),
    "flip": Scenario(stage="verified", words=("flip",), proof=("verify",)),
    "revert": Scenario(stage="flipped", words=("revert",), proof=("verify",)),
    "migrate": Scenario(
        stage="empty", words=("migrate", "--provider", "postgres"), proof=("apply",)
    ),
    "migrate files": Scenario(
        stage="behind", words=("migrate", "--provider", "sqlite"), proof=("apply",)
    ),
}


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command comes to when nothing stops it."""

    before: World
    after: Settled
    points: dict[str, int]


def undisturbed(doomed: MakeDoomed, scenario: Scenario) -> Undisturbed:
    with doomed(scenario.stage) as copy:
        before = copy.world()
        answer = copy.run(*scenario.words)
        assert answer.status == 0, answer.err
        points = copy.points()
        prove(copy, scenario)
        return Undisturbed(before, copy.world().settled, points)


def prove(copy: Doomed, scenario: Scenario) -> None:
    answer = copy.again(*scenario.proof)
    assert answer.status == 0, answer.err + answer.out


def assert_repaired(
    copy: Doomed, scenario: Scenario, words: tuple[str, ...], clean: Undisturbed
) -> None:
    answer = copy.again(*words)
    assert answer.status == 0, answer.err + answer.out
    prove(copy, scenario)
    world = copy.world()
    assert world.settled == clean.after
    assert world.scratch == 0
    assert set(world.files) <= {"provider.json"}
