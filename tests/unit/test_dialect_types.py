"""From declared type and stored values to a type, a case for each rule."""

import pytest

from cutover.catalog import Check, Column, Identity, Index, IndexPart, Key, Table
from cutover.dialect.types import Choice, affinity, choose_type
from cutover.profile import ColumnProfile, Problem, Tally
from cutover.settings import ColumnSettings

Facts = dict[str, object]


def profile(**facts: object) -> ColumnProfile:
    classes = {
        name: Tally(int(str(facts.pop(name))))
        for name in ("null", "integer", "real", "text", "blob")
        if name in facts
    }
    forms = {form: Tally(n) for form, n in dict(facts.pop("forms", {})).items()}  # type: ignore[call-overload]
    problems = {p: Tally(1) for p in facts.pop("problems", ())}  # type: ignore[attr-defined]
    return ColumnProfile(column="c", classes=classes, forms=forms, problems=problems, **facts)  # type: ignore[arg-type]


def choose(declared: str, found: ColumnProfile, **more: object) -> Choice:
    settings = more.pop("settings", ColumnSettings())
    table_facts = more.pop("table", {})
    column = Column(name="c", type=declared, **more)  # type: ignore[arg-type]
    table = Table(name="t", columns=(column,), **table_facts)  # type: ignore[arg-type]
    return choose_type(column, found, settings=settings, table=table)  # type: ignore[arg-type]


NAIVE, ZONED, DAY = "YYYY-MM-DD HH:MM:SS", "YYYY-MM-DDTHH:MM:SSZ", "YYYY-MM-DD"
FLAGS = profile(integer=3, integer_min=0, integer_max=1)


@pytest.mark.parametrize(
    ("declared", "found", "type_"),
    [
        ("BOOLEAN", FLAGS, "boolean"),
        ("Boolean", profile(null=2), "boolean"),
        ("BOOLEAN", profile(integer=3, integer_min=0, integer_max=2), "bigint"),
        ("INTEGER", FLAGS, "bigint"),
        ("INTEGER", profile(text=3, forms={"other": 3}), "text"),
        ("INTEGER", profile(integer=3, text=1, integer_min=0, integer_max=1), "bigint"),
        ("REAL", profile(real=1), "double precision"),
        ("NUMERIC(10,2)", profile(real=2, integer=1, real_min=0.5, real_max=0.9), "numeric"),
        ("DECIMAL", profile(real=1, real_min=1.0, real_max=float("inf")), "double precision"),
        ("VARCHAR(20)", profile(text=1, forms={"other": 1}), "text"),
        ("TEXT", profile(blob=2), "bytea"),
        ("BLOB", profile(text=2, forms={"other": 2}), "text"),
        ("BLOB", profile(blob=1, text=1, forms={"other": 1}), "bytea"),
        ("BLOB", profile(), "bytea"),
        ("", profile(integer=1, integer_min=1, integer_max=1), "bigint"),
        ("", profile(integer=1, real=1), "double precision"),
        ("", profile(null=1), "text"),
        ("STRING", profile(integer=1, text=1, forms={"other": 1}), "text"),
        ("UUID", profile(text=2, forms={"uuid": 2}), "text"),
        ("JSON", profile(text=2, json_checked=True), "jsonb"),
        ("JSON", profile(text=2, json_checked=True, problems=(Problem.NOT_JSON,)), "text"),
        ("JSON", profile(text=2, json_checked=True, problems=(Problem.JSON_NUL,)), "text"),
        ("JSON", profile(text=2), "text"),
        ("DATETIME", profile(text=2, forms={NAIVE: 2}), "timestamptz"),
        ("DATETIME", profile(text=2, forms={DAY: 2}), "timestamptz"),
        ("DATETIME", profile(text=2, forms={NAIVE: 1, "empty": 1}), "timestamptz"),
        ("DATETIME", profile(text=2, forms={"other": 2}), "text"),
        ("TIMESTAMP", profile(), "timestamptz"),
        (
            "DATETIME",
            profile(integer=1, integer_min=1_700_000_000, integer_max=1_700_000_001),
            "timestamptz",
        ),
        ("DATETIME", profile(integer=1, integer_min=5, integer_max=9), "bigint"),
        ("DATE", profile(text=2, forms={DAY: 2}), "date"),
        ("DATE", profile(text=2, forms={DAY: 1, NAIVE: 1}), "timestamptz"),
        ("TEXT", profile(text=2, forms={NAIVE: 2}), "timestamptz"),
        ("TEXT", profile(text=2, forms={ZONED: 2}), "timestamptz"),
        ("TEXT", profile(text=2, forms={DAY: 2}), "date"),
        ("TEXT", profile(text=2, forms={NAIVE: 1, ZONED: 1}), "text"),
        ("TEXT", profile(text=2, forms={NAIVE: 1, "other": 1}), "text"),
        (
            "TEXT",
            profile(text=2, forms={NAIVE: 2}, problems=(Problem.NO_SUCH_INSTANT,)),
            "text",
        ),
    ],
)
def test_stored_values_decide(declared: str, found: ColumnProfile, type_: str) -> None:
    choice = choose(declared, found)
    assert choice.type == type_
    assert choice.reason


def test_a_setting_wins_over_all_evidence() -> None:
    assert choose("TEXT", FLAGS, settings=ColumnSettings(type="uuid")).type == "uuid"


def test_a_rowid_has_64_bits() -> None:
    assert choose("INTEGER", FLAGS, identity=Identity.ROWID).type == "bigint"


@pytest.mark.parametrize("text", ["c IN (0, 1)", "c IN (1,0) OR c IS NULL", "c BETWEEN 0 AND 1"])
def test_a_check_for_0_and_1_makes_an_integer_a_flag(text: str) -> None:
    table = {"checks": (Check(name=None, expression=text),)}
    assert choose("INTEGER", FLAGS, table=table).type == "boolean"


def test_a_check_for_0_1_and_2_does_not() -> None:
    table = {"checks": (Check(name=None, expression="c IN (0, 1, 2)"),)}
    assert choose("INTEGER", FLAGS, table=table).type == "bigint"


def test_naive_datetimes_are_assumed_to_be_utc_and_zoned_ones_say_themselves() -> None:
    assert choose("DATETIME", profile(text=2, forms={NAIVE: 2})).zone == "UTC"
    assert choose("DATETIME", profile(text=2, forms={ZONED: 2})).zone is None


def test_a_mix_of_naive_and_zoned_is_left_for_a_person_to_settle() -> None:
    choice = choose("DATETIME", profile(text=2, forms={NAIVE: 1, ZONED: 1}))
    assert (choice.type, choice.zone) == ("timestamptz", None)


@pytest.mark.parametrize(
    "table",
    [
        {"primary_key": Key(name=None, columns=("c",))},
        {"checks": (Check(name=None, expression="length(c) > 3"),)},
        {"indexes": (Index(name="i", parts=(IndexPart(column="c"),), unique=True),)},
        {"indexes": (Index(name="i", parts=(IndexPart(column="n"),), predicate="C != ''"),)},
    ],
)
def test_datetimes_that_are_compared_as_text_stay_text(table: Facts) -> None:
    assert choose("TEXT", profile(text=2, forms={NAIVE: 2}), table=table).type == "text"


def test_a_default_that_is_no_datetime_keeps_the_column_text() -> None:
    assert choose("TEXT", profile(text=2, forms={NAIVE: 2}), default="''").type == "text"


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("POINT", "INTEGER"),
        ("VARCHAR(3)", "TEXT"),
        ("CHARINT", "INTEGER"),
        ("", "BLOB"),
        ("DOUBLE PRECISION", "REAL"),
        ("STRING", "NUMERIC"),
        ("JSON", "NUMERIC"),
    ],
)
@pytest.mark.hazard("A53", "an unknown declared type has the affinity that SQLite gives it")
def test_affinity_is_found_by_substring_in_sqlites_order(declared: str, found: str) -> None:
    assert affinity(declared) == found
