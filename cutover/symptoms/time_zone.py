"""What zone do the application's sessions get: is what they show the moment that was stored?

A `timestamptz` is a moment, and is the same in every zone; how it is written out, and what a
datetime without a zone is taken for, is the session's (https://www.postgresql.org/docs/current/datatype-datetime.html).
Cutover's own sessions set UTC.
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, warning

NAME = "time_zone"
SAME_AS_UTC = frozenset({"UTC", "UCT", "ZULU", "UNIVERSAL", "GMT", "GREENWICH"})


class TimeZone:
    """Looks at the zone that role, database and server give a session that asks for none."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a warning for any zone but UTC."""
        if signs.target is None:
            return
        zone, database = signs.target.time_zone, signs.target.privileges.database
        if zone.upper().removeprefix("ETC/") in SAME_AS_UTC:
            yield ok(TARGET, zone)
        else:
            yield warning(
                TARGET,
                f"{zone}: the application would read and write local times",
                f"ALTER DATABASE \"{database}\" SET TimeZone = 'UTC'",
            )


symptoms.register(NAME, TimeZone())
