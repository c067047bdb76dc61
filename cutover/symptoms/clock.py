"""Do the clocks of this machine and of the server agree?

A row filter that asks the time is answered by ours, `now()` of a default by the server's. A row
written around the cutover could be dated before one that it follows.
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, warning

NAME = "clock"
SECONDS_MAX = 2.0


class Clock:
    """Compares the clocks, with half the round trip in the server's favour."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a warning for more than two seconds."""
        if signs.target is None:
            return
        apart = signs.target.seconds_apart
        if abs(apart) <= SECONDS_MAX:
            yield ok(TARGET, f"{abs(apart):.1f} s apart")
        else:
            way = "ahead of" if apart > 0 else "behind"
            yield warning(
                TARGET,
                f"the server's clock is {abs(apart):.1f} s {way} ours",
                "let both follow NTP: timedatectl set-ntp true",
            )


symptoms.register(NAME, Clock())
