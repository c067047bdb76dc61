"""The flag in one line of a .env file: `dotenv:PATH#KEY`.

    DB_PROVIDER=postgres
    DB_PROVIDER_GENERATION=3

Only the value of KEY and that of its companion KEY_GENERATION are ever touched; quotes, comments,
`export`, line ends and every other byte stay. The companion is a variable and not a comment, so
that the application gets the fencing token in its environment too; it is added below KEY by the
first change, and a file without it is in generation 0. Who changed the flag, and when, has no
room here.
"""

import re
from pathlib import Path

from cutover.abc import Flag
from cutover.errors import FlagError, UsageError
from cutover.flags import _files, assert_same, known
from cutover.registry import flag_stores

# A quoted value may run over several lines, and those hold no assignments. The last group that
# matched is the value, without its quotes.
_ASSIGNMENT = re.compile(
    rb"""^(?:\xef\xbb\xbf)?(?P<before>[ \t]*(?:export[ \t]+)?)(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\r\n]*?))
    (?:[ \t]+\#[^\r\n]*)?[ \t]*(?=\r?\n|\r?\Z)""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_HINT = "dotenv:.env#DB_PROVIDER"


class DotenvStore:
    """One flag, one line; its companion holds the generation."""

    def __init__(self, place: str) -> None:
        path, _, self.key = place.rpartition("#")
        if not path or not re.fullmatch(r"[A-Za-z_]\w*", self.key, re.ASCII):
            raise UsageError(f'the flag store "dotenv:{place}" names no path and key', hint=_HINT)
        self.path, self.companion = Path(path), f"{self.key}_GENERATION"
        self.where = f'"{self.key}" in "{path}"'

    @staticmethod
    def resolve(place: str, base: Path, _target_url: str | None) -> str:
        """Return a place whose path starts at `base` where it is relative."""
        path, hash_, key = place.rpartition("#")
        return f"{base / Path(path).expanduser()}{hash_}{key}" if path else place

    def read(self) -> Flag | None:
        """Return the flag, None where neither KEY nor its companion is there."""
        return self._parse(_files.read(self.path) or b"")

    def compare_and_set(self, expected: Flag | None, new: Flag) -> None:
        """Edit the line, in turn with other writers. FlagError as `FlagStore` says."""
        known(new.value, "the new flag")
        with _files.turn(self.path) as path:
            data = _files.read(path) or b""
            assert_same(self._parse(data), expected, self.where)
            _files.replace(path, self._edited(data, new))

    def _parse(self, data: bytes) -> Flag | None:
        line, companion = self._find(data, self.key), self._find(data, self.companion)
        if line is None and companion is None:
            return None
        if line is None:
            raise FlagError(f"{self.where} is gone; {self.companion} is there", hint="restore it")
        digits = _value(companion) if companion else b"0"
        if not re.fullmatch(rb"[0-9]{1,18}", digits):
            detail = f"{self.companion} is not a whole number"
            raise FlagError(f"{self.where} has no generation", detail=detail, hint="restore it")
        text = _value(line).decode("utf-8", "backslashreplace")
        return Flag(value=known(text, self.where), generation=int(digits))

    def _find(self, data: bytes, key: str) -> re.Match[bytes] | None:
        found = [match for match in _ASSIGNMENT.finditer(data) if match["key"] == key.encode()]
        if len(found) > 1:
            lines = ", ".join(str(data.count(b"\n", 0, match.start()) + 1) for match in found)
            detail = f'"{key}" is set in lines {lines}, and readers differ in which one counts'
            raise FlagError(f"{self.where} is ambiguous", detail=detail, hint="keep one of them")
        return found[0] if found else None

    def _edited(self, data: bytes, new: Flag) -> bytes:
        """Return the file's bytes with the two values replaced, or their lines added."""
        end = b"\r\n" if b"\r\n" in data else b"\n"
        generation = f"{self.companion}={new.generation}".encode()
        line, companion = self._find(data, self.key), self._find(data, self.companion)
        if line is None:
            gap = end if data and not data.endswith(b"\n") else b""
            return data + gap + f"{self.key}={new.value}".encode() + end + generation + end
        if companion:
            edits = [(_span(companion), str(new.generation).encode())]
        else:
            edits = [((line.end(), line.end()), end + line["before"] + generation)]
        for (start, stop), text in sorted([*edits, (_span(line), str(new.value).encode())])[::-1]:
            data = data[:start] + text + data[stop:]
        return data


def _span(assignment: re.Match[bytes]) -> tuple[int, int]:
    return assignment.span(assignment.lastgroup or 0)


def _value(assignment: re.Match[bytes]) -> bytes:
    start, stop = _span(assignment)
    return assignment.string[start:stop]


flag_stores.register("dotenv", DotenvStore)
