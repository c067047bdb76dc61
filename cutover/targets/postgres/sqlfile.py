"""Read a `.sql` file of named blocks: each begins with a line `-- name --`.

psycopg takes only literal strings as queries. A file that ships with the code is as much a literal
as one in the code, which is what the return type says.
"""

import re
from importlib.resources import files
from typing import Any, LiteralString

_HEAD = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def read_blocks(package: str, name: str) -> dict[str, LiteralString]:
    """Return the statements of a package's file by their names. ValueError for a name twice."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    blocks: dict[str, Any] = parse_blocks(text)
    return blocks


def parse_blocks(text: str) -> dict[str, str]:
    """Return the blocks of a text by their names; what precedes the first is a comment."""
    _, *parts = _HEAD.split(text)
    blocks: dict[str, str] = {}
    for name, block in zip(parts[::2], parts[1::2], strict=True):
        if name in blocks:
            raise ValueError(f"two blocks are named {name!r}")
        blocks[name] = block.strip()
    return blocks
