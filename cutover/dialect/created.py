"""Which objects a piece of SQL makes or alters, and where in it; of either provider's SQL.

It is cut by SQLite's tokenizer, which knows comments and all quotes but PostgreSQL's `$$`: the body
of a function is cut too, and makes nothing. Only what stands at its place is read (CREATE, a kind,
a name); no statement is understood as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutover.dialect.tokens import Token, TokenKind, closing, split_commas, tokenize

_MODIFIERS = frozenset(
    {"OR", "REPLACE", "TEMP", "TEMPORARY", "UNIQUE", "CONSTRAINT", "UNLOGGED", "MATERIALIZED"}
) | {"RECURSIVE", "VIRTUAL"}
_BEFORE_NAME = frozenset({"CONCURRENTLY", "IF", "NOT", "EXISTS", "ONLY"})
_KINDS = frozenset({"TABLE", "INDEX", "VIEW", "TRIGGER", "FUNCTION", "TYPE", "SEQUENCE", "DOMAIN"})
_CONSTRAINTS = {
    "PRIMARY": "primary key",
    "UNIQUE": "unique",
    "FOREIGN": "foreign key",
    "CHECK": "check",
    "EXCLUDE": "index",
}
_KEYS = {word: _CONSTRAINTS[word] for word in ("PRIMARY", "UNIQUE", "FOREIGN")}
_KEYS_OF_COLUMNS = {**_KEYS, "REFERENCES": "foreign key"}
# Signs that only PostgreSQL has (`::`, `[1]`, `^`) would end SQLite's tokenizer.
_BLANKED = {ord(sign): " " for sign in ":[]{}^!\\?@#`"}


@dataclass(frozen=True, slots=True)
class Created:
    """One object; `table` is empty for what belongs to none. `position` is that of its name."""

    kind: str
    table: str
    name: str
    position: int


def words_of(sql: str) -> tuple[Token, ...]:
    """Return the tokens of any SQL, PostgreSQL's own signs left out; () where it has no end.

    Positions are those of `sql`.

    >>> [token.text for token in words_of("a::int ^ 2")]
    ['a', 'int', '2']
    """
    for text in (sql, sql.replace("::", "  "), sql.translate(_BLANKED)):
        try:
            return tokenize(text)
        except ValueError:
            continue
    return ()


def created_by(sql: str) -> Iterator[Created]:
    """Yield what SQL makes or alters, in its order.

    >>> [(c.kind, c.table, c.name) for c in created_by("CREATE INDEX i ON t (a)")]
    [('index', 't', 'i')]
    """
    tokens = words_of(sql)
    for at, token in enumerate(tokens):
        if token.keyword == "CREATE":
            yield from _create(tokens, at + 1)
        elif token.keyword == "ALTER" and _keyword(tokens, at + 1) == "TABLE":
            yield from _alter(tokens, at + 2)


def _create(tokens: Sequence[Token], at: int) -> Iterator[Created]:
    unique = False
    while (word := _keyword(tokens, at)) in _MODIFIERS:
        unique |= word == "UNIQUE"
        at += 1
    kind = _keyword(tokens, at)
    if kind not in _KINDS:
        return
    named = _named(tokens, at + 1)
    if named is None:
        return
    name, after = named
    if kind == "TABLE":
        yield Created("table", "", name.value, name.start)
        yield from _members(tokens, after, name.value)
        return
    owner = _owner(tokens, after) if kind in ("INDEX", "TRIGGER") else ""
    yield Created(kind.lower(), owner, name.value, name.start)
    if unique and (columns := _columns(tokens[after:])):
        yield Created("unique", owner, columns, name.start)


def _members(tokens: Sequence[Token], at: int, table: str) -> Iterator[Created]:
    """Yield the columns, the named constraints and the keys between a table's parentheses."""
    if at >= len(tokens) or tokens[at].text != "(":
        return
    try:
        end = closing(tokens, at)
    except ValueError:
        return
    for part in split_commas(tokens[at + 1 : end]):
        if part and part[0].keyword not in (*_CONSTRAINTS, "LIKE"):
            yield _member(part, table)
        yield from _keys(part, table)


def _keys(part: Sequence[Token], table: str) -> Iterator[Created]:
    """Yield the keys in a part of a table by their columns, which is all that some are known by."""
    of_table = part[2:] if part and part[0].keyword == "CONSTRAINT" else part
    if of_table and of_table[0].keyword in _KEYS:
        if columns := _columns(of_table):
            yield Created(_KEYS[of_table[0].keyword], table, columns, of_table[0].start)
        return
    depth = 0
    for token in part:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth and (kind := _KEYS_OF_COLUMNS.get(token.keyword)):
            yield Created(kind, table, part[0].value, token.start)


def _columns(tokens: Sequence[Token]) -> str:
    """Return the columns in the first parentheses; empty where an expression is among them."""
    at = next((n for n, token in enumerate(tokens) if token.text == "("), len(tokens))
    try:
        parts = split_commas(tokens[at + 1 : closing(tokens, at)])
    except (ValueError, IndexError):
        return ""
    if any(not part or _text(part, 1) == "(" or part[0].text == "(" for part in parts):
        return ""
    return ", ".join(part[0].value for part in parts)


def _member(part: Sequence[Token], table: str) -> Created:
    """Return a column, or the constraint that `CONSTRAINT name` introduces."""
    if part[0].keyword == "CONSTRAINT" and len(part) > 2:
        kind = _CONSTRAINTS.get(part[2].keyword, "check")
        return Created(kind, table, part[1].value, part[1].start)
    return Created("column", table, part[0].value, part[0].start)


def _alter(tokens: Sequence[Token], at: int) -> Iterator[Created]:
    named = _named(tokens, at)
    if named is None:
        return
    table, after = named
    verb = _keyword(tokens, after)
    after += 2 if _keyword(tokens, after + 1) == "COLUMN" else 1
    if verb in ("ADD", "ALTER") and after < len(tokens):
        part = _action(tokens, after)
        if part and part[0].keyword not in _CONSTRAINTS:
            yield _member(part, table.value)
        yield from _keys(part, table.value)


def _action(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    """Return one action of ALTER TABLE: up to a comma outside of parentheses, or the end."""
    depth = 0
    for end in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[end].text, 0)
        if tokens[end].text in (";", ",") and depth <= 0:
            return tokens[at:end]
    return tokens[at:]


def _named(tokens: Sequence[Token], at: int) -> tuple[Token, int] | None:
    """Return the name at a place, its schema left out, and the place after it."""
    while _keyword(tokens, at) in _BEFORE_NAME:
        at += 1
    while at + 2 < len(tokens) and tokens[at + 1].text == ".":
        at += 2
    # PostgreSQL names an index itself where ON follows at once.
    unnamed = at >= len(tokens) or tokens[at].keyword == "ON"
    if not unnamed and tokens[at].kind in (TokenKind.WORD, TokenKind.QUOTED):
        return tokens[at], at + 1
    return None


def _owner(tokens: Sequence[Token], at: int) -> str:
    """Return the table that an index or a trigger is on."""
    for place in range(at, len(tokens)):
        if tokens[place].keyword == "ON":
            named = _named(tokens, place + 1)
            return named[0].value if named else ""
    return ""


def _keyword(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].keyword if at < len(tokens) else ""


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) else ""
