"""Verify's side of text: which characters a stored value means, and which a loaded one."""

from collections.abc import Hashable
from decimal import Decimal

from cutover.abc import Meaning, Options


def stored(options: Options) -> Meaning:
    """Return the characters that a stored value means under the NUL policy."""
    policy = options.get("nul", "")
    blanks = " " if options["type"].startswith("character(") else ""

    def meaning(value: object) -> Hashable:
        match value:
            case str():
                text = _without_nul(value, policy)
            case float():
                text = _real(value)
            case int():
                text = format(value, "d")
            case _:
                raise ValueError(f"{value!r:.60} does not mean text")
        return text.rstrip(blanks) if text and blanks else text

    return meaning


def loaded(options: Options) -> Meaning | None:
    """Return the characters that a loaded value stands for."""
    if options.get("nul") == "escape":
        return _unescaped
    if options["type"].startswith("character("):
        return _without_padding
    return None


def _without_padding(text: str) -> Hashable:
    return text.rstrip(" ")


def _without_nul(value: str, policy: str) -> str | None:
    if policy == "null":
        return None if value.find("\0") >= 0 else value
    return "".join(value.split("\0")) if policy == "strip" else value


def _unescaped(text: str) -> Hashable:
    # Only an escaped value reads \0. Halving at the doubled backslashes leaves each \0 a NUL.
    if text.find("\\0") < 0:
        return text
    return "\\".join("\0".join(part.split("\\0")) for part in text.split("\\\\"))


def _real(value: float) -> str:
    """Return SQLite's spelling, from the digits of the shortest decimal that is this double."""
    decimal = Decimal(repr(value))
    if decimal.is_infinite():
        return "Inf" if value > 0 else "-Inf"
    sign, digits, _ = decimal.as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    if len(shown) > 15:
        return repr(value)
    place = decimal.adjusted() if decimal else 0
    lead = "-" if sign else ""
    if place < -4 or place >= 15:
        return f"{lead}{shown[0]}.{shown[1:] or '0'}e{place:+03d}"
    if place < 0:
        return f"{lead}0.{'0' * (-place - 1)}{shown}"
    whole, fraction = shown[: place + 1].ljust(place + 1, "0"), shown[place + 1 :]
    return f"{lead}{whole}.{fraction or '0'}"
