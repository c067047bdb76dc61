"""Links lead somewhere, and every page can be reached from the first."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "plans")
OUTSIDE = ("http://", "https://")


def links_of(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor of every link of a page to another."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"`[^`\n]*`", "", text)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(OUTSIDE):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for path, anchor in links_of(page):
        assert path.is_file(), f"{page.name}: {path}"
        assert not anchor or anchor in anchors_of(path), f"{page.name}: {path.name}#{anchor}"


def test_every_page_can_be_reached_from_the_first() -> None:
    waiting, reached = [DOCS / "index.md"], set[Path]()
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [path for path, _ in links_of(page) if path.suffix == ".md"]
    assert set(PAGES) - reached == set()


def test_every_decision_record_has_its_three_parts_on_one_page() -> None:
    records = sorted((DOCS / "adr").glob("[0-9]*.md"))
    for number, record in enumerate(records, start=1):
        lines = record.read_text(encoding="utf-8").splitlines()
        assert record.name.startswith(f"{number:04}-")
        assert lines[0].startswith(f"# {number}. ")
        assert [line for line in lines if line.startswith("## ")] == [
            "## Context",
            "## Decision",
            "## Consequences",
        ]
        assert len(lines) <= 30, record.name
