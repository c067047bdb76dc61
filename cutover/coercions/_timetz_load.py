"""Load's side of times with an offset."""

import re

from cutover.abc import Converter, Options, Sent
from cutover.coercions import _questions as questions
from cutover.coercions._questions import Raised
from cutover.coercions._temporal_load_precision import cutting

_TRUNCATED = "fraction truncated to microseconds"
_TIME = re.compile(
    r"((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:(?<=:\d\d:\d\d)\.(\d+))?"
    r" ?([Zz]|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?",
    re.ASCII,
)


def reader(options: Options, way: str = "") -> Converter:
    """Return what spells a time with six digits at most, and its offset."""
    default = "+00" if "zone" in options else ""

    def convert(value: object) -> Sent:
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise Raised("empty" if value == "" else "invalid", f"{value!r:.60} is no time of day")
        offset = (match[3] or default).upper().replace("Z", "+00")
        if not offset:
            raise Raised("zone", f"{value!r:.60} carries no offset")
        return f"{match[1]}.{match[2][:6]}{offset}" if match[2] else f"{match[1]}{offset}"

    return cutting(convert, int(options["precision"]), way)


def converter(options: Options) -> Converter:
    """Return the conversion under the settings."""
    read = reader(options, options.get("fraction", ""))
    return questions.answering(read, questions.null_answers(options))


def altered(value: object) -> str | None:
    """Return the rule by which a time loses digits."""
    digits = str(value).partition(".")[2]
    return _TRUNCATED if re.match(r"\d{6}\d*[1-9]", digits) else None
