"""Triggers by what they do: append-only guards are recognised however they are written.

SQLite has no TRUNCATE, so a table whose DELETE is always refused must refuse TRUNCATE too; and
`session_replication_role` steps over a trigger that is not ENABLE ALWAYS
(https://www.postgresql.org/docs/current/sql-altertable.html). Others are compared by name, timing
and event, and their bodies by a person.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from cutover.catalog import Table, Trigger
from cutover.counterparts.pair import Pair
from cutover.dialect.expressions import Use
from cutover.dialect.plpgsql import Refusal, refusals_of
from cutover.dialect.stamps import Stamp, stamp_body, stamp_of, translated_values
from cutover.dialect.triggers import SKIP, AppendOnly, recognise, recognise_skip
from cutover.differences import Comparison, Verdict

EVENTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def compare_triggers(pair: Pair) -> Iterator[Comparison]:
    """Compare the triggers of both tables."""
    if pair.alike:
        yield from _alike(pair)
        return
    guarded: set[str] = set()
    for trigger in pair.source.triggers:
        guard = recognise(trigger, pair.source)
        if guard is None:
            yield _changing(pair, trigger)
            continue
        guarded |= {*guard.events, *(("TRUNCATE",) if _whole(guard) else ())}
        yield _guard(pair, trigger, guard)
    yield from _extra(pair, guarded)


def _changing(pair: Pair, trigger: Trigger) -> Comparison:
    """Compare a trigger that skips rows or stamps them by what it does; any other by its name."""
    skip = recognise_skip(trigger, pair.source)
    stamp = stamp_of(trigger, pair.source)
    if skip is not None:
        wanted, when, rule = [SKIP], skip.when, "both skip the row"
    elif stamp is not None:
        values = translated_values(stamp, pair.types)
        written = {} if isinstance(values, str) else values
        wanted = stamp_body({pair.column_name(name): sql for name, sql in written.items()})
        when, rule = trigger.when, "the row is stamped before it is written"
    else:
        return by_name(pair.source.name, trigger, pair.target.triggers)
    timed = replace(trigger, timing="BEFORE")
    found = by_name(pair.source.name, timed, pair.target.triggers)
    others = [other for other in pair.target.triggers if other.name == trigger.name]
    same = any(_does(other, wanted) for other in others)
    if found.verdict is Verdict.UNKNOWN and same and _alike_when(pair, stamp, when, others[0]):
        return replace(found, verdict=Verdict.EQUIVALENT, rule=rule)
    return found


def _does(trigger: Trigger, wanted: list[str]) -> bool:
    """Tell whether a trigger's function has just these statements."""
    body = re.search(r"\bBEGIN\b(.*)\bEND\b", trigger.body, re.DOTALL)
    return body is not None and body[1].split() == " ".join(wanted).split()


def _alike_when(pair: Pair, stamp: Stamp | None, when: str | None, other: Trigger) -> bool:
    if stamp is not None and stamp.found_by:
        return False  # the target's condition says more; that it is the right one, a person says
    return _same_condition(pair, when, Refusal(event="", trigger="", when=other.when))


def _whole(guard: AppendOnly) -> bool:
    return "DELETE" in guard.events and guard.when is None and not guard.of_columns


def _guard(pair: Pair, trigger: Trigger, guard: AppendOnly) -> Comparison:
    wanted = [*guard.events, *(["TRUNCATE"] if _whole(guard) else [])]
    problems = [p for event in wanted if (p := _open(pair, event, guard))]
    verdict = Verdict.LOOSENED if problems else Verdict.EQUIVALENT
    refused = [r for r in _refusals(pair.target) if r.event in wanted]
    return Comparison(
        kind="trigger",
        table=pair.source.name,
        name=trigger.name,
        verdict=verdict,
        rule="; ".join(problems) or "append-only",
        left=trigger.definition,
        right="; ".join(dict.fromkeys(refusal.trigger for refusal in refused)),
    )


def _open(pair: Pair, event: str, guard: AppendOnly) -> str:
    """Return why an event is not refused as the guard does it; empty where it is."""
    refused = [refusal for refusal in _refusals(pair.target) if refusal.event == event]
    when = guard.when if event != "TRUNCATE" else None
    refused = [refusal for refusal in refused if _same_condition(pair, when, refusal)]
    refused = [r for r in refused if event != "UPDATE" or _covers(pair, guard, r)]
    if not refused:
        return f"{event} is not refused by the target"
    if event == "INSERT" or any(refusal.enabled == "A" for refusal in refused):
        return ""
    return f"{event} is refused, but not ALWAYS: session_replication_role steps over it"


def _covers(pair: Pair, guard: AppendOnly, refusal: Refusal) -> bool:
    """Tell whether both guard the same columns: UPDATE OF some, or of any."""
    return set(refusal.of_columns) == set(pair.names(guard.of_columns))


def _same_condition(pair: Pair, when: str | None, refusal: Refusal) -> bool:
    if when is None or refusal.when is None:
        return refusal.when is None and when is None
    translation = pair.translate(when, Use.FILTER)
    return translation.sql is not None and pair.canonical(translation.sql) == pair.canonical(
        refusal.when
    )


def _refusals(table: Table) -> list[Refusal]:
    return [
        refusal
        for trigger in table.triggers
        if trigger.enabled in "OA"
        for refusal in refusals_of(trigger)
    ]


def _extra(pair: Pair, guarded: set[str]) -> Iterator[Comparison]:
    known = {trigger.name for trigger in pair.source.triggers}
    for trigger in pair.target.triggers:
        events = {refusal.event for refusal in refusals_of(trigger)}
        if trigger.name in known or (events and events <= guarded):
            continue
        if set(trigger.events) <= guarded and not events:
            continue  # it stands where a guard should, and has been named there
        yield Comparison(
            kind="trigger",
            table=pair.source.name,
            name=trigger.name,
            verdict=Verdict.EXTRA,
            rule="only the right does it",
            right=trigger.definition,
        )


def by_name(table: str, trigger: Trigger, triggers: tuple[Trigger, ...]) -> Comparison:
    """Compare a trigger with the one of its name: that it does the same, a person must say."""
    same = [t for t in triggers if t.name == trigger.name]
    alike = [t for t in same if (t.timing, t.events) == (trigger.timing, trigger.events)]
    facts = {"kind": "trigger", "table": table, "name": trigger.name, "left": trigger.definition}
    if not alike:
        rule = lost("the target has no trigger like it", trigger.definition)
        return Comparison(**facts, verdict=Verdict.MISSING, rule=rule)
    right = alike[0].definition
    return Comparison(**facts, verdict=Verdict.UNKNOWN, rule="by name", right=right)


def _alike(pair: Pair) -> Iterator[Comparison]:
    """Compare the triggers of one provider: by name, then to the letter."""
    ours = {trigger.name: trigger for trigger in pair.source.triggers}
    theirs = {trigger.name: trigger for trigger in pair.target.triggers}
    for name in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(name), theirs.get(name)
        same = one is not None and other is not None and _letters(one) == _letters(other)
        verdict = Verdict.MISSING if other is None else Verdict.EXTRA if one is None else None
        yield Comparison(
            kind="trigger",
            table=pair.source.name,
            name=name,
            verdict=verdict or (Verdict.EQUAL if same else Verdict.LOOSENED),
            rule="" if same or verdict else "it does something else",
            left=one.definition if one else "",
            right=other.definition if other else "",
        )


def _letters(trigger: Trigger) -> tuple[object, ...]:
    words = " ".join(trigger.body.split())
    return trigger.timing, trigger.events, trigger.of_columns, trigger.when, trigger.enabled, words


def lost(what: str, text: str) -> str:
    """Return what is missing, with the source's own text of it on one line, cut where it's long."""
    line = " ".join(text.split())
    return f"{what}: {line if len(line) <= _TEXT_MAX else line[:_TEXT_MAX] + ' …'}"


_TEXT_MAX = 200


def guarded_events(table: Table) -> tuple[str, ...]:
    """Return the events that a target table's triggers always refuse: UPDATE, DELETE, TRUNCATE."""
    whole = (r for r in _refusals(table) if r.when is None and not r.of_columns)
    refused = {refusal.event for refusal in whole}
    return tuple(event for event in EVENTS[1:] if event in refused)
