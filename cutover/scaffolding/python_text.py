"""Python source, laid out as ruff format would: one line if it fits, else an argument a line."""

import re
from collections.abc import Sequence

LINE_CHARACTERS_MAX = 100
_PARAMETER = re.compile(r"(?<![:\w\\]):\w")


def literal(text: str) -> str:
    """Return a string literal, in the quotes that need fewer escapes; double ones in a draw."""
    if not text.isprintable():
        return repr(text)
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"


def block(sql: str) -> str:
    """Return SQL as a string literal over several lines; a new line at its end changes nothing."""
    plain = sql.replace("\n", "").replace("\t", "").isprintable() and "\\" not in sql
    if "\n" not in sql or not plain or '"""' in sql:
        return literal(sql)
    end = "\n" if sql.endswith('"') else ""
    return f'"""{sql}{end}"""'


def sql_text(sql: str) -> str:
    """Return SQLAlchemy's construct for SQL; text() would take a `:name` in it for a parameter."""
    return f"sa.{'literal_column' if _PARAMETER.search(sql) else 'text'}({literal(sql)})"


def call(function: str, arguments: Sequence[str], *, indent: int) -> str:
    """Return a call at an indentation; a comma may follow it."""
    pad = " " * indent
    one_line = f"{pad}{function}({', '.join(arguments)})"
    is_block = len(arguments) == 1 and "\n" in one_line
    if is_block or (len(one_line) < LINE_CHARACTERS_MAX and "\n" not in one_line):
        return one_line
    lines = "".join(f"{_argument(argument, pad + '    ')},\n" for argument in arguments)
    return f"{pad}{function}(\n{lines}{pad})"


def _argument(argument: str, pad: str) -> str:
    head, opening, inner = argument.removesuffix(")").partition("(")
    if len(pad + argument) < LINE_CHARACTERS_MAX or not argument.endswith(")") or not opening:
        return pad + argument
    return f"{pad}{head}(\n{pad}    {inner}\n{pad})"


def block_call(function: str, arguments: Sequence[str], *, indent: int) -> str:
    """Return a call with an argument a line, however short."""
    pad = " " * indent
    return f"{pad}{function}(\n" + "".join(f"{a},\n" for a in arguments) + f"{pad})"


def strings(values: Sequence[str]) -> str:
    """Return a list of string literals."""
    return f"[{', '.join(map(literal, values))}]"
