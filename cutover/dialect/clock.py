"""A row filter that asks the clock, made to ask for one moment instead.

`expires_at > unixepoch()` selects other rows a minute later: what was planned would not be what is
loaded, and what was loaded not what is verified. So the moment of the plan is written into the
filter, wherever SQLite would take the current time: `'now'`, a date function without a time value,
and the CURRENT_… keywords (https://sqlite.org/lang_datefunc.html).
"""

from collections.abc import Iterator

from cutover.dialect.tokens import Token, TokenKind, tokenize

_WITHOUT_ARGUMENTS = frozenset({"unixepoch", "datetime", "date", "time", "julianday"})
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
    for place, token in enumerate(tokens):
        word = token.text.lower()
        following = [t.text for t in tokens[place + 1 : place + 4]]
        if token.kind is TokenKind.STRING and token.value.lower() == "now":
            yield token.start, token.end, moment
        elif token.kind is not TokenKind.WORD:
            continue
        elif word in _KEYWORDS:
            yield token.start, token.end, f"{_KEYWORDS[word]}({moment})"
        elif word in _WITHOUT_ARGUMENTS and following[:2] == ["(", ")"]:
            opening = tokens[place + 1]
            yield opening.end, opening.end, moment
        elif word == "strftime" and following[:1] == ["("] and following[2:] == [")"]:
            closing = tokens[place + 3]
            yield closing.start, closing.start, f", {moment}"
