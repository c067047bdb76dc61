"""What the README shows of a command that a how-to page runs is what that page shows."""

from pathlib import Path

import pytest

from tests.docs.console import Command, matches, pieces_of

ROOT = Path(__file__).resolve().parents[2]


def commands_of(page: str) -> list[Command]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [piece for piece in pieces_of(text) if isinstance(piece, Command)]


@pytest.mark.parametrize(
    ("text", "page"), [("cutover diff", "docs/how-to/keep-two-sets-in-step.md")]
)
def test_the_readme_shows_what_a_page_shows(text: str, page: str) -> None:
    (shown,) = [each.shown for each in commands_of("README.md") if each.text.startswith(text)]
    assert shown
    assert any(matches(shown, each.shown) for each in commands_of(page))


def test_the_first_screen_is_the_demo_and_the_tests() -> None:
    first, *_ = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")
    assert [
        each for each in ("./scripts/demo", "./scripts/test") if f"$ {each}\n" not in first
    ] == []
