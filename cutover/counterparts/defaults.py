"""Defaults: what a column is filled with, by meaning.

The clock, a random id and a constant each have several spellings; expressions that are none of
them are compared as the server writes them.
"""

import json
import re
from collections.abc import Iterator

from cutover.catalog import Column, Generated, Identity, Provider, base_type
from cutover.counterparts.pair import Pair
from cutover.dialect.canonical import canonical
from cutover.dialect.defaults import NOW, random_digits, translate_default
from cutover.differences import Comparison, Verdict

_CONSTANT = re.compile(r"'(?:[^']|'')*'|-?[\d.]+(?:E-?\d+)?|TRUE|FALSE", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?:CURRENT_TIMESTAMP|(?:now|(?:transaction|statement|clock)_timestamp)\(\))"
)
_HEX = {
    "replace((gen_random_uuid())::text, '-'::text, ''::text)": 32,
    "replace(gen_random_uuid()::text, '-'::text, ''::text)": 32,
}
_HEX_BYTES = re.compile(r"encode\(gen_random_bytes\((\d+)\), 'hex'(?:::text)?\)")


def compare_default(pair: Pair, column: Column, target: Column) -> Iterator[Comparison]:
    """Compare what SQLite and PostgreSQL fill a column with; nothing where neither does."""
    if column.identity is not Identity.NONE or column.generated is not Generated.NO:
        return
    if target.generated is not Generated.NO:
        return
    verdict, rule = _judge(pair, column, target)
    if verdict is None:
        return
    yield Comparison(
        kind="default",
        table=pair.source.name,
        name=column.name,
        verdict=verdict,
        rule=rule,
        left=_said(column),
        right=_said(target),
    )


def _said(column: Column) -> str:
    return f"DEFAULT {column.default}" if column.default is not None else ""


def _judge(pair: Pair, column: Column, target: Column) -> tuple[Verdict | None, str]:
    if pair.alike:
        return _same_text(column, target)
    wanted = None
    if column.default is not None:
        wanted = translate_default(column.default, type=target.type).sql
        if wanted == "NULL":
            return (None if target.default is None else Verdict.EXTRA), ""
    if column.default is None:
        numbered = target.default is None or target.identity is not Identity.NONE
        return (None if numbered else Verdict.EXTRA), ""
    if target.default is None:
        if target.identity is not Identity.NONE:
            return Verdict.EQUIVALENT, "the target numbers it"
        return Verdict.MISSING, f"the target's column has no default: DEFAULT {column.default}"
    return _compare(pair, (column.default, wanted), target)


def _same_text(column: Column, target: Column) -> tuple[Verdict | None, str]:
    if column.default == target.default:
        return (None if column.default is None else Verdict.EQUAL), ""
    if target.default is None:
        return Verdict.MISSING, ""
    return (Verdict.EXTRA if column.default is None else Verdict.LOOSENED), ""


def _compare(pair: Pair, source: tuple[str, str | None], target: Column) -> tuple[Verdict, str]:
    text, wanted = source
    found = target.default or ""
    differ = f"{text} in the source, {found} in the target"
    if _digits(text) and _digits(text) == _target_digits(found):
        return Verdict.EQUIVALENT, f"{_digits(text)} random hexadecimal digits"
    if wanted is None:
        return Verdict.UNKNOWN, differ
    if wanted == NOW and _CLOCK.fullmatch(found):
        return Verdict.EQUIVALENT, "the current time"
    written = _canonical(pair.written(wanted, target.type))
    same = _same(written, _canonical(found), target.type)
    if same is None:
        return Verdict.UNKNOWN, differ
    return (Verdict.EQUIVALENT, "the same value") if same else (Verdict.LOOSENED, differ)


def _canonical(sql: str) -> str | None:
    """Return the canonical form of a default, all clocks being one: none is what SQLite's is."""
    return canonical(_CLOCK.sub(NOW, sql), Provider.POSTGRES)


def _digits(text: str) -> int:
    return random_digits(text)


def _target_digits(text: str) -> int:
    match = _HEX_BYTES.fullmatch(text)
    return 2 * int(match[1]) if match else _HEX.get(text, 0)


def _same(wanted: str | None, found: str | None, type_: str) -> bool | None:
    """Tell whether two defaults are one; None where they are expressions that can't be compared."""
    if wanted is None or found is None:
        return None
    if wanted == found:
        return True
    if not (_CONSTANT.fullmatch(wanted) and _CONSTANT.fullmatch(found)):
        return None
    if base_type(type_) in ("json", "jsonb"):
        return bool(json.loads(wanted[1:-1]) == json.loads(found[1:-1]))
    return False
