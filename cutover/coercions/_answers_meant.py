"""Verify's side of the settings that make a value NULL: by what verify itself can make of it."""

from collections.abc import Hashable
from typing import Any

from cutover.abc import Meaning, Options


def or_null(meaning: Meaning, options: Options) -> Meaning:
    """Return a meaning under which '', and what means nothing, are NULL where settings say so."""
    nulls_empty, nulls_invalid = "empty" in options, options.get("invalid") == "null"
    if not (nulls_empty or nulls_invalid):
        return meaning

    def read(value: Any) -> Hashable:
        if nulls_empty and value == "":
            return None
        try:
            return meaning(value)
        except ValueError:
            if nulls_invalid:
                return None
            raise

    return read
