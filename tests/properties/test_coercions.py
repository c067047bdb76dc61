"""Whatever a ruling accepts arrives in a real server and agrees; whatever was altered does not."""

import ipaddress
import json
import math
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import sql

from cutover.abc import ColumnFunction
from cutover.compare.values import read_column
from cutover.profile import Stored
from cutover.targets.postgres.connect import Connection
from tests.coercion_facts import Coerced

round_trips = settings(
    max_examples=10,
    deadline=None,
    # The connection is rolled back after every example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)

characters = st.characters(codec="utf-8", exclude_characters="\0")
text = st.text(characters, max_size=20)
text_with_nul = st.text(st.sampled_from("\0\\0ab"), max_size=8)
integers = st.integers(-(2**63), 2**63 - 1)
reals = st.floats(allow_nan=False)
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001 - clock readings
fractions = st.from_regex(r"\A(?:\.[0-9]{1,9})?\Z")
offsets = st.sampled_from(["Z", "+00:00", "-00:00", "+02:00", "-0530", "+14", "-11:45", "+15:59"])
separators = st.sampled_from("T ")

finite = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | finite | text
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
json_texts = st.builds(
    lambda document, ascii_, blanks: json.dumps(
        document, ensure_ascii=ascii_, separators=(", ", ": ") if blanks else (",", ":")
    ),
    documents,
    st.booleans(),
    st.booleans(),
)


@st.composite
def naive_texts(draw: st.DrawFn) -> str:
    """Draw a date and time in any spelling without an offset."""
    moment, seconds = draw(moments), draw(st.booleans())
    clock = f"{moment:%H:%M:%S}{draw(fractions)}" if seconds else f"{moment:%H:%M}"
    return f"{moment.date().isoformat()}{draw(separators)}{clock}"


zoned_texts = st.builds(str.__add__, naive_texts(), offsets)
dates = st.dates().map(lambda day: day.isoformat())
times = st.builds(
    lambda at, fraction: f"{at:%H:%M:%S}{fraction}", st.times(), fractions
) | st.times().map(lambda at: f"{at:%H:%M}")
seconds = st.integers(-62135596800, 253402300799)
real_seconds = st.floats(-62135596800, 253402300799)
uuids = st.uuids().flatmap(
    lambda value: st.sampled_from([str(value), str(value).upper(), value.hex, value.bytes])
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**12).map(str)


julian_days = st.floats(2_400_000.25, 2_499_999) | st.integers(2_400_000, 2_499_999)
small_reals = st.floats(-(2.0**30), 2.0**30)
odd = st.sampled_from(
    ["abc", "", "0000-00-00", "1_000", "٣", "0x10", b"\xff", "NaN", "1e5", "24:00"]
)
odd_text = st.text(st.sampled_from("\0\\0xff8é\udcff\udc80"), max_size=8)
odd_documents = st.recursive(
    st.text(st.sampled_from("\0\ud800\udc00\\u0a"), max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text_with_nul, inner, max_size=3),
    max_leaves=6,
).map(json.dumps)
loose_texts = st.builds(
    lambda at, zone: f"{at:%Y-%m-%dt%H:%M:%S}{zone}",
    st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 31)),  # noqa: DTZ001 - clock readings
    st.sampled_from(["z", " UTC", " +0000 UTC", "+05:30:15", ",25Z", ""]),
) | st.sampled_from(["infinity", "-Infinity", "2026-12-31 24:00:00", "2026-02-28T24:00Z"])
counts = st.integers(-99_999, 99_999)
intervals = st.builds(
    lambda y, m, d, h, s: f"P{y}Y{m}M{d}DT{h}H{s}S",
    *(counts, counts, counts, counts),
    st.decimals(-1000, 1000, places=7).map(lambda number: f"{number:f}"),
) | st.builds(
    lambda y, m, d, at: f"{y} years {m} mons {d} days {at}", counts, counts, counts, st.times()
)
masked = st.ip_addresses().flatmap(
    lambda address: st.integers(0, address.max_prefixlen).map(lambda bits: f"{address}/{bits}")
)
networks = masked.map(lambda text: str(ipaddress.ip_network(text, strict=False)))


@dataclass(frozen=True)
class Case:
    """One target type, the stored values to try, and the settings they need."""

    type: str
    values: st.SearchStrategy[Any]
    settings: dict[str, Any] = field(default_factory=dict)
    id: str = ""


CASES = (
    Case("boolean", st.sampled_from([0, 1]), id="bits"),
    Case(
        "boolean",
        st.sampled_from([0, 1, 0.0, 1.0, "true", "F", "Yes", "no", "ON", "off", "t", "1", ""]),
        {"empty": "null"},
        id="words",
    ),
    Case("timestamp with time zone", zoned_texts),
    Case("timestamp with time zone", naive_texts() | dates, {"zone": "UTC"}, id="naive"),
    Case(
        "timestamp with time zone",
        naive_texts() | zoned_texts | st.just(""),
        {"zone": "America/New_York", "empty": "null"},
        id="new york",
    ),
    Case("timestamp with time zone", seconds | real_seconds, {"unit": "s"}, id="s"),
    Case("timestamp with time zone", st.floats(1.1e11, 9e12) | zoned_texts, {}, id="ms"),
    Case("timestamp with time zone", integers, {"unit": "us"}, id="us"),
    Case("timestamp with time zone", integers, {"unit": "ns"}, id="ns"),
    Case("timestamp with time zone", seconds.map(str), {"unit": "s"}, id="digits"),
    Case("timestamp without time zone", naive_texts() | dates),
    Case(
        "timestamp without time zone",
        naive_texts() | zoned_texts | st.integers(2 * 10**8, 9 * 10**9),
        {"zone": "Australia/Lord_Howe"},
        id="lord howe",
    ),
    Case("date", dates),
    Case("time without time zone", times),
    Case("smallint", st.integers(-(2**15), 2**15 - 1) | st.integers(-9, 9).map(float)),
    Case("bigint", integers | integers.map(str) | st.integers(-(2**53), 2**53).map(float)),
    Case("double precision", reals | st.integers(-(2**53), 2**53)),
    Case("numeric", integers | reals.filter(math.isfinite) | decimals),
    Case("numeric(12,3)", st.integers(-(10**8), 10**8) | st.floats(-(10**8), 10**8) | decimals),
    Case("text", text),
    Case("text", text | integers | reals, id="numbers"),
    Case("text", text_with_nul, {"nul": "escape"}, id="escape"),
    Case("text", text_with_nul, {"nul": "strip"}, id="strip"),
    Case("text", text_with_nul, {"nul": "null"}, id="null"),
    Case("character varying(20)", text),
    Case("character(20)", text),
    Case("name", st.text(characters, max_size=15)),
    Case("jsonb", json_texts),
    Case("jsonb", json_texts | json_texts.map(str.encode) | integers | finite, id="bytes"),
    Case("json", json_texts | json_texts.map(str.encode) | integers | finite),
    Case("uuid", uuids),
    Case("bytea", st.binary(max_size=30) | text),
    Case("real", st.floats(width=32, allow_nan=False) | st.integers(-(2**24), 2**24)),
    Case("real", st.floats(-1e38, 1e38) | integers, {"fraction": "round"}, id="round"),
    Case("integer", small_reals | decimals | odd, {"fraction": "round", "invalid": "null"}),
    Case("bigint", small_reals | odd, {"fraction": "truncate", "invalid": "null"}, id="truncate"),
    Case("numeric(20,3)", small_reals | decimals, {"fraction": "round"}, id="round"),
    Case("numeric(20,3)", small_reals | decimals, {"fraction": "truncate"}, id="truncate"),
    Case("double precision", reals | decimals | odd, {"invalid": "null"}, id="digits"),
    Case(
        "boolean", integers | reals | odd, {"boolean": "nonzero", "invalid": "null"}, id="nonzero"
    ),
    Case("character varying(5)", text | integers | reals, {"overlong": "truncate"}, id="cut"),
    Case("character(5)", text | integers, {"overlong": "null"}, id="overlong as null"),
    Case("text", odd_text, {"utf8": "escape", "nul": "escape"}, id="escape both"),
    Case("text", odd_text, {"utf8": "replace", "nul": "strip"}, id="replace"),
    Case("text", odd_text, {"utf8": "null", "nul": "null"}, id="odd as null"),
    Case("jsonb", json_texts | text, {"json": "string"}, id="string"),
    Case("jsonb", json_texts | text | st.binary(max_size=5), {"json": "null"}, id="json as null"),
    Case("jsonb", odd_documents, {"nul": "escape"}, id="odd documents"),
    Case("jsonb", odd_documents, {"nul": "strip"}, id="strip"),
    Case("json", json_texts | text, {"json": "string"}, id="string"),
    Case("timestamp with time zone", julian_days, {}, id="julian"),
    Case(
        "timestamp with time zone",
        naive_texts() | zoned_texts | loose_texts | seconds | odd,
        {"zone": "UTC", "unit": "s", "invalid": "null", "empty": "null"},
        id="anything",
    ),
    Case("timestamp without time zone", naive_texts() | loose_texts, {"zone": "UTC"}, id="loose"),
    Case("timestamp(3) with time zone", zoned_texts, {"fraction": "round"}, id="round"),
    Case("timestamp(0) without time zone", naive_texts(), {"fraction": "truncate"}, id="truncate"),
    Case("date", dates | odd, {"invalid": "null", "empty": "null"}, id="invalid"),
    Case("time(2) without time zone", times, {"fraction": "truncate"}, id="truncate"),
    Case(
        "time with time zone",
        st.builds(str.__add__, times, st.sampled_from(["Z", "+02", "-05:30"])),
    ),
    Case("interval", intervals | st.timedeltas().map(str)),
    Case("interval", integers | intervals, {"unit": "us"}, id="us"),
    Case("interval", reals | odd, {"unit": "s", "invalid": "null", "empty": "null"}, id="s"),
    Case("text[]", st.lists(st.none() | text, max_size=5).map(json.dumps)),
    Case("text[]", json_texts | text, {"invalid": "null", "empty": "null"}, id="invalid"),
    Case("bigint[]", st.lists(st.none() | integers, max_size=5).map(json.dumps)),
    Case("numeric[]", st.lists(st.none() | finite | integers, max_size=5).map(json.dumps)),
    Case("boolean[]", st.lists(st.none() | st.booleans(), max_size=5).map(json.dumps)),
    Case("uuid[]", st.lists(st.uuids().map(str), max_size=5).map(json.dumps)),
    Case("inet", st.ip_addresses().map(str) | masked),
    Case("inet", st.ip_addresses().map(str) | odd, {"invalid": "null", "empty": "null"}, id="odd"),
    Case("cidr", networks),
    Case("macaddr", st.binary(min_size=6, max_size=6).map(lambda b: b.hex(":"))),
    Case("macaddr8", st.binary(min_size=8, max_size=8).map(bytes.hex)),
    Case("uuid", uuids | odd, {"invalid": "null", "empty": "null"}, id="invalid"),
)


def round_trip(postgres: Connection, type_: str, sent: Sequence[Any]) -> list[Any]:
    """Load values into a column of a new table by COPY, and read them back."""
    create = sql.SQL("CREATE TEMPORARY TABLE loaded (place int, value {})")
    postgres.execute(create.format(sql.SQL(type_)))  # type: ignore[arg-type]
    with postgres.cursor() as cursor, cursor.copy("COPY loaded FROM STDIN") as copy:
        for row in enumerate(sent):
            copy.write_row(row)
    rows = postgres.execute("SELECT value FROM loaded ORDER BY place").fetchall()
    postgres.rollback()
    return [value for (value,) in rows]


def taken(column: Coerced, values: Sequence[Stored]) -> list[tuple[Stored, Any]]:
    """Pair values with what load sends: the plan had no question, so it refuses none."""
    pairs = []
    for value in values:
        try:
            pairs.append((value, column.sent(value)))
        except ValueError as error:
            raise AssertionError(f"{value!r}: the plan found nothing") from error
    return pairs


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.type} {case.id}".strip())
@round_trips
@given(data=st.data())
def test_what_a_ruling_accepts_arrives_and_agrees(
    case: Case, data: st.DataObject, postgres: Connection
) -> None:
    values = data.draw(st.lists(case.values, min_size=1, max_size=6))
    column = Coerced(values, case.type, **case.settings)
    assume(not column.refusals)
    pairs = taken(column, values)
    loaded = round_trip(postgres, case.type, [sent for _, sent in pairs])
    rules = {change.rule for change in column.ruling.changes}
    for (stored, sent), got in zip(pairs, loaded, strict=True):
        assert column.agree(stored, got), (stored, sent, got)
        meanings = column.stored_means(stored), column.loaded_means(got)
        assert hash(meanings[0]) == hash(meanings[1])
    if rules:
        told = Counter(column.altered(value) for value in values)
        del told[None]
        assert told == {change.rule: change.count for change in column.ruling.changes}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.type} {case.id}".strip())
@round_trips
@given(data=st.data())
def test_a_column_read_at_once_means_what_its_values_mean(case: Case, data: st.DataObject) -> None:
    """What `ColumnFunction.column` refuses is asked value by value, so it may refuse anything."""
    values = data.draw(st.lists(case.values, min_size=1, max_size=6))
    column = Coerced(values, case.type, **case.settings)
    assume(not column.refusals)
    meaning = column.leaf.meaning_of_stored(column.options)
    one_by_one = [column.stored_means(value) for value in values]
    read = list(values) if meaning is None else list(read_column(meaning, values))
    assert list(map(repr, read)) == list(map(repr, one_by_one))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.type} {case.id}".strip())
@round_trips
@given(data=st.data())
def test_a_column_converted_at_once_is_sent_as_its_values_are(
    case: Case, data: st.DataObject
) -> None:
    """Load's many at once, where a leaf has it: what it refuses is converted value by value."""
    values = data.draw(st.lists(case.values, min_size=1, max_size=6))
    column = Coerced(values, case.type, **case.settings)
    assume(not column.refusals)
    for function in (column.leaf.convert(column.options), column.leaf.alters(column.options)):
        if not isinstance(function, ColumnFunction):
            continue
        one_by_one = [None if value is None else function(value) for value in values]
        try:
            at_once = list(function.column(values))
        except (ValueError, TypeError):
            continue
        assert at_once == one_by_one


@round_trips
@given(zoned_texts, st.integers(-3, 3).filter(bool))
def test_an_instant_moved_by_microseconds_does_not_agree(stored: str, micros: int) -> None:
    column = Coerced([stored], "timestamp with time zone")
    assume(not column.refusals)
    moved = datetime.fromisoformat(stored).astimezone(UTC) + timedelta(microseconds=micros)
    assert not column.agree(stored, moved.isoformat(" "))


@round_trips
@given(naive_texts(), st.integers(-14 * 60, 14 * 60).filter(bool))
@pytest.mark.hazard("A7", "an offset is applied; verify takes no instant that lost its own")
@pytest.mark.hazard("H4", "the instant of an offset is kept")
def test_an_instant_that_lost_its_offset_does_not_agree(local: str, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    stored = datetime.fromisoformat(local).replace(tzinfo=zone).isoformat()
    column = Coerced([stored], "timestamp with time zone")
    assume(not column.refusals)
    clock = datetime.fromisoformat(local).isoformat(" ")
    assert not column.agree(stored, f"{clock}+00:00")


@round_trips
@given(st.integers(10**8, 4 * 10**9), st.integers(0, 999_999))
def test_a_real_second_keeps_its_microseconds(whole: int, micros: int) -> None:
    """As an application writes it: `datetime.timestamp()` of a time with six digits."""
    moment = datetime.fromtimestamp(whole, UTC).replace(microsecond=micros)
    column = Coerced([moment.timestamp()], "timestamp with time zone", unit="s")
    loaded = column.loaded_means(column.sent(moment.timestamp()))
    assert loaded == moment
    assert column.agree(moment.timestamp(), moment.isoformat(" "))


@round_trips
@given(reals.filter(math.isfinite))
def test_a_double_with_another_last_bit_does_not_agree(stored: float) -> None:
    (bits,) = struct.unpack(">q", struct.pack(">d", stored))
    (other,) = struct.unpack(">d", struct.pack(">q", bits ^ 1))
    assert not Coerced([stored], "double precision").agree(stored, other)


@round_trips
@given(text.filter(bool), st.sampled_from(["text", "character varying", "citext"]))
@pytest.mark.hazard("H14", "trailing blanks count")
def test_text_that_was_trimmed_or_grew_does_not_agree(stored: str, type_: str) -> None:
    column = Coerced([stored], type_)
    assert not column.agree(stored, stored[:-1])
    assert not column.agree(stored, stored + " ")
    assert not column.agree(stored, None)


@round_trips
@given(st.booleans(), st.sampled_from([[0, 1], [0.0, 1.0], ["no", "yes"]]))
def test_a_swapped_boolean_does_not_agree(truth: bool, spellings: list[Any]) -> None:
    column = Coerced(spellings, "boolean")
    assert column.agree(spellings[truth], loaded=truth)
    assert not column.agree(spellings[truth], loaded=not truth)


@round_trips
@given(st.lists(documents, min_size=2, max_size=4), st.integers(0, 3))
def test_a_json_array_in_another_order_does_not_agree(items: list[Any], turn: int) -> None:
    place = turn % len(items)
    turned = items[place:] + items[:place]
    # Python takes True for 1, and JSON does not.
    assume(_typed(turned) != _typed(items))
    stored = json.dumps(items)
    assert not Coerced([stored], "jsonb").agree(stored, json.dumps(turned))


def _typed(document: Any) -> Any:
    match document:
        case list():
            return [_typed(item) for item in document]
        case dict():
            return {key: _typed(value) for key, value in document.items()}
    return (isinstance(document, bool), document)


@round_trips
@given(st.integers(10**16, 10**17 - 2), st.integers(0, 16))
def test_a_json_number_changed_in_its_seventeenth_digit_does_not_agree(
    digits: int, point: int
) -> None:
    def spelled(number: int) -> str:
        shown = str(number)
        return '{"cost": ' + shown[: 17 - point] + ("." + shown[17 - point :]) * bool(point) + "}"

    stored = spelled(digits).replace(": .", ": 0.")
    changed = spelled(digits + 1).replace(": .", ": 0.")
    column = Coerced([stored], "jsonb")
    assert column.refusals == []
    assert column.agree(stored, stored)
    assert not column.agree(stored, changed)


@round_trips
@given(integers | decimals)
def test_a_decimal_with_another_last_digit_does_not_agree(stored: int | str) -> None:
    column = Coerced([stored], "numeric")
    assert not column.agree(stored, f"{stored}{'' if '.' in str(stored) else '.'}0000000001")


@round_trips
@given(st.lists(text_with_nul, min_size=2, max_size=6, unique=True))
def test_escaping_leaves_no_two_texts_alike(values: list[str]) -> None:
    column = Coerced([*values, "\0"], "text", nul="escape")
    assert len({column.sent(value) for value in values}) == len(values)


@round_trips
@given(st.binary(min_size=1, max_size=20), st.integers(0, 7))
@pytest.mark.hazard("A14", "verify compares every bit of a BLOB")
def test_a_flipped_bit_does_not_agree(stored: bytes, bit: int) -> None:
    changed = bytes([stored[0] ^ (1 << bit)]) + stored[1:]
    assert not Coerced([stored], "bytea").agree(stored, changed)
