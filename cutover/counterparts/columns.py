"""Columns: there at all, of the expected type, NOT NULL, numbered, computed and filled alike.

The expected type is what `init` would give the declared type of a column without values, or what
`[columns] type` says: TEXT can hold instants or documents, and only a person knows which.
"""

from collections.abc import Iterator

from cutover.catalog import Column, Generated, Identity, base_type
from cutover.counterparts.defaults import compare_default
from cutover.counterparts.pair import Pair
from cutover.counterparts.words import column_words, computed_words
from cutover.dialect.clauses import not_null_conflicts
from cutover.dialect.expressions import Use
from cutover.dialect.types import affinity, choose_type, full_type
from cutover.differences import Comparison, Verdict
from cutover.profile import ColumnProfile

_HOLDS = {
    "text": {"TEXT", "BLOB"},
    "boolean": {"INTEGER", "NUMERIC"},
    "smallint": {"INTEGER", "NUMERIC"},
    "integer": {"INTEGER", "NUMERIC"},
    "bigint": {"INTEGER", "NUMERIC"},
    "double precision": {"REAL", "NUMERIC"},
    "numeric": {"NUMERIC", "INTEGER", "REAL", "TEXT"},
    "bytea": {"BLOB", "TEXT", "NUMERIC", "INTEGER", "REAL"},
    "json": {"TEXT", "BLOB", "NUMERIC"},
    "jsonb": {"TEXT", "BLOB", "NUMERIC"},
    "timestamp with time zone": {"TEXT", "NUMERIC"},
}
"""Affinities whose values a pinned type can take without a further setting."""


def compare_columns(pair: Pair) -> Iterator[Comparison]:
    """Compare every column of both tables."""
    conflicts = not_null_conflicts(pair.source.definition) if not pair.alike else {}
    for column in pair.source.columns:
        target = pair.target.column(pair.column_name(column.name))
        if column.hidden:
            continue
        if target is None:
            yield _whole(pair, Verdict.MISSING, column, None)
            continue
        yield _whole(pair, Verdict.EQUAL, column, target)
        yield compare_type(pair, column, target)
        yield from _nullability(pair, column, target)
        yield from _numbering(pair, column, target)
        yield from _computation(pair, column, target)
        yield from compare_default(pair, column, target)
        yield from _collation(pair, column, target)
        if word := conflicts.get(column.name):
            yield _conflict(pair, column, word)
    known = {pair.column_name(column.name) for column in pair.source.columns}
    for column in pair.target.columns:
        if column.name not in known:
            yield _whole(pair, Verdict.EXTRA, None, column)


def _whole(
    pair: Pair, verdict: Verdict, column: Column | None, target: Column | None
) -> Comparison:
    some = column or target
    return Comparison(
        kind="column",
        table=pair.source.name,
        name=some.name if some else "",
        verdict=verdict,
        left=column_words(column) if column else "",
        right=column_words(target) if target else "",
    )


def compare_type(pair: Pair, column: Column, target: Column) -> Comparison:
    """Hold the type that a column has against the one that it should have."""
    verdict, rule, hint = _judge(pair, column, target)
    return Comparison(
        kind="type",
        table=pair.source.name,
        name=column.name,
        verdict=verdict,
        rule=rule,
        left=column.type or "no declared type",
        right=target.type,
        hint=hint,
    )


def _judge(pair: Pair, column: Column, target: Column) -> tuple[Verdict, str, str]:
    if pair.alike:
        same = column.type.upper() == target.type.upper()
        return (Verdict.EQUAL if same else Verdict.LOOSENED), "", ""
    pinned = pair.pins(column.name).type
    wanted, found = _wanted(pair, column), target.type
    if _unbounded(wanted) == _unbounded(found):
        if pinned and not _can_hold(pair, column, found):
            return Verdict.UNKNOWN, f"{column.type} can't be read as {found}", ""
        return Verdict.EQUIVALENT, f"{column.type or 'no type'} as {found}", ""
    if pinned:
        return Verdict.LOOSENED, f"[columns] says {wanted}", ""
    references = any(key.columns == (column.name,) for key in pair.source.foreign_keys)
    if not references and (rule := _narrower(column, wanted, found)):
        return Verdict.TIGHTENED, rule, ""
    if _convertible(wanted, found):
        pin = f'[columns] "{pair.source.name}.{column.name}" = {{ type = "{found}" }}'
        return Verdict.UNKNOWN, f"{column.type} may hold that, or not", f"if it does: {pin}"
    return Verdict.LOOSENED, f"{column.type or 'no type'} becomes {wanted}", ""


def _unbounded(type_: str) -> str:
    """Return a type, varchar without a length as the text that it is."""
    return "text" if type_ == "character varying" else type_


def _wanted(pair: Pair, column: Column) -> str:
    empty, pins = ColumnProfile(column=column.name), pair.pins(column.name)
    return full_type(choose_type(column, empty, settings=pins, table=pair.source).type)


def _can_hold(pair: Pair, column: Column, type_: str) -> bool:
    if type_.startswith("timestamp") and pair.pins(column.name).unit:
        return True
    kinds = _HOLDS.get(base_type(type_))
    return kinds is None or affinity(column.type) in kinds


def _narrower(column: Column, wanted: str, found: str) -> str:
    """Return why a type that holds less is no loss; empty where it may be one."""
    declared = column.type.upper().replace(" ", "")
    if column.identity is Identity.NONE and wanted == "bigint" and found in ("integer", "smallint"):
        return "SQLite's integers have 64 bits; a plan finds the values that need them"
    length = found.partition("(")[2]
    if length and declared.endswith(f"({length}".replace(" ", "")):
        return f"the length that {column.type} declares is kept to"
    return ""


def _convertible(wanted: str, found: str) -> bool:
    texts = ("timestamp", "date", "time ", "json", "uuid", "inet", "interval", "numeric", "bytea")
    numbers = ("boolean", "timestamp", "date", "numeric", "double precision", "interval")
    kinds = {
        "text": texts,
        "bytea": ("json", "uuid", "text"),
        "bigint": numbers,
        "double precision": ("timestamp", "numeric", "interval"),
        "numeric": ("double precision", "bigint", "integer"),
        "timestamp with time zone": ("timestamp without", "date", "text"),
    }
    return found.startswith(kinds.get(wanted, ())) or found.endswith("[]")


def _nullability(pair: Pair, column: Column, target: Column) -> Iterator[Comparison]:
    facts = {"kind": "not null", "table": pair.source.name, "name": column.name}
    needed = not column.nullable or column.identity is not Identity.NONE
    if needed == (not target.nullable):
        return
    if needed and not column.nullable:
        yield Comparison(**facts, verdict=Verdict.MISSING, left="NOT NULL", right="NULL")
    elif not needed and _in_key(pair, target):
        rule = "a primary key is never NULL in PostgreSQL"
        yield Comparison(
            **facts, verdict=Verdict.TIGHTENED, rule=rule, left="NULL", right="NOT NULL"
        )
    elif not needed:
        yield Comparison(**facts, verdict=Verdict.EXTRA, left="NULL", right="NOT NULL")


def _conflict(pair: Pair, column: Column, word: str) -> Comparison:
    return Comparison(
        kind="conflict clause",
        table=pair.source.name,
        name=column.name,
        verdict=Verdict.LOOSENED,
        rule=f"NOT NULL ON CONFLICT {word} has no counterpart: the application must say it",
        left=f"NOT NULL ON CONFLICT {word}",
        right="NOT NULL",
    )


def _in_key(pair: Pair, column: Column) -> bool:
    key = pair.target.primary_key
    return key is not None and column.name in key.columns


def _numbering(pair: Pair, column: Column, target: Column) -> Iterator[Comparison]:
    if column.identity is target.identity is Identity.NONE:
        return
    verdict, rule = _numbers(pair, column, target.identity)
    yield Comparison(
        kind="identity",
        table=pair.source.name,
        name=column.name,
        verdict=verdict,
        rule=rule,
        left=column.identity,
        right=target.identity,
    )


def _numbers(pair: Pair, column: Column, target: Identity) -> tuple[Verdict, str]:
    source = column.identity
    if source is target:
        return Verdict.EQUAL, ""
    if source is Identity.NONE:
        return Verdict.EXTRA, "only the right numbers new rows"
    if target is Identity.NONE:
        if _refers(pair, column):
            return Verdict.EQUIVALENT, "its number is that of the row that it refers to"
        return Verdict.MISSING, "a new row gets no number"
    if target is Identity.ALWAYS:
        return Verdict.LOOSENED, "ALWAYS refuses numbers that the application names"
    if pair.alike:
        return Verdict.LOOSENED, "numbered otherwise"
    return Verdict.EQUIVALENT, "both number new rows, and take numbers that are named"


def _refers(pair: Pair, column: Column) -> bool:
    own, target = (column.name,), pair.names((column.name,))
    sources = any(key.columns == own for key in pair.source.foreign_keys)
    return sources or any(key.columns == target for key in pair.target.foreign_keys)


def _computation(pair: Pair, column: Column, target: Column) -> Iterator[Comparison]:
    if column.generated is target.generated is Generated.NO:
        return
    left, right = computed_words(column), computed_words(target)
    verdict, rule = _computes(pair, column, target)
    yield Comparison(
        kind="generated column",
        table=pair.source.name,
        name=column.name,
        verdict=verdict,
        rule=rule,
        left=left,
        right=right,
    )


def _computes(pair: Pair, column: Column, target: Column) -> tuple[Verdict, str]:
    if target.generated is Generated.NO:
        return Verdict.MISSING, f"the target doesn't compute it: {computed_words(column)}"
    if column.generated is Generated.NO:
        return Verdict.EXTRA, "only the right computes it"
    translation = pair.translate(column.expression or "", Use.VALUE)
    if translation.sql is None:
        return Verdict.UNKNOWN, translation.problem or ""
    written = pair.written(translation.sql, target.type)
    same = pair.canonical(written) == pair.canonical(target.expression or "")
    return (Verdict.EQUIVALENT, "computed alike") if same else (Verdict.UNKNOWN, "not alike")


def _collation(pair: Pair, column: Column, target: Column) -> Iterator[Comparison]:
    pinned = pair.pins(column.name).collation
    if not pair.alike and not pinned and _has_no_counterpart(pair, column, target):
        yield Comparison(
            kind="collation",
            table=pair.source.name,
            name=column.name,
            verdict=Verdict.LOOSENED,
            rule=f"collation {column.collation} has no counterpart",
            left=column.collation or "",
            right=target.collation or "the default",
        )
        return
    wanted = column.collation if pair.alike else pinned
    if wanted == target.collation or (wanted is None and not pair.alike):
        return
    yield Comparison(
        kind="collation",
        table=pair.source.name,
        name=column.name,
        verdict=Verdict.LOOSENED,
        rule="" if pair.alike else "[columns] names the collation in which it is sorted",
        left=wanted or "the default",
        right=target.collation or "the default",
    )


def _has_no_counterpart(pair: Pair, column: Column, target: Column) -> bool:
    """Tell whether text is compared by RTRIM, or by a function of the application's own.

    A key with such a column says so itself.
    """
    keys = (pair.source.primary_key, *pair.source.uniques)
    if any(key and column.name in key.columns for key in keys):
        return False
    own = column.collation is not None and column.collation.upper() not in ("BINARY", "NOCASE")
    return own and base_type(target.type) == "text"
