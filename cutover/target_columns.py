"""Columns of the target that would get two values, or none where they must have one."""

from collections.abc import Iterator

from cutover.catalog import Generated, Identity
from cutover.counterparts import Pair
from cutover.dialect.render import quoted
from cutover.plan import ColumnPlan, Finding


def met_twice(pair: Pair, plans: tuple[ColumnPlan, ...]) -> Iterator[Finding]:
    """Find columns of which two would go to one of the target: SQLite folds ASCII names only."""
    seen: dict[str, str] = {}
    for plan in plans:
        other = seen.setdefault(plan.target, plan.source)
        if other == plan.source:
            continue
        yield Finding(
            check="columns",
            subject=quoted(pair.source.name),
            kind="unsettled",
            message=f'"{other}" and "{plan.source}" of "{pair.source.name}" would both become '
            f'"{plan.target}"',
            hint=f'leave one out: [tables] exclude = ["{pair.source.name}.{plan.source}"], '
            'or keep names as they are: [names] case = "exact"',
        )


def left_empty(pair: Pair, plans: tuple[ColumnPlan, ...]) -> Iterator[Finding]:
    """Find target columns that must have a value, and get none."""
    filled = {plan.target for plan in plans}
    for column in pair.target.columns:
        optional = (
            column.nullable or column.default is not None or column.generated is not Generated.NO
        )
        if column.name in filled or optional or column.identity is not Identity.NONE:
            continue
        yield Finding(
            check="columns",
            subject=f"{quoted(pair.target.name)}.{quoted(column.name)}",
            kind="unsettled",
            message=f'the target\'s "{pair.target.name}"."{column.name}" must have a value, '
            "and the source has no such column",
            hint="give the column a default in the PostgreSQL set, or migrate the source first",
        )
