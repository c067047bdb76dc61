"""Translates one SQLite expression (CHECK, predicate, index key, computed column) to PostgreSQL.

The answer is exact or it is a problem in words: what a server would accept with another meaning
(`LIKE`, `lower`, `"text"`) is rewritten, what has no exact counterpart is refused. Names come out
exact and always quoted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cutover.dialect import functions, operators
from cutover.dialect.render import TRUE, Known, Piece, Renderer, Untranslatable, Use, family_of

__all__ = ["Translation", "Use", "translate_expression"]

_RULES = {**operators.RULES, **functions.RULES}


@dataclass(frozen=True, slots=True)
class Translation:
    """What an expression becomes. Exactly one of `sql` and `problem` is set.

    `needless` says that the target's types already see to it; `sql` is then `true`. `remark` is
    what a reader should know, where the same words would mean another thing in PostgreSQL.
    """

    sql: str | None = None
    problem: str | None = None
    needless: bool = False
    remark: str = ""


def translate_expression(
    sql: str,
    *,
    types: Mapping[str, str],
    names: Callable[[str], str] | None = None,
    collations: Mapping[str, str | None] | None = None,
    use: Use = Use.CHECK,
) -> Translation:
    """Translate an expression; `types` tells each source column's PostgreSQL type.

    `names` gives a source column's name in the target (the same, if left out); `collations` tells
    each source column's collation, None for BINARY.

    >>> translate_expression("flag = 1", types={"flag": "boolean"}).sql
    '"flag"'
    """
    columns = {
        name.lower(): Known(
            names(name) if names else name,
            family_of(type_),
            ((collations or {}).get(name) or "BINARY").upper(),
        )
        for name, type_ in types.items()
    }
    renderer = Renderer(columns, _RULES, use)
    try:
        piece = _render(renderer, parse_expression(sql))
    except Untranslatable as problem:
        return Translation(problem=str(problem))
    if use is Use.INDEX and not renderer.seen:
        return Translation(problem=f"{sql} is a constant: the name of a column that is none?")
    remark = "; ".join(sorted(renderer.remarks))
    return Translation(sql=piece.sql, needless=piece == TRUE, remark=remark)


def _render(renderer: Renderer, tree: exp.Expr) -> Piece:
    if renderer.use in (Use.CHECK, Use.FILTER):
        return renderer.condition(tree)
    return renderer.same(tree)


def parse_expression(sql: str) -> exp.Expr:
    """Return the tree of one SQLite expression. Untranslatable where it isn't one."""
    try:
        statement = sqlglot.parse_one(f"SELECT {sql}", read="sqlite")
    except SqlglotError as error:
        raise Untranslatable(f"{sql} can't be parsed") from error
    alone = isinstance(statement, exp.Select) and len(statement.expressions) == 1
    if not alone or any(statement.args.get(part) for part in ("from_", "where", "order")):
        raise Untranslatable(f"{sql} is not one expression")
    tree: exp.Expr = statement.expressions[0]
    return tree
