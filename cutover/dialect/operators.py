"""The rules for names, constants and operators: rows C4 to C6 of SQLite's differences.

A comparison first settles what SQLite's affinity would do to a constant (a TEXT column compared
with 5 means '5': https://sqlite.org/datatype3.html#type_conversions_prior_to_comparison), then
whose collation holds, then how the target's types are compared. `flag = 1` on a boolean is the
flag itself. SQLite orders text by bytes, so an inequality of texts says COLLATE "C". A jsonb column
is equal to a document, however that is spelled.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from cutover.dialect.render import (
    NUMBERS,
    TRUE,
    Family,
    Level,
    Piece,
    Renderer,
    Rule,
    Untranslatable,
    Use,
    as_condition,
    as_number,
    as_text,
    quoted,
    string,
)

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LETTER = re.compile("[A-Za-z]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_EQUALITIES = frozenset({"=", "<>", "IS NOT DISTINCT FROM", "IS DISTINCT FROM"})


def _column(renderer: Renderer, node: exp.Column) -> Piece:
    known = renderer.columns.get(node.name.lower())
    row = node.table.upper()
    if known is None:
        if node.this.args.get("quoted") and not row:
            return Piece(string(node.name), Family.TEXT, literal=node.name)
        raise Untranslatable(f'there is no column "{node.name}"')
    renderer.seen.add(known.name)
    prefix = f"{row}." if row in ("OLD", "NEW") else ""
    return Piece(prefix + quoted(known.name), known.family, collation=known.collation)


def _literal(_renderer: Renderer, node: exp.Literal) -> Piece:
    text = str(node.this)
    if node.is_string:
        return Piece(string(text), Family.TEXT, literal=text)
    if not _NUMBER.fullmatch(text):
        raise Untranslatable(f"the number {text} has no counterpart")
    family = Family.INTEGER if text.isdigit() else Family.FLOAT
    return Piece(text, family, literal=text)


def _boolean(_renderer: Renderer, node: exp.Boolean) -> Piece:
    value = bool(node.this)
    return Piece(str(value).lower(), Family.BOOLEAN, literal=str(int(value)))


def _null(_renderer: Renderer, _node: exp.Null) -> Piece:
    return Piece("NULL", Family.NULL)


def _blob(_renderer: Renderer, node: exp.HexString) -> Piece:
    return Piece(f"'\\x{str(node.this).lower()}'::bytea", Family.BYTEA)


def _paren(renderer: Renderer, node: exp.Paren) -> Piece:
    return renderer.same(node.this)


def _negative(renderer: Renderer, node: exp.Neg) -> Piece:
    piece = as_number(renderer.inner(node.this))
    literal = None if piece.literal is None else f"-{piece.literal}"
    if piece.literal is not None and piece.literal.startswith("-"):
        raise Untranslatable("a doubled minus has no counterpart")
    return Piece(f"-{piece.atom}", piece.family, Level.MULTIPLY, literal)


def _and(renderer: Renderer, node: exp.And) -> Piece:
    sides = [renderer.condition(side) for side in node.flatten()]
    needed = [side.within(Level.NOT) for side in sides if side != TRUE]
    if not needed:
        return TRUE
    return Piece(" AND ".join(needed), Family.BOOLEAN, Level.AND)


def _or(renderer: Renderer, node: exp.Or) -> Piece:
    sides = [renderer.condition(side) for side in node.flatten()]
    if TRUE in sides:
        return TRUE
    return Piece(" OR ".join(side.within(Level.NOT) for side in sides), Family.BOOLEAN, Level.OR)


def _not(renderer: Renderer, node: exp.Not) -> Piece:
    inner = node.this.unnest()
    if isinstance(inner, exp.Is):
        return _is_not(renderer, inner)
    if isinstance(inner, exp.In) and (piece := _in(renderer, inner, word="NOT IN")):
        return piece
    return Piece(f"NOT {renderer.condition(inner, inner=True).atom}", Family.BOOLEAN, Level.NOT)


def _is(renderer: Renderer, node: exp.Is, *, word: str = "IS") -> Piece:
    left = renderer.inner(node.this)
    if node.args.get("negate"):
        word = "IS" if word == "IS NOT" else "IS NOT"
    if isinstance(node.expression, exp.Null):
        return Piece(f"{left.within(Level.OTHER)} {word} NULL", Family.BOOLEAN, Level.COMPARE)
    if not isinstance(node.expression, exp.Boolean):
        raise Untranslatable(f"IS {node.expression.key} has no counterpart")
    truth = str(bool(node.expression.this)).upper()
    sql = f"{as_condition(left).within(Level.OTHER)} {word} {truth}"
    return Piece(sql, Family.BOOLEAN, Level.COMPARE)


def _is_not(renderer: Renderer, node: exp.Is) -> Piece:
    return _is(renderer, node, word="IS NOT")


def _compare(renderer: Renderer, node: exp.Binary) -> Piece:
    sign = _SIGNS[type(node)]
    if typed := _type_of(renderer, node.this, [node.expression], sign):
        return typed
    left, right = renderer.inner(node.this), renderer.inner(node.expression)
    if isinstance(node.expression, exp.Collate):
        left = replace(left, collation=right.collation)
    return comparison(left, sign, right)


def comparison(left: Piece, sign: str, right: Piece) -> Piece:
    """Compare two pieces as SQLite would. Untranslatable where their types never meet."""
    if left.literal is not None and right.literal is None and sign in _EQUALITIES:
        left, right = right, left
    if left.family is Family.BOOLEAN and left.literal is None and right.literal in ("0", "1"):
        return _flag(left, sign, truth=right.literal == "1")
    left, right = _same_case(*align(left, right), sign)
    text = left.within(Level.OTHER)
    if sign not in _EQUALITIES and left.family is Family.TEXT:
        text = f'{text} COLLATE "C"'
    return Piece(f"{text} {sign} {right.within(Level.OTHER)}", Family.BOOLEAN, Level.COMPARE)


def _flag(flag: Piece, sign: str, *, truth: bool) -> Piece:
    if sign in ("=", "<>"):
        positive = truth == (sign == "=")
        return flag if positive else Piece(f"NOT {flag.atom}", Family.BOOLEAN, Level.NOT)
    if sign in _EQUALITIES:
        word = "IS" if sign == "IS NOT DISTINCT FROM" else "IS NOT"
        sql = f"{flag.within(Level.OTHER)} {word} {str(truth).upper()}"
        return Piece(sql, Family.BOOLEAN, Level.COMPARE)
    sql = f"{as_number(flag).sql} {sign} {int(truth)}"
    return Piece(sql, Family.BOOLEAN, Level.COMPARE)


def align(left: Piece, right: Piece) -> tuple[Piece, Piece]:
    """Give two pieces one family, as SQLite's affinity would; only a constant is rewritten."""
    if left.family == right.family or Family.NULL in (left.family, right.family):
        return left, right
    if Family.BOOLEAN in (left.family, right.family):
        left, right = as_number(left), as_number(right)
    if left.family in NUMBERS and right.family in NUMBERS:
        return left, right
    if right.literal is not None:
        return left, _constant_for(left, right)
    if left.literal is not None:
        return _constant_for(right, left), right
    raise Untranslatable(f"{left.sql} is {left.family}, {right.sql} is {right.family}")


def _constant_for(other: Piece, constant: Piece) -> Piece:
    text = constant.literal or ""
    if other.family in NUMBERS and _NUMBER.fullmatch(text):
        return Piece(text, Family.FLOAT, literal=text)
    if other.family is Family.TEXT and other.collation and constant.family in NUMBERS:
        return Piece(string(text), Family.TEXT, literal=text)
    if other.family is Family.DATE and _DATE.fullmatch(text):
        return constant
    if other.family is Family.JSONB and _is_document(text):
        return Piece(f"{string(text)}::jsonb", Family.JSONB)
    raise Untranslatable(f"{other.sql} is {other.family}, and {constant.sql} is not")


def _is_document(text: str) -> bool:
    """Tell whether a text is a JSON list or object, which jsonb compares by what is in it."""
    try:
        return isinstance(json.loads(text), list | dict)
    except ValueError:
        return False


def folds(piece: Piece, other: Piece | None = None) -> bool:
    """Tell whether texts are compared under NOCASE; the left one's collation holds, if it has one.

    Untranslatable under a collation that is neither that nor BINARY (RTRIM, an application's own).
    """
    collation = piece.collation or (other.collation if other else "")
    if piece.family is not Family.TEXT or collation in ("", "BINARY"):
        return False
    if collation != "NOCASE":
        raise Untranslatable(f"collation {collation} has no counterpart")
    return True


def _same_case(left: Piece, right: Piece, sign: str) -> tuple[Piece, Piece]:
    if not folds(left, right):
        return left, right
    constant = right.literal
    if constant is not None and sign in _EQUALITIES and not _LETTER.search(constant):
        return left, right
    return folded(left), folded(right)


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def folded(piece: Piece) -> Piece:
    """Return a text with its ASCII letters in lower case, as NOCASE, lower() and LIKE see it."""
    if piece.literal is not None:
        low = piece.literal.translate(_LOWER)
        return Piece(string(low), Family.TEXT, literal=low)
    text = as_text(piece)
    return Piece(f'lower({text.within(Level.ATOM)} COLLATE "C")', Family.TEXT)


def _in(renderer: Renderer, node: exp.In, *, word: str = "IN") -> Piece:
    if node.args.get("query") is not None or node.args.get("unnest") is not None:
        raise Untranslatable("a subquery has no counterpart here")
    if typed := _type_of(renderer, node.this, node.expressions, "=" if word == "IN" else "<>"):
        return typed
    left = renderer.inner(node.this)
    values = [renderer.inner(value) for value in node.expressions]
    if left.family is Family.BOOLEAN:
        return _flag_in(renderer, left, values, word)
    if not values:
        raise Untranslatable("an empty list has no counterpart")
    sides = [align(left, value)[1] for value in values]
    if folds(left):
        left, sides = folded(left), [folded(side) for side in sides]
    listed = ", ".join(side.sql for side in sides)
    return Piece(f"{left.within(Level.OTHER)} {word} ({listed})", Family.BOOLEAN, Level.COMPARE)


def _flag_in(renderer: Renderer, flag: Piece, values: Sequence[Piece], word: str) -> Piece:
    truths = {value.literal for value in values} & {"0", "1"}
    if any(value.literal is None for value in values) or not truths:
        raise Untranslatable(f"{flag.sql} is boolean, and the list is not")
    if len(truths) == 1:
        return _flag(flag, "=" if word == "IN" else "<>", truth="1" in truths)
    if word == "IN" and renderer.use is Use.CHECK:
        return TRUE
    if word == "IN" and renderer.use is Use.FILTER:
        return Piece(f"{flag.within(Level.OTHER)} IS NOT NULL", Family.BOOLEAN, Level.COMPARE)
    raise Untranslatable(f"{flag.sql} is boolean: it is always in the list, or NULL")


def _between(renderer: Renderer, node: exp.Between) -> Piece:
    left, low, high = (renderer.inner(node.args[name]) for name in ("this", "low", "high"))
    if left.family is Family.BOOLEAN and (low.literal, high.literal) == ("0", "1"):
        return _flag_in(renderer, left, (low, high), "IN")
    bounds = [align(left, bound) for bound in (low, high)]
    if folds(left):
        raise Untranslatable("BETWEEN under NOCASE has no counterpart")
    text = bounds[0][0].within(Level.OTHER)
    text += ' COLLATE "C"' if left.family is Family.TEXT else ""
    limits = " AND ".join(bound.within(Level.OTHER) for _, bound in bounds)
    return Piece(f"{text} BETWEEN {limits}", Family.BOOLEAN, Level.COMPARE)


_CLASSES = {
    "integer": frozenset({Family.INTEGER, Family.BOOLEAN}),
    "real": frozenset({Family.FLOAT}),
    "text": frozenset({Family.TEXT}),
    "blob": frozenset({Family.BYTEA}),
}


def _type_of(
    renderer: Renderer, node: exp.Expr, values: Sequence[exp.Expr], sign: str
) -> Piece | None:
    """Answer `typeof(x) = 'integer'`, which the target's type makes certain but for NULL."""
    if not isinstance(node, exp.Typeof):
        return None
    piece = renderer.inner(node.this)
    wanted = {value.name for value in values}
    certain = [name for name, families in _CLASSES.items() if piece.family in families]
    if sign != "=" or not certain or certain[0] not in wanted:
        raise Untranslatable(f"{piece.sql} is always {piece.family} in the target")
    if "null" in wanted:
        return TRUE
    return Piece(f"{piece.within(Level.OTHER)} IS NOT NULL", Family.BOOLEAN, Level.COMPARE)


def _collate(renderer: Renderer, node: exp.Collate) -> Piece:
    piece, name = renderer.inner(node.this), node.expression.name.upper()
    if name not in ("NOCASE", "BINARY"):
        raise Untranslatable(f"collation {name} has no counterpart")
    if renderer.use is Use.INDEX and name == "NOCASE":
        return folded(piece)
    return replace(piece, collation=name)


_ARITHMETIC: dict[type[exp.Expr], tuple[str, Level]] = {
    exp.Add: ("+", Level.ADD),
    exp.Sub: ("-", Level.ADD),
    exp.Mul: ("*", Level.MULTIPLY),
    exp.Div: ("/", Level.MULTIPLY),
    exp.Mod: ("%", Level.MULTIPLY),
    exp.BitwiseAnd: ("&", Level.OTHER),
    exp.BitwiseOr: ("|", Level.OTHER),
}
_INTEGERS_ONLY = ("%", "&", "|")


def _arithmetic(renderer: Renderer, node: exp.Binary) -> Piece:
    sign, level = _ARITHMETIC[type(node)]
    left, right = (as_number(renderer.inner(side)) for side in (node.this, node.expression))
    families = {left.family, right.family}
    if sign in _INTEGERS_ONLY and families != {Family.INTEGER}:
        raise Untranslatable(f"{sign} of {left.sql} and {right.sql} differs between engines")
    if sign == "/" and Family.NUMERIC in families and Family.FLOAT not in families:
        raise Untranslatable(f"SQLite truncates {left.sql} / {right.sql} where both are whole")
    if families == {Family.INTEGER, Family.FLOAT}:
        left, right = (_as_float(side) for side in (left, right))
    divisor = right.within(Level(level + 1)) if level < Level.MULTIPLY else right.atom
    if sign in ("/", "%") and (right.literal is None or float(right.literal) == 0):
        divisor = f"NULLIF({right.sql}, 0)"  # SQLite divides by zero to NULL
    family = _widest(families)
    return Piece(f"{left.within(level)} {sign} {divisor}", family, level)


def _as_float(piece: Piece) -> Piece:
    """Say what PostgreSQL would do unsaid; a constant with a fraction would make it numeric."""
    if piece.literal is not None or piece.family is Family.FLOAT:
        return piece
    return Piece(f"{piece.atom}::double precision", Family.FLOAT)


def _widest(families: set[Family]) -> Family:
    order = (Family.NUMERIC, Family.FLOAT, Family.INTEGER)
    return next((family for family in order if family in families), Family.NULL)


def _concatenate(renderer: Renderer, node: exp.DPipe) -> Piece:
    sides = [as_text(renderer.inner(side)) for side in node.flatten()]
    sql = " || ".join(side.within(Level.ADD) for side in sides)
    return Piece(sql, Family.TEXT, Level.OTHER)


RULES: dict[type[exp.Expr], Rule] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.HexString: _blob,
    exp.Paren: _paren,
    exp.Neg: _negative,
    exp.And: _and,
    exp.Or: _or,
    exp.Not: _not,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Collate: _collate,
    exp.DPipe: _concatenate,
    **dict.fromkeys(_SIGNS, _compare),
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
}
