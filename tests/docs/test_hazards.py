"""Every hazard is answered by a test, and the page of hazards says what the tests' marks say."""

from pathlib import Path

import pytest

from scripts import make_hazards
from scripts.make_hazards import Mark
from tests.hazards.rows import ROWS, UNMARKED, Row

HERE = Path(__file__)
ONE = Row("A1", "Part", "Section", "Something")


def test_every_row_is_answered_and_every_mark_answers_a_row() -> None:
    assert make_hazards.complaints(make_hazards.marks()) == []


def test_the_page_of_hazards_is_up_to_date() -> None:
    assert not make_hazards.stale(), f"write it: {make_hazards.COMMAND}"


def test_no_row_is_given_twice_and_none_is_left_out() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))
    sections = (13, 8, 11, 7, 5, 13, 6, 11, 10, 4)
    assert ids == [
        *(f"A{n}" for n in range(1, 77)),
        *(f"H{n}" for n in range(1, 39)),
        *(f"C{s}.{n}" for s, last in enumerate(sections, 1) for n in range(1, last + 1)),
    ]


@pytest.mark.parametrize(
    ("found", "unmarked", "said"),
    [
        ([], set(), "A1: no test answers to it"),
        ([Mark("A1", "refuses", HERE)], {"A1"}, "A1: take it out of UNMARKED"),
        ([Mark("A1", "refuses", HERE)], {"A9"}, "A9 of UNMARKED is no row"),
        (
            [Mark("A1", "refuses", HERE), Mark("Z1", "refuses", HERE, "test_it")],
            set(),
            "test_hazards.py::test_it: Z1 is no row",
        ),
    ],
)
def test_what_does_not_fit_is_said(found: list[Mark], unmarked: set[str], said: str) -> None:
    assert make_hazards.complaints(found, [ONE], frozenset(unmarked)) == [said]


def test_marks_are_found_on_tests_on_cases_and_on_modules(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(
        'pytestmark = pytest.mark.hazard("A1", "tells")\n'
        '@pytest.mark.hazard("A2", "refuses")\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.hazard("A3", "asks"))])\n'
        "def test_it(x): ...\n"
    )
    assert list(make_hazards.marks_of_module(path)) == [
        Mark("A1", "tells", path),
        Mark("A2", "refuses", path, "test_it"),
        Mark("A3", "asks", path, "test_it"),
    ]


def test_marks_of_a_case_stand_before_its_first_block(tmp_path: Path) -> None:
    path = tmp_path / "case.txt"
    path.write_text("A case.\nhazard A1 it refuses\n\n-- source --\nhazard A2 is SQL\n")
    assert list(make_hazards.marks_of_case(path)) == [Mark("A1", "it refuses", path)]


def test_a_row_without_a_mark_is_not_on_the_page() -> None:
    assert {row.id for row in ROWS} >= UNMARKED
    assert "| A1 |" not in make_hazards.page([], [ONE])
    assert "| A1 | Something | refuses a \\| b | [test_hazards::test_it]" in make_hazards.page(
        [Mark("A1", "refuses a | b", HERE, "test_it")], [ONE]
    )
