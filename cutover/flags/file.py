"""The flag in a JSON file of its own: `file:PATH`.

    {"value": "postgres", "generation": 3, "changed_at": "…", "changed_by": "…", "plan_digest": "…"}

A file that isn't there is a flag that was never set; a directory that isn't there is a mistake.
Replacing is atomic and durable, writers take turns: see `_files`.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from cutover.abc import Flag
from cutover.errors import FlagError, UsageError
from cutover.flags import _files, assert_same, known
from cutover.registry import flag_stores

_HINT = "restore it, or remove it where the flag was never flipped"
_TYPES = {"value": str, "generation": int}


class FileStore:
    """One flag, one file."""

    def __init__(self, place: str) -> None:
        self.path = Path(place)
        self.where = f'the flag file "{place}"'

    @staticmethod
    def resolve(place: str, base: Path, _target_url: str | None) -> str:
        """Return a path that starts at `base` where it is relative. UsageError for none."""
        if not place:
            raise UsageError('the flag store "file:" has no path', hint="file:provider.json")
        return str(base / Path(place).expanduser())

    def read(self) -> Flag | None:
        """Return the flag, None where there is no file. FlagError for anything but a flag."""
        data = _files.read(self.path)
        return None if data is None else self._parse(data)

    def compare_and_set(self, expected: Flag | None, new: Flag) -> None:
        """Replace the file, in turn with other writers. FlagError as `FlagStore` says."""
        known(new.value, "the new flag")
        with _files.turn(self.path) as path:
            assert_same(self.read(), expected, self.where)
            text = json.dumps(asdict(new), indent=2, ensure_ascii=False)
            _files.replace(path, f"{text}\n".encode())

    def _parse(self, data: bytes) -> Flag:
        try:
            facts = json.loads(data)
        except ValueError as error:  # UnicodeDecodeError is one too
            raise FlagError(f"{self.where} is not JSON", detail=str(error), hint=_HINT) from error
        if problem := _problem_of(facts):
            raise FlagError(f"{self.where} holds no flag", detail=problem, hint=_HINT)
        known(facts["value"], self.where)
        return Flag(**facts)


def _problem_of(facts: Any) -> str:
    """Say what keeps parsed JSON from being a flag; an unknown key would be lost by a flip."""
    if not isinstance(facts, dict):
        return "it is not an object"
    if unknown := facts.keys() - {field.name for field in fields(Flag)}:
        return f"unknown keys: {', '.join(sorted(unknown))}"
    if missing := [key for key in _TYPES if key not in facts]:
        return f"missing keys: {', '.join(missing)}"
    for key, value in facts.items():
        if type(value) is not _TYPES.get(key, str):
            return f'"{key}" is not {"a whole number" if key == "generation" else "text"}'
    return "" if facts["generation"] >= 0 else '"generation" is negative'


flag_stores.register("file", FileStore)
