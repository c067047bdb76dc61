"""The commands of the tutorial and the how-to pages run, and print what the pages show."""

from pathlib import Path

import pytest

from tests.docs import console
from tests.docs.console import Command, Ran, matches, run_page

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(
    page: Path, postgres_url: str, tmp_path: Path
) -> None:
    text = page.read_text(encoding="utf-8")
    ran = run_page(text, tmp_path, {"CUTOVER_TARGET_URL": postgres_url})
    assert ran, "a page without a command"
    for command, answer in ran:
        shown = "\n".join(command.shown)
        printed = "\n".join(answer.printed)
        where = f"{page.name}, line {command.line}: {command.text}"
        assert matches(command.shown, answer.printed), f"{where}\n{shown}\n-- printed:\n{printed}"
    assert_statuses_are_told(ran)


def assert_statuses_are_told(ran: list[tuple[Command, Ran]]) -> None:
    """Require that a page says how a command that failed has ended."""
    for (command, answer), following in zip(ran, [*ran[1:], None], strict=True):
        if answer.status:
            assert following, f"line {command.line} ends with {answer.status}"
            assert following[0].text == "echo $?", f"line {command.line}: {answer.status}"


def test_an_ellipsis_stands_for_text_and_alone_for_lines() -> None:
    assert matches(("took … s",), ("took 0.1 s",))
    assert matches(("a", "…", "z"), ("a", "b", "c", "z"))
    assert matches(("a", "…", "z"), ("a", "z"))
    assert not matches(("took … s",), ("took 0.1 s", "more"))
    assert not matches(("a…z",), ("a", "z"))
    assert not matches(("a",), ("b",))


def test_of_progress_only_the_kinds_of_step_count() -> None:
    shown = ("✓ load 2 tables   7 rows   0.1 s", "✓ analyze 2 tables   0.0 s", "done")
    slow = ("✓ load a   5 rows   1.1 s", "✓ load b   2 rows   2.0 s", "✓ analyze 2 tables", "done")
    assert matches(shown, slow)
    assert not matches(shown, ("✓ load 2 tables", "done"))
    assert not matches(shown, (*slow[::-1],))


def test_a_page_that_shows_something_else_is_found(tmp_path: Path) -> None:
    page = "```console\n$ printf 'one\\ntwo\\n'\none\nthree\n$ false\n$ echo $?\n1\n```\n"
    (first, printed), (_, failed), (_, told) = run_page(page, tmp_path, {})
    assert printed == Ran(("one", "two"), 0)
    assert not matches(first.shown, printed.printed)
    assert failed.status == 1
    assert told.printed == ("1",)
    expected = page.replace("three", "two")
    assert console.accepted(page, run_page(page, tmp_path, {})) == expected


def test_a_file_block_is_written_before_the_commands_below_it(tmp_path: Path) -> None:
    page = '```toml a/b.toml\nx = "$y"\n```\n\n```console\n$ cat a/b.toml\nx = "$y"\n```\n'
    ((command, answer),) = run_page(page, tmp_path, {})
    assert matches(command.shown, answer.printed)
