r"""Verify's side of text: which characters a stored value means, and which a loaded one.

An escaped value is turned back: `\0` is a NUL, `\xhh` the surrogate of an odd byte. One that had no
room is NULL, or its beginning; a beginning of an escaped one is nothing that load may write.
"""

import re
from collections.abc import Hashable

from cutover.abc import Meaning, Options
from cutover.coercions._answers_meant import or_null
from cutover.coercions._text_meaning_numbers import shown

_REPLACED = dict.fromkeys(range(0xDC80, 0xDD00), 0xFFFD)
_HEX = re.compile(r"\\x([89a-f][0-9a-f])")


def stored(options: Options) -> Meaning:
    """Return the characters that a stored value means under the policies."""
    blanks = " " if _is_padded(options) else ""
    room = int("0" + "".join(filter(str.isdigit, options["type"]))) or None

    def meaning(value: object) -> Hashable:
        match value:
            case str():
                text = _without_odd(value, options)
            case float() | int():
                text = shown(value)
            case _:
                raise ValueError(f"{value!r:.60} does not mean text")
        if text is not None and room is not None:
            text = _in_room(text, room, options)
        return text.rstrip(blanks) if text and blanks else text

    return or_null(meaning, options)


def loaded(options: Options) -> Meaning | None:
    """Return the characters that a loaded value stands for."""
    blanks = " " if _is_padded(options) else ""
    if "escape" in (options.get("nul"), options.get("utf8")):
        return lambda text: _unescaped(text.rstrip(blanks) if blanks else text, options)
    return _without_padding if blanks else None


def _is_padded(options: Options) -> bool:
    return options["type"].startswith("character(")


def _without_padding(text: str) -> Hashable:
    return text.rstrip(" ")


def _without_odd(value: str, options: Options) -> str | None:
    nul, utf8 = options.get("nul"), options.get("utf8")
    odd = any("\udc80" <= character <= "\udcff" for character in value)
    if (utf8 == "null" and odd) or (nul == "null" and value.find("\0") >= 0):
        return None
    if utf8 == "replace":
        value = value.translate(_REPLACED)
    return "".join(value.split("\0")) if nul == "strip" else value


def _in_room(text: str, room: int, options: Options) -> str | None:
    """Return a text as far as there is room for it, or for what escapes it."""
    grown = len(text)
    if _is_escaped(text, options):
        grown += text.count("\\") + text.count("\0")
        grown += 3 * sum("\udc80" <= character <= "\udcff" for character in text)
    if grown <= room or options.get("overlong") not in ("null", "truncate"):
        return text
    return text[:room] if options["overlong"] == "truncate" else None


def _is_escaped(text: str, options: Options) -> bool:
    by_nul = options.get("nul") == "escape" and (text.find("\0") >= 0 or text.find("\\0") >= 0)
    if by_nul or options.get("utf8") != "escape":
        return by_nul
    return any("\udc80" <= c <= "\udcff" for c in text) or _HEX.search(text) is not None


def _unescaped(text: str, options: Options) -> Hashable:
    # Only an escaped value reads \0 or \xhh. Halving at the doubled backslashes leaves each a sign.
    by_nul = options.get("nul") == "escape" and text.find("\\0") >= 0
    by_odd = options.get("utf8") == "escape" and _HEX.search(text) is not None
    if not (by_nul or by_odd):
        return text
    return "\\".join(map(_one_unescaped, text.split("\\\\")))


def _one_unescaped(part: str) -> str:
    restored = "\0".join(part.split("\\0"))
    return _HEX.sub(lambda found: chr(0xDC00 + int(found[1], 16)), restored)
