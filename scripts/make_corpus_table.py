"""Write docs/reference/corpus.md: how `cutover run` ends for each file of the corpus.

Each file is run twice into an empty database: with no settings at all, and with those that its
findings ask for (tests/corpus). Needs the corpus; the page is not made where it is missing.
"""

import sys
import tempfile
from pathlib import Path

from tests.fix_corpus import CORPUS, FILES, ROOT, Ran, run, settings_of
from tests.fix_postgres import _server, fresh_database

PAGE = ROOT / "docs" / "reference" / "corpus.md"
FINDINGS_SHOWN = 2
OPENING = """\
# Files of other people

`cutover run` over real SQLite files that nobody here made, each into an empty database, without a
settings file and then with the settings that its findings asked for. The files are public test data
of other projects. Their tables and rows are those that were compared, value by value. The settings
are in `tests/corpus/`.

A status of 0 means carried and proved, 3 that something is left for a person to decide, 4 that
nothing was moved.
"""
HEAD = ("file", "tables", "rows", "without settings", "first findings", "settings", "with them")


def main() -> int:
    """Write the page; 1 where there is no corpus."""
    if not FILES:
        print(f"there is no corpus in {CORPUS}", file=sys.stderr)
        return 1
    with _server() as server:
        rows = [_row(server, name) for name in FILES]
    lines = [_line(HEAD), _line(["---"] * len(HEAD)), *map(_line, rows)]
    PAGE.write_text(OPENING + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _row(server: str, name: str) -> list[str]:
    settings = settings_of(name)
    without = _ran(server, name, None)
    with_them = _ran(server, name, settings) if settings else without
    tables = with_them.tables
    return [
        f"`{name}`",
        str(len(tables)),
        f"{sum(table['source_rows'] for table in tables):,}",
        str(without.status),
        _first(without),
        f"`{_told(settings)}`" if settings else "",
        str(with_them.status),
    ]


def _ran(server: str, name: str, settings: Path | None) -> Ran:
    with tempfile.TemporaryDirectory() as directory, fresh_database(server) as url:
        return run(name, url, Path(directory), settings=settings)


def _first(ran: Ran) -> str:
    said = [finding["message"] for finding in ran.findings[:FINDINGS_SHOWN]]
    more = len(ran.findings) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")


def _told(settings: Path) -> str:
    lines = settings.read_text(encoding="utf-8").splitlines()
    return "` `".join(line for line in lines if line and not line.startswith("#"))


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
