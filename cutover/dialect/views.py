"""Views: translated as a whole, and only where nothing in them is known to mean something else.

sqlglot turns the SELECT; before that, names are spelled as the target has them (SQLite finds them
in any case, and takes `"text"` for a string where no column is called that), and flags are
compared with true and false. A view whose functions or operators differ between the engines is
left to a person, and so is one that the server refuses.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cutover.catalog import View
from cutover.dialect.names import Namespace

_SAME = (
    exp.Connector,
    exp.Count,
    exp.Sum,
    exp.Min,
    exp.Max,
    exp.Coalesce,
    exp.Nullif,
    exp.Abs,
    exp.Length,
    exp.Trim,
    exp.Case,
    exp.If,
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.Collate,
    exp.Exists,
)
"""Functions that mean the same in both engines, or that the server refuses where they don't."""
_OTHER = (exp.Like, exp.Glob, exp.RegexpLike, exp.Match, exp.Command, exp.Limit, exp.Div)
"""What runs in both engines with another meaning, or none at all."""


@dataclass(frozen=True, slots=True)
class Spellings:
    """The target's names by SQLite's lower-cased ones, and which columns are flags.

    `texts` are columns that hold text in the target, `collated` those of SQLite that are compared
    otherwise than by their bytes; both by the target's names.
    """

    tables: Mapping[str, str]
    columns: Mapping[str, str]
    flags: Collection[str]
    texts: Collection[str] = ()
    collated: Collection[str] = ()


class Opaque(ValueError):  # noqa: N818 - read as a sentence: "raise Opaque"
    """The view can't be translated with confidence; the message says why."""


def translate_view(sql: str, spellings: Spellings) -> str:
    """Translate a view's SELECT. Opaque where part of it has no counterpart."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError as error:
        raise Opaque("it can't be parsed") from error
    for node in tree.walk():
        _check(node)
    _respell(tree, spellings)
    _collate(tree, spellings)
    _name_subqueries(tree)
    return tree.sql(dialect="postgres", identify=True, pretty=True, comments=False)


def _check(node: exp.Expr) -> None:
    if isinstance(node, exp.Cast):
        if node.to.this not in (exp.DType.TEXT, exp.DType.BIGINT, exp.DType.VARCHAR):
            raise Opaque(f"a cast to {node.to.sql()} differs between the engines")
    elif isinstance(node, _OTHER) or (isinstance(node, exp.Func) and not isinstance(node, _SAME)):
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        raise Opaque(f"{name} differs between the engines, or has no counterpart")


def _respell(tree: exp.Expr, spellings: Spellings) -> None:
    aliases = {alias.alias.lower() for alias in tree.find_all(exp.Alias, exp.TableAlias)}
    aliases |= {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        _rename(table.this, spellings.tables)
    for column in list(tree.find_all(exp.Column)):
        known = column.name.lower() in spellings.columns or column.name.lower() in aliases
        if column.this.args.get("quoted") and not column.table and not known:
            column.replace(exp.Literal.string(column.name))
            continue
        _rename(column.this, spellings.columns)
        if column.args.get("table") is not None:
            _rename(column.args["table"], spellings.tables)
    for comparison in tree.find_all(exp.EQ, exp.NEQ):
        _compare_flag(comparison, spellings.flags)


def _rename(identifier: exp.Expr, spellings: Mapping[str, str]) -> None:
    if isinstance(identifier, exp.Identifier):
        identifier.set("this", spellings.get(identifier.name.lower(), identifier.name))


def _compare_flag(node: exp.Binary, flags: Collection[str]) -> None:
    flag, number = node.this, node.expression
    if isinstance(flag, exp.Column) and flag.name in flags and number.name in ("0", "1"):
        number.replace(exp.Boolean(this=number.name == "1"))


_BY_ORDER = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Ordered, exp.Min, exp.Max, exp.Between)
_BY_BYTES = exp.Column(this=exp.to_identifier("C", quoted=True))


def _collate(tree: exp.Expr, spellings: Spellings) -> None:
    """Order text by its bytes, as SQLite does. Opaque where it is compared in another way."""
    for column in list(tree.find_all(exp.Column)):
        if column.name in spellings.collated and not _only_shown(column):
            raise Opaque(f'"{column.name}" is compared by a collation that is not bytewise')
        if isinstance(column.parent, _BY_ORDER) and column.name in spellings.texts:
            column.replace(exp.Collate(this=column.copy(), expression=_BY_BYTES.copy()))


def _only_shown(column: exp.Column) -> bool:
    """Tell whether a column is a result, and nothing is asked of it on the way."""
    node = column.parent if isinstance(column.parent, exp.Alias) else column
    select = node.parent
    if not isinstance(select, exp.Select) or node.arg_key != "expressions":
        return False
    asked = any(select.args.get(part) for part in ("distinct", "group"))
    return not asked and select.find_ancestor(exp.SetOperation) is None


def _name_subqueries(tree: exp.Expr) -> None:
    """Name the subqueries that SQLite lets go without: PostgreSQL does since version 16 only."""
    names = Namespace()
    for alias in tree.find_all(exp.TableAlias):
        names.take(alias.name)
    for subquery in tree.find_all(exp.Subquery):
        if isinstance(subquery.parent, exp.From | exp.Join) and not subquery.alias:
            alias = exp.TableAlias(this=exp.to_identifier(names.take("part")))
            subquery.set("alias", alias)


def ordered(views: Sequence[View]) -> list[View]:
    """Return views so that each comes after those it names; a circle keeps its order."""
    done: list[View] = []
    waiting = list(views)
    while waiting:
        ready = [view for view in waiting if not _names_any(view, waiting)]
        done += ready or waiting
        waiting = [view for view in waiting if ready and view not in ready]
    return done


def _names_any(view: View, others: Sequence[View]) -> bool:
    words = {word.lower() for word in re.findall(r"\w+", view.definition)}
    return any(other.name.lower() in words for other in others if other is not view)
