"""Accepted differences, each with a reason, in a file that only shrinks.

An entry that answers to no difference any more is an error: what it excused is gone, and it would
excuse the next one unseen.
"""

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cutover.counterparts import waived_name
from cutover.differences import Accepted, SchemaDiff, finding_key
from cutover.errors import UsageError
from cutover.texts import read_text

_HINT = """it reads [accepted], then lines like: 'extra table "t"' = "why" """.strip()

_PLACE = "name the file itself, with --baseline or in cutover.toml: [diff] baseline"


def read_baseline(path: Path) -> tuple[Accepted, ...]:
    """Read a baseline. UsageError where it is missing, is not TOML, or gives no reason."""
    text = read_text(path, "baseline", hint=_PLACE)
    try:
        facts = tomllib.loads(text)
    except ValueError as error:
        message = f'baseline "{path}" is not TOML'
        raise UsageError(message, detail=str(error), hint=_HINT) from error
    entries = facts.pop("accepted", {})
    if facts or not isinstance(entries, dict):
        raise UsageError(f'baseline "{path}" holds more than [accepted]', hint=_HINT)
    for key, reason in entries.items():
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f'baseline "{path}" accepts {key} without a reason', hint=_HINT)
    return tuple(Accepted(key=key, reason=reason) for key, reason in entries.items())


def accepting(key: str) -> str:
    r"""Return the line of a baseline that accepts a difference, as TOML reads it.

    >>> print(accepting('extra table "t"'))
    'extra table "t"' = "why"
    >>> print(accepting("extra table \"it's\""))
    "extra table \"it's\"" = "why"
    """
    if key.isprintable() and "'" not in key:
        return f"'{key}' = \"why\""
    # A basic string of TOML is JSON's, but for DEL: https://toml.io/en/v1.0.0#string
    basic = json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f'{basic} = "why"'


def explained(
    diff: SchemaDiff, entries: tuple[Accepted, ...], waiver: Callable[[str, str], str | None]
) -> SchemaDiff:
    """Return a diff with what a baseline accepts, and what it accepts in vain.

    An object that the settings waive (`waiver`, by kind and name) is accepted for that reason.
    """
    open_ = [c for c in diff.comparisons if not c.verdict.passes]
    reasons = {c.key: waiver(c.kind, waived_name(c)) for c in open_}
    waived = tuple(Accepted(key=key, reason=why) for key, why in reasons.items() if why)
    found = {c.key for c in open_} | {finding_key(finding) for finding in diff.findings}
    return replace(
        diff,
        accepted=(*waived, *(entry for entry in entries if entry.key in found)),
        stale=tuple(entry for entry in entries if entry.key not in found),
    )
