"""Which setting answers which question, and the rule that each answer is in plan and ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.settings import ColumnSettings

EMPTY_AS_NULL = "'' as NULL"
_INVALID = {"null": "invalid value as NULL"}


@dataclass(frozen=True, slots=True)
class Question:
    """What answers a question: the values of a setting, each with the rule that it stands for."""

    setting: str
    rules: Mapping[str, str] = field(default_factory=dict)


QUESTIONS: Mapping[str, Question] = {
    "empty": Question("empty", {"null": EMPTY_AS_NULL}),
    "invalid": Question("invalid", _INVALID),
    "absent": Question("invalid", _INVALID),
    "absent day": Question("invalid", _INVALID),
    "fraction": Question(
        "fraction", {"round": "fraction rounded", "truncate": "fraction truncated"}
    ),
    "precision": Question("fraction", {"round": "number rounded to 4 bytes"}),
    "boolean": Question("boolean", {"nonzero": "number other than 0 as true"}),
    "overlong": Question(
        "overlong", {"truncate": "text cut to its length", "null": "overlong text as NULL"}
    ),
    "json": Question("json", {"null": "not JSON, as NULL", "string": "not JSON, as a string"}),
    "nul": Question(
        "nul",
        {
            "escape": r"NUL as \0, backslash as \\",
            "strip": "NUL left out",
            "null": "text with NUL as NULL",
        },
    ),
    "utf8": Question(
        "utf8",
        {
            "replace": "bytes that are not UTF-8 replaced",
            "escape": r"bytes that are not UTF-8 as \xhh, backslash as \\",
            "null": "text that is not UTF-8 as NULL",
        },
    ),
    "range": Question("type"),
    "ambiguous": Question("zone"),
    "zone": Question("zone"),
    "part": Question("type"),
    "unit": Question("unit"),
}
"""By question. The last five have no answer but another type, value or zone."""


def given(settings: ColumnSettings) -> dict[str, str]:
    """Return the settings that answer a question, as options."""
    stated = settings.model_dump(by_alias=True)
    keys = {known.setting for known in QUESTIONS.values() if known.rules}
    return {key: stated[key] for key in keys if stated[key] != "refuse"}
