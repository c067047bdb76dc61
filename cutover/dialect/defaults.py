"""Translates a column's DEFAULT, by the type its column gets in the target.

SQLite keeps the text as written, outer parentheses apart, and applies the column's affinity to the
value; PostgreSQL wants a constant of the column's type. CURRENT_TIMESTAMP on a text column must go
on writing SQLite's form, `YYYY-MM-DD HH:MM:SS` in UTC (https://sqlite.org/lang_createtable.html,
https://sqlite.org/lang_datefunc.html); on a timestamptz it is the transaction's start in both.
"""

import json
import re
from collections.abc import Sequence

from cutover.catalog import base_type
from cutover.dialect.expressions import Translation
from cutover.dialect.render import NUMBERS, Family, family_of, string
from cutover.dialect.tokens import Token, TokenKind, tokenize
from cutover.profile import form_of, has_zone, is_date, is_datetime

NOW = "now()"
"""The start of the transaction, where SQLite's clock tells that of the statement."""
_TICKING = "clock_timestamp()"
"""What fractions of a second are for: rows of one transaction that can be put in order."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGRAL = re.compile(r"[+-]?\d+")
_TRUTHS = {"0": "false", "1": "true", "false": "false", "true": "true"}
_WORDS = {"null": "null", "true": "1", "false": "0"}
_CLOCKS = {
    "current_timestamp": "%Y-%m-%d %H:%M:%S",
    "current_date": "%Y-%m-%d",
    "current_time": "%H:%M:%S",
    "datetime('now')": "%Y-%m-%d %H:%M:%S",
    "date('now')": "%Y-%m-%d",
    "time('now')": "%H:%M:%S",
    "unixepoch()": "%s",
    "unixepoch('now')": "%s",
}
_STRFTIME = re.compile(r"strftime\('([^']*)','now'\)")
_PARTS = {
    "%Y": "YYYY",
    "%m": "MM",
    "%d": "DD",
    "%H": "HH24",
    "%M": "MI",
    "%S": "SS",
    "%f": "SS.MS",
}
_RANDOM_HEX = re.compile(r"(?P<lower>lower\()?hex\(randomblob\((?P<bytes>\d+)\)\)(?(lower)\))")
_RANDOM_TAIL = re.compile(r"substr\((?P<hex>.*),(?P<start>\d+)\)")
_RANDOM_CHOICE = re.compile(
    r"substr\('(?P<of>\w+)',(?:1\+)?\(?abs\(random\(\)\)%(?P<count>\d+)\)?(?:\+1)?,1\)"
)
_RANDOM_BLOB = re.compile(r"randomblob\((?P<bytes>\d+)\)")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_RANDOM_DIGITS = 12
"""The last group of a version 4 UUID has no fixed bits: twelve digits, all random."""
_RANDOM_DIGITS_MAX = 128
_CAST = {Family.INTEGER: "::bigint", Family.NUMERIC: "", Family.FLOAT: "::double precision"}


def translate_default(
    text: str,
    *,
    type: str,  # noqa: A002 - the catalog's word
    zone: str = "UTC",
    clock: str = NOW,
) -> Translation:
    """Translate the text of a DEFAULT for a column of PostgreSQL type `type`.

    `zone` is where a constant datetime that names none is meant to be; `clock` is the function
    that tells the time.

    >>> translate_default("1", type="boolean").sql
    'true'
    """
    try:
        tokens = tokenize(text)
    except ValueError as error:
        return Translation(problem=str(error))
    constant = _constant(tokens)
    if constant is None:
        sql = _of_expression(_opened("".join(map(_plain, tokens))), family_of(type), clock)
    else:
        sql = _of_constant(constant, type, zone)
    problem = None if sql else f"the default {text} has no counterpart as {type}"
    return Translation(sql=sql, problem=problem)


def random_digits(text: str) -> int:
    """Return how many random lower-case hexadecimal digits a SQLite default makes; 0 for any other.

    >>> random_digits("(lower(hex(randomblob(16))))")
    32
    """
    try:
        plain = _opened("".join(map(_plain, tokenize(text))))
    except ValueError:
        return 0
    match = _RANDOM_HEX.fullmatch(plain)
    return 2 * int(match["bytes"]) if match and match["lower"] else 0


def _of_expression(plain: str, family: Family, clock: str) -> str | None:
    return _of_clock(plain, family, clock) or _of_blob(plain, family) or _of_random(plain, family)


def _plain(token: Token) -> str:
    if token.kind is TokenKind.QUOTED:
        return string(token.value)  # a default has no column to name: it is a string
    return token.text.lower() if token.kind is TokenKind.WORD else token.text


def _opened(text: str) -> str:
    """Take off parentheses that enclose the whole text: `(('a'))` but not `('a')||('b')`."""
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1]
    return text


def _closing(text: str) -> int:
    depth, quote = 0, False
    for position, character in enumerate(text):
        quote ^= character == "'"
        depth += 0 if quote else (character == "(") - (character == ")")
        if depth == 0:
            return position
    return -1


def _constant(tokens: Sequence[Token]) -> str | None:
    """Return a constant: a number or a word as it is, a string after one quote; else None."""
    inner = [token for token in tokens if token.text not in "()"]
    sign = "".join(token.text for token in inner[:-1])
    if not inner or sign not in ("", "-", "+"):
        return None
    last = inner[-1]
    if last.kind is TokenKind.NUMBER:
        return _number(sign.strip("+") + last.text)
    if sign:
        return None
    if last.kind in (TokenKind.STRING, TokenKind.QUOTED):
        return "'" + last.value
    return _WORDS.get(last.text.lower())


def _number(text: str) -> str:
    plain = text.replace("_", "")
    return str(int(plain, 16)) if "x" in plain.lower() else plain


def _of_constant(constant: str, type_: str, zone: str) -> str | None:
    if constant == "null":
        return "NULL"
    family, value = family_of(type_), constant.removeprefix("'")
    if family is Family.TEXT or base_type(type_) == "uuid":
        exact = constant != value or _INTEGRAL.fullmatch(value)
        return string(value) if exact else None
    if family is Family.BOOLEAN:
        return _TRUTHS.get(value.lower())
    if family in NUMBERS:
        return _of_number(value, family)
    if family in (Family.JSON, Family.JSONB):
        return _of_json(value, type_)
    if family is Family.BYTEA and constant != value:
        return f"'\\x{value.encode().hex()}'::bytea"
    return _of_datetime(value, family, zone) if constant != value else None


def _of_datetime(value: str, family: Family, zone: str) -> str | None:
    form = form_of(value)
    if family is Family.DATE:
        return string(value) if is_date(form) else None
    if family is not Family.TIMESTAMPTZ or not (is_datetime(form) or is_date(form)):
        return None
    if has_zone(form):
        return string(value)
    return string(f"{value}+00") if zone == "UTC" else None


def _of_number(value: str, family: Family) -> str | None:
    pattern = _INTEGRAL if family is Family.INTEGER else _NUMBER
    return value if pattern.fullmatch(value) else None


def _of_json(value: str, type_: str) -> str | None:
    try:
        json.loads(value)
    except ValueError:
        return None
    return f"{string(value)}::{type_}"


def _of_blob(plain: str, family: Family) -> str | None:
    match = re.fullmatch(r"[xX]'([0-9a-fA-F]*)'", plain)
    return f"'\\x{match[1].lower()}'::bytea" if match and family is Family.BYTEA else None


def _of_clock(plain: str, family: Family, clock: str) -> str | None:
    match = _STRFTIME.fullmatch(plain)
    format_ = match[1] if match else _CLOCKS.get(plain)
    if format_ is None:
        return None
    if family in NUMBERS:
        # Without floor() the cast would round up in the second half of every second.
        return f"floor(extract(epoch from {clock})){_CAST[family]}" if format_ == "%s" else None
    if family is Family.TEXT:
        return _clock_text(format_, clock)
    if family is Family.DATE:
        return f"({clock} AT TIME ZONE 'UTC')::date" if format_ == "%Y-%m-%d" else None
    return _clock_instant(format_, clock) if family is Family.TIMESTAMPTZ else None


def _clock_instant(format_: str, clock: str) -> str | None:
    if format_ == "%s":
        return f"date_trunc('second', {clock})"
    if not format_.startswith("%Y-%m-%d"):
        return None
    return f"date_trunc('day', {clock}, 'UTC')" if format_ == "%Y-%m-%d" else clock


def _clock_text(format_: str, clock: str) -> str | None:
    if format_ == "%s":
        return f"floor(extract(epoch from {clock}))::text"
    if set(re.findall("%.", format_)) - set(_PARTS):
        return None
    pattern = re.sub(r"%.|[^%]+", _part, format_)
    told = _TICKING if "%f" in format_ and clock == NOW else clock
    return f"to_char({told} AT TIME ZONE 'UTC', {string(pattern)})"


def _part(match: re.Match[str]) -> str:
    """Return to_char's pattern for one part; letters that aren't a part stand in quotes."""
    text = match[0]
    if text.startswith("%"):
        return _PARTS[text]
    return f'"{text}"' if re.search("[A-Za-z]", text) else text


def _of_random(plain: str, family: Family) -> str | None:
    """Return as many random bytes, in the same spelling, among the same constants."""
    if family is Family.BYTEA and (match := _RANDOM_BLOB.fullmatch(plain)):
        digits = _random_digits(2 * int(match["bytes"]))
        return f"decode({digits}, 'hex')" if digits else None
    if family is not Family.TEXT or "random" not in plain:
        return None
    parts = [_random_part(part) for part in _split_concatenation(plain)]
    return " || ".join(part for part in parts if part) if all(parts) else None


def _split_concatenation(plain: str) -> list[str]:
    tokens, parts, depth = tokenize(plain), [""], 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text == "||":
            parts.append("")
        else:
            parts[-1] += token.text
    return [_opened(part) for part in parts]


def _random_part(part: str) -> str | None:
    if _TEXT.fullmatch(part):
        return part
    if match := _RANDOM_CHOICE.fullmatch(part):
        exact = len(match["of"]) == int(match["count"])
        return (
            f"substr('{match['of']}', 1 + floor({match['count']} * random())::integer, 1)"
            if exact
            else None
        )
    skipped = 0
    if match := _RANDOM_TAIL.fullmatch(part):
        part, skipped = match["hex"], int(match["start"]) - 1
    match = _RANDOM_HEX.fullmatch(part)
    digits = _random_digits(2 * int(match["bytes"]) - skipped) if match else ""
    if match is None or match["lower"]:
        return digits or None
    return f"upper({digits})" if digits else None


def _random_digits(count: int) -> str:
    if not 0 < count <= _RANDOM_DIGITS_MAX:
        return ""
    whole, rest = divmod(count, _RANDOM_DIGITS)
    lengths = [_RANDOM_DIGITS] * whole + [rest] * bool(rest)
    return " || ".join(f"right(gen_random_uuid()::text, {length})" for length in lengths)
