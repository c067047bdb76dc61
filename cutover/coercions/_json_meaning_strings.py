"""Verify's side of JSON strings that jsonb can't hold: with a NUL, or half of a surrogate pair."""

import json
from collections.abc import Callable, Iterator

from cutover.coercions._json_document import Document


class _Number(str):
    """A number, by its digits; a string of a document is a plain str."""

    __slots__ = ()


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


parse = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_no_constant).decode


def is_odd(parsed: object) -> bool:
    """Tell whether some string of a parsed document can't be held."""
    return any(map(_is_odd_character, "".join(_strings(parsed))))


def answered(parsed: object, policy: str) -> Document:
    """Return the document whose strings are escaped, or stripped, of what can't be held."""
    return Document(_mapped(parsed, _escaped if policy == "escape" else _stripped))


def _is_odd_character(character: str) -> bool:
    return character == "\0" or "\ud800" <= character <= "\udfff"


def _strings(parsed: object) -> Iterator[str]:
    match parsed:
        case _Number():
            return
        case str():
            yield parsed
        case list():
            for item in parsed:
                yield from _strings(item)
        case dict():
            for key, item in parsed.items():
                yield key
                yield from _strings(item)


def _mapped(parsed: object, held: Callable[[str], str]) -> object:
    match parsed:
        case _Number():
            return f"\0{parsed}"
        case str():
            return held(parsed)
        case list():
            return [_mapped(item, held) for item in parsed]
        case dict():
            return {held(key): _mapped(item, held) for key, item in parsed.items()}
    return parsed


def _stripped(text: str) -> str:
    return "".join(c for c in text if not _is_odd_character(c))


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if _is_odd_character(c) else c for c in text)
