"""SQL text as SQLite's own tokenizer cuts it: comments kept out, positions kept.

A name may be quoted in three ways, and `"x"` where no such column exists is a string
(https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted), so a quoted token keeps
its quote. A comment that is never closed reaches to the end; a quote that is never closed is an
error. Keywords are ASCII and may also be names (https://sqlite.org/lang_keywords.html): whether a
word is one is for the parser to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_NAME = r"[0-9A-Za-z_$\x80-\U0010ffff]"

_LEXEMES = re.compile(
    rf"""
      (?P<blank>[ \t\n\f\r\ufeff]+ | --[^\n]* | /\*.*?(?:\*/|\Z))
    | (?P<blob>[xX]'(?:[0-9a-fA-F]{{2}})*')
    | (?P<word>[A-Za-z_\x80-\U0010ffff]{_NAME}*)
    | (?P<quoted>"(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\])
    | (?P<string>'(?:[^']|'')*')
    | (?P<number>0[xX][0-9a-fA-F]+
        | (?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)
          (?:[eE][+-]?[0-9]+)?)
    | (?P<parameter>\?[0-9]* | [:@$\#]{_NAME}+)
    | (?P<operator>->>|->|\|\||==|<=|<>|<<|>=|>>|!=|[<>=+\-*/%&|~])
    | (?P<punctuation>[(),;.])
    """,
    re.VERBOSE | re.DOTALL,
)


class TokenKind(StrEnum):
    """What a token is to SQLite's tokenizer."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    BLOB = "blob"
    NUMBER = "number"
    PARAMETER = "parameter"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is `sql[start:end]`, quotes included."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The name or the string that quotes stand around; any other token as it is."""
        if self.kind is TokenKind.QUOTED and self.text[0] == "[":
            return self.text[1:-1]
        if self.kind in (TokenKind.QUOTED, TokenKind.STRING):
            quote = self.text[0]
            return self.text[1:-1].replace(quote * 2, quote)
        return self.text

    @property
    def quote(self) -> str:
        """The opening quote of a name or a string; empty for any other token."""
        return self.text[0] if self.kind in (TokenKind.QUOTED, TokenKind.STRING) else ""

    @property
    def keyword(self) -> str:
        """A word in upper case, to be compared with keywords; empty for any other token."""
        return self.text.upper() if self.kind is TokenKind.WORD and self.text.isascii() else ""


def tokenize(sql: str) -> tuple[Token, ...]:
    """Cut SQL into tokens. ValueError where SQLite has no token that starts so.

    >>> [token.text for token in tokenize("a||'b' -- c")]
    ['a', '||', "'b'"]
    """
    return tuple(_tokens(sql))


def _tokens(sql: str) -> Iterator[Token]:
    position = 0
    while position < len(sql):
        match = _LEXEMES.match(sql, position)
        if match is None:
            raise ValueError(f"no SQL token starts at position {position}: {sql[position:][:20]!r}")
        if match.lastgroup != "blank":
            yield Token(TokenKind(str(match.lastgroup)), match.group(), position, match.end())
        position = match.end()


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the `)` that closes the `(` at index `opening`. ValueError without one.

    >>> closing(tokenize("f((a), b) + (c)"), 1)
    7
    """
    depth = 0
    for index in range(opening, len(tokens)):
        depth += _depth_change(tokens[index])
        if depth == 0:
            return index
    raise ValueError(f'"(" at position {tokens[opening].start} is never closed')


def split_commas(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], ...]:
    """Split at the commas that stand in no parentheses; no tokens give no parts.

    >>> [len(part) for part in split_commas(tokenize("a, f(b, c)"))]
    [1, 6]
    """
    if not tokens:
        return ()
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += _depth_change(token)
        if depth == 0 and token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts)


def text_of(sql: str, tokens: Sequence[Token]) -> str:
    """Return the text of consecutive tokens of `sql`, each comment among them turned to a space.

    >>> text_of("a  = /* b */ 1", tokenize("a  = /* b */ 1"))
    'a  = 1'
    """
    text = ""
    for index, token in enumerate(tokens):
        if index:
            gap = sql[tokens[index - 1].end : token.start]
            text += " " if gap.strip(" \t\n\f\r\ufeff") else gap
        text += token.text
    return text


def _depth_change(token: Token) -> int:
    return {"(": 1, ")": -1}.get(token.text, 0)
