"""Indexes: what they cover, in which order, under which predicate, and whether they refuse."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from cutover.catalog import Index, IndexPart
from cutover.counterparts.pair import Pair
from cutover.counterparts.words import index_words
from cutover.dialect.canonical import ALWAYS
from cutover.dialect.expressions import Use
from cutover.differences import Comparison, Verdict
from cutover.words import counted


@dataclass(frozen=True, slots=True)
class Shape:
    """What an index does, whatever it is called."""

    parts: tuple[tuple[str | None, bool], ...]
    unique: bool
    predicate: str | None


_WORDS = {"parts": "other columns, or another order", "unique": "only one side is unique"}


def compare_indexes(pair: Pair) -> Iterator[Comparison]:
    """Compare indexes by shape, then by name."""
    used: set[str] = set()
    for index in pair.source.indexes:
        comparison, other = _index(pair, index, used)
        used |= {other} if other else set()
        yield comparison
    for other_index in pair.target.indexes:
        if other_index.name not in used and not _answers_a_key(pair, other_index):
            yield _comparison(pair, None, other_index, (Verdict.EXTRA, ""))


def _index(pair: Pair, index: Index, used: set[str]) -> tuple[Comparison, str]:
    wanted = source_shape(pair, index)
    named = next((o for o in pair.target.indexes if o.name == index.name), None)
    if isinstance(wanted, str):
        verdict = (Verdict.UNKNOWN if named else Verdict.MISSING, wanted)
        return _comparison(pair, index, named, verdict), named.name if named else ""
    alike = [o for o in pair.target.indexes if target_shape(pair, o) == wanted]
    other = next((o for o in alike if o.name == index.name), alike[0] if alike else None)
    if other is not None:
        return _comparison(pair, index, other, _soundness(index, other)), other.name
    if _is_key(pair, index):
        verdict = (Verdict.EQUIVALENT, "a key of the target does its work")
        return _comparison(pair, index, None, verdict), ""
    near = named or _nearest(pair, wanted, used)
    if near is None:
        verdict = (Verdict.MISSING, "the target has no index like it")
        return _comparison(pair, index, None, verdict), ""
    return _comparison(pair, index, near, _unlike(pair, index, wanted, near)), near.name


def _soundness(index: Index, other: Index) -> tuple[Verdict, str]:
    if not other.valid:
        return Verdict.LOOSENED, "it is not valid: its CREATE INDEX CONCURRENTLY failed"
    if index.unique and index.nulls_distinct and not other.nulls_distinct:
        return Verdict.LOOSENED, "NULLS NOT DISTINCT refuses what the source takes"
    if other.method != index.method:
        return Verdict.LOOSENED, f"its method is {other.method}"
    if index.name != other.name:
        return Verdict.EQUIVALENT, f'as "{other.name}"'
    return Verdict.EQUAL, ""


def _nearest(pair: Pair, wanted: Shape, used: set[str]) -> Index | None:
    """Find an index over the same columns that none of the source's is like."""
    columns = [text for text, _ in wanted.parts]
    for other in pair.target.indexes:
        shape = target_shape(pair, other)
        if other.name not in used and [text for text, _ in shape.parts] == columns:
            return other
    return None


def _unlike(pair: Pair, index: Index, wanted: Shape, other: Index) -> tuple[Verdict, str]:
    """Judge an index whose counterpart is written otherwise: by the rows it covers, if need be."""
    found = target_shape(pair, other)
    only_predicate = (wanted.parts, wanted.unique) == (found.parts, found.unique)
    if only_predicate and index.predicate and other.predicate:
        rows = pair.selected_alike(index.predicate, other.predicate)
        if rows is not None:
            return Verdict.EQUIVALENT, f"both predicates select the same {counted(rows, 'row')}"
    return Verdict.LOOSENED, _differs(pair, index, wanted, other)


def _differs(pair: Pair, index: Index, wanted: Shape, other: Index) -> str:
    found = target_shape(pair, other)
    parts = [f.name for f in fields(Shape) if getattr(wanted, f.name) != getattr(found, f.name)]
    if parts == ["predicate"]:
        why = pair.otherwise(index.predicate or "", other.predicate or "")
        return why or "another predicate: it covers other rows"
    columns = [text for text, _ in wanted.parts] == [text for text, _ in found.parts]
    if parts == ["parts"] and columns:
        return "the direction of a column differs"
    return "; ".join(_WORDS.get(part, "another predicate") for part in parts)


def _comparison(
    pair: Pair, index: Index | None, other: Index | None, judged: tuple[Verdict, str]
) -> Comparison:
    verdict, rule = judged
    return Comparison(
        kind="index",
        table=pair.source.name,
        name=index.name if index else other.name if other else "",
        verdict=verdict,
        rule=rule,
        left=index_words(index) if index else "",
        right=index_words(other) if other else "",
    )


def _answers_a_key(pair: Pair, index: Index) -> bool:
    """Tell whether an index of the target does the work of a key of the source."""
    if not index.unique or index.predicate is not None:
        return False
    keys = [key for key in (pair.source.primary_key, *pair.source.uniques) if key]
    if has_expression(index):
        shape = target_shape(pair, index)
        return any(source_shape(pair, _as_index(pair, key.columns)) == shape for key in keys)
    columns = {part.column for part in index.parts}
    return any(set(pair.names(key.columns)) == columns for key in keys)


def _as_index(pair: Pair, columns: tuple[str, ...]) -> Index:
    found = [column for name in columns if (column := pair.source.column(name))]
    parts = tuple(IndexPart(column=c.name, collation=c.collation) for c in found)
    return Index(name="", parts=parts, unique=True)


def has_expression(index: Index) -> bool:
    """Tell whether some part of an index is no plain column."""
    return any(part.column is None for part in index.parts)


def _is_key(pair: Pair, index: Index) -> bool:
    """Tell whether a key constraint of the target does all that an index of the source does."""
    if index.predicate is not None or has_expression(index):
        return False
    columns = pair.names(tuple(part.column for part in index.parts if part.column))
    keys = [key for key in (pair.target.primary_key, *pair.target.uniques) if key]
    return any(key.columns == columns for key in keys)


def said_by_source(pair: Pair, index: Index) -> Index | None:
    """Return what an index of the target asks, in the source's words; None where that isn't known.

    They are those of the source's own index that becomes it, or the target's own, where SQLite
    takes them for the same.
    """
    wanted = target_shape(pair, index)
    for own in pair.source.indexes:
        shape = source_shape(pair, own)
        if not isinstance(shape, str) and _covers(shape) == _covers(wanted):
            return own
    if any(text is None for text, _ in wanted.parts):
        return None
    parts = tuple(IndexPart(column=None, expression=text) for text, _ in wanted.parts)
    said = replace(index, parts=parts, predicate=wanted.predicate)
    shape = source_shape(pair, said)
    return said if not isinstance(shape, str) and _covers(shape) == _covers(wanted) else None


def _covers(shape: Shape) -> tuple[list[str | None], str | None]:
    return [text for text, _ in shape.parts], shape.predicate


def target_shape(pair: Pair, index: Index) -> Shape:
    """Return the shape of an index of the target."""
    parts = tuple((_part_text(pair, part), part.descending) for part in index.parts)
    return Shape(parts, index.unique, index.predicate and _predicate(pair, index.predicate))


def _predicate(pair: Pair, text: str) -> str | None:
    """Return a predicate's canonical form; None where it leaves out no row."""
    found = pair.canonical(text)
    return None if found == ALWAYS else found


def _part_text(pair: Pair, part: IndexPart) -> str | None:
    if part.column is not None and (not pair.alike or part.collation is None):
        return f'"{part.column}"'
    if part.column is not None:
        return f'"{part.column}" COLLATE {part.collation}'
    return pair.canonical(part.expression or "")


def source_shape(pair: Pair, index: Index) -> Shape | str:
    """Return the shape that the target's index must have, or why there is none."""
    if pair.alike:
        return target_shape(pair, index)
    parts = []
    for part in index.parts:
        text = _translated_part(pair, part)
        if text is None:
            return f"{part.expression or part.column} can't be translated"
        parts.append((text, part.descending))
    if index.predicate is None:
        return Shape(tuple(parts), index.unique, None)
    translation = pair.translate(index.predicate, Use.FILTER)
    if translation.sql is None:
        return translation.problem or f"WHERE {index.predicate} can't be translated"
    return Shape(tuple(parts), index.unique, _predicate(pair, translation.sql))


def _translated_part(pair: Pair, part: IndexPart) -> str | None:
    if part.column is not None and not _folds(part):
        return f'"{pair.column_name(part.column)}"'
    text = part.expression or f'"{part.column}" COLLATE {part.collation}'
    translation = pair.translate(text, Use.INDEX)
    return pair.canonical(translation.sql) if translation.sql else None


def _folds(part: IndexPart) -> bool:
    return part.collation is not None and part.collation.upper() != "BINARY"
