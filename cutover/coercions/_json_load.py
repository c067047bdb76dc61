r"""Load's side of JSON: text as it is, and what the settings make of what jsonb can't hold.

Escapes are found in the text, one by one: a backslash that another one escapes begins none.
"""

import json
import re
from collections.abc import Callable

from cutover.abc import Converter, Options, Sent
from cutover.coercions._question_rules import EMPTY_AS_NULL, QUESTIONS

NUMBER = "number as JSON"
RULES = {
    "json": QUESTIONS["json"].rules,
    "nul": {
        "escape": "NUL or lone surrogate spelled out",
        "strip": "NUL or lone surrogate left out",
        "null": "JSON with NUL or lone surrogate as NULL",
    },
}

_LONE = re.compile(
    r"(?P<whole>\\(?:[^u]|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
    r"|\\u(?P<odd>0000|[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def converter(options: Options) -> Converter:
    """Return the conversion into JSON text; ValueError for what is none as far as it can tell."""

    def convert(value: object) -> Sent:
        if value == "" and "empty" in options:
            return None
        if isinstance(value, str | bytes):
            text = value if isinstance(value, str) else _decoded(value, options)
            return None if text is None else _answered(text, options, settled=value != "")
        if isinstance(value, int | float) and abs(value) != float("inf"):
            return repr(value)
        raise ValueError(f"{value!r:.60} is no JSON")

    return convert


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value."""

    def altered(value: object) -> str | None:
        if isinstance(value, int | float):
            return NUMBER
        if value == "":
            return EMPTY_AS_NULL if "empty" in options else None
        try:
            text = value if isinstance(value, str) else bytes(value).decode()  # type: ignore[call-overload]
        except UnicodeDecodeError:
            text = "no JSON"
        if "json" in options and not _is_json(text):
            return RULES["json"][options["json"]]
        return RULES["nul"][options["nul"]] if "nul" in options and _odd(text) else None

    return altered


def telling(answer: str, *, judged: bool) -> Callable[[object], str | None]:
    """Return what names the rule of `nul`; a text that is `judged` to be no JSON has another's."""
    options = {"nul": answer, **({"json": "null"} if judged else {})}
    altered, rule = alterations(options), RULES["nul"][answer]
    return lambda value: rule if altered(value) == rule else None


def _decoded(value: bytes, options: Options) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        if options.get("json") == "null":
            return None
        raise


def _answered(text: str, options: Options, *, settled: bool) -> str | None:
    """Return a text under the settings; '' has one of its own, and is not `settled` by theirs."""
    if "json" in options and settled and not _is_json(text):
        return None if options["json"] == "null" else _checked(json.dumps(text, ensure_ascii=False))
    if "nul" in options and "\\u" in text and _odd(text):
        if options["nul"] == "null":
            return None
        text = _LONE.sub(_spelled if options["nul"] == "escape" else _left_out, text)
    return _checked(text)


def _checked(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError(f"{text!r:.60} is no JSON")
    text.encode()
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse, parse_int=len, parse_float=len)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _odd(text: str) -> bool:
    return any(found["odd"] for found in _LONE.finditer(text))


def _spelled(found: re.Match[str]) -> str:
    return found["whole"] or rf"\\u{found['odd'].lower()}"


def _left_out(found: re.Match[str]) -> str:
    return found["whole"] or ""
