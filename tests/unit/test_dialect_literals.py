"""A value that is shown can be read, harms no terminal, and is SQL that SQLite reads back."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.dialect.literals import CHARACTERS_MAX, literal
from cutover.profile import Stored


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "NULL"),
        (7, "7"),
        (1.5, "1.5"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("Ünï 日本", "'Ünï 日本'"),
        ("a\0b", "'a' || char(0) || 'b'"),
        ("\x1b[31m", "char(27) || '[31m'"),
        ("one\ntwo", "'one' || char(10) || 'two'"),
        ("\u202egpj.exe", "char(8238) || 'gpj.exe'"),
        ("Ann\udce9", "CAST(x'416e6ee9' AS TEXT)"),
        (b"", "x''"),
        (b"\xff\0", "x'ff00'"),
    ],
)
def test_a_value_is_shown_as_sql(value: Stored, shown: str) -> None:
    assert literal(value) == shown


@given(st.text(max_size=200) | st.binary(max_size=200) | st.floats() | st.none())
def test_what_is_shown_is_short_and_can_be_printed_anywhere(value: Stored) -> None:
    shown = literal(value)
    assert len(shown) <= CHARACTERS_MAX
    shown.encode()
    assert all(character.isprintable() or ord(character) >= 0xA0 for character in shown)


@given(st.text(max_size=8).filter(lambda text: "\ufeff" not in text) | st.binary(max_size=20))
def test_what_was_not_cut_reads_back_as_the_value(value: str | bytes) -> None:
    shown = literal(value)
    if not shown.endswith("…"):
        connection = sqlite3.connect(":memory:")
        assert connection.execute(f"SELECT {shown}").fetchone() == (value,)
        connection.close()
