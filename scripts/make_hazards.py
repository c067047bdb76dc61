"""Write docs/reference/hazards.md from the marks of the tests; `--check` only says what is amiss.

A mark is read from the text of a test, so that nothing has to be run or imported for it.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hazards.rows import ROWS, UNMARKED, Row  # noqa: E402 - after the path

PAGE = ROOT / "docs" / "reference" / "hazards.md"
TESTS = ROOT / "tests"
CASES = TESTS / "acceptance" / "cases"
COMMAND = "python scripts/make_hazards.py"
_CASE_MARK = re.compile(r"^hazard (\S+) (.+)$", re.MULTILINE)
_CASE_BLOCK = re.compile(r"^(?:-- |\$ )", re.MULTILINE)
_OPENING = """\
<!-- Written by scripts/make_hazards.py. -->
# Hazards

What goes wrong between SQLite and PostgreSQL, what Cutover does about it, and the test that proves
it. The words stand on that test as its mark, and every line here has one.
"""
_HEAD = ("", "What goes wrong", "What Cutover does", "Proved by")


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer to a hazard: which row, what the tool does, and the test that proves it."""

    row: str
    does: str
    file: Path
    test: str = ""
    """Empty where the whole file proves it, or one case in a table of cases."""


def marks() -> list[Mark]:
    """Return every mark of every test, in the order of files and lines."""
    modules = [m for path in sorted(TESTS.rglob("*.py")) for m in marks_of_module(path)]
    return modules + [m for path in sorted(CASES.glob("*.txt")) for m in marks_of_case(path)]


def marks_of_module(path: Path) -> Iterator[Mark]:
    """Find `pytest.mark.hazard(…)` above a test, on one of its cases, or for a whole module.

    ValueError where a mark is anything but two strings.
    """
    text = path.read_text(encoding="utf-8")
    if "mark.hazard(" not in text:
        return
    for statement in ast.parse(text).body:
        test = statement.name if isinstance(statement, ast.FunctionDef) else ""
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.hazard":
                row, does = map(ast.literal_eval, node.args)
                yield Mark(row, does, path, test)


def marks_of_case(path: Path) -> Iterator[Mark]:
    """Find the lines `hazard ROW what the tool does` before a case's first block."""
    opening = _CASE_BLOCK.split(path.read_text(encoding="utf-8"), maxsplit=1)[0]
    for match in _CASE_MARK.finditer(opening):
        yield Mark(match[1], match[2], path)


def complaints(
    found: Sequence[Mark], rows: Sequence[Row] = ROWS, unmarked: frozenset[str] = UNMARKED
) -> list[str]:
    """Say what does not fit: a row that no test answers to, a mark for no row."""
    ids = [row.id for row in rows]
    marked = {mark.row for mark in found}
    return [
        *(f"{id_}: no test answers to it" for id_ in ids if id_ not in marked | unmarked),
        *(f"{id_}: take it out of UNMARKED" for id_ in ids if id_ in marked & unmarked),
        *(f"{id_} of UNMARKED is no row" for id_ in sorted(unmarked.difference(ids))),
        *(f"{m.file.name}::{m.test}: {m.row} is no row" for m in found if m.row not in ids),
    ]


def page(found: Sequence[Mark], rows: Sequence[Row] = ROWS) -> str:
    """Return the whole page: a table a section, a line a mark."""
    parts = [_OPENING]
    for part, members in groupby(rows, attrgetter("part")):
        parts.append(f"## {part}\n")
        for section, inner in groupby(members, attrgetter("section")):
            parts.append(f"### {section}\n\n{_table(inner, found)}\n")
    return "\n".join(parts)


def _table(rows: Iterable[Row], found: Sequence[Mark]) -> str:
    lines = [_line(*_HEAD), _line(*("---" for _ in _HEAD))]
    for row in rows:
        answers = [mark for mark in found if mark.row == row.id]
        lines += [_line(row.id, row.title, mark.does, _link(mark)) for mark in answers]
    return "\n".join(lines)


def _line(*cells: str) -> str:
    shown = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


def _link(mark: Mark) -> str:
    name = f"{mark.file.stem}::{mark.test}" if mark.test else mark.file.stem
    return f"[{name}](../../{mark.file.relative_to(ROOT)})"


def stale() -> bool:
    """Tell whether the page is not what the marks would make of it."""
    return not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(marks())


def main() -> int:
    """Write the page, or check it and the marks; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is amiss")
    if not parser.parse_args().check:
        PAGE.write_text(page(marks()), encoding="utf-8")
        return 0
    amiss = complaints(marks())
    if stale():
        amiss.append(f"{PAGE.relative_to(ROOT)} is out of date; write it: {COMMAND}")
    print("\n".join(amiss))
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main())
