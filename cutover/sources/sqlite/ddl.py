"""What SQLite's pragmas don't tell, read from the CREATE statements in `sqlite_master`.

Names of constraints, CHECKs, collations of columns, generation expressions, AUTOINCREMENT,
DEFERRABLE, ON CONFLICT, predicates and expressions of indexes, and all of a trigger. The statements
were accepted by SQLite once, so the grammar (https://sqlite.org/lang_createtable.html) is followed
no further than to find these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cutover.catalog import Check, Trigger
from cutover.dialect.tokens import Token, closing, split_commas, text_of, tokenize
from cutover.sources.sqlite.rows import fold

_TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """What only the text says of a column."""

    name: str
    collation: str | None = None
    expression: str | None = None
    autoincrement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A PRIMARY KEY or UNIQUE constraint as written."""

    name: str | None
    columns: tuple[str, ...]
    primary: bool
    conflict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKeyFacts:
    """What `PRAGMA foreign_key_list` leaves out of a foreign key."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """All of one CREATE TABLE, in the order it is written."""

    columns: tuple[ColumnFacts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    foreign_keys: tuple[ForeignKeyFacts, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFacts:
    """All of one CREATE INDEX: the text of each part without direction and collation."""

    parts: tuple[str, ...] = ()
    predicate: str | None = None


def parse_table(sql: str) -> TableFacts:
    """Read a CREATE TABLE. ValueError where it is not one."""
    tokens = tokenize(sql)
    opening = _index_of(tokens, "(")
    inner = tokens[opening + 1 : closing(tokens, opening)]
    parser = _TableParser(sql)
    for definition in split_commas(inner):
        parser.read(definition)
    return TableFacts(
        columns=tuple(parser.columns),
        keys=tuple(parser.keys),
        foreign_keys=tuple(parser.foreign_keys),
        checks=tuple(parser.checks),
    )


def parse_index(sql: str) -> IndexFacts:
    """Read a CREATE INDEX. ValueError where it is not one."""
    tokens = tokenize(sql)
    opening = _index_of(tokens, "(")
    end = closing(tokens, opening)
    parts = split_commas(tokens[opening + 1 : end])
    rest = tokens[end + 1 :]
    predicate = text_of(sql, rest[1:]) if rest and rest[0].keyword == "WHERE" else None
    return IndexFacts(
        parts=tuple(text_of(sql, _bare_part(part)) for part in parts), predicate=predicate
    )


def parse_trigger(name: str, sql: str) -> Trigger:
    """Read a CREATE TRIGGER; SQLite's default timing is BEFORE. ValueError where it is not one."""
    tokens = tokenize(sql)
    start = _after_name(tokens, _index_of(tokens, "TRIGGER") + 1)
    on = _index_of(tokens, "ON", start=start)
    begin = _begin_of_body(tokens, on + 2)
    time, event = _time_and_event(tokens[start:on])
    of = tokens[start + len(time) + 2 : on]
    whens = [i for i in range(on + 2, begin) if tokens[i].keyword == "WHEN"]
    return Trigger(
        name=name,
        timing=" ".join(time) or "BEFORE",
        events=(event,),
        of_columns=tuple(part[0].value for part in split_commas(of)),
        when=text_of(sql, tokens[whens[0] + 1 : begin]) if whens else None,
        body=sql[tokens[begin].end : tokens[-1].start].strip(),
        definition=sql,
    )


def parse_view(sql: str) -> tuple[tuple[str, ...], str]:
    """Return a view's own column names (often none) and its SELECT. ValueError as above."""
    tokens = tokenize(sql)
    as_ = _index_of(tokens, "AS")
    columns: tuple[str, ...] = ()
    if tokens[as_ - 1].text == ")":
        opening = _index_of(tokens, "(")
        columns = tuple(part[0].value for part in split_commas(tokens[opening + 1 : as_ - 1]))
    return columns, text_of(sql, tokens[as_ + 1 :])


def parse_module(sql: str) -> str:
    """Return the module of a CREATE VIRTUAL TABLE. ValueError where it is not one."""
    tokens = tokenize(sql)
    return tokens[_index_of(tokens, "USING") + 1].value


class _TableParser:
    """Collects the constraints of a CREATE TABLE, one part between commas at a time."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.columns: list[ColumnFacts] = []
        self.keys: list[KeyFacts] = []
        self.foreign_keys: list[ForeignKeyFacts] = []
        self.checks: list[Check] = []
        self._tokens: Sequence[Token] = ()
        self._at = 0

    def read(self, definition: Sequence[Token]) -> None:
        """Read a column, or constraints of the table: SQLite asks for no comma between those."""
        self._tokens, self._at = definition, 0
        own: tuple[str, ...] = ()
        if self._word() not in _TABLE_CONSTRAINTS:
            self.columns.append(ColumnFacts(name=self._take().value))
            own = (self.columns[-1].name,)
        name = None
        while self._at < len(self._tokens):
            if self._accept("CONSTRAINT"):
                name = self._take().value
            elif self._constraint(name, own):
                name = None

    def _constraint(self, name: str | None, own: tuple[str, ...]) -> bool:
        """Read one constraint; False for a token that starts none, such as a word of the type."""
        match self._take().keyword:
            case "PRIMARY" | "UNIQUE" as word:
                self._key(name, own, primary=word == "PRIMARY")
            case "CHECK":
                self.checks.append(Check(name=name, expression=self._text_of_group()))
            case "FOREIGN":
                self._accept("KEY")
                self._foreign_key(name, _names(self._group()))
            case "REFERENCES" if own:
                self._foreign_key(name, own)
            case "NOT":
                self._accept("NULL", "DEFERRABLE")
            case "DEFERRABLE":
                self._deferrable()
            case "ON":
                self._action()
            case "DEFAULT":
                self._default()
            case "COLLATE" | "AS" as word:
                self._column_fact(word)
            case _:
                self._group()
                return False
        return True

    def _column_fact(self, word: str) -> None:
        if word == "COLLATE":
            self.columns[-1] = replace(self.columns[-1], collation=self._take().value)
        else:
            self.columns[-1] = replace(self.columns[-1], expression=self._text_of_group())

    def _key(self, name: str | None, own: tuple[str, ...], *, primary: bool) -> None:
        self._accept("KEY")
        self._accept("ASC", "DESC")
        group = () if own else self._group()
        conflict = None
        if self._accept("ON"):
            self._accept("CONFLICT")
            conflict = self._take().keyword
        key = KeyFacts(name=name, columns=own or _names(group), primary=primary, conflict=conflict)
        self.keys.append(key)
        # In a table's constraint the word stands inside the parentheses.
        if self._accept("AUTOINCREMENT") or any(t.keyword == "AUTOINCREMENT" for t in group):
            self._mark_autoincrement(key.columns[0])

    def _mark_autoincrement(self, name: str) -> None:
        self.columns = [
            replace(column, autoincrement=True) if fold(column.name) == fold(name) else column
            for column in self.columns
        ]

    def _foreign_key(self, name: str | None, columns: tuple[str, ...]) -> None:
        self._accept("REFERENCES")
        self._take()
        self._group()
        self.foreign_keys.append(ForeignKeyFacts(name=name, columns=columns))

    def _deferrable(self) -> None:
        # The clause may stand anywhere after the foreign key that it is about.
        deferred = self._accept("INITIALLY") and self._take().keyword == "DEFERRED"
        self.foreign_keys[-1] = replace(
            self.foreign_keys[-1], deferrable=True, initially_deferred=deferred
        )

    def _action(self) -> None:
        self._take()
        self._accept("SET", "NO")
        self._take()

    def _default(self) -> None:
        if not self._group() and self._take().text in ("+", "-"):
            self._take()

    def _word(self) -> str:
        return self._tokens[self._at].keyword if self._at < len(self._tokens) else ""

    def _accept(self, *words: str) -> bool:
        accepted = self._word() in words
        self._at += accepted
        return accepted

    def _take(self) -> Token:
        if self._at == len(self._tokens):
            raise ValueError(f"a definition ends too early: {self.sql[:60]!r}")
        self._at += 1
        return self._tokens[self._at - 1]

    def _group(self) -> Sequence[Token]:
        """Take a group in parentheses if one comes next, and return what is in it."""
        if self._at == len(self._tokens) or self._tokens[self._at].text != "(":
            return ()
        opening, self._at = self._at, closing(self._tokens, self._at) + 1
        return self._tokens[opening + 1 : self._at - 1]

    def _text_of_group(self) -> str:
        return text_of(self.sql, self._group())


def _names(group: Sequence[Token]) -> tuple[str, ...]:
    return tuple(part[0].value for part in split_commas(group))


def _index_of(tokens: Sequence[Token], text: str, *, start: int = 0) -> int:
    for index in range(start, len(tokens)):
        if text in (tokens[index].keyword, tokens[index].text):
            return index
    raise ValueError(f"no {text} after token {start}")


def _bare_part(part: Sequence[Token]) -> Sequence[Token]:
    if part and part[-1].keyword in ("ASC", "DESC"):
        part = part[:-1]
    if len(part) > 2 and part[-2].keyword == "COLLATE":
        part = part[:-2]
    return part


def _after_name(tokens: Sequence[Token], index: int) -> int:
    """Step over `[IF NOT EXISTS] [schema.]name`."""
    if [token.keyword for token in tokens[index : index + 3]] == ["IF", "NOT", "EXISTS"]:
        index += 3
    return index + 3 if tokens[index + 1].text == "." else index + 1


def _time_and_event(tokens: Sequence[Token]) -> tuple[list[str], str]:
    words = [token.keyword for token in tokens]
    times = {"BEFORE": 1, "AFTER": 1, "INSTEAD": 2}.get(words[0], 0)
    return words[:times], words[times]


def _begin_of_body(tokens: Sequence[Token], start: int) -> int:
    """Return where BEGIN stands; `NEW.begin` in a WHEN is a column."""
    begin = _index_of(tokens, "BEGIN", start=start)
    while tokens[begin - 1].text == ".":
        begin = _index_of(tokens, "BEGIN", start=begin + 1)
    return begin
