"""Mutants of every leaf's `convert`, and the spellings that are none.

Add a leaf, and its column to `application.FEATURES`, then its mutants here: three at least.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import inf

from tests.mutants import wrong
from tests.mutants.wrong import Wrong, replaced, sent, stored


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damage in words, the column of `readings` that must be named, and what is sent."""

    name: str
    column: str
    wrong: Wrong


def _mutants(column: str, damages: dict[str, Wrong]) -> Iterator[Mutant]:
    return (Mutant(name, column, damage) for name, damage in damages.items())


TEXT = (
    *_mutants(
        "note",
        {
            "trimmed": sent(str, str.strip),
            "trimmed at the end": sent(str, str.rstrip),
            "normalised to NFC": sent(str, wrong.nfc),
            "'' as NULL": sent(str, lambda text: text or None),
            "'' as a blank": sent(str, lambda text: text or " "),
            "cut after 255 characters": sent(str, lambda text: text[:255]),
            "line ends made alike": replaced("\r\n", "\n"),
            "UTF-8 read as Latin-1": sent(str, lambda text: text.encode().decode("latin-1")),
            "characters beyond 16 bits lost": sent(str, wrong.without_astral),
            "a backslash and n read as a line end": replaced("\\n", "\n"),
            "the word NULL as NULL": sent(str, lambda text: None if text == "NULL" else text),
        },
    ),
    *_mutants("code", {"folded to lower case": sent(str, str.lower)}),
    *_mutants(
        "escaped",
        {
            "an escaped NUL without its backslash": replaced("\\0", "0"),
            "a NUL stripped, not escaped": stored(str, lambda text: text.replace("\0", "")),
            "cut at the NUL": stored(str, lambda text: text.partition("\0")[0]),
            "backslashes beside a NUL not doubled": stored(
                str, lambda text: text.replace("\0", "\\0")
            ),
            "a value that reads like an escaped one not escaped": stored(
                str,
                lambda text: (
                    text.replace("\\", "\\\\").replace("\0", "\\0") if "\0" in text else text
                ),
            ),
            "escaped twice": sent(
                str, lambda text: text.replace("\\", "\\\\") if "\\0" in text else text
            ),
        },
    ),
    *_mutants(
        "mixed",
        {
            "a real as Python spells it": stored(float, repr),
            "a real with six digits": stored(float, lambda number: f"{number:g}"),
            "a real as an integer": stored(float, lambda number: str(int(number))),
        },
    ),
)

BOOLEAN = (
    *_mutants(
        "flag",
        {
            "true and false swapped": lambda _, value: not value,
            "false as NULL": lambda _, value: value or None,
            "all true": wrong.always(value=True),
        },
    ),
    *_mutants(
        "answer",
        {
            "any word as true": stored(str, bool),
            "no word as true": stored(str, lambda word: word == "1"),
            "0.0 as true": stored(float, lambda _: True),
        },
    ),
)

NUMERIC = (
    *_mutants(
        "number",
        {
            "an integer through a double": sent(int, wrong.through_double),
            "one more beyond 2^53": sent(int, lambda n: n + 1 if 2**53 < n < 2**60 else n),
            "wrapped at 32 bits": sent(int, wrong.wrapped),
            "held within int4": sent(int, lambda n: max(-(2**31), min(n, 2**31 - 1))),
        },
    ),
    *_mutants(
        "cost",
        {
            "float4": sent(float, wrong.float4),
            "another last bit": sent(float, lambda x: wrong.other_last_bit(x) if x == 0.1 else x),
            "fifteen digits": sent(float, lambda number: float(f"{number:.15g}")),
            "-0.0 as 0.0": sent(float, lambda number: number + 0.0),
            "the smallest double as 0": sent(float, lambda x: x if abs(x) > 1e-300 else x * 0),
            "Infinity as NULL": sent(float, lambda x: None if abs(x) == inf else x),
            "Infinity as the largest double": sent(float, lambda x: min(x, 1.7e308)),
        },
    ),
    *_mutants(
        "amount",
        {
            "a decimal through a double": stored(str, lambda text: repr(float(text))),
            "a decimal without its scale": sent(str, lambda text: text.partition(".")[0]),
            "a real with all its binary digits": stored(float, Decimal),
        },
    ),
    *_mutants(
        "price",
        {
            "rounded to cents": lambda _, value: round(Decimal(str(value)), 2),
            "the sign lost": lambda _, value: abs(Decimal(str(value))),
        },
    ),
)

TEMPORAL = (
    *_mutants(
        "sent_at",
        {
            "one microsecond late": sent(str, wrong.a_microsecond_late),
            "the seventh digit rounded by the server": stored(str, str),
            "cut to milliseconds": sent(str, wrong.to_milliseconds),
            "the offset dropped, the clock kept": sent(str, wrong.without_offset),
            "the offset with the other sign": sent(str, wrong.other_offset),
        },
    ),
    *_mutants(
        "local_at",
        {
            "local time read as UTC": stored(str, lambda text: f"{text}+00:00"),
            "local time without summer time": stored(str, wrong.in_winter_time),
        },
    ),
    *_mutants(
        "counted_at",
        {
            "milliseconds as microseconds": stored(int, wrong.as_microseconds),
            "a count without its milliseconds": sent(str, lambda text: f"{text[:19]}+00:00"),
            "an instant as NULL": wrong.always(None),
        },
    ),
    *_mutants("clock", {"a fraction lost": sent(str, lambda text: text.partition(".")[0])}),
    *_mutants(
        "day",
        {
            "the day before": sent(str, wrong.the_day_before),
            "day and month swapped": sent(str, wrong.month_first),
        },
    ),
    *_mutants(
        "hour",
        {
            "a time rounded by the server": stored(str, str),
            "seconds lost": sent(str, lambda text: text[:5] if text[2] == ":" else text),
        },
    ),
)

JSON = (
    *_mutants(
        "body",
        {
            "an array reversed": sent(str, wrong.reordered(lambda items: items[::-1])),
            "an array sorted": sent(str, wrong.reordered(lambda items: sorted(items, key=str))),
            "an item of an array lost": sent(str, wrong.reordered(lambda items: items[:-1])),
            "equal items of an array as one": replaced("1, 1.0", "1"),
            "a number through a double": sent(str, wrong.numbers_through_double),
            "true as 1": replaced("true", "1"),
            "the first of equal keys kept": sent(str, wrong.first_of_equal_keys),
            "null as NULL": sent(str, lambda text: None if text == "null" else text),
            "a key whose value is null left out": replaced(', "a": null', ""),
            "[] as {}": replaced("[]", "{}"),
            "a document wrapped as a string": sent(str, wrong.wrapped_in_quotes),
            "a string unwrapped": replaced('"{}"', "{}"),
        },
    ),
    *_mutants(
        "raw",
        {
            "json spelled anew": sent(str, wrong.spelled_anew),
            "the keys of json sorted": replaced('"b":1,  "a":2', '"a":2,  "b":1'),
            "1.10 as 1.1 in json": replaced("1.10", "1.1"),
            "an escape of json undone": replaced("\\u00e9", "\u00e9"),
        },
    ),
)

UUID = tuple(
    _mutants(
        "token",
        {
            "another last bit": sent(str, wrong.other_uuid),
            "bytes in Windows' order": stored(bytes, wrong.windows_order),
            "digits lost with the case": replaced("F", "E"),
            "the nil uuid": wrong.always("0" * 32),
            "a uuid as NULL": wrong.always(None),
        },
    )
)

BINARY = (
    *_mutants(
        "image",
        {
            "the last byte lost": sent(bytes, lambda sent: sent[:-1]),
            "cut at the NUL": sent(bytes, lambda sent: sent.partition(b"\0")[0]),
            "through UTF-8": sent(bytes, lambda sent: sent.decode(errors="replace").encode()),
            "no bytes as NULL": sent(bytes, lambda sent: sent or None),
            "spelled in hex": sent(bytes, lambda sent: sent.hex().encode()),
            "an escape read": sent(bytes, lambda sent: sent.replace(b"\\x41", b"A")),
        },
    ),
    *_mutants(
        "attachment",
        {
            "text decoded as base64": stored(str, wrong.decoded_base64),
            "text decoded as hex": stored(str, wrong.decoded_hex),
            "'' as NULL": stored(str, lambda text: text.encode() or None),
        },
    ),
)

ARRAY = (
    *_mutants(
        "tags",
        {
            "elements in another order": replaced('"b","a","b"', '"a","b","b"'),
            "equal elements as one": replaced('"b","a","b"', '"b","a"'),
            "NULL as a word": replaced("NULL", '"NULL"'),
            "NULL left out": replaced(",NULL", ""),
            "an empty array as NULL": sent(str, lambda text: None if text == "{}" else text),
        },
    ),
    *_mutants("counts", {"an element through a double": replaced("40993", "40992")}),
)

ENUM = tuple(
    _mutants(
        "mood",
        {
            "the case of a label lost": replaced("High", "high"),
            "another label": replaced("low", "high"),
            "a label as NULL": wrong.always(None),
        },
    )
)

INTERVAL = tuple(
    _mutants(
        "took",
        {
            "a day as 24 hours": stored(str, lambda text: "26:00:00" if text == "P1DT2H" else text),
            "hours made a day": stored(
                str, lambda text: "1 day 02:00" if text == "PT26H" else text
            ),
            "the sign of the days lost": stored(
                str, lambda text: text.replace("-1 days", "1 days")
            ),
            "a fraction lost": stored(str, lambda text: text.partition(".")[0]),
        },
    )
)

NETWORK = tuple(
    _mutants(
        "address",
        {
            "the mask lost": sent(str, lambda text: text.partition("/")[0]),
            "another address": replaced("10.1.2.3", "10.1.2.4"),
            "an address as NULL": wrong.always(None),
        },
    )
)

TIMETZ = tuple(
    _mutants(
        "opens",
        {
            "the offset of a time dropped": sent(str, lambda text: f"{text[:8]}+00:00"),
            "a time moved to UTC": replaced("08:00:00+02:00", "06:00:00+00:00"),
            "a time with offset as NULL": wrong.always(None),
        },
    )
)

MUTANTS: dict[str, tuple[Mutant, ...]] = {
    "array": ARRAY,
    "binary": BINARY,
    "boolean": BOOLEAN,
    "enum": ENUM,
    "interval": INTERVAL,
    "json": JSON,
    "network": NETWORK,
    "numeric": NUMERIC,
    "temporal": TEMPORAL,
    "text": TEXT,
    "timetz": TIMETZ,
    "uuid": UUID,
}

SAME: dict[str, tuple[Mutant, ...]] = {
    "json": (
        *_mutants(
            "body",
            {
                "keys in another order": replaced(
                    '"b": [3, 1, 2], "a": null', '"a":null,"b":[3,1,2]'
                ),
                "1.10 as 1.1 in jsonb": replaced("1.10", "1.1"),
                "blanks": replaced(" ", "  "),
            },
        ),
    ),
    "numeric": tuple(_mutants("amount", {"zeros at the end": sent(str, lambda text: text + "00")})),
    "temporal": (
        *_mutants(
            "sent_at",
            {"an instant in another zone": sent(str, wrong.in_utc)},
        ),
    ),
    "uuid": tuple(_mutants("token", {"capital letters": sent(str, str.upper)})),
}
"""What is spelled differently and means the same: the control that verify compares meanings."""
