"""Recognises triggers that only refuse, and writes PostgreSQL's counterparts.

A SQLite trigger is always FOR EACH ROW; `SELECT RAISE(ABORT, 'message')` refuses the statement,
alone, behind WHEN, behind WHERE, or in a CASE (https://sqlite.org/lang_createtrigger.html#raise).
RAISE(FAIL) keeps the rows already changed and RAISE(IGNORE) refuses nothing: neither is an
exception. SQLite has no TRUNCATE and PostgreSQL's fires no row trigger, so a table whose DELETE is
always refused gets a statement trigger too, and ALWAYS keeps `session_replication_role` from
stepping over either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cutover.catalog import Table, Trigger
from cutover.dialect.conditions import always_true
from cutover.dialect.render import quoted, string
from cutover.dialect.tokens import Token, TokenKind, closing, text_of, tokenize

ERRCODE = "restrict_violation"
"""SQLSTATE 23001, an integrity violation, as SQLITE_CONSTRAINT_TRIGGER is one to a driver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendOnly:
    """A trigger that refuses some events with a message, always or `when` (SQLite's text)."""

    events: tuple[str, ...]
    message: str
    when: str | None = None
    of_columns: tuple[str, ...] = ()
    timing: str = "BEFORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What PostgreSQL is to refuse: names and `when` are the target's own."""

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
    if trigger.timing not in ("BEFORE", "AFTER"):
        return None
    try:
        found = _refusal(trigger.body)
    except ValueError:
        return None
    if found is None:
        return None
    message, condition = found
    given = [text for text in (trigger.when, condition) if text]
    conditions = [text for text in given if not always_true(text, trigger, table)]
    whole = " AND ".join(f"({text})" for text in conditions) if conditions[1:] else None
    return AppendOnly(
        events=trigger.events,
        message=message,
        when=whole or (conditions[0] if conditions else None),
        of_columns=trigger.of_columns,
        timing=trigger.timing,
    )


def _refusal(body: str) -> tuple[str, str | None] | None:
    """Return the message and the condition of a body that is one SELECT RAISE."""
    tokens = tokenize(body)
    while tokens and tokens[-1].text == ";":
        tokens = tokens[:-1]
    if any(token.text == ";" for token in tokens) or not tokens or tokens[0].keyword != "SELECT":
        return None
    if len(tokens) > 1 and tokens[1].keyword == "CASE":
        return _case(body, tokens[1:])
    raised = _raised(tokens[1:])
    if raised is None:
        return None
    message, rest = raised
    if not rest:
        return message, None
    return (message, text_of(body, rest[1:])) if _plain_where(rest) else None


def _plain_where(tokens: Sequence[Token]) -> bool:
    depth, ends = 0, {"GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW"}
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.keyword in ends:
            return False
    return tokens[0].keyword == "WHERE"


def _case(body: str, tokens: Sequence[Token]) -> tuple[str, str | None] | None:
    words = [token.keyword for token in tokens]
    once = all(words.count(word) == 1 for word in ("CASE", "WHEN", "THEN", "END"))
    if not once or words[1] != "WHEN" or words[-1] != "END":
        return None
    then = words.index("THEN")
    raised = _raised(tokens[then + 1 : -1])
    if raised is None:
        return None
    message, rest = raised
    nothing = [token.keyword for token in rest] in ([], ["ELSE", "NULL"])
    return (message, text_of(body, tokens[2:then])) if nothing else None


def _raised(tokens: Sequence[Token]) -> tuple[str, Sequence[Token]] | None:
    """Return the message of a leading RAISE(ABORT | ROLLBACK, 'message'), and what follows it."""
    if len(tokens) < 6 or tokens[0].keyword != "RAISE" or tokens[1].text != "(":
        return None
    end = closing(tokens, 1)
    kind, comma, message = tokens[2:5]
    plain = message.kind in (TokenKind.STRING, TokenKind.QUOTED) and comma.text == ","
    if end != 5 or kind.keyword not in ("ABORT", "ROLLBACK") or not plain:
        return None
    return message.value, tokens[end + 1 :]


def append_only_sql(guard: Guard) -> tuple[str, ...]:
    """Return the statements that make a guard: its function, its triggers, their enabling."""
    table, statements = quoted(guard.table), [_function(guard), _row_trigger(guard)]
    always = [guard.name] if "INSERT" not in guard.refusal.events else []
    if guard.truncate:
        statements.append(_truncate_trigger(guard, guard.truncate))
        always.append(guard.truncate)
    statements += [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quoted(name)}" for name in always]
    return tuple(statements)


def _function(guard: Guard) -> str:
    message = string(guard.refusal.message)
    tag = "$guard$"
    while tag in message:
        tag = f"{tag[:-1]}_$"
    return (
        f"CREATE FUNCTION {quoted(guard.function)}() RETURNS trigger LANGUAGE plpgsql AS {tag}\n"
        f"BEGIN\n"
        f"    RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = '{ERRCODE}';\n"
        f"END\n"
        f"{tag}"
    )


def _row_trigger(guard: Guard) -> str:
    of = f" OF {', '.join(map(quoted, guard.of_columns))}" if guard.of_columns else ""
    events = " OR ".join(f"{event}{of if event == 'UPDATE' else ''}" for event in _events(guard))
    when = f"\n    WHEN ({guard.when})" if guard.when else ""
    return (
        f"CREATE TRIGGER {quoted(guard.name)}\n"
        f"    {guard.refusal.timing} {events} ON {quoted(guard.table)}\n"
        f"    FOR EACH ROW{when}\n"
        f"    EXECUTE FUNCTION {quoted(guard.function)}()"
    )


def _events(guard: Guard) -> list[str]:
    return [event for event in ("INSERT", "UPDATE", "DELETE") if event in guard.refusal.events]


def _truncate_trigger(guard: Guard, name: str) -> str:
    return (
        f"CREATE TRIGGER {quoted(name)}\n"
        f"    BEFORE TRUNCATE ON {quoted(guard.table)}\n"
        f"    FOR EACH STATEMENT\n"
        f"    EXECUTE FUNCTION {quoted(guard.function)}()"
    )
