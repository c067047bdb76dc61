"""Load's side of arrays: an array literal, its text elements quoted, the others as they are."""

import json
import re
from typing import Any

from cutover.abc import Converter, Sent
from cutover.coercions._array_load_elements import ELEMENTS, Digits, no_array
from cutover.coercions._questions import Raised

_LITERAL = re.compile(
    r'\s*(?:"((?:[^"\\]|\\.)*)"|([^{},"\\\s](?:[^{},"\\]*[^{},"\\\s])?))\s*([,}])',
    re.DOTALL | re.ASCII,
)


def reader(element: str) -> Converter:
    """Return what spells the array literal of a value. Raises a question for what is none."""
    spelled = ELEMENTS[element]

    def convert(value: Any) -> Sent:
        if value == "":
            raise Raised("empty", "'' is no array")
        if not isinstance(value, str):
            raise no_array(value)
        parts = ("NULL" if part is None else spelled(part) for part in _parts(value))
        return "{" + ",".join(parts) + "}"

    return convert


def _parts(text: str) -> list[Any]:
    try:
        if text.lstrip()[:1] == "[":
            return list(json.loads(text, parse_int=Digits, parse_float=Digits, parse_constant=_no))
        return _of_literal(text.strip())
    except (ValueError, RecursionError) as error:
        raise no_array(text) from error


def _of_literal(text: str) -> list[str | None]:
    if text[:1] != "{" or text[-1:] != "}":
        raise ValueError("no braces")
    parts: list[str | None] = []
    at, end = 1, text == "{}"
    while not end:
        found = _LITERAL.match(text, at)
        if found is None:
            raise ValueError("no element")
        quoted, bare, mark = found.groups()
        is_null = bare is not None and bare.upper() == "NULL"
        parts.append(None if is_null else bare or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        at, end = found.end(), mark == "}"
    if at < len(text) and parts:
        raise ValueError("text after the array")
    return parts


def _no(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
