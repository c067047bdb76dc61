"""A form is how a text looks, and a profile answers for what was not seen."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.profile import (
    FORM_CHARACTERS_MAX,
    ColumnProfile,
    Form,
    Problem,
    Sample,
    TableProfile,
    Tally,
    form_of,
    form_of_shape,
    fraction_digits,
    has_zone,
    is_date,
    is_datetime,
    is_time,
    shape_of,
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", Form.EMPTY),
        ("0", Form.INTEGER),
        ("-17", Form.INTEGER),
        ("+007", Form.INTEGER),
        ("1.5", Form.REAL),
        ("-.5", Form.REAL),
        ("3.", Form.REAL),
        ("1e5", Form.REAL),
        ("2.5E-10", Form.REAL),
        ("550e8400-e29b-41d4-a716-446655440000", Form.UUID),
        ("550E8400-E29B-41D4-A716-446655440000", Form.UUID),
        ("true", Form.BOOLEAN),
        ("No", Form.BOOLEAN),
        ("2026-03-22", "YYYY-MM-DD"),
        ("2026-03-22 00:30", "YYYY-MM-DD HH:MM"),
        ("2026-03-22 00:30:19", "YYYY-MM-DD HH:MM:SS"),
        ("2026-03-22T00:30:19Z", "YYYY-MM-DDTHH:MM:SSZ"),
        ("2026-06-28T09:00:00.1234567+00:00", "YYYY-MM-DDTHH:MM:SS.fffffff+HH:MM"),
        ("2026-06-28 09:00:00.12", "YYYY-MM-DD HH:MM:SS.ff"),
        ("2026-06-28 09:00:00-0530", "YYYY-MM-DD HH:MM:SS+HHMM"),
        ("2026-06-28 09:00:00-05", "YYYY-MM-DD HH:MM:SS+HH"),
        ("09:00", "HH:MM"),
        ("09:00:01.250", "HH:MM:SS.fff"),
        ("550e8400e29b41d4a716446655440000", Form.OTHER),
        ("2026-3-2", Form.OTHER),
        ("2026-03-22 ", Form.OTHER),
        ("2026-03-22 00:30:19.1234567890", Form.OTHER),
        ("maybe", Form.OTHER),
        ("٣", Form.OTHER),
        ("1\n", Form.OTHER),
        ("9" * (FORM_CHARACTERS_MAX + 1), Form.OTHER),
    ],
)
def test_a_text_has_a_form(text: str, form: str) -> None:
    assert form_of(text) == form


@settings(deadline=None)
@given(st.text("0123456789T:-+. Ze", max_size=FORM_CHARACTERS_MAX))
def test_texts_of_one_shape_have_one_form_unless_they_are_uuids(text: str) -> None:
    assert form_of(text) == form_of_shape(shape_of(text)) or form_of(text) == Form.UUID


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_shape_has_no_digit_but_nine(text: str) -> None:
    shape = shape_of(text)
    assert not re.search("[0-8]", shape)
    assert len(shape) == len(text)


@pytest.mark.parametrize(
    ("form", "facts", "digits"),
    [
        ("YYYY-MM-DD", {"date"}, 0),
        ("HH:MM:SS.fff", {"time"}, 3),
        ("YYYY-MM-DD HH:MM:SS", {"datetime"}, 0),
        ("YYYY-MM-DD HH:MM:SS.fffffff", {"datetime"}, 7),
        ("YYYY-MM-DDTHH:MM:SS.ff+HH:MM", {"datetime", "zone"}, 2),
        ("YYYY-MM-DDTHH:MMZ", {"datetime", "zone"}, 0),
        (Form.OTHER, set(), 0),
        (Form.BOOLEAN, set(), 0),
    ],
)
def test_a_form_says_what_it_is(form: str, facts: set[str], digits: int) -> None:
    questions = {"date": is_date, "time": is_time, "datetime": is_datetime, "zone": has_zone}
    assert {name for name, question in questions.items() if question(form)} == facts
    assert fraction_digits(form) == digits


def test_a_profile_answers_for_what_was_not_seen() -> None:
    column = ColumnProfile(column="a", classes={"null": Tally(2), "text": Tally(5)})
    assert (column.rows, column.values) == (7, 5)
    assert (column.count("text"), column.count("blob")) == (5, 0)
    assert column.problem(Problem.NUL) == Tally()


def test_a_profile_gives_its_tallies_by_name() -> None:
    tally = Tally(1, (Sample((3,), "'a'"),))
    column = ColumnProfile(column="a", problems={"NUL character in text": tally})
    assert column.problem(Problem.NUL) == tally


def test_a_column_that_was_not_scanned_has_an_empty_profile() -> None:
    table = TableProfile(table="t", rows=1, columns=(ColumnProfile(column="a"),))
    assert table.column("a") == ColumnProfile(column="a")
    assert table.column("b").rows == 0
