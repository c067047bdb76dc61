"""A comparison of schemas as SARIF 2.1.0, for code scanning.

The standard is https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A result is known
again from run to run by its partial fingerprint (3.27.17), which is made of the verdict and the
object and not of a line that moves. What a baseline accepts is a suppressed result (3.27.23) with
its reason as the justification. GitHub drops a result without a location.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cutover import __version__
from cutover.differences import SchemaDiff
from cutover.locate import Location
from cutover.report.notes import Locate, Note, accepted_of, notes_of

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_FINGERPRINT = "cutoverObject/v1"


def sarif_text(diff: SchemaDiff, locate: Locate) -> str:
    """Return one run: a result for each difference, breach, stale entry and accepted one."""
    notes = (*notes_of(diff), *accepted_of(diff))
    rules = sorted({note.rule for note in notes})
    results = [_result(note, rules.index(note.rule), locate(note.about)) for note in notes]
    run = {"tool": {"driver": _driver(rules)}, "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _driver(rules: Sequence[str]) -> dict[str, Any]:
    told = [{"id": rule, "shortDescription": {"text": _sentence(rule)}} for rule in rules]
    return {"name": "cutover", "version": __version__, "rules": told}


def _sentence(rule: str) -> str:
    """Say what a rule is about: a verdict on a kind of object, or a rule of migration sets."""
    verdict, _, kind = rule.partition("/")
    if rule == "baseline/stale":
        return "An entry of the baseline that accepts nothing any more."
    if kind:
        return f"The right's {kind.replace('-', ' ')} is {verdict}."
    return f'The rule "{rule}" of migration sets is broken.'


def _result(note: Note, index: int, place: Location | None) -> dict[str, Any]:
    key = hashlib.sha256(note.key.encode()).hexdigest()
    result: dict[str, Any] = {
        "ruleId": note.rule,
        "ruleIndex": index,
        "level": "error" if note.error else "note",
        "message": {"text": note.message},
        "partialFingerprints": {_FINGERPRINT: key},
    }
    if place:
        result["locations"] = [{"physicalLocation": _physical(place)}]
    if note.accepted:
        accepted = {"kind": "external", "status": "accepted", "justification": note.accepted}
        result["suppressions"] = [accepted]
    return result


def _physical(place: Location) -> dict[str, Any]:
    scheme = "file://" if place.path.startswith("/") else ""
    return {
        "artifactLocation": {"uri": scheme + quote(place.path)},
        "region": {"startLine": place.line},
    }
