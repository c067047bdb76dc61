"""Triggers: those that refuse, skip or stamp are carried; of all others a proposal is written.

SQLite fires the triggers of one event in no set order, PostgreSQL by their names. Among refusals
the order decides no more than the message; where a trigger skips or changes rows it would decide
what is stored, and that is for a person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cutover.catalog import Table, Trigger
from cutover.dialect.expressions import Translation, Use
from cutover.dialect.names import Namespace
from cutover.dialect.proposals import Proposal, proposal_sql, proposal_text
from cutover.dialect.render import quoted
from cutover.dialect.stamps import Stamp, StampTrigger, stamp_of, stamp_sql, translated_values
from cutover.dialect.triggers import (
    AppendOnly,
    Guard,
    append_only_sql,
    recognise,
    recognise_skip,
)
from cutover.scaffolding.columns import Draft
from cutover.scaffolding.model import NewProposal, NewTrigger

TRIGGERS = "triggers"
_PROPOSED = "postgres/proposed"
_ENDS = (
    "SQLite ends the transaction, and what follows commits itself; PostgreSQL waits for ROLLBACK"
)
_NO_ORDER = "SQLite has no order for them, PostgreSQL goes by their names"


@dataclass(frozen=True, slots=True)
class TriggerNames:
    """The names that triggers need: their functions' and their files' in the schema."""

    functions: Namespace
    files: Namespace


@dataclass(frozen=True, slots=True)
class Triggers:
    """All that becomes of one table's triggers."""

    carried: tuple[NewTrigger, ...]
    proposals: tuple[NewProposal, ...]


def draft_triggers(draft: Draft, names: TriggerNames) -> Triggers:
    """Draft the triggers of one table."""
    drafter = _Drafter(draft, names, Namespace())
    found = [drafter.draft(trigger) for trigger in draft.place.table.triggers]
    return Triggers(
        tuple(each for each in found if isinstance(each, NewTrigger)),
        tuple(each for each in found if isinstance(each, NewProposal)),
    )


class _Drafter:
    def __init__(self, draft: Draft, names: TriggerNames, own: Namespace) -> None:
        self._draft, self._names, self._own = draft, names, own
        self._truncating = False

    def draft(self, trigger: Trigger) -> NewTrigger | NewProposal | None:
        """Draft one trigger; a proposal where it can't be carried, None where not even that."""
        if refused := self._draft.judge.refusal("trigger", trigger.name):
            return self._propose(trigger, refused)
        made = self._made(trigger)
        if isinstance(made, str):
            return self._propose(trigger, made)
        guard = recognise(trigger, self._draft.place.table)
        ends = guard is not None and guard.raises == "ROLLBACK"
        self._draft.settle("trigger", trigger.name, remark=_ENDS if ends else "")
        return made

    def _made(self, trigger: Trigger) -> NewTrigger | str:
        """Return the target's trigger, or why there is none."""
        table = self._draft.place.table
        if guard := recognise(trigger, table):
            return self._guard(trigger, guard)
        if rival := _rival(trigger, table):
            return f'"{rival}" fires at the same event: {_NO_ORDER}'
        if skip := recognise_skip(trigger, table):
            return self._guard(trigger, skip)
        stamp = stamp_of(trigger, table)
        return self._stamp(trigger, stamp) if stamp else reason(trigger)

    def _guard(self, trigger: Trigger, refusal: AppendOnly) -> NewTrigger | str:
        draft = self._draft
        when = self._condition(refusal.when)
        if when and when.problem:
            return f"{when.problem}: {refusal.when}"
        whole = when is None or when.needless
        truncates = whole and not refusal.of_columns and "DELETE" in refusal.events
        truncates = truncates and refusal.raises != "IGNORE" and not self._truncating
        self._truncating = self._truncating or truncates
        name = self._own.take(draft.settings.column_name(trigger.name))
        guard = Guard(
            table=draft.name,
            name=name,
            function=self._names.functions.take(name),
            refusal=refusal,
            when=None if whole or when is None else when.sql,
            of_columns=draft.names(refusal.of_columns),
            truncate=self._own.take(f"{draft.name}_no_truncate") if truncates else None,
        )
        made = [each for each in (guard.truncate, guard.name) if each]
        return _trigger(trigger, guard.table, guard.function, made, append_only_sql(guard))

    def _stamp(self, trigger: Trigger, stamp: Stamp) -> NewTrigger | str:
        draft = self._draft
        if lost := draft.lost(tuple(stamp.values)):
            return f'"{lost}" is excluded'
        types = {name: choice.type for name, choice in draft.types.items()}
        values = translated_values(stamp, types)
        when = self._condition(trigger.when)
        if isinstance(values, str):
            return values
        if when and when.problem:
            return f"{when.problem}: {trigger.when}"
        name = self._own.take(draft.settings.column_name(trigger.name))
        made = StampTrigger(
            table=draft.name,
            name=name,
            function=self._names.functions.take(name),
            values={draft.settings.column_name(c): sql for c, sql in values.items()},
            when=_both(when, draft.names(stamp.found_by)),
            of_columns=draft.names(trigger.of_columns),
        )
        # A function's expressions are first evaluated when it is called: so they are asked once.
        proofs = tuple(f"SELECT CAST({sql} AS {types[c]})" for c, sql in values.items())
        found = _trigger(trigger, made.table, made.function, [name], stamp_sql(made))
        return replace(found, proofs=proofs)

    def _condition(self, text: str | None) -> Translation | None:
        return self._draft.translate(text, Use.FILTER) if text else None

    def _propose(self, trigger: Trigger, why: str) -> NewProposal | None:
        draft = self._draft
        when = self._condition(trigger.when)
        proposed = propose(
            trigger,
            draft.name,
            why,
            (self._own.take(draft.settings.column_name(trigger.name)), self._names),
            when=when.sql if when and not when.needless else None,
            of_columns=draft.names(tuple(c for c in trigger.of_columns if not draft.lost((c,)))),
        )
        carried = draft.judge.refusal("proposal", trigger.name) is None
        draft.open("trigger", trigger.name, decision_note(trigger, why, proposed, carried=carried))
        return proposed if carried else None


def propose(  # noqa: PLR0913 - a trigger has that many sides
    trigger: Trigger,
    table: str,
    why: str,
    names: tuple[str, TriggerNames],
    *,
    when: str | None = None,
    of_columns: tuple[str, ...] = (),
) -> NewProposal:
    """Return the proposal of a trigger; `names` are its own name and where others come from."""
    name, taken = names
    proposal = Proposal(
        table=table,
        name=name,
        function=taken.functions.take(name),
        source=trigger,
        why=why,
        when=when,
        of_columns=of_columns,
    )
    file = proposal_file(TRIGGERS, taken.files.take(file_stem(trigger.name)))
    return NewProposal(
        object=f"proposal:{trigger.name}",
        file=file,
        text=proposal_text(proposal),
        sql=proposal_sql(proposal),
    )


def proposal_file(folder: str, name: str) -> str:
    """Return where the proposal of a trigger lies, by the folder of triggers."""
    return f"{folder}/{_PROPOSED}/{file_stem(name)}.sql"


def file_stem(name: str) -> str:
    """Return a file name for an object, without its ending."""
    return re.sub(r"[^0-9a-z_-]+", "_", name.lower())


def decision_note(trigger: Trigger, why: str, proposal: NewProposal, *, carried: bool) -> str:
    """Return what a person is told of a trigger that is left to them."""
    file = f"; finish {proposal.file}" if carried else ""
    return f"{why}{file}: {trigger.definition}"


_REASONS = {
    "FAIL": "RAISE(FAIL) keeps the rows that were changed before, PostgreSQL takes them back",
    "IGNORE": "RAISE(IGNORE) after the change takes nothing back",
}


def reason(trigger: Trigger) -> str:
    """Return why a trigger can't be carried."""
    if trigger.timing == "INSTEAD OF":
        return "it writes through a view"
    raised = re.search(r"RAISE\s*\(\s*(\w+)", trigger.body, re.IGNORECASE)
    return _REASONS.get(raised[1].upper() if raised else "", "it does more than refuse")


def _both(when: Translation | None, same: Sequence[str]) -> str | None:
    """Return a stamp's condition: the trigger's own, and that some columns are unchanged."""
    conditions = [f"OLD.{quoted(name)} IS NOT DISTINCT FROM NEW.{quoted(name)}" for name in same]
    if when is not None and when.sql and not when.needless:
        conditions.insert(0, f"({when.sql})" if conditions else when.sql)
    return " AND ".join(conditions) or None


def _rival(trigger: Trigger, table: Table) -> str | None:
    """Return another trigger of the same event, if this one is no refusal but could be carried."""
    skips, stamps = recognise_skip(trigger, table), stamp_of(trigger, table)
    if skips is None and stamps is None:
        return None
    others = (t for t in table.triggers if t is not trigger and set(t.events) & set(trigger.events))
    return next((t.name for t in others if stamps or t.timing == trigger.timing), None)


def _trigger(
    source: Trigger, table: str, function: str, names: Sequence[str], sql: tuple[str, ...]
) -> NewTrigger:
    return NewTrigger(
        object=f"trigger:{source.name}", table=table, function=function, names=tuple(names), sql=sql
    )


def undo(trigger: NewTrigger) -> Iterator[str]:
    """Yield the statements that take a trigger away again, its function last."""
    for name in trigger.names:
        yield f"DROP TRIGGER {quoted(name)} ON {quoted(trigger.table)}"
    yield f"DROP FUNCTION {quoted(trigger.function)}()"
