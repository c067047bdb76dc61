"""Does up, down and up again leave no trace?

A downgrade is written once and run on the worst day. The set is run to its head, to its base and to
its head again, in a scratch database. At the base nothing may be left but `alembic_version`: a
table, an enumeration type (which `drop_table` leaves behind in PostgreSQL), a function. The second
head must be what the first one was.
"""

from collections.abc import Iterator
from dataclasses import asdict

from cutover.catalog import Catalog, Table, View
from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach
from cutover.set_facts import RoundTrip, SetFacts

NAME = "round_trip"
_HINT = "undo in downgrade() all that upgrade() does, in reverse"


class RoundTrips:
    """Compares what a set's run up, down and up left."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield a downgrade that raises, what is left at the base, what is different at head."""
        if facts.round_trip is None:
            return
        trip = facts.round_trip
        if trip.left:
            message = f"its downgrade to base leaves {', '.join(trip.left)}"
            yield breach(NAME, facts.title, message, hint=_HINT)
        yield from _failures(facts, trip)
        if trip.second is not None and trip.first.fingerprint != trip.second.fingerprint:
            for name in _differing(trip.first, trip.second):
                message = "it is different after a downgrade to base and a second upgrade"
                subject = f'table "{name}" of "{facts.name}"'
                yield breach(NAME, subject, message, hint=_HINT)


def _failures(facts: SetFacts, trip: RoundTrip) -> Iterator[Finding]:
    said = {"its downgrade raises": trip.down_failure, "its second upgrade raises": trip.up_failure}
    for message, failure in said.items():
        if failure is not None:
            subject = facts.subject(failure.revision) if failure.revision else facts.title
            yield breach(NAME, subject, message, detail=failure.words, hint=_HINT)


def _differing(first: Catalog, second: Catalog) -> list[str]:
    one, other = _members(first), _members(second)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _members(catalog: Catalog) -> dict[str, object]:
    members: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    return {member.name: asdict(member) for member in members}


rules.register(NAME, RoundTrips())
