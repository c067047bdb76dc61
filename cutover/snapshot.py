"""A catalog in a file: one end of a comparison that needs no database.

JSON with sorted keys, so that a change of the schema is a change of a few lines in a review.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cutover.catalog import Catalog
from cutover.errors import UsageError
from cutover.texts import read_text

FORMAT = "1.0"
_REDO = "write a new one: cutover snapshot END FILE"
_ADAPTER: TypeAdapter[Catalog] = TypeAdapter(Catalog)


def write_snapshot(catalog: Catalog) -> str:
    """Return the text of a snapshot."""
    facts = {"format": FORMAT, "fingerprint": catalog.fingerprint, "catalog": asdict(catalog)}
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_snapshot(path: Path) -> Catalog:
    """Read a snapshot. UsageError where it can't be read, is none, or is of another format."""
    text = read_text(path, "snapshot", hint=_REDO)
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise UsageError(f'snapshot "{path}" is not JSON', hint=_REDO) from error
    return _catalog(facts, path)


def _catalog(facts: Any, path: Path) -> Catalog:
    if not isinstance(facts, dict) or "catalog" not in facts:
        raise UsageError(f'"{path}" is not a snapshot', hint=_REDO)
    if str(facts.get("format")).partition(".")[0] != FORMAT.partition(".")[0]:
        message = f'snapshot "{path}" has a format that is not known here'
        raise UsageError(message, detail=f"this program reads {FORMAT}", hint=_REDO)
    try:
        return _ADAPTER.validate_python(facts["catalog"])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise UsageError(f'"{path}" is not a snapshot', detail=detail, hint=_REDO) from error
