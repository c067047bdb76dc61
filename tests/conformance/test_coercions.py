"""What every coercion keeps to, whoever writes the next one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cutover.abc import Coercion, ColumnFacts
from cutover.profile import Stored
from cutover.registry import coercions
from tests import coercion_facts
from tests.coercion_facts import coercion_of

ENUM = "mood"
LABELS = ("sad", "ok", "happy")
TYPES = (
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(10,2)",
    "text",
    "character varying",
    "character varying(40)",
    "character(40)",
    "citext",
    "public.citext",
    "name",
    '"char"',
    "bytea",
    "json",
    "jsonb",
    "uuid",
    "date",
    "time without time zone",
    "time(3) without time zone",
    "timestamp with time zone",
    "timestamp(3) with time zone",
    "timestamp without time zone",
    "time with time zone",
    "interval",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "text[]",
    "bigint[]",
    "numeric[]",
    "boolean[]",
    "uuid[]",
    ENUM,
)
OTHER_TYPES = ("interval(3)", "point", "point[]", "tsvector", "money", "xml", "bit(3)", "int4range")

GARBAGE: Sequence[Stored] = (
    "",
    " ",
    "maybe",
    "infinity",
    "NaN",
    "a\0b",
    "\udcff",
    "\\",
    "{",
    "[" * 5000,
    '"\\u0000"',
    "2026-02-30",
    "2026-06-28 25:00:00Z",
    "0000-01-01",
    "9" * 5000,
    "1e999999999",
    "٣",
    "x" * 100_000,
    b"",
    b"\xff\x00",
    0,
    2,
    -(2**63),
    2**63 - 1,
    0.5,
    -0.0,
    5e-324,
    1.7976931348623157e308,
    float("inf"),
    float("-inf"),
)

SETTINGS: Sequence[dict[str, Any]] = (
    {},
    {"empty": "null", "zone": "UTC", "unit": "s", "nul": "escape"},
    {"empty": "null", "zone": "Europe/Berlin", "unit": "ns", "nul": "strip"},
    {"zone": "No/Such", "unit": "us", "nul": "null"},
    {"invalid": "null", "empty": "null", "zone": "UTC", "unit": "julian", "nul": "escape"}
    | {"utf8": "escape", "overlong": "null", "json": "null", "fraction": "truncate"},
    {"invalid": "null", "boolean": "nonzero", "fraction": "round", "utf8": "replace"}
    | {"overlong": "truncate", "json": "string", "nul": "strip"},
)


def facts_of(values: Sequence[Stored], type_: str, **settings: Any) -> ColumnFacts:
    """Return the facts of a column, of which only an enum has labels."""
    labels = LABELS if type_ == ENUM else ()
    return coercion_facts.facts_of(values, type_, labels=labels, **settings)


LEAVES = tuple(coercions.all().values())


def _is_claimed(leaf: Coercion, type_: str) -> bool:
    return leaf.claims(facts_of([None], type_))


@pytest.mark.parametrize("type_", TYPES)
def test_exactly_one_coercion_claims_a_supported_type(type_: str) -> None:
    assert sum(_is_claimed(leaf, type_) for leaf in LEAVES) == 1


@pytest.mark.parametrize("type_", OTHER_TYPES)
def test_no_coercion_claims_another_type(type_: str) -> None:
    assert not any(_is_claimed(leaf, type_) for leaf in LEAVES)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
def test_a_coercion_has_a_test_file_of_its_name(leaf: Coercion) -> None:
    unit = Path(__file__).parent.parent / "unit"
    assert (unit / f"test_coercion_{leaf.name}.py").is_file()
    assert coercions.get(leaf.name) is leaf


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("type_", TYPES)
def test_a_ruling_is_deterministic_and_can_be_written_as_json(
    type_: str, settings: dict[str, Any]
) -> None:
    first, second = (facts_of([None, *GARBAGE], type_, **settings) for _ in range(2))
    ruling = coercion_of(first).rule(first)
    assert ruling == coercion_of(second).rule(second)
    assert all(type(k) is str and type(v) is str for k, v in ruling.options.items())
    assert json.loads(json.dumps(asdict(ruling)))["options"] == dict(ruling.options)


@pytest.mark.parametrize("type_", [t for t in TYPES if t not in ("text", "character varying")])
def test_garbage_is_unsettled_with_a_message_and_a_hint(type_: str) -> None:
    facts = facts_of(GARBAGE, type_)
    ruling = coercion_of(facts).rule(facts)
    assert ruling.unsettled
    for finding in ruling.unsettled:
        assert finding.check == coercion_of(facts).name
        assert finding.subject == '"messages"."sent_at"'
        assert finding.kind == "unsettled"
        assert '"messages"."sent_at"' in finding.message
        assert '"messages"' in finding.hint or "messages.sent_at" in finding.hint
        assert finding.count >= 1


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("type_", TYPES)
def test_a_value_is_converted_or_refused_with_a_value_error(
    type_: str, settings: dict[str, Any]
) -> None:
    """Also what the profile refused: a rehearsal loads the other rows."""
    facts = facts_of(GARBAGE, type_, **settings)
    leaf = coercion_of(facts)
    options = leaf.rule(facts).options
    convert, means = leaf.convert(options), leaf.meaning_of_stored(options)
    assert convert is not None, "a column with refused values must not be sent as it is"
    for value in GARBAGE:
        for function in (convert, means):
            if function is not None:
                _call(function, value)


def _call(function: Any, value: Stored) -> None:
    try:
        answer = function(value)
    except ValueError:
        return
    hash(answer)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.hazard("A69", "a column of NULLs only follows the target's type")
def test_an_empty_column_is_settled_and_its_options_work(type_: str) -> None:
    facts = facts_of([None, None], type_)
    leaf = coercion_of(facts)
    ruling = leaf.rule(facts)
    assert ruling.unsettled == ()
    assert ruling.changes == ()
    leaf.convert(ruling.options)
    leaf.alters(ruling.options)
    leaf.meaning_of_stored(ruling.options)
    leaf.meaning_of_loaded(ruling.options)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("type_", TYPES)
def test_what_load_enters_in_the_ledger_is_a_change_of_the_plan(
    type_: str, settings: dict[str, Any]
) -> None:
    facts = facts_of(GARBAGE, type_, **settings)
    leaf = coercion_of(facts)
    ruling = leaf.rule(facts)
    convert, altered = leaf.convert(ruling.options), leaf.alters(ruling.options)
    assert convert is not None
    rules = {change.rule for change in ruling.changes}
    for value in GARBAGE:
        try:
            convert(value)
        except ValueError:
            continue
        assert altered(value) in {None, *rules}


@pytest.mark.parametrize(
    ("type_", "loaded"),
    [
        ("timestamp with time zone", "infinity"),
        ("timestamp with time zone", "0044-03-15 00:00:00+00 BC"),
        ("timestamp with time zone", "294276-12-31 00:00:00+00"),
        ("timestamp without time zone", "-infinity"),
        ("date", "infinity"),
        ("date", "0044-03-15 BC"),
        ("time without time zone", "24:00:00"),
        ("numeric", "NaN"),
        ("numeric", "-Infinity"),
        ("numeric", "9" * 100_000),
        ("double precision", float("nan")),
        ("jsonb", "[" * 400 + "]" * 400),
        ("jsonb", "9" * 100_000),
        ("character(3)", "   "),
    ],
)
def test_whatever_the_server_holds_has_a_meaning(type_: str, loaded: Any) -> None:
    facts = facts_of([None], type_)
    leaf = coercion_of(facts)
    meaning = leaf.meaning_of_loaded(leaf.rule(facts).options)
    hash(loaded if meaning is None else meaning(loaded))
