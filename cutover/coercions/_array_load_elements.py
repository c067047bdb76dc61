"""Load's side of an array's elements: how one of them is spelled in an array literal."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cutover.coercions._questions import Raised

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")


class Digits(str):
    """A number of a JSON array, by its digits."""

    __slots__ = ()


def no_array(value: object) -> Raised:
    """Return the question that something raises which is no such array."""
    return Raised("invalid", f"{value!r:.60} is no array of such elements")


def _text(part: Any) -> str:
    if not isinstance(part, str) or isinstance(part, Digits) or "\0" in part:
        raise no_array(part)
    try:
        part.encode()
    except UnicodeEncodeError as error:
        raise no_array(part) from error
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _integer(half: int) -> Callable[[Any], str]:
    def spelled(part: Any) -> str:
        if isinstance(part, str) and _WHOLE.fullmatch(part) and -half <= int(part) < half:
            return str(int(part))
        raise no_array(part)

    return spelled


def _number(part: Any) -> str:
    if isinstance(part, str) and _DECIMAL.fullmatch(part):
        return str(part)
    raise no_array(part)


def _boolean(part: Any) -> str:
    word = part.lower() if isinstance(part, str) else part
    if word is True or word in ("t", "true"):
        return "t"
    if word is False or word in ("f", "false"):
        return "f"
    raise no_array(part)


def _uuid(part: Any) -> str:
    if isinstance(part, str) and _UUID.fullmatch(part):
        return str(part)
    raise no_array(part)


ELEMENTS: Mapping[str, Callable[[Any], str]] = {
    "text": _text,
    "character varying": _text,
    "smallint": _integer(2**15),
    "integer": _integer(2**31),
    "bigint": _integer(2**63),
    "numeric": _number,
    "boolean": _boolean,
    "uuid": _uuid,
}
