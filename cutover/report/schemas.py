"""A comparison of two schemas as a page: what differs, both sides below each other, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cutover.baseline import accepting
from cutover.differences import Comparison, SchemaDiff, Verdict, finding_key
from cutover.plan import Finding
from cutover.report.grids import grid
from cutover.report.notes import beside_differences
from cutover.report.pages import print_findings
from cutover.words import counted

_STYLES = {
    Verdict.EQUAL: "dim",
    Verdict.EQUIVALENT: "dim",
    Verdict.TIGHTENED: "cyan",
}
_SIDE_MAX = 400
_TABLE_WIDTH = 120
"""Narrower, the five columns of a table would break words."""


def print_diff(console: Console, diff: SchemaDiff, explain: str | None = None) -> None:
    """Write what differs; with `explain`, every object of one table and the rule of each."""
    console.print(Text(f"left   {diff.left}"), soft_wrap=True)
    console.print(Text(f"right  {diff.right}"), soft_wrap=True)
    if explain is None:
        _print_open(console, diff)
    elif console.width >= _TABLE_WIDTH:
        _print_table(console, diff.about(explain))
    else:
        for comparison in diff.about(explain):
            _print_comparison(console, comparison)
    console.print()
    style = "green" if diff.passed else "bold"
    console.print(Text(verdict_of(diff), style=style), soft_wrap=True)


def _print_open(console: Console, diff: SchemaDiff) -> None:
    for comparison in diff.unexplained:
        _print_comparison(console, comparison)
    print_findings(console, map(_with_rule, diff.breaches))
    if diff.stale:
        console.print()
    for entry in diff.stale:
        console.print(Text.assemble(("stale: ", "bold yellow"), entry.key), soft_wrap=True)
    if diff.stale:
        hint = "there is no such difference any more: take it out of the baseline"
        console.print(Text.assemble(("hint: ", "cyan"), hint), soft_wrap=True)
    keys = [*(c.key for c in diff.unexplained), *map(finding_key, diff.breaches)]
    if keys:
        hint = f"to accept one in a baseline: [accepted] {accepting(keys[0])}"
        console.print()
        console.print(Text.assemble(("hint: ", "cyan"), hint), soft_wrap=True)


def _with_rule(breach: Finding) -> Finding:
    """Return a breach as it is printed, with the rule and what is about."""
    said = f"{breach.subject}: {breach.message}"
    return replace(breach, kind=f"breach of {breach.check}", message=said)


def _print_table(console: Console, comparisons: Iterable[Comparison]) -> None:
    table = grid("\nverdict", "\nobject", "\nleft", "\nright", "\nrule")
    for each in comparisons:
        style = _STYLES.get(each.verdict, "bold yellow")
        name = f"{each.kind} {each.name}"
        sides = (_line(each.left), _line(each.right))
        table.add_row(Text(each.verdict, style=style), name, *sides, _line(each.rule))
    console.print(table)


def print_written(console: Console, path: Path) -> None:
    """Say where a snapshot was written."""
    console.print(Text(f"written: {path}"), soft_wrap=True)


def _print_comparison(console: Console, each: Comparison) -> None:
    console.print()
    head = Text.assemble(
        (f"{each.verdict}: ", _STYLES.get(each.verdict, "bold yellow")),
        _line(each.subject),
        ("" if each.verdict.passes else f" #{each.mark}", "dim"),
    )
    console.print(head, soft_wrap=True)
    for word, text in (("left", each.left), ("right", each.right)):
        if text:
            console.print(Text(f"  {word:<6} {_line(text)}"), soft_wrap=True)
    if each.rule:
        console.print(Text(f"detail: {_line(each.rule)}"), soft_wrap=True)
    if each.hint:
        console.print(Text.assemble(("hint: ", "cyan"), each.hint), soft_wrap=True)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SIDE_MAX else f"{line[:_SIDE_MAX]} …"


def verdict_of(diff: SchemaDiff) -> str:
    """Return a diff in one line."""
    counts = Counter(c.verdict for c in diff.comparisons)
    passed = [f"{counts[v]:,} {v}" for v in Verdict if v.passes and counts[v]]
    if diff.accepted:
        passed.append(f"{len(diff.accepted):,} accepted by the baseline")
    differences = counted(len(diff.unexplained), "unexplained difference")
    objects = counted(len(diff.comparisons), "object")
    failed = ", ".join([f"{differences} in {objects}", *beside_differences(diff)])
    return f"{failed}: {', '.join(passed)}" if passed else failed


def diff_facts(diff: SchemaDiff) -> dict[str, Any]:
    """Return a diff for a script."""
    return {
        "left": diff.left,
        "right": diff.right,
        "differences": [facts_of(c) for c in diff.unexplained],
        "breaches": [
            {
                "key": finding_key(f),
                "rule": f.check,
                "subject": f.subject,
                "message": f.message,
                "detail": f.detail,
                "hint": f.hint,
            }
            for f in diff.breaches
        ],
        "accepted": [{"key": a.key, "reason": a.reason} for a in diff.accepted],
        "stale": [a.key for a in diff.stale],
        "counts": dict(Counter(str(c.verdict) for c in diff.comparisons)),
        "passed": [facts_of(c) for c in diff.comparisons if c.verdict.passes],
    }


def facts_of(comparison: Comparison) -> dict[str, str]:
    """Return one comparison for a script."""
    return {
        "key": comparison.key,
        "kind": comparison.kind,
        "table": comparison.table,
        "name": comparison.name,
        "verdict": comparison.verdict,
        "rule": comparison.rule,
        "left": comparison.left,
        "right": comparison.right,
        "hint": comparison.hint,
    }
