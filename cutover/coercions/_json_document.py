r"""One JSON document, as verify sees it.

Two documents are the same with equal keys in any order, of which the last of the same name
counts, equal items in the same order, and numbers that are equal as decimals: 1.10 and 1.1, 1e3
and 1000, but not 0.1 and the double next to it, and never `true` and 1.

Numbers are parsed to their text behind a NUL, which no string of a jsonb document can hold; that
keeps the parser in C and every digit. Only documents that differ so far are compared by the value
of their numbers.
"""

import json
import re
from collections.abc import Hashable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


_marked = "\0".__add__
decoder = json.JSONDecoder(parse_int=_marked, parse_float=_marked, parse_constant=_no_constant)
_parse = decoder.raw_decode
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Document:
    """A parsed document; equal to another that is the same."""

    __slots__ = ("parsed",)

    def __init__(self, parsed: object) -> None:
        self.parsed = parsed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        # Booleans are the only values left that Python might take for another: they are not
        # confused with numbers, because those are text here.
        return self.parsed == other.parsed or repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        """Return the one text of all documents that are the same."""
        try:
            return _encode(_reduced(self.parsed))
        except RecursionError:  # equal to none but what the parser gave alike
            return f"<document {id(self)}, nested too deeply>"


def document(text: str) -> Hashable:
    """Return the document of a JSON text. ValueError where it is none that jsonb can hold."""
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError(f"{text!r:.60} holds a NUL character")
    try:
        parsed, end = _parse(text)
        if end != len(text):
            parsed = decoder.decode(text)
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply to compare") from error
    except json.JSONDecodeError:
        parsed = decoder.decode(text)
    return Document(parsed)


def _reduced_number(marked: str) -> str:
    try:
        number = Decimal(marked[1:])
    except InvalidOperation:  # an exponent of twenty digits
        return marked
    return f"\0{number.normalize(_EXACT)}" if number else "\0" + "0"


def _reduced(parsed: object) -> object:
    match parsed:
        case str() if parsed.startswith("\0"):
            return _reduced_number(parsed)
        case dict():
            return {key: _reduced(value) for key, value in parsed.items()}
        case list():
            return [_reduced(value) for value in parsed]
    return parsed
