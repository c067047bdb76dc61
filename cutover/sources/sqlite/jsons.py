"""Whether texts are JSON that PostgreSQL's jsonb takes, thousands at a time.

jsonb refuses what RFC 8259 allows in three places (https://www.postgresql.org/docs/current/datatype-json.html):
the escape of the NUL character, a surrogate without its other half, and a number that `numeric`
can't hold: more than 131,072 digits before the point or 16,383 after it
(https://www.postgresql.org/docs/current/datatype-numeric.html). What is nested deeper than the
interpreter's recursion limit counts as not JSON, and so does what is not UTF-8.
"""

import json
import re
from collections import Counter
from itertools import repeat
from operator import itemgetter

from cutover.long_values import is_many
from cutover.profile import Problem
from cutover.sources.sqlite.texts import Texts

_DIGITS_BEFORE_MAX = 131_072
_DIGITS_AFTER_MAX = 16_383
_NUMBER_CHARACTERS_SAFE = 6_000
"""A number no longer than this, with an exponent of at most four digits, always fits."""

_LONG_EXPONENT = re.compile(r"[eE][+-]?[0-9]{5}")
_NUMBER = re.compile(r"-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")


class JsonScanner:
    """Checks texts with one decoder, whose hooks gather every number without making an object."""

    def __init__(self) -> None:
        self._numbers: list[str] = []
        self._decoder = json.JSONDecoder(
            parse_int=self._numbers.append,
            parse_float=self._numbers.append,
            parse_constant=_refuse_constant,
        )
        # Of a long document neither the objects nor all the numbers are kept.
        self._frugal = json.JSONDecoder(
            object_hook=bool,
            parse_int=self._keep_if_suspect,
            parse_float=self._keep_if_suspect,
            parse_constant=_refuse_constant,
        )

    def tally(self, texts: Texts) -> Counter[str]:
        """Count the problems of many texts."""
        suspect = not _is_utf8(texts.joined) or not self._all_parse(texts)
        if suspect or self._numbers_suspect(texts.longest):
            # Which text a number came from is not known: each is looked at by itself.
            return Counter(p for text in texts.values for p in self.problems_of(text))
        if "\\u" not in texts.joined:
            return Counter()
        return Counter(p for text in texts.values for p in _escape_problems(text))

    def problems_of(self, text: str) -> frozenset[Problem]:
        """Return what is wrong with one text; with one that is not JSON, nothing else is."""
        self._numbers.clear()
        try:
            text.encode()
            self._decoder_for(len(text)).decode(text)
        except (ValueError, RecursionError):
            return frozenset({Problem.NOT_JSON})
        overflows = any(not _fits_numeric(number) for number in self._numbers)
        numbers = {Problem.JSON_NUMBER} if overflows else set()
        return frozenset(numbers | _escape_problems(text))

    def _all_parse(self, texts: Texts) -> bool:
        """Tell whether each text is one JSON value and nothing else, not even blanks."""
        self._numbers.clear()
        scan = self._decoder_for(texts.longest).scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
        try:
            # A text that starts no value raises StopIteration, which ends the list early.
            ends = list(map(itemgetter(1), map(scan, texts.values, repeat(0))))
        except (ValueError, RecursionError):
            return False
        return ends == list(map(len, texts.values))

    def _decoder_for(self, longest: int) -> json.JSONDecoder:
        return self._frugal if is_many(longest) else self._decoder

    def _keep_if_suspect(self, number: str) -> None:
        if len(number) > _NUMBER_CHARACTERS_SAFE or _LONG_EXPONENT.search(number):
            self._numbers.append(number)

    def _numbers_suspect(self, longest: int) -> bool:
        numbers = " ".join(self._numbers)
        if ("e" in numbers or "E" in numbers) and _LONG_EXPONENT.search(numbers):
            return True
        if longest <= _NUMBER_CHARACTERS_SAFE:
            return False
        return any(len(number) > _NUMBER_CHARACTERS_SAFE for number in self._numbers)


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(word: str) -> None:
    # Python writes and reads NaN and Infinity; no other JSON parser does.
    raise ValueError(word)


def _fits_numeric(number: str) -> bool:
    match = _NUMBER.fullmatch(number)
    if match is None:
        return False
    whole, fraction, exponent = match[1].lstrip("0"), match[2] or "", match[3] or "0"
    if len(exponent.lstrip("+-0")) > 9:
        return False
    shift = int(exponent)
    if len(fraction) - shift > _DIGITS_AFTER_MAX:
        return False
    leading_zeros = 0 if whole else len(fraction) - len(fraction.lstrip("0"))
    is_zero = not whole and leading_zeros == len(fraction)
    return is_zero or len(whole) - leading_zeros + shift <= _DIGITS_BEFORE_MAX


def _escape_problems(text: str) -> set[Problem]:
    if not _SUSPECT_ESCAPE.search(text):
        return set()
    problems = set()
    high_ends_at = -1
    for match in _ESCAPE.finditer(text):
        code = int(match[1], 16) if match[1] else -1
        is_low = 0xDC00 <= code <= 0xDFFF
        if high_ends_at >= 0 and not (is_low and match.start() == high_ends_at):
            problems.add(Problem.JSON_SURROGATE)
        if is_low and match.start() != high_ends_at:
            problems.add(Problem.JSON_SURROGATE)
        if code == 0:
            problems.add(Problem.JSON_NUL)
        high_ends_at = match.end() if 0xD800 <= code <= 0xDBFF else -1
    return problems | ({Problem.JSON_SURROGATE} if high_ends_at >= 0 else set())
