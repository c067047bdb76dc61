"""Conditions of a guard that every row meets: people write `WHEN 1`, or look a row up in itself.

A BEFORE trigger of UPDATE or DELETE finds the row that it is fired for still in its table
(https://sqlite.org/lang_createtrigger.html), so `EXISTS (SELECT 1 FROM t WHERE id = OLD.id)` holds
where `id` is never NULL; after the statement, or before an INSERT, it may not.
"""

from sqlglot import exp

from cutover.catalog import Table, Trigger
from cutover.dialect.expressions import parse_expression, translate_expression
from cutover.dialect.render import Untranslatable, Use

_OTHER_PARTS = ("joins", "group", "having", "limit", "offset", "laterals", "with_")


def always_true(condition: str, trigger: Trigger, table: Table) -> bool:
    """Tell whether a condition of a trigger on `table` holds for every row; False in doubt."""
    if translate_expression(condition, types={}, use=Use.FILTER).needless:
        return True
    try:
        tree = parse_expression(condition).unnest()
    except Untranslatable:
        return False
    present = trigger.timing == "BEFORE" and set(trigger.events) <= {"UPDATE", "DELETE"}
    return present and isinstance(tree, exp.Exists) and _finds_own_row(tree.this, table)


def _finds_own_row(query: exp.Expr, table: Table) -> bool:
    source = query.args.get("from_") if isinstance(query, exp.Select) else None
    if source is None or any(query.args.get(part) for part in _OTHER_PARTS):
        return False
    if not isinstance(source.this, exp.Table) or source.this.name.lower() != table.name.lower():
        return False
    where = query.args.get("where")
    conditions = _conjuncts(where.this) if where else []
    names = {"", source.this.name.lower(), source.this.alias.lower()}
    return all(_is_own_column(condition, names, table) for condition in conditions)


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    whole = condition.unnest()
    return [c.unnest() for c in whole.flatten()] if isinstance(whole, exp.And) else [whole]


def _is_own_column(condition: exp.Expr, names: set[str], table: Table) -> bool:
    """Tell whether a condition is `id = OLD.id`, either way round, of a column without NULL."""
    if not isinstance(condition, exp.EQ):
        return False
    sides = [condition.this.unnest(), condition.expression.unnest()]
    if not all(isinstance(side, exp.Column) for side in sides):
        return False
    sides.sort(key=lambda side: side.table.lower() != "old")
    old, own = sides
    required = {column.name.lower() for column in table.columns if not column.nullable}
    same = old.name.lower() == own.name.lower() and old.name.lower() in required
    return same and old.table.lower() == "old" and own.table.lower() in names
