"""docs/reference/verify-table.md: every mutant, and the finding that named it.

Each test holds its own row against the page, so nothing is moved a second time for it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from cutover.plan import Finding
from tests.mutants.loads import LOADS
from tests.mutants.loads import Damage as LoadDamage
from tests.mutants.objects import DAMAGES
from tests.mutants.objects import Damage as ObjectDamage
from tests.mutants.unseen import UNSEEN
from tests.mutants.values import MUTANTS, SAME, Mutant

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "verify-table.md"
Damage = Mutant | LoadDamage | ObjectDamage

_NOTE = """\
<!-- Written by scripts/make_verify_table.py. -->
# What verify finds

Found by breaking `cutover` or its target in one way after another, and asking `cutover verify`;
`tests/mutants/` does so again on every run. Each line that a check finds ends with status 3.
"""
_VALUES = """\
## Values wrongly converted

What the [coercion](coercions.md) sends for a column is replaced. The column must be named; the key
of every row that differs is in `differences.jsonl`.
"""
_LOADS = """\
## Rows wrongly sent

What is sent of a whole table is replaced. Where the target has a key, some of it is refused before
verify is asked: `apply` ends with status 6.
"""
_OBJECTS = """\
## Objects changed

One object of the target is changed after a good load.
"""
_SAME = """\
## What passes, because it means the same

The control: verify compares what values mean, not how they are spelled.
"""
_UNSEEN = """\
## What passes, because it is not asked

Verify answers for what the set makes, and for nothing else of the target: see
[the fine print](../explanation/the-fine-print.md).
"""


def row(*cells: str) -> str:
    """Return a row of a table in Markdown."""
    shown = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


def found_row(case: Damage, findings: Iterable[Finding]) -> str:
    """Return the row of a damage: the finding that is about its column or object."""
    told = next(finding for finding in findings if _is_about(case, finding))
    column = (f"`{case.column}`",) if isinstance(case, Mutant) else ()
    return row(case.name, *column, f"{told.check}: {told.message}")


def refused_row(case: Damage, message: str) -> str:
    """Return the row of a damage that the target refused."""
    return row(case.name, f"apply, 6: {message}")


def _is_about(case: Damage, finding: Finding) -> bool:
    match case:
        case Mutant():
            wanted = ("values", "mismatching", f'"readings"."{case.column}"')
        case LoadDamage():
            wanted = ("values", case.kind, case.subject)
        case ObjectDamage():
            wanted = (case.check, case.kind, case.subject)
    return wanted == (finding.check, finding.kind, finding.subject)


def page(found: Callable[[Damage], str]) -> str:
    """Return the whole page; `found` gives the row of a case."""
    parts = [_NOTE, _VALUES]
    for leaf, mutants in MUTANTS.items():
        head = ("Damage", "Column", "Caught by")
        parts.append(_table(f"### {leaf}\n", head, map(found, mutants)))
    parts.append(_table(_LOADS, ("Damage", "Caught by"), map(found, LOADS)))
    parts.append(_OBJECTS)
    for title, damages in DAMAGES.items():
        parts.append(_table(f"### {title}\n", ("Damage", "Caught by"), map(found, damages)))
    same = [row(leaf, mutant.name) for leaf, mutants in SAME.items() for mutant in mutants]
    parts.append(_table(_SAME, ("Coercion", "Spelling"), same))
    unseen = [row(case.name, case.why) for case in UNSEEN]
    return "\n".join([*parts, _table(_UNSEEN, ("Change", "Why"), unseen)])


def _table(title: str, head: tuple[str, ...], rows: Iterable[str]) -> str:
    return "\n".join([title, row(*head), row(*("---" for _ in head)), *rows, ""])


def assert_on_page(line: str) -> None:
    """Fail where the page does not hold the row of a case."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert line in lines, f"write the page: python scripts/make_verify_table.py\n{line}"
