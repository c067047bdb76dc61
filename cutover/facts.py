"""What a survey found: everything that a plan is decided from, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.catalog import Catalog
from cutover.plan import SourceState
from cutover.profile import TableProfile
from cutover.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Rows of a table that go into quarantine: by which condition, how many, and why."""

    condition: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """One SQLite file, surveyed."""

    state: SourceState
    catalog: Catalog
    profiles: Mapping[str, TableProfile]
    cursors: Mapping[str, tuple[str, ...]]
    """What the load walks, by table; empty where there is nothing to walk."""
    apart: Mapping[str, "Apart"] = field(default_factory=dict)
    """Which rows go into quarantine, by table; none where there are none."""
    sequences: Mapping[str, int] = field(default_factory=dict)
    """`sqlite_sequence`: the highest number ever handed out, by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """The target, surveyed: as it will be at head, and what is there now."""

    url: str
    """Password left out."""
    schema: str
    set: str
    expected: Catalog
    revisions: tuple[str, ...] = ()
    """Where the target's own `alembic_version` is now."""
    occupied: tuple[str, ...] = ()
    """Tables that hold rows now."""
    applied: frozenset[str] = frozenset()
    """Purposes of the runs that finished here and whose data still stands."""
    resumable: str | None = None
    """Purpose of an unfinished run, whose rows the target may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """Everything a plan is decided from."""

    settings: Settings
    """Its row filters ask no clock any more, but for `moment`."""
    sources: tuple[SourceFacts, ...]
    target: TargetFacts
    moment: str = ""
