"""What a person starts from where a trigger can't be translated: its place is kept, its work isn't.

A proposal is a trigger of PostgreSQL that fires when the source's does and then refuses, saying
that nobody has translated it yet: installed by mistake, it is noticed and does no harm. The
SQLite text stands above it as a comment.
"""

from dataclasses import dataclass

from cutover.catalog import Trigger
from cutover.dialect.render import quoted, string
from cutover.dialect.triggers import function_sql, row_trigger_sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A trigger to be finished; names and `when` are the target's own, `why` is for a reader."""

    table: str
    name: str
    function: str
    source: Trigger
    why: str
    when: str | None = None
    of_columns: tuple[str, ...] = ()


def proposal_sql(proposal: Proposal) -> tuple[str, ...]:
    """Return the statements: a function that refuses, and the trigger that calls it."""
    source = proposal.source
    message = string(f'trigger "{source.name}" is not translated yet')
    result = "OLD" if source.events == ("DELETE",) else "NEW"
    of = f" OF {', '.join(map(quoted, proposal.of_columns))}" if proposal.of_columns else ""
    body = [
        f"RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'feature_not_supported';",
        f"RETURN {result};",
    ]
    fires = f"{source.timing} {' OR '.join(source.events)}{of}"
    return (
        function_sql(proposal.function, body, tag="body"),
        row_trigger_sql(proposal, fires, proposal.when),
    )


def proposal_text(proposal: Proposal) -> str:
    """Return the file: what to do, the SQLite text, and the statements."""
    lines = [
        f'Trigger "{proposal.source.name}", to be finished by a person: {proposal.why}.',
        "No revision runs this file. Write the function's body, move the file up one folder, and",
        "run it in a revision of the PostgreSQL set. In SQLite it reads:",
        "",
        *(f"    {line}" for line in proposal.source.definition.splitlines()),
    ]
    comment = "".join(f"-- {line}".rstrip() + "\n" for line in lines)
    return comment + "\n" + ";\n\n".join(proposal_sql(proposal)) + ";\n"
