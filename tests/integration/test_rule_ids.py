"""Revision ids of at most 32 characters."""

import pytest

from tests.fix_rules import Ask, SetWriter

FITS = "a" * 32
TOO_LONG = "b" * 33


@pytest.mark.hazard("C9.8", "The rule `ids` finds revision ids of more than 32 characters")
def test_an_id_that_the_version_table_cannot_hold_is_a_breach(
    sqlite_set: SetWriter, ask: Ask
) -> None:
    (finding,) = ask("ids", sqlite_set.add(FITS, "pass").add(TOO_LONG, "pass"))
    assert finding.subject == f'revision "{TOO_LONG}" of "lite"'
    assert "33 characters" in finding.message
    assert f'revision = "{"b" * 32}"' in finding.hint
