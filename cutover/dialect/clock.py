"""A row filter that asks the clock, made to ask for one moment instead.

`expires_at > unixepoch()` selects other rows a minute later: what was planned would not be what is
loaded, and what was loaded not what is verified. So the moment of the plan is written into the
filter, wherever SQLite would take the current time: `'now'`, a date function without a time value,
and the CURRENT_… keywords (https://sqlite.org/lang_datefunc.html).
"""

from collections.abc import Iterator

from cutover.dialect.tokens import Token, TokenKind, tokenize

_WITHOUT_ARGUMENTS = frozenset({"unixepoch", "datetime", "date", "time", "julianday"})
_DATE_FUNCTIONS = _WITHOUT_ARGUMENTS | {"strftime", "timediff"}
_SUBSECOND = frozenset({"subsec", "subsecond"})
_KEYWORDS = {
    "current_timestamp": "datetime",
    "current_date": "date",
    "current_time": "time",
}


def frozen(condition: str, moment: str) -> str:
    """Return a SQLite condition that takes `moment` (ISO 8601, UTC) for the current time.

    >>> frozen("expires_at > unixepoch()", "2026-07-01T12:00:00Z")
    "expires_at > unixepoch('2026-07-01T12:00:00Z')"
    """
    tokens = tokenize(condition)
    pieces, end = [], 0
    for start, stop, text in _replacements(tokens, f"'{moment}'"):
        pieces += [condition[end:start], text]
        end = stop
    return "".join([*pieces, condition[end:]])


def asks_clock(condition: str) -> bool:
    """Tell whether a condition depends on the current time."""
    return any(True for _ in _replacements(tokenize(condition), ""))


def _replacements(tokens: tuple[Token, ...], moment: str) -> Iterator[tuple[int, int, str]]:
    calls: list[str] = []
    for place, token in enumerate(tokens):
        if token.text == "(":
            calls.append(tokens[place - 1].text.lower() if place else "")
        elif token.text == ")" and calls:
            calls.pop()
        elif token.kind is TokenKind.STRING and calls and calls[-1] in _DATE_FUNCTIONS:
            yield from _argument(token, tokens[place - 1], moment)
        elif token.kind is TokenKind.WORD:
            yield from _call(token, tokens[place + 1 : place + 4], moment)


def _argument(token: Token, before: Token, moment: str) -> Iterator[tuple[int, int, str]]:
    """Replace a time value of `'now'`; put one before a modifier that stands where it should be."""
    if token.value.lower() == "now":
        yield token.start, token.end, moment
    elif token.value.lower() in _SUBSECOND and before.text == "(":
        yield token.start, token.start, f"{moment}, "


def _call(word: Token, after: tuple[Token, ...], moment: str) -> Iterator[tuple[int, int, str]]:
    name, following = word.text.lower(), [token.text for token in after]
    if name in _KEYWORDS:
        yield word.start, word.end, f"{_KEYWORDS[name]}({moment})"
    elif name in _WITHOUT_ARGUMENTS and following[:2] == ["(", ")"]:
        yield after[0].end, after[0].end, moment
    elif name == "strftime" and following[:1] == ["("] and following[2:] == [")"]:
        yield after[2].start, after[2].start, f", {moment}"
