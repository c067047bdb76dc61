"""Verify's side of arrays: what each element means, read from JSON or from an array literal."""

import json
from collections.abc import Hashable, Iterator
from decimal import Decimal
from typing import Any

from cutover.abc import Meaning
from cutover.coercions._array_meaning_elements import meaning_of

_BLANKS = " \t\n\r\v\f"
"""What PostgreSQL leaves out around an element; Python knows more of them."""


def stored(element: str) -> Meaning:
    """Return what gives the elements of a stored array. ValueError where it is none."""
    one, of_literal = meaning_of(element), loaded(element)

    def meaning(value: Any) -> Hashable:
        if not isinstance(value, str):
            raise ValueError(f"{value!r:.60} means no array")  # noqa: TRY004 - a value, not a type
        if not value.lstrip().startswith("["):
            return of_literal(value.strip())
        try:
            items = json.loads(value, parse_float=Decimal, parse_constant=_none)
        except RecursionError as error:
            raise ValueError(f"{value!r:.60} is nested too deeply") from error
        return tuple(None if item is None else one(item) for item in items)

    return meaning


def loaded(element: str) -> Meaning:
    """Return what gives the elements of the server's own text."""
    one = meaning_of(element)

    def meaning(text: str) -> Hashable:
        return tuple(None if item is None else one(item) for item in _items(text))

    return meaning


def _none(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _items(text: str) -> Iterator[str | None]:
    """Walk an array literal, a character at a time."""
    if len(text) < 2 or text[0] != "{" or text[-1] != "}":
        raise ValueError(f"{text!r:.60} means no array")
    walk, item, quoted = iter(text[1:-1] + ","), "", False
    if text == "{}":
        return
    for character in walk:
        if character == '"' and not quoted and not item.strip(_BLANKS):
            item, quoted = _until_quote(walk), True
        elif character == ",":
            yield _ended(item, text, quoted=quoted)
            item, quoted = "", False
        elif not quoted:
            item += character
        elif character not in _BLANKS:
            raise ValueError(f"{text!r:.60} means no array")


def _until_quote(walk: Iterator[str]) -> str:
    item = ""
    for character in walk:
        if character == '"':
            return item
        item += next(walk, "") if character == "\\" else character
    raise ValueError("a quote that is not closed means no array")


def _ended(item: str, text: str, *, quoted: bool) -> str | None:
    if quoted:
        return item
    bare = item.strip(_BLANKS)
    if not bare or any(character in '{}"\\' for character in bare):
        raise ValueError(f"{text!r:.60} means no array")
    return None if bare.casefold() == "null" else bare
