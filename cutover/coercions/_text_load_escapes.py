r"""Load's side of what no text of PostgreSQL holds: a NUL, and bytes that are not UTF-8.

Such a byte is read as a surrogate (PEP 383). An escaped value gets `\0` for NUL, `\xhh` for an odd
byte, and `\\` for a backslash; so does one that already reads like that, else it would look like an
escaped one.
"""

import re

from cutover.coercions._questions import Raised

ODD = re.compile("[\udc80-\udcff]")
LIKE_ODD = re.compile(r"\\x[89a-f][0-9a-f]")


def spelled(value: str, nul: str, utf8: str) -> str | None:
    """Return a text under the policies for NUL and for odd bytes. Raises a question without one."""
    has_nul, is_odd = "\0" in value, ODD.search(value) is not None
    if is_odd and utf8 not in ("replace", "escape", "null"):
        raise Raised("utf8", f"{value!r:.60} is not UTF-8")
    if has_nul and nul not in ("escape", "strip", "null"):
        raise Raised("nul", f"{value!r:.60} holds a NUL character")
    if (is_odd and utf8 == "null") or (has_nul and nul == "null"):
        return None
    if nul == "strip":
        value = value.replace("\0", "")
    if utf8 == "replace":
        value = ODD.sub("\N{REPLACEMENT CHARACTER}", value)
    reads_nul = nul == "escape" and ("\0" in value or "\\0" in value)
    reads_odd = utf8 == "escape" and (is_odd or LIKE_ODD.search(value) is not None)
    return _escaped(value) if reads_nul or reads_odd else value


def _escaped(value: str) -> str:
    doubled = value.replace("\\", "\\\\").replace("\0", "\\0")
    return ODD.sub(lambda odd: f"\\x{ord(odd[0]) - 0xDC00:02x}", doubled)
