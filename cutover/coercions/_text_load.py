"""Load's side of text: the NUL policies, and numbers as SQLite spells them."""

from collections.abc import Callable

from cutover.abc import Converter, Options, Sent
from cutover.catalog import base_type

NUMBER = "number as text"
PADDED = "text padded with blanks"
NUL_RULES = {
    "escape": r"NUL as \0, backslash as \\",
    "strip": "NUL left out",
    "null": "text with NUL as NULL",
}


def converter(options: Options) -> Converter:
    """Return the conversion of text and numbers; ValueError for what the type can't hold."""
    policy = _POLICIES[options.get("nul", "")]
    limit = _limit(options["type"])

    def convert(value: object) -> Sent:
        text = _text(value, policy)
        if text is not None:
            text.encode()
            if limit is not None and len(text) > limit:
                raise ValueError(f"{text!r:.60} is longer than {limit} characters")
        return text

    return convert


def _text(value: object, policy: Callable[[str], str | None]) -> str | None:
    if isinstance(value, str):
        return policy(value) if "\0" in value or "\\0" in value else value
    if isinstance(value, int | float):
        return sqlite_text(value)
    raise ValueError(f"{value!r:.60} is not text")


def alterations(options: Options) -> Callable[[object], str | None]:
    """Return what names the rule that alters a value."""
    rule = NUL_RULES.get(options.get("nul", ""))
    escaping = options.get("nul") == "escape"
    limit = _limit(options["type"]) if base_type(options["type"]) == "character" else None

    def altered(value: object) -> str | None:
        if not isinstance(value, str):
            return NUMBER
        if "\0" in value or (escaping and "\\0" in value):
            return rule
        return PADDED if limit is not None and len(value) < limit else None

    return altered


def sqlite_text(number: float) -> str:
    """Return the text that SQLite makes of a number, unless that would lose digits of it.

    SQLite prints 15 significant digits with at least one after the point, `%!.15g`
    (https://sqlite.org/printf.html#the_bang_flag); infinities are `Inf` and `-Inf`.
    """
    if isinstance(number, int):
        return str(number)
    text = f"{number:.15g}"
    if "inf" in text:
        return text.title()
    # Below that, doubles lose digits, and fifteen of them may say more than there is.
    if float(text) != number or abs(number) < 1e-300:
        text = repr(number)
    mantissa, mark, exponent = text.partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + mark + exponent


def _refuse(value: str) -> str | None:
    if "\0" in value:
        raise ValueError(f"{value!r:.60} holds a NUL character")
    return value


def _escape(value: str) -> str | None:
    return value.replace("\\", "\\\\").replace("\0", "\\0")


def _strip(value: str) -> str | None:
    return value.replace("\0", "")


def _null(value: str) -> str | None:
    return None if "\0" in value else value


_POLICIES: dict[str, Callable[[str], str | None]] = {
    "": _refuse,
    "escape": _escape,
    "strip": _strip,
    "null": _null,
}


def _limit(type_: str) -> int | None:
    digits = type_[type_.find("(") + 1 : type_.rfind(")")]
    return int(digits) if digits.isdigit() else None
