"""What the checks that compare a live catalog with the expected one have in common."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from cutover.abc import Evidence
from cutover.catalog import Table, TableKind
from cutover.plan import Finding


class Named(Protocol):
    """Anything with a name of its own, which PostgreSQL always gives."""

    @property
    def name(self) -> str | None:
        """The name."""
        ...


Thing = TypeVar("Thing", bound=Named)


def expected_tables(evidence: Evidence) -> Iterator[tuple[Table, Table | None]]:
    """Yield every table that the set makes, with the live one (None where it is gone).

    Those that nothing is carried to are the application's as well. What else the live schema holds
    may be someone else's, and is not asked about.
    """
    for expected in evidence.plan.expected.tables:
        if expected.kind is TableKind.TABLE:
            yield expected, evidence.target.table(expected.name)


def pairs(
    expected: Sequence[Thing], live: Sequence[Thing]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    """Pair two lists by name; None stands for what one of them lacks."""
    by_name = {thing.name: thing for thing in live}
    for thing in expected:
        yield thing, by_name.pop(thing.name, None)
    for thing in by_name.values():
        yield None, thing


def missing(check: str, kind: str, table: str, name: str) -> Finding:
    """Return the finding for an object that the target should have, and hasn't."""
    said = f'{kind} "{name}" of "{table}" is missing'
    return Finding(check=check, subject=f'"{name}"', kind="missing", message=said)


def compare_named(
    check: str, kind: str, table: str, things: tuple[Sequence[Thing], Sequence[Thing]]
) -> Iterator[Finding]:
    """Yield a finding for every named object that is not the same on both sides."""
    expected, live = things
    for one, other in pairs(expected, live):
        if other is None and one is not None:
            yield missing(check, kind, table, str(one.name))
        elif one is None and other is not None:
            said = f'{kind} "{other.name}" of "{table}" is not in the set'
            subject = f'"{other.name}"'
            yield Finding(check=check, subject=subject, kind="extraneous", message=said)
        elif one is not None and one != other:
            said = f'{kind} "{one.name}" of "{table}" is not as the set makes it'
            detail = f"expected {_facts(one, other)}, found {_facts(other, one)}"
            yield Finding(
                check=check,
                subject=f'"{one.name}"',
                kind="mismatching",
                message=said,
                detail=detail,
            )


def _facts(thing: object, other: object) -> str:
    """Return the fields in which two values of one type differ."""
    names = getattr(thing, "__dataclass_fields__", {})
    differing = [name for name in names if getattr(thing, name) != getattr(other, name)]
    return ", ".join(f"{name} {getattr(thing, name)!r}" for name in differing)
