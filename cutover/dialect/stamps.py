"""Triggers that write the time into the row that was just changed, and PostgreSQL's counterpart.

SQLite's triggers can't change NEW, so `updated_at` is kept by an AFTER UPDATE trigger that updates
its own row once more (https://sqlite.org/lang_createtrigger.html). PostgreSQL's BEFORE trigger sets
NEW instead, and the row is written once. Only that is recognised: one UPDATE of the trigger's own
table, of the row that fired it, and values that name no column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cutover.catalog import Generated, Identity, Table, Trigger
from cutover.dialect.defaults import translate_default
from cutover.dialect.render import quoted
from cutover.dialect.tokens import Token, TokenKind, text_of, tokenize
from cutover.dialect.triggers import function_sql, row_trigger_sql

CLOCK = "statement_timestamp()"
"""What SQLite's 'now' is: one moment for all rows of a statement, another for the next one."""
_ROWIDS = frozenset({"rowid", "_rowid_", "oid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What is written, by column, as SQLite's text.

    `found_by` are the columns by whose old values the row is looked for: where an UPDATE changes
    one of them, the trigger finds nothing.
    """

    values: Mapping[str, str]
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StampTrigger:
    """A trigger of the target; names, `when` and the values are the target's own."""

    table: str
    name: str
    function: str
    values: Mapping[str, str]
    when: str | None = None
    of_columns: tuple[str, ...] = ()


def stamp_of(trigger: Trigger, table: Table) -> Stamp | None:
    """Return what a trigger of `table` stamps its row with, None where it does anything else."""
    if (trigger.timing, trigger.events) != ("AFTER", ("UPDATE",)):
        return None
    try:
        tokens = [token for token in tokenize(trigger.body) if token.text != ";"]
    except ValueError:
        return None
    words = [token.keyword for token in tokens]
    own = len(words) > 3 and words[0] == "UPDATE" and words[2] == "SET"
    if not own or words.count("WHERE") != 1 or _low(tokens[1]) != table.name.lower():
        return None
    where = words.index("WHERE")
    values = _values(trigger.body, tokens[3:where], table)
    found_by = _own_row(tokens[where + 1 :], table)
    if not values or found_by is None or set(values) & {*found_by, *_key_columns(table)}:
        return None
    return Stamp(values=values, found_by=found_by)


def translated_values(stamp: Stamp, types: Mapping[str, str]) -> Mapping[str, str] | str:
    """Return the values as PostgreSQL's, by source column, or why there are none."""
    found = {}
    for column, text in stamp.values.items():
        translation = translate_default(text, type=types.get(column, ""), clock=CLOCK)
        if translation.sql is None:
            return f"the value {text} has no counterpart as {types.get(column)}"
        found[column] = translation.sql
    return found


def stamp_sql(stamp: StampTrigger) -> tuple[str, ...]:
    """Return the statements that make a stamp: its function and its trigger."""
    of = f" OF {', '.join(map(quoted, stamp.of_columns))}" if stamp.of_columns else ""
    return (
        function_sql(stamp.function, stamp_body(stamp.values), tag="stamp"),
        row_trigger_sql(stamp, f"BEFORE UPDATE{of}", stamp.when),
    )


def stamp_body(values: Mapping[str, str]) -> list[str]:
    """Return the statements of a stamp's function; `values` are by the target's columns."""
    assignments = [f"NEW.{quoted(column)} := {sql};" for column, sql in values.items()]
    return [*assignments, "RETURN NEW;"]


def _values(body: str, tokens: Sequence[Token], table: Table) -> dict[str, str]:
    """Return `a = …, b = …` by column; nothing where a part is not that, or names a column."""
    values: dict[str, str] = {}
    for part in _split(tokens, ","):
        column = _column(part[0], table) if len(part) > 2 and part[1].text == "=" else None
        quoted_name = any(token.kind is TokenKind.QUOTED for token in part[2:])
        if column is None or quoted_name or column in values:
            return {}
        values[column] = text_of(body, part[2:])
    return values


def _column(token: Token, table: Table) -> str | None:
    """Return a column that can be written to."""
    names = {c.name.lower(): c.name for c in table.columns if c.generated is Generated.NO}
    return names.get(_low(token))


def _low(token: Token) -> str:
    return token.value.lower()


def _split(tokens: Sequence[Token], sign: str) -> Iterator[Sequence[Token]]:
    """Split at a sign or a keyword outside of parentheses."""
    depth, start = 0, 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and sign in (token.text, token.keyword):
            yield tokens[start:at]
            start = at + 1
    yield tokens[start:]


def _own_row(tokens: Sequence[Token], table: Table) -> tuple[str, ...] | None:
    """Return the columns compared with OLD, where `id = NEW.id AND …` finds the row that fired."""
    sides: dict[str, str] = {}
    for part in _split(tokens, "AND"):
        side = _side(part)
        if side is None or side[0] in sides:
            return None
        sides[side[0]] = side[1]
    if set(sides) not in [{name.lower() for name in key} for key in _keys(table)]:
        return None
    spelled = {column.name.lower(): column.name for column in table.columns}
    before = [name for name, row in sides.items() if row == "OLD"]
    return tuple(spelled[name] for name in before) if set(before) <= set(spelled) else None


def _side(part: Sequence[Token]) -> tuple[str, str] | None:
    """Return a column and the row it is compared with: `id = NEW.id`, either way round."""
    texts = [token.text for token in part]
    if len(part) == 5 and texts[1] == ".":
        part, texts = [*part[4:], part[3], *part[:3]], [*texts[4:], texts[3], *texts[:3]]
    if len(part) != 5 or texts[1] != "=" or texts[3] != ".":
        return None
    row, same = part[2].keyword, _low(part[0]) == _low(part[4])
    return (_low(part[0]), row) if same and row in ("NEW", "OLD") else None


def _keys(table: Table) -> Iterator[Sequence[str]]:
    """Yield the columns by which exactly one row is found: a key without NULL, or the rowid."""
    required = {c.name for c in table.columns if not c.nullable or c.identity is not Identity.NONE}
    primary = table.primary_key
    if primary:
        yield primary.columns
    yield from (key.columns for key in table.uniques if set(key.columns) <= required)
    if not table.without_rowid:
        yield from ([name] for name in _ROWIDS - {c.name.lower() for c in table.columns})


def _key_columns(table: Table) -> set[str]:
    return {name for key in (table.primary_key, *table.uniques) if key for name in key.columns}
