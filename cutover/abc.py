"""The shapes of the things you can add: a coercion, a check, a rule, a flag store, a symptom.

Each is one file in its folder that ends in a `register` call; see `cutover.registry`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from cutover.catalog import Catalog, Column
from cutover.long_values import LongValue
from cutover.plan import Change, Finding, Plan
from cutover.profile import ColumnProfile, Stored
from cutover.set_facts import SetFacts
from cutover.settings import ColumnSettings
from cutover.signs import Remark, Signs

Sent = Stored | bool
"""What a coercion hands to COPY; psycopg writes it in the type's own text form."""

Options = Mapping[str, str]
Converter = Callable[[Any], Sent]
Meaning = Callable[[Any], Hashable]
"""Of a stored value, or of one that psycopg reads back: int, float, bool, bytes or str. What is not
a number, a boolean or a bytea is read as the server's own text, in UTC and ISO style."""


class ColumnFunction(ABC):
    """A function of one value that can also be asked of many at once, where that is quicker."""

    @abstractmethod
    def __call__(self, value: Any) -> Any:
        """Return what it says of one value."""

    @abstractmethod
    def column(self, values: Sequence[Any]) -> Collection[Any]:
        """Return what it says of each of some values, NULL among them.

        ValueError or TypeError where it can't say: they must then be asked one by one.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """All that is known of one column when its coercion is chosen."""

    subject: str
    """`"table"."column"` of the source, for messages; unquoted `table.column` is its setting."""
    setting: str
    source: Column
    target: Column
    profile: ColumnProfile
    settings: ColumnSettings


@dataclass(frozen=True, slots=True)
class Group:
    """Values of one storage class that were scanned together: at least one, none of them NULL."""

    values: Sequence[Any]
    forms: frozenset[str] = frozenset()
    problems: frozenset[str] = frozenset()
    """Forms and problems of text; a problem may be another batch's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a coercion asks of every value while the profile is taken.

    A question is a word such as `invalid`, `fraction` or `overlong`: what stops this value from
    arriving exactly. The profile counts the values of each question, and of each rule.
    """

    tells: Callable[[Any], str | None]
    """Names the question that a value raises, else the rule by which it would be altered, None for
    a plain one. Never asked of NULL."""
    plain: Callable[[Group], bool] = lambda _: False
    """Tells quickly that all values of a group are plain; then none of them is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A coercion's answer for one column: how, what will change, and what it can't take."""

    options: Options = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    unsettled: tuple[Finding, ...] = ()


class Coercion(Protocol):
    """Stored values of one column into values of one family of PostgreSQL types.

    `convert` is load's side. The two meanings are verify's side, and share no code with it: a
    stored and a loaded value agree when their meanings are equal. A function of None means
    "as it is", which keeps a clean column at C speed. NULL is never passed to any of them.
    """

    name: str

    def claims(self, facts: ColumnFacts) -> bool:
        """Tell whether this coercion is for that column. Exactly one must say yes."""
        ...

    def probe(self, facts: ColumnFacts) -> Probe | None:
        """Return what the profile is to ask of each value, which is empty yet; None for nothing."""
        ...

    def rule(self, facts: ColumnFacts) -> Ruling:
        """Decide from the evidence. Pure: no I/O, no clock."""
        ...

    def convert(self, options: Options) -> Converter | None:
        """Return the function that load applies; it raises ValueError for a value not covered."""
        ...

    def alters(self, options: Options) -> Callable[[Any], str | None]:
        """Return what tells by which rule `convert` alters a value, None for an exact one.

        Load asks it only for columns whose ruling has `changes`, and writes the ledger from it.
        """
        ...

    def meaning_of_stored(self, options: Options) -> Meaning | None:
        """Return what a stored value means; it may raise ValueError, which verify reports."""
        ...

    def meaning_of_loaded(self, options: Options) -> Meaning | None:
        """Return what a loaded value means."""
        ...


@dataclass(frozen=True, slots=True)
class ForLong:
    """What `convert` and `alters` do, for long text that nobody holds in memory."""

    convert: Callable[[LongValue], LongValue | None]
    """Raises ValueError for a value not covered."""
    alters: Callable[[LongValue], str | None]


@runtime_checkable
class TakesLong(Protocol):
    """What a coercion may offer beside, which can convert by slices.

    No long value of any other is read in slices, but where `convert` is None and nothing changes.
    """

    def for_long(self, options: Options) -> ForLong | None:
        """Return how long values are converted, None where the options ask for whole ones."""
        ...


class TargetReader(Protocol):
    """The questions a check may ask of the live target; every one leaves it unchanged."""

    def catalog(self) -> Catalog:
        """Return the target as it is now."""
        ...

    def fetch(self, query: Any, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one query (`psycopg.sql` or a literal string)."""
        ...

    def refusal_of(self, statement: Any) -> str | None:
        """Run a statement and undo it; return the SQLSTATE that refused it, None if it ran."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check works from: the plan, the two catalogs, the target to ask."""

    plan: Plan
    sources: Mapping[str, Catalog]
    """By label."""
    target: Catalog
    reader: TargetReader


class Check(Protocol):
    """One question about the target; an empty answer is a pass."""

    name: str

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield what is not the same."""
        ...


class Rule(Protocol):
    """One thing that holds for every migration set; an empty answer is a pass."""

    name: str

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield what breaks it: findings of the kind "breach"."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """The provider flag. The generation counts its changes: it is a fencing token."""

    value: str
    """`sqlite` or `postgres`."""
    generation: int
    changed_at: str = ""
    """ISO 8601, UTC; empty in a store that has no room for it."""
    changed_by: str = ""
    plan_digest: str = ""


class FlagStore(Protocol):
    """Where the flag lives. Errors are FlagError; a typo in a stored value is one too."""

    def read(self) -> Flag | None:
        """Return the flag, None where it was never set. FlagError for an unknown value."""
        ...

    def compare_and_set(self, expected: Flag | None, new: Flag) -> None:
        """Replace `expected` by `new` atomically and durably.

        FlagError where the stored flag is no longer `expected`; then nothing has changed.
        """
        ...


class Symptom(Protocol):
    """One question of doctor. Pure: everything was looked at before."""

    name: str

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer for each thing asked about; none where there is nothing to ask."""
        ...
