"""Verify's side of what is empty, no JSON, or more than jsonb holds, under the settings for it."""

import json
from collections.abc import Hashable
from json.encoder import encode_basestring

from cutover.abc import Meaning, Options
from cutover.coercions import _json_meaning_strings as strings
from cutover.coercions._json_document import Document


def answered(meaning: Meaning, options: Options) -> Meaning:
    """Return a meaning under the settings; of what they don't touch it is `meaning`."""

    def read(value: object) -> Hashable:
        if value == "":
            return None if "empty" in options else meaning(value)
        parsed = _parsed(value)
        if parsed is _NO_JSON and "json" in options:
            if options["json"] == "null":
                return None
            text = any_text(value)
            return Document(text) if options["type"] == "jsonb" else encode_basestring(text)
        if "nul" in options and parsed is not _NO_JSON and strings.is_odd(parsed):
            return None if options["nul"] == "null" else strings.answered(parsed, options["nul"])
        return meaning(value)

    return read


_NO_JSON = object()


def _parsed(value: object) -> object:
    try:
        text = any_text(value)
        text.encode()
        return strings.parse(text)
    except (ValueError, RecursionError):
        return _NO_JSON


def any_text(value: object) -> str:
    """Return the text that a stored value is as JSON. ValueError where it is none."""
    match value:
        case str():
            return value
        case bytes():
            return str(value, encoding="utf-8")
        case int() | float():
            return json.dumps(value, allow_nan=False)
    raise ValueError(f"{value!r:.60} means no JSON")
