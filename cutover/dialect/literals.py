"""Stored values as SQLite would have them written, so that a person can look at them.

What a terminal would obey or not show is spelled out with char(), as `.dump` of the SQLite shell
does; text that is not UTF-8 (its bytes come as surrogates, PEP 383) is a cast of its bytes. The
result is always text that can be encoded, and is SQL unless it had to be cut.
"""

import re

from cutover.profile import Stored

CHARACTERS_MAX = 60

# Control characters, line ends, and the marks that turn the direction of text.
_UNSEEN = re.compile("([\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069])")


def literal(value: Stored) -> str:
    r"""Return a value as SQL writes it, in at most 60 characters.

    >>> literal("it's"), literal(b"ab"), literal(None), literal("a\0b")
    ("'it''s'", "x'6162'", 'NULL', "'a' || char(0) || 'b'")
    """
    match value:
        case None:
            return "NULL"
        case str():
            text, more = _text(value[:CHARACTERS_MAX]), len(value) > CHARACTERS_MAX
        case bytes():
            text = f"x'{value[: CHARACTERS_MAX // 2].hex()}'"
            more = len(value) > CHARACTERS_MAX // 2
        case _:
            return repr(value)
    return text[: CHARACTERS_MAX - 1] + "…" if more or len(text) > CHARACTERS_MAX else text


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return f"CAST(x'{value.encode(errors='surrogateescape').hex()}' AS TEXT)"
    if not value:
        return "''"
    return " || ".join(_part(part) for part in _UNSEEN.split(value) if part)


def _part(part: str) -> str:
    if _UNSEEN.fullmatch(part):
        return f"char({ord(part)})"
    return "'" + part.replace("'", "''") + "'"
