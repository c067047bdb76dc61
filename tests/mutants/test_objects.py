"""Damage one object of the target after a good load: verify names it.

The rows of docs/reference/verify-table.md are what these tests found.
"""

from operator import attrgetter

import psycopg
import pytest

from tests.fix_move import Move
from tests.mutants.objects import DAMAGES, Damage
from tests.mutants.page import assert_on_page, found_row, row
from tests.mutants.unseen import UNSEEN, Unseen

HAZARDS = {
    "a partial unique index loses its predicate": pytest.mark.hazard("A28", "verify names it"),
    "its predicate has another literal": pytest.mark.hazard(
        "H25",
        "verify names a predicate that selects other rows",
    ),
    "it is no longer unique": pytest.mark.hazard(
        "A28", "verify names a unique index that no longer is one"
    ),
    "an index loses its DESC": pytest.mark.hazard(
        "A32", "verify names an index that lost its DESC"
    ),
    "an index sorts NULLs elsewhere": pytest.mark.hazard(
        "H29", "verify names an index with NULLs at its other end"
    ),
    "an index is renamed": pytest.mark.hazard(
        "A73", "verify misses an index by the name that the set gives it"
    ),
    "it is dropped": pytest.mark.hazard("A71", "verify names an index that is gone"),
    "a foreign key is dropped": pytest.mark.hazard(
        "A71", "verify names a foreign key that is gone"
    ),
    "a guard is dropped": pytest.mark.hazard("A34", "verify names a guard that is gone"),
    "a guard returns, and doesn't raise": pytest.mark.hazard(
        "H26", "verify tries each guard, and undoes it"
    ),
    "the guard against TRUNCATE is dropped": pytest.mark.hazard(
        "A35", "verify names the missing guard"
    ),
    "all triggers of a table are off": pytest.mark.hazard(
        "A35", "verify tries UPDATE, DELETE and TRUNCATE"
    ),
    "a guard is disabled": pytest.mark.hazard(
        "A36", "verify compares each trigger's enabled state"
    ),
    "a trigger is added": pytest.mark.hazard(
        "A37", "verify names a trigger that the set doesn't make"
    ),
    "a guard is for UPDATE alone": pytest.mark.hazard(
        "A38", "verify compares what each trigger fires for"
    ),
    "a sequence is moved back": pytest.mark.hazard(
        "A39", "verify names a sequence that would repeat a number"
    ),
    "a sequence starts again": pytest.mark.hazard(
        "H20", "verify names a sequence that would repeat a number"
    ),
    "a sequence counts down": pytest.mark.hazard("A40", "verify asks an identity's own sequence"),
    "a sequence forgets a number whose row is gone": pytest.mark.hazard(
        "A41",
        "verify holds the sequence against the highest number ever used",
    ),
    "an identity is dropped": pytest.mark.hazard(
        "A42", "verify names a key that numbers itself no longer"
    ),
    "a column is renamed": pytest.mark.hazard(
        "A43", "verify takes names as they are, case included"
    ),
    "a generated column becomes a plain one": pytest.mark.hazard("A54", "verify names it"),
    "a generated column has another expression": pytest.mark.hazard(
        "A54", "verify compares the computed values too"
    ),
}

CASES = [
    pytest.param(
        damage,
        id=damage.name,
        marks=[HAZARDS[damage.name]] if damage.name in HAZARDS else [],
    )
    for damages in DAMAGES.values()
    for damage in damages
]


@pytest.mark.parametrize("damage", CASES)
def test_a_damaged_object_is_named(damage: Damage, loaded: Move) -> None:
    loaded.execute("SET allow_system_table_mods = on", *damage.statements)
    findings = loaded.verify().outcome.findings
    named = {(finding.check, finding.kind, finding.subject) for finding in findings}
    assert (damage.check, damage.kind, damage.subject) in named
    assert_on_page(found_row(damage, findings))


@pytest.mark.parametrize("change", UNSEEN, ids=attrgetter("name"))
def test_what_the_page_says_is_not_asked_passes(change: Unseen, loaded: Move) -> None:
    loaded.execute(*change.statements)
    assert loaded.verify().outcome.findings == ()
    assert_on_page(row(change.name, change.why))


@pytest.mark.hazard("A28", "has the target refuse a pair that SQLite would, and no other")
@pytest.mark.hazard("H25", "builds the index after the load, with the same predicate")
def test_a_partial_unique_index_refuses_a_conflicting_pair_and_no_other(loaded: Move) -> None:
    insert = "INSERT INTO owners (email, name, state) VALUES ('{}', 'Twin', '{}')"
    loaded.execute(insert.format("one", "new"), insert.format("two", "new"))
    loaded.execute(insert.format("three", "open"))
    with pytest.raises(psycopg.errors.UniqueViolation, match="ux_owners_open"):
        loaded.execute(insert.format("four", "open"))


def test_the_hazards_are_of_damages_that_there_are() -> None:
    names = {damage.name for damages in DAMAGES.values() for damage in damages}
    assert names >= HAZARDS.keys()
