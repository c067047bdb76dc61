"""What is decided of a column is decided from all its values; each that does not fit is named."""

import pytest

from cutover.errors import Refused
from tests.fix_move import MakeMove


@pytest.mark.hazard("A68", "reads every value, and not the first thousand, before it decides")
@pytest.mark.hazard("A75", "names table, column, class, key and value, and what settles it")
def test_a_value_far_down_is_found_before_anything_moves(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE readings (id INTEGER PRIMARY KEY, n INTEGER);"
        "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 25000)"
        " INSERT INTO readings SELECT n, n FROM up;"
        "INSERT INTO readings VALUES (25001, 'late')"
    )
    (found,) = move.plan().unsettled
    assert found.subject == '"readings"."n"'
    assert [(sample.key, sample.value) for sample in found.samples] == [((25_001,), "'late'")]
    said = f"{found.message} {found.detail} {found.hint}"
    assert all(word in said for word in ("text", "25001", "'late'", "[columns]"))
    with pytest.raises(Refused):
        move.apply()
    assert move.fetch("SELECT 1 FROM pg_class WHERE relname = 'readings'") == []


@pytest.mark.hazard("A69", "gives it the type that it was declared with, or text")
def test_a_column_of_nulls_has_the_type_that_it_was_declared_with(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b DATETIME, c BOOLEAN, d BLOB, e REAL);"
        "INSERT INTO t (id) VALUES (1), (2);"
    )
    assert move.passes()
    types = (
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = 't' ORDER BY ordinal_position"
    )
    assert move.fetch(types) == [
        ("id", "bigint"),
        ("a", "text"),
        ("b", "timestamp with time zone"),
        ("c", "boolean"),
        ("d", "bytea"),
        ("e", "double precision"),
    ]
