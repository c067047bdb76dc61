"""Stored values as JSON, each told from every other, and back.

Keys in the journal, the ledger and the file of differences, and rows kept in quarantine, are read
by scripts that may join them: they have one form. JSON has no bytes and no infinity (RFC 8259,
section 6), and PostgreSQL's json no text with a NUL or of bytes that are no UTF-8.
"""

import math
from typing import Any

from cutover.profile import Stored


def as_json(value: Stored) -> Any:
    r"""Return a stored value as JSON can hold it: itself, or its kind and what it is made of.

    >>> as_json("a"), as_json(b"\x00"), as_json("a\0"), as_json(float("-inf"))
    ('a', {'blob': '00'}, {'text': '6100'}, {'real': '-inf'})
    """
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value  # spares most values the way through their bytes
        stored = value.encode("utf-8", "surrogateescape")
        plain = "\0" not in value and stored.decode("utf-8", "replace") == value
        return value if plain else {"text": stored.hex()}
    if isinstance(value, float) and math.isinf(value):
        return {"real": repr(value)}
    return value


def from_json(part: Any) -> Stored:
    """Return the value that `as_json` was given."""
    match part:
        case {"blob": digits}:
            return bytes.fromhex(digits)
        case {"text": digits}:
            return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
        case {"real": number}:
            return float(number)
    return part  # type: ignore[no-any-return]  # a number, a text or NULL
