"""The target as `init` will write it: values that both the SQL and the revision are made from.

All names are the target's; SQL texts are PostgreSQL's. `object` is how messages and `prove` name a
thing: `index:name`, `check:table.name`.
"""

from dataclasses import dataclass

from cutover.catalog import ForeignKey
from cutover.dialect.types import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class NewColumn:
    """One column. `default` and `generated` are SQL.

    `collation` is "C" for text that is a key or indexed: SQLite sorts text by its bytes, and so
    must an index that an ORDER BY is to be served from in the same order.
    """

    source: str
    name: str
    choice: Choice
    nullable: bool = True
    identity: bool = False
    default: str | None = None
    generated: str | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A PRIMARY KEY or UNIQUE constraint."""

    name: str
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCheck:
    """A CHECK constraint; `object` names it in the source."""

    object: str
    name: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """One key of an index: a column by name, or an expression; `order` is what follows it."""

    column: str | None = None
    expression: str | None = None
    order: str = ""
    remark: str = ""
    """What a reader should know of the expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIndex:
    """An index; `predicate` is SQL."""

    object: str
    name: str
    parts: tuple[NewPart, ...]
    unique: bool = False
    predicate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForeignKey:
    """A foreign key with the target's names; actions and deferral are the source's."""

    object: str
    name: str
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    source: ForeignKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrigger:
    """A trigger and its function; `object` names it in the source, `sql` makes it, in that order.

    `names` are the triggers, in the order in which they are dropped: a refusal of DELETE has a
    second one, for TRUNCATE. `proofs` are queries that must run for it to work.
    """

    object: str
    table: str
    function: str
    names: tuple[str, ...]
    sql: tuple[str, ...]
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """A file for a person to finish; no revision runs it. `sql` is what it says, to be proved."""

    object: str
    file: str
    text: str
    sql: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTable:
    """One table with all that hangs on it."""

    source: str
    name: str
    columns: tuple[NewColumn, ...]
    primary_key: NewKey | None = None
    uniques: tuple[NewKey, ...] = ()
    checks: tuple[NewCheck, ...] = ()
    indexes: tuple[NewIndex, ...] = ()
    foreign_keys: tuple[NewForeignKey, ...] = ()
    triggers: tuple[NewTrigger, ...] = ()
    proposals: tuple[NewProposal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    """A view; `sql` is its SELECT."""

    object: str
    name: str
    sql: str
    proposals: tuple[NewProposal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchema:
    """The whole target."""

    tables: tuple[NewTable, ...]
    views: tuple[NewView, ...]

    @property
    def proposals(self) -> tuple[NewProposal, ...]:
        """All proposals, those of views last."""
        of_tables = (proposal for table in self.tables for proposal in table.proposals)
        return (*of_tables, *(proposal for view in self.views for proposal in view.proposals))
