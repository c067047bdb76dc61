"""Verify's side of addresses: their bytes, with the number of bits that a mask leaves."""

import socket
import string
from collections.abc import Hashable
from typing import Any

from cutover.abc import Meaning

_BYTES = {"macaddr": 6, "macaddr8": 8}


def stored(type_: str) -> Meaning:
    """Return what gives the address of a stored value. ValueError where it is none."""
    if type_ in _BYTES:
        return lambda value: _hardware(value, _BYTES[type_])
    return _network if type_ == "cidr" else _address


def loaded(type_: str) -> Meaning:
    """Return what gives the address of a loaded value."""
    return stored(type_)


def _address(value: Any) -> tuple[bytes, int]:
    text, slash, mask = _text(value).partition("/")
    try:
        packed = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except OSError as error:
        raise ValueError(f"{value!r:.60} means no address") from error
    whole = 8 * len(packed)
    if slash and not (mask.isdecimal() and mask == str(int(mask)) and int(mask) <= whole):
        raise ValueError(f"{value!r:.60} has no mask of {whole} bits")
    return packed, int(mask) if slash else whole


def _network(value: Any) -> Hashable:
    packed, bits = _address(value)
    beyond = 8 * len(packed) - bits
    if int.from_bytes(packed) & ((1 << beyond) - 1):
        raise ValueError(f"{value!r:.60} has bits beyond its mask")
    return packed, bits


def _hardware(value: Any, size: int) -> Hashable:
    text = _text(value)
    separators = {character for character in text if character not in string.hexdigits}
    parts = text.split(separators.pop()) if separators else [text]
    widths = {len(part) for part in parts}
    if separators or len(widths) != 1 or widths.pop() not in (2, 4, 2 * size):
        raise ValueError(f"{value!r:.60} means no hardware address")
    if len(packed := bytes.fromhex("".join(parts))) != size:
        raise ValueError(f"{value!r:.60} means no hardware address")
    return packed


def _text(value: Any) -> str:
    if isinstance(value, str) and value.isascii():
        return value
    raise ValueError(f"{value!r:.60} means no address")
