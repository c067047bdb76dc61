"""Are the views what the set promised, with what makes some of them writable?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.catalog import View
from cutover.checks.common import compare_named, pairs
from cutover.plan import Finding
from cutover.registry import checks

NAME = "views"


class Views:
    """Compares every view, to the letter of its definition as the server tells it."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield missing and mismatching views, and triggers of views.

        A view that the set doesn't make is none of ours, as a table is: the schema may be shared.
        """
        for expected, live in pairs(evidence.plan.expected.views, evidence.target.views):
            yield from _view(expected, live)
            if expected and live:
                triggers = (expected.triggers, live.triggers)
                yield from compare_named(NAME, "trigger", expected.name, triggers)
                rules = (expected.rewrites, live.rewrites)
                yield from compare_named(NAME, "rule", expected.name, rules)


def _view(expected: View | None, live: View | None) -> Iterator[Finding]:
    if live is None and expected is not None:
        yield _finding(expected, "missing", "is missing", f"it is {expected.definition}")
    elif expected and live and _facts(expected) != _facts(live):
        detail = f"expected {_facts(expected)}, found {_facts(live)}"
        yield _finding(expected, "mismatching", "is not as the set makes it", detail)


def _facts(view: View) -> str:
    kind = "materialized: " if view.materialized else ""
    options = f" WITH ({', '.join(view.options)})" if view.options else ""
    return f"{kind}{view.definition}{options}"


def _finding(view: View, kind: str, said: str, detail: str) -> Finding:
    subject = f'"{view.name}"'
    return Finding(
        check=NAME,
        subject=subject,
        kind=kind,
        message=f"view {subject} {said}",
        detail=detail,
    )


checks.register(NAME, Views())
