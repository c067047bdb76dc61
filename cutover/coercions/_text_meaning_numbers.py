"""Verify's side of numbers in a text column: how SQLite shows them."""

from decimal import Decimal


def shown(value: float) -> str:
    """Return SQLite's spelling, from the digits of the shortest decimal that is this double."""
    if isinstance(value, int):
        return format(value, "d")
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
