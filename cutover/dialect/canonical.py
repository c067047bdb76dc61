"""One text for expressions that mean the same, whoever spelled them.

PostgreSQL rewrites what it stores: `state IN ('a','b')` is told back as
`(state = ANY (ARRAY['a'::text, 'b'::text]))`, BETWEEN as two comparisons, LIKE as `~~`, -1 as
`'-1'::integer`. Text read from `pg_get_expr()` and text that was written by hand are brought to
one form here: operands in order, casts of constants dropped, names quoted. Two equal forms mean
the same; two unequal forms may.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cutover.catalog import Provider

ALWAYS = "TRUE"
"""The canonical form of a condition that every row meets."""

_TEXTS = (exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR)
_NUMBERS = (
    *(exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT),
    *(exp.DType.DOUBLE, exp.DType.FLOAT, exp.DType.DECIMAL),
)
_WIDE = (exp.DType.DOUBLE, exp.DType.DECIMAL)
_OPPOSITES: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
    exp.NullSafeEQ: exp.NullSafeNEQ,
    exp.NullSafeNEQ: exp.NullSafeEQ,
}
_PLAIN: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.NullSafeEQ: exp.EQ,
    exp.NullSafeNEQ: exp.NEQ,
}
"""What IS and IS NOT mean where neither side is NULL."""
_MIRRORS: dict[type[exp.Expr], type[exp.Binary]] = {
    **{same: same for same in (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)},
    exp.LT: exp.GT,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.GTE: exp.LTE,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of columns, by their names in lower case."""

    booleans: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


def canonical(
    sql: str,
    provider: Provider,
    *,
    booleans: frozenset[str] = frozenset(),
    required: frozenset[str] = frozenset(),
) -> str | None:
    """Return the one text of an expression, None where it can't be parsed.

    `booleans` names the columns that are flags, for which `flag = 1` and `flag` are the same;
    `required` those that are NOT NULL, for which `flag IS TRUE` and `flag` are too. What is always
    true is `TRUE`.

    >>> canonical("(flag = true) AND x IN (2, 1)", Provider.POSTGRES)
    '"flag" AND "x" IN (1, 2)'
    """
    try:
        statement = sqlglot.parse_one(f"SELECT {sql}", read=provider.value)
    except SqlglotError:
        return None
    if not isinstance(statement, exp.Select) or len(statement.expressions) != 1:
        return None
    if isinstance(statement.expressions[0], exp.Alias) or statement.args.get("from_"):
        return None
    known = Known(_lower(booleans), _lower(required))
    return _text(_simplified(statement.expressions[0], known))


def _lower(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def conjuncts(
    sql: str,
    provider: Provider,
    *,
    booleans: frozenset[str] = frozenset(),
    required: frozenset[str] = frozenset(),
) -> tuple[str, ...] | None:
    """Return the canonical conditions that an expression joins with AND.

    None if it isn't readable; no condition where it is always true. The columns are named as for
    `canonical`.

    >>> conjuncts("b > 1 AND (a AND b > 1)", Provider.POSTGRES)
    ('"a"', '"b" > 1')
    """
    whole = canonical(sql, provider, booleans=booleans, required=required)
    if whole is None:
        return None
    if whole == ALWAYS:
        return ()
    tree = sqlglot.parse_one(f"SELECT {whole}", read="postgres").expressions[0]
    return tuple(sorted(_text(side.unnest()) for side in _flattened(tree, exp.And)))


def _text(tree: exp.Expr) -> str:
    return tree.sql(dialect="postgres", identify=True, comments=False)


def _simplified(node: exp.Expr, known: Known) -> exp.Expr:
    """Simplify the operands first, then the node: one pass from the leaves up."""
    node = node.copy()
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expr):
            node.set(key, _simplified(value, known))
        elif isinstance(value, list):
            node.set(key, [_simplified(v, known) if isinstance(v, exp.Expr) else v for v in value])
    rule = _RULES.get(type(node))
    return _grouped(rule(node, known) if rule else node)


_COMPOUND = (exp.Binary, exp.Not, exp.Between, exp.In, exp.AtTimeZone, exp.Neg)
_OPERATORS = (exp.Binary, exp.Unary, exp.In, exp.Cast, exp.AtTimeZone)


def _grouped(node: exp.Expr) -> exp.Expr:
    """Put parentheses around every operand that is an operation, whether there were any or not."""
    if not isinstance(node, _OPERATORS) or isinstance(node, exp.Connector | exp.Paren):
        return node
    for key in ("this", "expression"):
        operand = node.args.get(key)
        constant = isinstance(operand, exp.Neg) and isinstance(operand.this, exp.Literal)
        if isinstance(operand, _COMPOUND) and not constant:
            node.set(key, exp.Paren(this=operand))
    return node


def _paren(node: exp.Paren, _known: Known) -> exp.Expr:
    inner: exp.Expr = node.this.unnest()
    return inner


def _cast(node: exp.Cast, _known: Known) -> exp.Expr:
    inner, type_ = node.this.unnest(), node.to.this
    if isinstance(inner, exp.Null):
        return inner
    if isinstance(inner, exp.Literal):
        return _number(inner) if type_ in _NUMBERS else inner
    if isinstance(inner, exp.Array) or (isinstance(inner, exp.Column) and type_ in _TEXTS):
        return inner
    return inner if isinstance(inner, exp.Neg) and type_ in _NUMBERS else node


def _number(node: exp.Literal) -> exp.Expr:
    try:
        value = Decimal(node.name).normalize()
    except InvalidOperation:
        return node
    literal = exp.Literal.number(f"{abs(value):f}")
    return exp.Neg(this=literal) if value < 0 else literal


def _literal(node: exp.Literal, _known: Known) -> exp.Expr:
    return node if node.is_string else _number(node)


def _column(node: exp.Column, _known: Known) -> exp.Expr:
    row = node.table.upper()
    table = exp.to_identifier(row) if row in ("OLD", "NEW") else None
    return exp.Column(this=exp.to_identifier(node.name, quoted=True), table=table)


def _escaped(node: exp.ByteString, _known: Known) -> exp.Expr:
    return exp.Literal.string(str(node.this))


def _compare(node: exp.Binary, known: Known) -> exp.Expr:
    left, right = _uncast(node.this), _uncast(node.expression)
    node.set("this", left)
    node.set("expression", right)
    if members := _members(node):
        return _in(exp.In(this=left, expressions=members), known, negate=isinstance(node, exp.NEQ))
    if _rank(left) > _rank(right):
        return _compare(_MIRRORS[type(node)](this=right, expression=left), known)
    if type(node) in _PLAIN and _never_null(left, known) and _never_null(right, known):
        return _compare(_PLAIN[type(node)](this=left, expression=right), known)
    truth = _truth(left, right, known)
    if truth is None or not isinstance(node, exp.EQ | exp.NEQ):
        return node
    return left if truth == isinstance(node, exp.EQ) else exp.Not(this=left)


def _uncast(node: exp.Expr) -> exp.Expr:
    """Drop a column's cast to a wider number, which no comparison can tell."""
    wide = isinstance(node, exp.Cast) and node.to.this in _WIDE and not node.to.expressions
    return node.this if wide and isinstance(node.this, exp.Column) else node


def _members(node: exp.Binary) -> list[exp.Expr]:
    """Return the list of `= ANY (ARRAY[…])` or `<> ALL (ARRAY[…])`."""
    right = node.expression
    any_ = isinstance(node, exp.EQ) and isinstance(right, exp.Any)
    all_ = isinstance(node, exp.NEQ) and isinstance(right, exp.Anonymous | exp.All)
    if not any_ and not all_:
        return []
    array = right.expressions[0] if isinstance(right, exp.Anonymous) else right.this
    if isinstance(right, exp.Anonymous) and right.name.upper() != "ALL":
        return []
    return list(array.expressions) if isinstance(array, exp.Array) else []


def _rank(node: exp.Expr) -> tuple[int, str]:
    constant = isinstance(node, exp.Literal | exp.Null | exp.Boolean | exp.Neg)
    return (int(constant), _text(node))


def _never_null(node: exp.Expr, known: Known) -> bool:
    """Tell what can't be NULL. NEW's row can: BEFORE triggers see it before NOT NULL is checked."""
    if isinstance(node, exp.Column):
        return node.name.lower() in known.required and node.table.upper() != "NEW"
    return _constant(node)


def _constant(node: exp.Expr) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, exp.Literal | exp.Boolean)


def _is(node: exp.Is, known: Known) -> exp.Expr:
    """Take IS TRUE, IS NULL and their opposites off what is never NULL."""
    left, right, negate = node.this, node.expression, bool(node.args.get("negate"))
    if not _never_null(left, known):
        return node
    if isinstance(right, exp.Null):
        return exp.Boolean(this=negate)
    if not isinstance(right, exp.Boolean):
        return node
    return left if bool(right.this) != negate else exp.Not(this=left)


def _truth(left: exp.Expr, right: exp.Expr, known: Known) -> bool | None:
    if isinstance(right, exp.Boolean):
        return bool(right.this)
    flag = isinstance(left, exp.Column) and left.name.lower() in known.booleans
    if flag and isinstance(right, exp.Literal) and right.name in ("0", "1"):
        return right.name == "1"
    return None


def _in(node: exp.In, known: Known, *, negate: bool = False) -> exp.Expr:
    if not node.expressions:
        return exp.Not(this=node) if negate else node
    members = sorted({_text(member): member for member in node.expressions}.items())
    if len(members) == 1:
        kind = exp.NEQ if negate else exp.EQ
        return _compare(kind(this=node.this, expression=members[0][1]), known)
    sorted_ = exp.In(this=node.this, expressions=[member for _, member in members])
    return exp.Not(this=sorted_) if negate else sorted_


def _between(node: exp.Between, known: Known) -> exp.Expr:
    low = exp.GTE(this=node.this.copy(), expression=node.args["low"])
    high = exp.LTE(this=node.this.copy(), expression=node.args["high"])
    return _junction(exp.And(this=_grouped(low), expression=_grouped(high)), known)


def _junction(node: exp.Connector, known: Known) -> exp.Expr:
    kind, either = type(node), isinstance(node, exp.Or)
    sides = _listed(_flattened(node, kind), known, negate=not either)
    needed = {_text(side): side for side in sides if not _is_truth(side, truth=not either)}
    if not needed or any(_is_truth(side, truth=either) for side in sides):
        return exp.Boolean(this=either if needed else not either)
    ordered = [side for _, side in sorted(needed.items())]
    result = ordered[0]
    for side in ordered[1:]:
        result = kind(this=result, expression=side)
    return result


def _is_truth(node: exp.Expr, *, truth: bool) -> bool:
    return isinstance(node, exp.Boolean) and bool(node.this) is truth


def _listed(sides: Sequence[exp.Expr], known: Known, *, negate: bool) -> list[exp.Expr]:
    """Gather `a = 1 OR a = 2` into one IN, and `a <> 1 AND a <> 2` into one NOT IN."""
    members: dict[str, list[exp.In]] = {}
    others: list[exp.Expr] = []
    for side in sides:
        found = _as_in(side, negate=negate)
        if found is None:
            others.append(side)
        else:
            members.setdefault(_text(found.this), []).append(found)
    lists = [
        exp.In(this=some[0].this, expressions=[value for one in some for value in one.expressions])
        for some in members.values()
    ]
    return others + [_grouped(_in(found, known, negate=negate)) for found in lists]


def _as_in(node: exp.Expr, *, negate: bool) -> exp.In | None:
    """Return `a = 1` or `a IN (1, 2)` as a list; with `negate`, what is not on one."""
    if isinstance(node, exp.NEQ if negate else exp.EQ) and _constant(node.expression):
        return exp.In(this=node.this.unnest(), expressions=[node.expression])
    inner = node.this.unnest() if negate and isinstance(node, exp.Not) else node
    if not isinstance(inner, exp.In) or not inner.expressions or negate == (inner is node):
        return None
    return exp.In(this=inner.this.unnest(), expressions=inner.expressions)


def _flattened(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    if not isinstance(node, kind):
        other = isinstance(node, exp.Connector)
        return [exp.Paren(this=node) if other else node]
    return _flattened(node.this, kind) + _flattened(node.expression, kind)


def _not(node: exp.Not, known: Known) -> exp.Expr:
    inner = node.this.unnest()
    if isinstance(inner, exp.Not):
        opened: exp.Expr = inner.this.unnest()
        return opened
    if isinstance(inner, exp.Boolean):
        return exp.Boolean(this=not inner.this)
    if opposite := _OPPOSITES.get(type(inner)):
        return opposite(this=inner.this, expression=inner.expression)
    if isinstance(inner, exp.Like | exp.Is):
        return type(inner)(**{**inner.args, "negate": not inner.args.get("negate")})
    if isinstance(inner, exp.And | exp.Or):  # De Morgan's law holds for NULL too
        kind = exp.Or if isinstance(inner, exp.And) else exp.And
        sides = [_not(exp.Not(this=s.unnest()), known) for s in (inner.this, inner.expression)]
        return _junction(kind(this=sides[0], expression=sides[1]), known)
    return node


def _case(node: exp.Case, _known: Known) -> exp.Expr:
    if isinstance(node.args.get("default"), exp.Null):
        node.set("default", None)
    return node


def _escape(node: exp.Escape, _known: Known) -> exp.Expr:
    like = node.this
    pattern = exp.Anonymous(this="like_escape", expressions=[like.expression, node.expression])
    return exp.Like(**{**like.args, "expression": pattern})


def _anonymous(node: exp.Anonymous, _known: Known) -> exp.Expr:
    name = str(node.this).lower()
    if name == "timezone" and len(node.expressions) == 2:
        zone, moment = node.expressions
        return exp.AtTimeZone(this=moment, zone=zone)
    if name == "transaction_timestamp":
        return exp.CurrentTimestamp()
    node.set("this", name)
    return node


_RULES: dict[type[exp.Expr], Callable[[Any, Known], exp.Expr]] = {
    exp.Paren: _paren,
    exp.Cast: _cast,
    exp.Literal: _literal,
    exp.Column: _column,
    exp.ByteString: _escaped,
    exp.In: _in,
    exp.Between: _between,
    exp.Is: _is,
    exp.And: _junction,
    exp.Or: _junction,
    exp.Not: _not,
    exp.Case: _case,
    exp.Escape: _escape,
    exp.Anonymous: _anonymous,
    **dict.fromkeys(_MIRRORS, _compare),
}
