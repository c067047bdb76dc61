"""Verify's side of booleans: which truth a stored value means."""

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation

_DIGITS = set("+-.0123456789")


def truth(value: object) -> Hashable:
    """Return the truth of 0, 1 and words. ValueError for anything else."""
    match value:
        case 0 | 1:
            return value == 1
        case str():
            return _of_word(value.casefold())
    raise ValueError(f"{value!r:.60} does not mean a boolean")


def nonzero(value: object) -> Hashable:
    """Return the truth of any number: whether it is not 0. Of words as `truth`."""
    try:
        words = isinstance(value, bytes) or (isinstance(value, str) and set(value) - _DIGITS)
        return truth(value) if words else not Decimal(str(value)).is_zero()
    except InvalidOperation:
        return truth(value)


def _of_word(word: str) -> bool:
    if word in {"0", "f", "false", "n", "no", "off"}:
        return False
    if word in {"1", "t", "true", "y", "yes", "on"}:
        return True
    raise ValueError(f"{word!r:.60} does not mean a boolean")
