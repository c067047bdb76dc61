"""Load's side of addresses: text that PostgreSQL reads as everybody does, sent as it is."""

import ipaddress
import re
from collections.abc import Mapping

from cutover.abc import Converter, Sent
from cutover.coercions._questions import Raised

_INET = re.compile(r"[0-9a-fA-F:.]+(?:/(?:0|[1-9][0-9]{0,2}))?", re.ASCII)
_HEX = "[0-9a-fA-F]"
_MAC = re.compile(
    rf"{_HEX}{{2}}(?:(?::{_HEX}{{2}}){{5}}|(?:-{_HEX}{{2}}){{5}})|{_HEX}{{12}}"
    rf"|{_HEX}{{4}}(?:\.{_HEX}{{4}}){{2}}"
)
_MAC8 = re.compile(
    rf"{_HEX}{{2}}(?:(?::{_HEX}{{2}}){{7}}|(?:-{_HEX}{{2}}){{7}})|{_HEX}{{16}}"
    rf"|{_HEX}{{4}}(?:\.{_HEX}{{4}}){{3}}"
)


def _inet(value: object) -> Sent:
    text = _matching(value, _INET)
    try:
        ipaddress.ip_interface(text)
    except ValueError as error:
        raise Raised("invalid", f"{value!r:.60} is no address") from error
    return text


def _cidr(value: object) -> Sent:
    text = _matching(value, _INET)
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise Raised("invalid", f"{value!r:.60} is no network") from error
    return text


def _mac(value: object) -> Sent:
    return _matching(value, _MAC)


def _mac8(value: object) -> Sent:
    return _matching(value, _MAC8)


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise Raised("empty" if value == "" else "invalid", f"{value!r:.60} is no address")


READERS: Mapping[str, Converter] = {
    "inet": _inet,
    "cidr": _cidr,
    "macaddr": _mac,
    "macaddr8": _mac8,
}
