"""Keys: primary, unique and foreign ones, by their columns and what they do."""

from collections.abc import Iterator

from cutover.catalog import ForeignKey, Index, IndexPart, Key, Table, base_type
from cutover.counterparts.indexes import has_expression, source_shape, target_shape
from cutover.counterparts.pair import Pair
from cutover.counterparts.words import action_words, key_words, reference_words
from cutover.dialect.clauses import ABORTS
from cutover.differences import Comparison, Verdict


def compare_keys(pair: Pair) -> Iterator[Comparison]:
    """Compare primary key and unique constraints; a unique index does the work of the latter."""
    if pair.source.primary_key:
        yield _key(pair, pair.source.primary_key, "primary key")
    for unique in pair.source.uniques:
        yield _key(pair, unique, "unique")
    yield from _extra_keys(pair)


def unique_columns(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the columns of everything that makes rows of a table unique, all of them."""
    keys = (table.primary_key, *table.uniques)
    yield from (key.columns for key in keys if key)
    yield from (
        tuple(part.column for part in index.parts if part.column)
        for index in table.indexes
        if index.unique and index.predicate is None and not has_expression(index)
    )


def _key(pair: Pair, key: Key, kind: str) -> Comparison:
    verdict, rule = _judge(pair, key, kind)
    return Comparison(
        kind=kind,
        table=pair.source.name,
        name=", ".join(key.columns),
        verdict=verdict,
        rule=rule,
        left=key_words(key, kind),
        right="" if verdict is Verdict.MISSING else key_words(_target_key(pair, key) or key, kind),
    )


def _judge(pair: Pair, key: Key, kind: str) -> tuple[Verdict, str]:
    columns = pair.names(key.columns)
    if not any(set(other) == set(columns) for other in unique_columns(pair.target)):
        return Verdict.MISSING, f"the target has no key on ({', '.join(columns)})"
    if looser := _looser(pair, key):
        return Verdict.LOOSENED, looser
    if key.conflict not in (None, ABORTS) and not pair.alike:
        note = f"ON CONFLICT {key.conflict} has no counterpart: the application must say it"
        return Verdict.LOOSENED, note
    other = _target_key(pair, key)
    if other is None or (kind == "primary key") != (other is pair.target.primary_key):
        return Verdict.EQUIVALENT, "unique all the same"
    if not other.nulls_distinct and key.nulls_distinct:
        return Verdict.LOOSENED, "NULLS NOT DISTINCT refuses what the source takes"
    if key.deferrable != other.deferrable:
        return Verdict.LOOSENED, "only one side is DEFERRABLE"
    return Verdict.EQUAL, ""


def _target_key(pair: Pair, key: Key) -> Key | None:
    columns = set(pair.names(key.columns))
    keys = (pair.target.primary_key, *pair.target.uniques)
    return next((other for other in keys if other and set(other.columns) == columns), None)


def _looser(pair: Pair, key: Key) -> str:
    """Return why a key of the target lets in what the source's refuses as equal; or nothing."""
    if pair.alike:
        return ""
    found = [column for name in key.columns if (column := pair.source.column(name))]
    texts = [c for c in found if base_type(pair.types.get(c.name, "")) == "text" and c.collation]
    collations = {(column.collation or "").upper() for column in texts} - {"BINARY"}
    if unknown := sorted(collations - {"NOCASE"}):
        return f"collation {', '.join(unknown)} has no counterpart"
    if not collations:
        return ""
    parts = tuple(IndexPart(column=c.name, collation=c.collation) for c in found)
    wanted = source_shape(pair, Index(name="", parts=parts, unique=True))
    shapes = {target_shape(pair, other) for other in pair.target.indexes}
    return "" if wanted in shapes else "COLLATE NOCASE: the target has no unique index over lower()"


def _extra_keys(pair: Pair) -> Iterator[Comparison]:
    known = [set(pair.names(columns)) for columns in unique_columns(pair.source)]
    keys = [(pair.target.primary_key, "primary key")]
    keys += [(unique, "unique") for unique in pair.target.uniques]
    for key, kind in keys:
        if key is not None and set(key.columns) not in known:
            yield Comparison(
                kind=kind,
                table=pair.source.name,
                name=", ".join(key.columns),
                verdict=Verdict.EXTRA,
                rule="only the right refuses equal rows",
                right=key_words(key, kind),
            )


Link = tuple[tuple[str, ...], str, tuple[str, ...]]


def compare_foreign_keys(pair: Pair) -> Iterator[Comparison]:
    """Compare foreign keys: columns, parent, actions, deferral, validity."""
    wanted = {_link(pair, key): key for key in pair.source.foreign_keys}
    for link, key in wanted.items():
        others = [other for other in pair.target.foreign_keys if _own_link(other) == link]
        yield _foreign_key(pair, key, others[0] if others else None)
    for other in pair.target.foreign_keys:
        if _own_link(other) not in wanted:
            yield Comparison(
                kind="foreign key",
                table=pair.source.name,
                name=", ".join(other.columns),
                verdict=Verdict.EXTRA,
                rule="only the right refuses orphans",
                right=reference_words(other),
            )


def _link(pair: Pair, key: ForeignKey) -> Link:
    return pair.names(key.columns), pair.table_name(key.table), pair.names(key.references)


def _own_link(key: ForeignKey) -> Link:
    return key.columns, key.table, key.references


def _foreign_key(pair: Pair, key: ForeignKey, other: ForeignKey | None) -> Comparison:
    verdict, rule = Verdict.EQUAL, ""
    if other is None:
        verdict, rule = Verdict.MISSING, f'the target has none to "{key.table}"'
    elif action_words(key) != action_words(other):
        rule = f"{action_words(key)} in the source, {action_words(other)} in the target"
        verdict = Verdict.LOOSENED
    elif not other.validated:
        verdict, rule = Verdict.LOOSENED, "NOT VALID: older rows may be orphans"
    return Comparison(
        kind="foreign key",
        table=pair.source.name,
        name=", ".join(key.columns),
        verdict=verdict,
        rule=rule,
        left=reference_words(key),
        right=reference_words(other) if other else "",
    )
