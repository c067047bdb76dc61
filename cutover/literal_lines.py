"""On which line of a Python file a place inside one of its texts stands.

A text may be written as several literals, one after the other, and each over several lines; an
escape is more signs than it stands for, and a backslash at the end of a line stands for none
(https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals).
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

_LITERAL = re.compile(r"(?s)(\w*)('''|\"\"\"|'|\")(.*)\2")
_SIGN = re.compile(r"(?s)\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|[0-7]{1,3}|.)|.")
_ESCAPED = frozenset("\\'\"abfnrtvxuUN01234567")


def line_of(text: str, node: ast.Constant, position: int) -> int:
    r"""Return the line of a file's text on which a place of one of its constants stands.

    >>> file = 'x = (\n  "a"\n  "b\\n"\n  "c"\n)'
    >>> [line_of(file, ast.parse(file).body[0].value, at) for at in range(4)]
    [2, 3, 3, 4]
    """
    line, passed = node.lineno, 0
    for line, length in _signs(text, node):  # noqa: B007 - the last one is the answer of a place past the end
        passed += length
        if passed > position:
            break
    return line


def _signs(text: str, node: ast.Constant) -> Iterator[tuple[int, int]]:
    """Yield the line of each sign of a constant as it is written, and how many it stands for."""
    segment = ast.get_source_segment(text, node) or ""
    # In parentheses, because between two literals a line may end.
    for token in tokenize.generate_tokens(io.StringIO(f"({segment})").readline):
        literal = _LITERAL.fullmatch(token.string) if token.type == tokenize.STRING else None
        if literal is None:
            continue
        line, raw = node.lineno + token.start[0] - 1, "r" in literal[1].lower()
        for sign in literal[3] if raw else _SIGN.findall(literal[3]):
            yield line, _length(sign)
            line += sign.count("\n")


def _length(sign: str) -> int:
    if len(sign) == 1 or sign[1] in _ESCAPED:
        return 1
    return 0 if sign == "\\\n" else len(sign)
