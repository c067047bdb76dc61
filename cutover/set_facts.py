"""What is known of one migration set when its rules are asked, as values.

Revisions are in the order in which an upgrade runs them, base first. What needs a database has been
made in scratch ones by then; it is empty for a set that has several heads, which no one can run.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cutover.catalog import Catalog, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationSet:
    """One Alembic set: the folder of its env.py, and which database it is for."""

    provider: Provider
    directory: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFacts:
    """One revision: its place in the graph, its text, and the words at the top of its module."""

    id: str
    down: tuple[str, ...]
    path: Path
    text: str
    tree: ast.Module = field(compare=False, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Its module's variables that hold a text: `pairs`, `unpaired`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One revision run on a database: what that held before, and what it holds after."""

    revision: str
    before: Catalog
    after: Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A revision that raised, and what it said. `revision` is empty where none can be named."""

    revision: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """A set run up, down and up again on one database.

    `left` is what was still there at the base, in words. `second` is None where a failure came
    before it.
    """

    first: Catalog
    left: tuple[str, ...] = ()
    second: Catalog | None = None
    down_failure: Failure | None = None
    up_failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDifference:
    """What Alembic's autogenerate would still do: the table it is about, and what, in words."""

    table: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFacts:
    """All that a rule may look at."""

    set: MigrationSet
    name: str
    """What a person calls it: the last parts of its folder, as many as tell it from the others."""
    heads: tuple[str, ...]
    revisions: tuple[RevisionFacts, ...]
    others: tuple["SetFacts", ...] = ()
    """The sets of the other provider, as read; empty where there is none."""
    steps: tuple[Step, ...] = ()
    round_trip: RoundTrip | None = None
    models: tuple[ModelDifference, ...] = ()

    def subject(self, revision: str) -> str:
        """Return how a finding names one of the set's revisions."""
        return f'revision "{revision}" of "{self.name}"'

    @property
    def title(self) -> str:
        """How a finding names the set itself."""
        return f'set "{self.name}"'
