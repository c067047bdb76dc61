"""CHECK constraints: which rows are refused, whoever refuses them.

What counts is the whole of a table's conditions: one CHECK with AND and two without are the same.
"""

from collections.abc import Iterator

from cutover.catalog import Check
from cutover.counterparts.pair import Pair
from cutover.dialect.expressions import Use
from cutover.differences import Comparison, Verdict


def compare_checks(pair: Pair) -> Iterator[Comparison]:
    """Compare the CHECKs of both tables."""
    found = {check.name or "": pair.conjuncts(check.expression) for check in pair.target.checks}
    held = {condition for conditions in found.values() for condition in conditions}
    wanted: set[str] = set()
    named: set[str] = set()
    for check in pair.source.checks:
        conditions, comparison = _check(pair, check, held)
        wanted |= conditions
        named |= {check.name or ""} if comparison.verdict is Verdict.LOOSENED else set()
        yield comparison
    for other in pair.target.checks:
        name = other.name or ""
        if other.validated and (set(found[name]) <= wanted or name in named):
            continue
        verdict = (Verdict.EXTRA, "only the right refuses these rows")
        if not other.validated:
            verdict = (Verdict.LOOSENED, "NOT VALID: older rows may break it")
        yield _comparison(pair, None, other, verdict)


def _check(pair: Pair, check: Check, held: set[str]) -> tuple[set[str], Comparison]:
    translation = pair.translate(check.expression, Use.CHECK)
    if translation.needless:
        verdict = (Verdict.EQUIVALENT, translation.problem or "the target's type enforces it")
        return set(), _comparison(pair, check, None, verdict)
    if translation.sql is None:
        named = _named(pair, check)
        verdict = (Verdict.UNKNOWN if named else Verdict.MISSING, translation.problem or "")
        own = set(pair.conjuncts(named.expression)) if named else set()
        return own, _comparison(pair, check, named, verdict)
    conditions = set(pair.conjuncts(translation.sql))
    if not conditions:
        verdict = (Verdict.EQUIVALENT, "the target's types and NOT NULL see to it")
        return set(), _comparison(pair, check, None, verdict)
    if conditions <= held:
        other = _with(pair, conditions)
        rule = "" if other and other.name == check.name else "the same rows are refused"
        verdict = (Verdict.EQUIVALENT if rule else Verdict.EQUAL, rule)
        return conditions, _comparison(pair, check, other, verdict)
    return conditions, _unmet(pair, check)


def _unmet(pair: Pair, check: Check) -> Comparison:
    named = _named(pair, check)
    if named is None:
        return _comparison(pair, check, None, (Verdict.MISSING, check.expression))
    why = pair.otherwise(check.expression, named.expression)
    rule = why or "other rows are refused"
    return _comparison(pair, check, named, (Verdict.LOOSENED, rule))


def _named(pair: Pair, check: Check) -> Check | None:
    return next((c for c in pair.target.checks if check.name and c.name == check.name), None)


def _with(pair: Pair, conditions: set[str]) -> Check | None:
    checks = pair.target.checks
    return next((c for c in checks if conditions & set(pair.conjuncts(c.expression))), None)


def _comparison(
    pair: Pair, check: Check | None, other: Check | None, judged: tuple[Verdict, str]
) -> Comparison:
    verdict, rule = judged
    some = check or other
    return Comparison(
        kind="check",
        table=pair.source.name,
        name=(some.name or some.expression) if some else "",
        verdict=verdict,
        rule=rule,
        left=f"CHECK ({check.expression})" if check else "",
        right=f"CHECK ({other.expression})" if other else "",
    )
