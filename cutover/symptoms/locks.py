"""Can one transaction lock all tables and indexes of the sources at once?

The set makes them in one transaction, and each lock takes a place in a table of fixed size, shared
by all sessions: `max_locks_per_transaction` times the sessions allowed
(https://www.postgresql.org/docs/current/runtime-config-locks.html). A table with long values has a
TOAST table with an index besides.
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem, warning

NAME = "locks"


class Locks:
    """Compares the server's lock table with three locks for each table and index."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem where they don't fit, a warning where they take half of it."""
        if signs.target is None:
            return
        need = 3 * sum(source.objects for source in signs.sources)
        room = signs.target.lock_slots
        said = f"room for {room:,}, about {need:,} needed by one transaction"
        remedy = "ALTER SYSTEM SET max_locks_per_transaction = 512, and restart the server"
        if need > room:
            yield problem(TARGET, said, remedy)
        elif need * 2 > room:
            yield warning(TARGET, f"{said}: other sessions may find none", remedy)
        else:
            yield ok(TARGET, said)


symptoms.register(NAME, Locks())
