"""Renders a SQLite expression tree as PostgreSQL, one node at a time, or says why it can't.

sqlglot gives the tree, by SQLite's own precedence; its PostgreSQL text is not used, because it
knows no column types: `flag = 1` and `"active"` (a string, if no column is called that) come out
as they went in. Here every node becomes a `Piece` that knows its family of types, and a node that
no rule covers is an error, never a guess.

PostgreSQL binds operators tighter or looser than SQLite does (`||` loosely, IS below comparison:
postgresql.org/docs/current/sql-syntax-lexical.html), so parentheses follow PostgreSQL's levels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any

from sqlglot import exp

from cutover.catalog import base_type


class Use(StrEnum):
    """Where an expression stands, which decides what NULL means in it.

    A CHECK passes on NULL; a FILTER (index predicate, WHEN) says no; an INDEX key and a VALUE
    (generated column) keep it.
    """

    CHECK = "check"
    FILTER = "filter"
    INDEX = "index"
    VALUE = "value"


class Family(StrEnum):
    """What a value can be compared and computed with."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "double precision"
    NUMERIC = "numeric"
    TEXT = "text"
    BYTEA = "bytea"
    TIMESTAMPTZ = "timestamptz"
    TIMESTAMP = "timestamp"
    DATE = "date"
    JSON = "json"
    JSONB = "jsonb"
    NULL = "null"
    OTHER = "other"


NUMBERS = frozenset({Family.INTEGER, Family.FLOAT, Family.NUMERIC})

_FAMILIES = {
    **dict.fromkeys(("bigint", "integer", "smallint"), Family.INTEGER),
    **dict.fromkeys(("double precision", "real"), Family.FLOAT),
    **dict.fromkeys(("text", "character varying", "varchar", "character"), Family.TEXT),
    **dict.fromkeys(("timestamptz", "timestamp with time zone"), Family.TIMESTAMPTZ),
    **dict.fromkeys(("timestamp", "timestamp without time zone"), Family.TIMESTAMP),
    **{family.value: family for family in (Family.BOOLEAN, Family.NUMERIC, Family.BYTEA)},
    **{family.value: family for family in (Family.DATE, Family.JSON, Family.JSONB)},
}


def family_of(type_: str) -> Family:
    """Return the family of a PostgreSQL type, modifiers ignored."""
    return _FAMILIES.get(base_type(type_).lower(), Family.OTHER)


class Level(IntEnum):
    """How tightly PostgreSQL binds the outermost operator of a piece."""

    OR = 1
    AND = 2
    NOT = 3
    COMPARE = 4
    OTHER = 5
    ADD = 6
    MULTIPLY = 7
    ATOM = 9


@dataclass(frozen=True, slots=True)
class Piece:
    """A rendered part. `literal` is the value of a constant, as text.

    `collation` is SQLite's, empty where the part brings none into a comparison (only columns and
    COLLATE do).
    """

    sql: str
    family: Family
    level: Level = Level.ATOM
    literal: str | None = None
    collation: str = ""

    def within(self, level: Level) -> str:
        """Return the text as an operand of an operator that binds at `level`."""
        return self.sql if self.level >= level else f"({self.sql})"

    @property
    def atom(self) -> str:
        """The text, in parentheses unless it is a name, a constant or a call."""
        return self.within(Level.ATOM)


TRUE = Piece("true", Family.BOOLEAN, literal="1")
FALSE = Piece("false", Family.BOOLEAN, literal="0")


class Untranslatable(ValueError):  # noqa: N818 - read as a sentence: "raise Untranslatable"
    """There is no exact counterpart; the message says what stands in the way."""


def quoted(name: str) -> str:
    """Return an identifier in double quotes, as both engines read it."""
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """Return a string constant; a backslash is itself, as standard_conforming_strings has it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Known:
    """A column of the source, as the target has it."""

    name: str
    family: Family
    collation: str = "BINARY"


Rule = Callable[["Renderer", Any], Piece]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders nodes by the rules; `columns` is keyed by lower-case name, as SQLite finds them."""

    columns: Mapping[str, Known]
    rules: Mapping[type[exp.Expr], Rule]
    use: Use
    seen: set[str] = field(default_factory=set)
    """The columns that were met, which tells a constant from an expression."""
    remarks: set[str] = field(default_factory=set)
    """What a reader should know: where the same word would have meant another thing."""

    def same(self, node: exp.Expr) -> Piece:
        """Render a node that stands where its parent stands. Untranslatable where no rule is."""
        rule = self.rules.get(type(node))
        if rule is None or (node.args.get("negate") and node.key not in ("is", "like")):
            name = node.name if isinstance(node, exp.Anonymous) else node.key
            raise Untranslatable(f"{name} has no counterpart")
        return rule(self, node)

    def inner(self, node: exp.Expr) -> Piece:
        """Render a node whose NULL must stay NULL: an operand, an argument."""
        return replace(self, use=Use.VALUE).same(node)

    def condition(self, node: exp.Expr, *, inner: bool = False) -> Piece:
        """Render a node as a boolean: SQLite takes any number for one."""
        return as_condition(self.inner(node) if inner else self.same(node))


def as_condition(piece: Piece) -> Piece:
    """Return a piece as PostgreSQL's boolean; SQLite's truth of a number is that it isn't 0."""
    if piece.family in (Family.BOOLEAN, Family.NULL):
        return piece
    if piece.family not in NUMBERS:
        raise Untranslatable(f"{piece.sql} is {piece.family}, not a condition")
    if piece.literal is not None:
        return FALSE if float(piece.literal) == 0 else TRUE
    return Piece(f"{piece.within(Level.OTHER)} <> 0", Family.BOOLEAN, Level.COMPARE)


def as_number(piece: Piece) -> Piece:
    """Return a piece as a number: SQLite's booleans are the integers 0 and 1."""
    if piece.family is Family.BOOLEAN:
        if piece.literal is not None:
            return Piece(piece.literal, Family.INTEGER, literal=piece.literal)
        return Piece(f"{piece.atom}::integer", Family.INTEGER)
    if piece.family not in NUMBERS and piece.family is not Family.NULL:
        raise Untranslatable(f"{piece.sql} is {piece.family}, not a number")
    return piece


def as_text(piece: Piece) -> Piece:
    """Return a piece as the text SQLite would make of it; only integers have one spelling."""
    if piece.family in (Family.TEXT, Family.NULL):
        return piece
    if piece.family is Family.BOOLEAN:
        piece = as_number(piece)
    if piece.family is not Family.INTEGER:
        raise Untranslatable(f"the text of {piece.sql} ({piece.family}) differs between engines")
    if piece.literal is not None:
        return Piece(string(piece.literal), Family.TEXT, literal=piece.literal)
    return Piece(f"{piece.atom}::text", Family.TEXT)
