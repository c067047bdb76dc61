"""Which coercion takes a column, and what the column is asked while its source is scanned.

A domain is taken as the type that it is made of: its own rules are the server's to keep. What no
coercion is known for is refused by name, with the type that would do instead.
"""

from collections.abc import Mapping
from dataclasses import replace

from cutover.abc import Coercion, ColumnFacts, Probe
from cutover.catalog import Column, base_type
from cutover.counterparts import Pair
from cutover.dialect.render import quoted
from cutover.plan import Finding
from cutover.profile import ColumnProfile
from cutover.registry import coercions
from cutover.settings import Settings

_REMEDIES: Mapping[str, str] = {
    "money": "numeric: the text of money depends on the server's lc_monetary",
    "xml": "text",
    "bit": "text, or bytea",
    "bit varying": "text, or bytea",
    "tsvector": "one that PostgreSQL computes from the text: GENERATED ALWAYS AS (to_tsvector(…))",
    "hstore": "jsonb",
    "point": "two columns of double precision",
    "oid": "bigint",
}
_RANGES = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")


def column_facts(
    settings: Settings, pair: Pair, column: Column, profile: ColumnProfile
) -> ColumnFacts | None:
    """Return what is known of a source column; None where the target has none of its name."""
    target = pair.target.column(settings.column_name(column.name))
    if target is None:
        return None
    return ColumnFacts(
        subject=f"{quoted(pair.source.name)}.{quoted(column.name)}",
        setting=f"{pair.source.name}.{column.name}",
        source=column,
        target=replace(target, type=target.domain_of or target.type),
        profile=profile,
        settings=settings.column(pair.source.name, column.name),
    )


def claims(facts: ColumnFacts) -> dict[str, Coercion]:
    """Return the coercions that claim a column, by name."""
    return {name: leaf for name, leaf in coercions.all().items() if leaf.claims(facts)}


def probes(settings: Settings, pair: Pair) -> dict[str, Probe]:
    """Return what the scan of a table is to ask of its columns, by the name in the source."""
    found: dict[str, Probe] = {}
    for column in pair.source.columns:
        facts = column_facts(settings, pair, column, ColumnProfile(column=column.name))
        leaves = claims(facts) if facts else {}
        if facts and len(leaves) == 1:
            (leaf,) = leaves.values()
            if probe := leaf.probe(facts):
                found[column.name] = probe
    return found


def unclaimed(facts: ColumnFacts, names: list[str]) -> Finding:
    """Return the finding that no coercion, or more than one, claims a column."""
    type_ = facts.target.type
    who = f"coercions {' and '.join(names)} both claim" if names else "no coercion is known for"
    return Finding(
        check="coercions",
        subject=facts.subject,
        kind="unsettled",
        message=f"{who} {facts.subject} as {type_}",
        count=facts.profile.values,
        hint=f"in the PostgreSQL set, give the column the type {_remedy(type_)}; "
        f'or leave it out: [tables] exclude = ["{facts.setting}"]',
    )


def _remedy(type_: str) -> str:
    base = base_type(type_).rpartition(".")[2]
    if base in _RANGES or base.endswith("multirange"):
        return "of two columns, one for each bound"
    return _REMEDIES.get(base, "text")
