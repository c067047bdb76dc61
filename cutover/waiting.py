"""How long something is waited for, and how: a server that starts, a lock that another holds.

Waiters that begin together would ask together for ever, so the pause between two attempts is drawn
anew each time. A wait speaks: at once, when what it waits for changes, and every ten seconds.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from cutover.errors import TryAgain
from cutover.events import Emit, Waiting, ignore
from cutover.targets.postgres.connect import connect

PAUSE_SECONDS = (0.25, 1.0)
SILENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, and who is told. Clock and sleep are the machine's unless a test's."""

    seconds: float
    emit: Emit = ignore
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def attempts(self) -> Iterator[float]:
        """Yield the seconds waited so far: at once, after every pause, and when time is up."""
        began = self.clock()
        while True:
            waited = self.clock() - began
            yield waited
            if waited >= self.seconds:
                return
            pause = random.uniform(*PAUSE_SECONDS)  # noqa: S311 - no secret hangs on it
            self.sleep(min(pause, self.seconds - waited))

    def teller(self, step: str) -> Callable[[str, float, str], None]:
        """Return what tells why a wait goes on, for how long it has, and for whom."""
        last: tuple[str, float] | None = None

        def tell(reason: str, waited: float, holder: str) -> None:
            nonlocal last
            who = holder.partition(", for ")[0]  # the seconds alone are no news
            if last and last[0] == who and waited - last[1] < SILENCE_SECONDS:
                return
            last = (who, waited)
            seconds = round(waited, 1)
            self.emit(Waiting(step=step, reason=reason, seconds=seconds, holder=holder))

        return tell


def wait_for_server(url: str, patience: Patience) -> float:
    """Wait until a server takes connections; return the seconds that took.

    TryAgain when time is up. What waiting doesn't mend (a wrong password, a database that does
    not exist) is raised at once.
    """
    tell = patience.teller("server")
    for waited in patience.attempts():
        try:
            with closing(connect(url, autocommit=True)):
                return waited
        except TryAgain as error:
            unreachable = error
            if waited < patience.seconds:
                tell(error.message, waited, "")
    if not patience.seconds:
        raise unreachable
    raise TryAgain(
        f"{unreachable.message}, after {patience.seconds:g} seconds",
        detail=unreachable.detail,
        hint=unreachable.hint,
    ) from unreachable
