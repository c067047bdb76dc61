"""Recognises triggers that only refuse or skip rows, and writes PostgreSQL's counterparts.

A SQLite trigger is always FOR EACH ROW; `SELECT RAISE(ABORT, 'message')` refuses the statement,
alone, behind WHEN, behind WHERE, or in a CASE (https://sqlite.org/lang_createtrigger.html#raise).
RAISE(IGNORE) in a BEFORE trigger skips the row, as RETURN NULL does. RAISE(FAIL) keeps the rows
already changed, which PostgreSQL can't. SQLite has no TRUNCATE and PostgreSQL's fires no row
trigger, so a table whose DELETE is always refused gets a statement trigger too, and ALWAYS keeps
`session_replication_role` from stepping over either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover.catalog import Table, Trigger
from cutover.dialect.conditions import always_true
from cutover.dialect.render import quoted, string
from cutover.dialect.tokens import Token, TokenKind, closing, text_of, tokenize

ERRCODE = "restrict_violation"
"""SQLSTATE 23001, an integrity violation, as SQLITE_CONSTRAINT_TRIGGER is one to a driver."""
SKIP = "RETURN NULL;"
"""A BEFORE trigger that returns NULL leaves the row as it was, and the statement goes on."""


_RAISED = ("ABORT", "ROLLBACK")
_SKIPS = "IGNORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendOnly:
    """A trigger that refuses some events with a message, always or `when` (SQLite's text).

    `raises` is the word in RAISE; IGNORE has no message, and skips the row without an error.
    """

    events: tuple[str, ...]
    message: str
    raises: str = "ABORT"
    when: str | None = None
    of_columns: tuple[str, ...] = ()
    timing: str = "BEFORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What PostgreSQL is to refuse or to skip: names and `when` are the target's own."""

    table: str
    name: str
    function: str
    refusal: AppendOnly
    when: str | None = None
    of_columns: tuple[str, ...] = ()
    truncate: str | None = None
    """The name of the TRUNCATE trigger, None where there is to be none."""


def recognise(trigger: Trigger, table: Table) -> AppendOnly | None:
    """Return what a trigger of `table` refuses, None where it does anything else."""
    found = _recognised(trigger, table)
    return None if found is None or found.raises == _SKIPS else found


def recognise_skip(trigger: Trigger, table: Table) -> AppendOnly | None:
    """Return which rows a trigger of `table` skips, None where it does anything else.

    Only BEFORE: once a row is changed, RAISE(IGNORE) takes nothing back.
    """
    found = _recognised(trigger, table)
    skips = found is not None and found.raises == _SKIPS and found.timing == "BEFORE"
    return found if skips else None


def _recognised(trigger: Trigger, table: Table) -> AppendOnly | None:
    if trigger.timing not in ("BEFORE", "AFTER"):
        return None
    try:
        found = _refusal(trigger.body)
    except ValueError:
        return None
    if found is None:
        return None
    (raises, message), condition = found
    given = [text for text in (trigger.when, condition) if text]
    conditions = [text for text in given if not always_true(text, trigger, table)]
    whole = " AND ".join(f"({text})" for text in conditions) if conditions[1:] else None
    return AppendOnly(
        events=trigger.events,
        message=message,
        raises=raises,
        when=whole or (conditions[0] if conditions else None),
        of_columns=trigger.of_columns,
        timing=trigger.timing,
    )


_Raised = tuple[str, str]
"""The word in RAISE, and its message."""


def _refusal(body: str) -> tuple[_Raised, str | None] | None:
    """Return what is raised by a body that is one SELECT RAISE, and the condition."""
    tokens = tokenize(body)
    while tokens and tokens[-1].text == ";":
        tokens = tokens[:-1]
    if any(token.text == ";" for token in tokens) or not tokens or tokens[0].keyword != "SELECT":
        return None
    if len(tokens) > 1 and tokens[1].keyword == "CASE":
        return _case(body, tokens[1:])
    found = _raised(tokens[1:])
    if found is None:
        return None
    raised, rest = found
    if not rest:
        return raised, None
    return (raised, text_of(body, rest[1:])) if _plain_where(rest) else None


def _plain_where(tokens: Sequence[Token]) -> bool:
    depth, ends = 0, {"GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW"}
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.keyword in ends:
            return False
    return tokens[0].keyword == "WHERE"


def _case(body: str, tokens: Sequence[Token]) -> tuple[_Raised, str | None] | None:
    words = [token.keyword for token in tokens]
    once = all(words.count(word) == 1 for word in ("CASE", "WHEN", "THEN", "END"))
    if not once or words[1] != "WHEN" or words[-1] != "END":
        return None
    then = words.index("THEN")
    found = _raised(tokens[then + 1 : -1])
    if found is None:
        return None
    raised, rest = found
    nothing = [token.keyword for token in rest] in ([], ["ELSE", "NULL"])
    return (raised, text_of(body, tokens[2:then])) if nothing else None


def _raised(tokens: Sequence[Token]) -> tuple[_Raised, Sequence[Token]] | None:
    """Return a leading RAISE(ABORT | ROLLBACK, 'message') or RAISE(IGNORE), and what follows it."""
    if len(tokens) < 4 or tokens[0].keyword != "RAISE" or tokens[1].text != "(":
        return None
    end = closing(tokens, 1)
    kind, rest = tokens[2].keyword, tokens[end + 1 :]
    if end == 3 and kind == _SKIPS:
        return (kind, ""), rest
    if end != 5 or kind not in _RAISED or tokens[3].text != ",":
        return None
    message = tokens[4]
    if message.kind not in (TokenKind.STRING, TokenKind.QUOTED):
        return None
    return (kind, message.value), rest


def append_only_sql(guard: Guard) -> tuple[str, ...]:
    """Return the statements that make a guard: its function, its triggers, their enabling."""
    table, statements = quoted(guard.table), [_function(guard), _row_trigger(guard)]
    if guard.refusal.raises == _SKIPS:
        return tuple(statements)
    always = [guard.name] if "INSERT" not in guard.refusal.events else []
    if guard.truncate:
        statements.append(_truncate_trigger(guard, guard.truncate))
        always.append(guard.truncate)
    statements += [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quoted(name)}" for name in always]
    return tuple(statements)


def _function(guard: Guard) -> str:
    if guard.refusal.raises == _SKIPS:
        return function_sql(guard.function, [SKIP], tag="skip")
    message = string(guard.refusal.message)
    body = f"RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = '{ERRCODE}';"
    return function_sql(guard.function, [body], tag="guard")


def _row_trigger(guard: Guard) -> str:
    of = f" OF {', '.join(map(quoted, guard.of_columns))}" if guard.of_columns else ""
    events = " OR ".join(f"{event}{of if event == 'UPDATE' else ''}" for event in _events(guard))
    fires = f"{guard.refusal.timing} {events}"
    return row_trigger_sql(guard, fires, guard.when)


def _events(guard: Guard) -> list[str]:
    return [event for event in ("INSERT", "UPDATE", "DELETE") if event in guard.refusal.events]


class Named(Protocol):
    """What a trigger is called, its function, and its table."""

    @property
    def table(self) -> str:
        """The table's name in the target."""

    @property
    def name(self) -> str:
        """The trigger's."""

    @property
    def function(self) -> str:
        """The function's."""


def function_sql(name: str, statements: Sequence[str], *, tag: str) -> str:
    """Return a trigger's function; `tag` is what stands between its dollars, if the body lets it.

    >>> function_sql("f", ["RETURN NULL;"], tag="skip").splitlines()[-1]
    '$skip$'
    """
    quote, body = f"${tag}$", "".join(f"    {statement}\n" for statement in statements)
    while quote in body:
        quote = f"{quote[:-1]}_$"
    head = f"CREATE FUNCTION {quoted(name)}() RETURNS trigger LANGUAGE plpgsql AS {quote}"
    return f"{head}\nBEGIN\n{body}END\n{quote}"


def row_trigger_sql(named: Named, fires: str, when: str | None) -> str:
    """Return a row trigger; `fires` is when, and at what: `BEFORE UPDATE OF "a"`."""
    condition = f"\n    WHEN ({when})" if when else ""
    return (
        f"CREATE TRIGGER {quoted(named.name)}\n"
        f"    {fires} ON {quoted(named.table)}\n"
        f"    FOR EACH ROW{condition}\n"
        f"    EXECUTE FUNCTION {quoted(named.function)}()"
    )


def _truncate_trigger(guard: Guard, name: str) -> str:
    return (
        f"CREATE TRIGGER {quoted(name)}\n"
        f"    BEFORE TRUNCATE ON {quoted(guard.table)}\n"
        f"    FOR EACH STATEMENT\n"
        f"    EXECUTE FUNCTION {quoted(guard.function)}()"
    )
