"""docs/reference/diff-table.md: every damage and what was named, every rewrite and its rule.

Each test holds its own row against the page, so nothing is compared a second time for it.
"""

from collections.abc import Callable
from pathlib import Path

from cutover.differences import SchemaDiff
from tests.mutations.damages import DAMAGES, Damage
from tests.mutations.rewrites import HAZARDS, REWORDED, REWRITES, TIGHTENED, Pair, Reworded
from tests.mutations.sets import named, ruling

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "diff-table.md"
Case = Damage | Reworded | Pair

DAMAGED = ("Damage", "Named")
REWRITTEN = ("Rewrite", "Passes because")
PAIRED = ("Case", "SQLite", "PostgreSQL", "Passes because")
HAZARDOUS = ("Case", "SQLite", "PostgreSQL", "Named")
TIGHT = ("Case", "SQLite", "PostgreSQL", "Tightened because")
_NOTE = """\
<!-- Written by scripts/make_diff_table.py. -->
# What diff tells apart

Found by running `cutover diff` on migration sets with one thing changed; `tests/mutations/` does
so again on every run. A verdict before a name fails with status 3: *loosened*, *missing*, *extra*
and *unknown*. *Stale* is an entry of the baseline that answers to nothing any more.
"""
_DAMAGES = """\
## Damages

One property of the reference system's sets changed, on one side.
"""
_REWRITES = """\
## Rewrites

What means the same, and passes.
"""
_HAZARDS = """\
## Traps

What reads alike and means something else. It fails; a person decides.
"""
_TIGHTENED = """\
### Tightened

What PostgreSQL keeps to by the nature of its types. It passes: the plan finds the values.
"""

Compare = Callable[[Case], SchemaDiff]


def row(*cells: str) -> str:
    """Return a row of a table in Markdown."""
    shown = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


def damage_row(case: Damage, diff: SchemaDiff) -> str:
    """Return the row of a damage: what was done, and what was named."""
    return row(case.name, _code(named(diff)))


def reworded_row(case: Reworded, diff: SchemaDiff) -> str:
    """Return the row of a rewrite of the reference sets: what was done, and the rule."""
    return row(case.name, ruling(diff, case.subject))


def pair_row(case: Pair, diff: SchemaDiff) -> str:
    """Return the row of a pair that passes: both sides, and the rule."""
    return row(case.name, *_sides(case), ruling(diff, case.subject))


def hazard_row(case: Pair, diff: SchemaDiff) -> str:
    """Return the row of a pair that fails: both sides, and what was named."""
    return row(case.name, *_sides(case), _code(named(diff)))


def _sides(case: Pair) -> list[str]:
    return [_code([text] if text else []) for text in (case.lite, case.postgres)]


def _code(texts: list[str]) -> str:
    return "<br>".join(f"`{text}`" for text in texts)


def page(compare: Compare) -> str:
    """Return the whole page."""
    parts = [_NOTE, _DAMAGES]
    for title, damages in DAMAGES.items():
        rows = [damage_row(c, compare(c)) for c in damages]
        parts.append(_table(title, DAMAGED, rows))
    parts.append(_REWRITES)
    rows = [reworded_row(c, compare(c)) for c in REWORDED]
    parts.append(_table("In the reference sets", REWRITTEN, rows))
    for title, pairs in REWRITES.items():
        rows = [pair_row(c, compare(c)) for c in pairs]
        parts.append(_table(title, PAIRED, rows))
    parts.append(_HAZARDS)
    for title, pairs in HAZARDS.items():
        rows = [hazard_row(c, compare(c)) for c in pairs]
        parts.append(_table(title, HAZARDOUS, rows))
    rows = [pair_row(c, compare(c)) for c in TIGHTENED]
    return "\n".join([*parts, _TIGHTENED, *_lines(TIGHT, rows), ""])


def _table(title: str, head: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([f"### {title}", "", *_lines(head, rows), ""])


def _lines(head: tuple[str, ...], rows: list[str]) -> list[str]:
    return [row(*head), row(*("---" for _ in head)), *rows]


def names_on_page() -> list[str]:
    """Return the first cell of every row, the heads of the tables left out."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    return [cell for cell in cells if cell not in ("---", "Damage", "Rewrite", "Case")]


def assert_on_page(name: str, line: str) -> None:
    """Fail where the page does not hold the row of a case."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert line in lines, f"{name}: write the page: python scripts/make_diff_table.py"
