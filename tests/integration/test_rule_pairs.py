"""Every revision has its counterpart, or says why it has none."""

from pathlib import Path

import pytest

from cutover.catalog import Provider
from cutover.locate import Locator
from tests.fix_rules import Ask, SetWriter


def test_one_id_makes_a_pair_and_one_alone_is_a_breach_on_either_side(
    sqlite_set: SetWriter, postgres_set: SetWriter, ask: Ask
) -> None:
    sqlite_set.add("one", "pass").add("lite_only", "pass")
    postgres_set.add("one", "pass").add("server_only", "pass")
    found = ask("pairs", sqlite_set, postgres_set)
    assert [(f.subject, f.message) for f in found] == [
        ('revision "lite_only" of "lite"', "it has no counterpart"),
        ('revision "server_only" of "server"', "it has no counterpart"),
    ]
    assert found[0].detail == 'looked for in "server"'


def test_a_revision_may_name_its_pair(
    sqlite_set: SetWriter, postgres_set: SetWriter, ask: Ask
) -> None:
    sqlite_set.add("lite_one", "pass")
    postgres_set.add("server_one", "pass", words='pairs = "lite_one"')
    assert ask("pairs", sqlite_set, postgres_set) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('unpaired = "one process needs no lease"', None),
        ('unpaired = " "', "it is waived without a reason"),
        ('pairs = "nobody"', 'it names "nobody" as its pair, and there is no such revision'),
    ],
)
def test_what_the_words_of_a_lone_revision_are_worth(
    sqlite_set: SetWriter, postgres_set: SetWriter, ask: Ask, words: str, message: str | None
) -> None:
    sqlite_set.add("one", "pass")
    postgres_set.add("one", "pass").add("two", "pass", words=words)
    found = [finding.message for finding in ask("pairs", sqlite_set, postgres_set)]
    assert found == ([message] if message else [])


def test_a_waiver_of_a_revision_that_is_paired_is_a_breach(
    sqlite_set: SetWriter, postgres_set: SetWriter, ask: Ask
) -> None:
    sqlite_set.add("one", "pass", words='unpaired = "once upon a time"')
    postgres_set.add("one", "pass")
    (finding,) = ask("pairs", sqlite_set, postgres_set)
    assert finding.message == "it is waived, and has a counterpart"


def test_several_sqlite_sets_together_are_one_counterpart(
    tmp_path: Path, sqlite_set: SetWriter, postgres_set: SetWriter, ask: Ask
) -> None:
    second = SetWriter(tmp_path / "lite_two", Provider.SQLITE).add("two", "pass")
    postgres_set.add("one", "pass").add("two", "pass")
    assert ask("pairs", sqlite_set.add("one", "pass"), second, postgres_set) == []
    (finding,) = ask("pairs", sqlite_set, postgres_set)
    assert finding.subject == 'revision "two" of "server"'


def test_a_set_alone_has_nothing_to_be_paired_with(sqlite_set: SetWriter, ask: Ask) -> None:
    assert ask("pairs", sqlite_set.add("one", "pass")) == []


def test_sets_of_one_name_are_told_apart_by_their_folders(tmp_path: Path, ask: Ask) -> None:
    lite = SetWriter(tmp_path / "lite" / "alembic", Provider.SQLITE).add("one", "pass")
    server = SetWriter(tmp_path / "server" / "alembic", Provider.POSTGRES).add("two", "pass")
    found = ask("pairs", lite, server)
    assert [finding.subject for finding in found] == [
        'revision "one" of "lite/alembic"',
        'revision "two" of "server/alembic"',
    ]
    places = [
        Locator([lite.set.directory, server.set.directory], base=tmp_path).of(f) for f in found
    ]
    assert [place.path for place in places if place] == [
        "lite/alembic/versions/one.py",
        "server/alembic/versions/two.py",
    ]
