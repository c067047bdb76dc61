"""Load's side of text: what becomes of NUL, odd bytes and length; numbers as SQLite spells them."""

from collections.abc import Callable
from typing import Any

from cutover.abc import Converter, Group, Options, Sent
from cutover.catalog import base_type
from cutover.coercions._questions import QUESTIONS, Raised, answering, naming, null_answers, telling
from cutover.coercions._text_load_escapes import LIKE_ODD, spelled
from cutover.coercions._text_load_numbers import sqlite_text
from cutover.profile import Problem

NUMBER = "number as text"
PADDED = "text padded with blanks"

_TOUCHED = {Problem.NUL, Problem.INVALID_UTF8}


def converter(options: Options) -> Converter:
    """Return the conversion of text and numbers; ValueError for what the type can't hold."""
    limit = limit_of(options["type"])
    answers = null_answers(options)
    if options.get("overlong") == "truncate":
        answers["overlong"] = _cutting(_spelling(options), limit)
    return answering(_fitting(_spelling(options), limit), answers)


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value; of several the graver one."""
    escapes = _rule("utf8") if options.get("utf8") == "escape" else None
    escapes_nul = _rule("nul") if options.get("nul") == "escape" else None
    padded = limit_of(options["type"]) if base_type(options["type"]) == "character" else None

    def altered(value: object) -> str | None:
        if not isinstance(value, str):
            return NUMBER
        if escapes and LIKE_ODD.search(value):
            return escapes
        if escapes_nul and "\\0" in value:
            return escapes_nul
        return PADDED if padded is not None and len(value) < padded else None

    return naming(_strict(options["type"]), options, altered)


def tells(type_: str, given: Options) -> Callable[[Any], str | None]:
    """Return what names the question or the rule of a value, under the given settings."""
    options = {**given, "type": type_}
    return telling(_strict(type_), converter(options), alterations(options))


def _rule(question: str) -> str:
    return QUESTIONS[question].rules["escape"]


def _strict(type_: str) -> Converter:
    return _fitting(_spelling({}), limit_of(type_))


def _fitting(spell: Converter, limit: int | None) -> Converter:
    def convert(value: Any) -> Sent:
        text = spell(value)
        if limit is not None and isinstance(text, str) and len(text) > limit:
            raise Raised("overlong", f"{text!r:.60} is longer than {limit} characters")
        return text

    return convert


def _cutting(spell: Converter, limit: int | None) -> Converter:
    def convert(value: Any) -> Sent:
        text = spell(value)
        if not isinstance(text, str) or len(text) <= (limit or len(text)):
            return text
        if isinstance(value, str) and "\\" in text and text != value:
            raise Raised("range", f"{value!r:.60} has no room once it is escaped")
        return text[:limit]

    return convert


def _spelling(options: Options) -> Converter:
    nul, utf8 = options.get("nul", ""), options.get("utf8", "")

    def spell(value: Any) -> Sent:
        if isinstance(value, str):
            # Plain ASCII without the two, in one look each: nearly all there is.
            if value.isascii() and "\0" not in value and "\\" not in value:
                return value
            return spelled(value, nul, utf8)
        if isinstance(value, int | float):
            return sqlite_text(value)
        raise Raised("invalid", f"{value!r:.60} is not text")

    return spell


def plain(type_: str, given: Options) -> Callable[[Group], bool]:
    """Return what tells a group of text that fits and that no policy touches."""
    limit, padded = limit_of(type_), base_type(type_) == "character"
    escapes = "escape" in given.values()

    def is_plain(group: Group) -> bool:
        values = group.values
        if type(values[0]) is not str or padded or group.problems & _TOUCHED:
            return False
        if limit is not None and max(map(len, values)) > limit:
            return False
        return not (escapes and any("\\" in value for value in values))

    return is_plain


def limit_of(type_: str) -> int | None:
    """Return how many characters a type holds, None where it has no limit."""
    digits = type_[type_.find("(") + 1 : type_.rfind(")")]
    return int(digits) if digits.isdigit() else None
