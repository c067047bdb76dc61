"""What a PostgreSQL trigger refuses, told from the body of its function.

Three forms are recognised, and nothing else counts as a refusal: a body that begins with RAISE
EXCEPTION; one that raises under IF TG_OP = '…' first, and perhaps in its ELSE; and one without any
RAISE, which refuses nothing. A body with an EXCEPTION block may catch what it raises. RAISE without
a level is an exception, NOTICE and its kin are not
(https://www.postgresql.org/docs/current/plpgsql-errors-and-messages.html).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutover.catalog import Trigger
from cutover.dialect.tokens import Token, TokenKind, tokenize

_BODY = re.compile(r"\bAS (\$\w*\$)(.*)\1", re.DOTALL)
_HARMLESS = frozenset({"NOTICE", "WARNING", "INFO", "LOG", "DEBUG"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An event that a trigger refuses, always or `when`; `enabled` is `pg_trigger.tgenabled`."""

    event: str
    trigger: str
    when: str | None = None
    enabled: str = "O"
    of_columns: tuple[str, ...] = ()


def refusals_of(trigger: Trigger) -> tuple[Refusal, ...]:
    """Return what a trigger refuses; nothing where it refuses nothing, or can't be read."""
    events = _raised(_statements(trigger.body), trigger.events)
    before = trigger.timing == "BEFORE" or (trigger.timing == "AFTER" and trigger.row)
    if not before:
        return ()
    return tuple(
        Refusal(
            event=event,
            trigger=trigger.name,
            when=trigger.when,
            enabled=trigger.enabled,
            of_columns=trigger.of_columns,
        )
        for event in events
    )


def _statements(definition: str) -> list[list[Token]]:
    """Return the statements after BEGIN, as tokens; none where the body can't be cut into them."""
    match = _BODY.search(definition)
    body = match[2] if match else definition
    try:
        tokens = tokenize(body.replace(":=", "=").replace("::", " "))
    except ValueError:
        return []
    words = [token.keyword for token in tokens]
    if "BEGIN" not in words:
        return []
    statements = list(_split(tokens[words.index("BEGIN") + 1 :]))
    caught = any(each and each[0].keyword == "EXCEPTION" for each in statements)
    return [] if caught else statements


def _split(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    statement: list[Token] = []
    for token in tokens:
        if token.text == ";":
            yield statement
            statement = []
        else:
            statement.append(token)
    if statement:
        yield statement


def _raised(statements: list[list[Token]], events: tuple[str, ...]) -> tuple[str, ...]:
    refused: list[str] = []
    for statement in statements:
        if _raises(_without_else(statement)):
            return tuple(dict.fromkeys([*refused, *events]))
        guarded = _guarded(statement)
        if guarded is None:
            break
        refused += [event for event in guarded if event in events]
    return tuple(dict.fromkeys(refused))


def _without_else(statement: list[Token]) -> list[Token]:
    """Return what ELSE does: every branch before it, all read by then, has raised."""
    return statement[1:] if statement and statement[0].keyword == "ELSE" else statement


def _raises(statement: list[Token]) -> bool:
    if not statement or statement[0].keyword != "RAISE":
        return False
    return len(statement) > 1 and statement[1].keyword not in _HARMLESS


def _guarded(statement: list[Token]) -> list[str] | None:
    """Return the events of `IF TG_OP = 'X' [OR …] THEN RAISE …`; none for END IF; else None."""
    words = [token.keyword for token in statement]
    if words == ["END", "IF"]:
        return []
    if words[:1] not in (["IF"], ["ELSIF"]) or "THEN" not in words:
        return None
    then = words.index("THEN")
    if not _raises(statement[then + 1 :]) or not _only_operations(statement[1:then]):
        return None
    return [t.value.upper() for t in statement[1:then] if t.kind is TokenKind.STRING]


def _only_operations(condition: list[Token]) -> bool:
    """Tell whether a condition names nothing but what TG_OP may be."""
    allowed = {"TG_OP", "OR", "IN"}
    return any(t.keyword == "TG_OP" for t in condition) and all(
        token.keyword in allowed or token.kind is TokenKind.STRING or token.text in "=(),"
        for token in condition
    )
