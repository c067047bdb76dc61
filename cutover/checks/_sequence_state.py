"""Where a sequence stands, and between which numbers a column's stored values lie.

A sequence that was never asked, or was set by `setval(…, false)`, goes on with its `last_value`
itself (https://www.postgresql.org/docs/current/functions-sequence.html).
"""

from dataclasses import dataclass

from psycopg import sql

from cutover.abc import Evidence

_OWNED = "SELECT pg_get_serial_sequence(%s, %s)::regclass::oid::bigint"
_DEFAULTS = """
SELECT seqrelid::bigint FROM pg_attrdef AS d
JOIN pg_attribute AS a ON a.attrelid = adrelid AND a.attnum = adnum
JOIN pg_depend ON classid = 'pg_attrdef'::regclass AND objid = d.oid
JOIN pg_sequence ON refclassid = 'pg_class'::regclass AND refobjid = seqrelid
WHERE adrelid = %s::regclass AND attname = %s
"""
_NAME = """
SELECT nspname, relname, seqincrement FROM pg_sequence
JOIN pg_class AS c ON c.oid = seqrelid JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE seqrelid = %s
"""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SequenceState:
    """The next number of a sequence, and the step to the one after it."""

    next: int
    increment: int

    def will_meet(self, used: Range) -> bool:
        """Tell whether it is to come past numbers that were used, the lowest and the highest."""
        low, high = used
        return self.next <= high if self.increment > 0 else self.next >= low


def owned_sequence(evidence: Evidence, table: str, column: str) -> SequenceState | None:
    """Return the state of the sequence that a column owns, as serial and identity columns do."""
    return _state(evidence, _OWNED, table, column)


def default_sequence(evidence: Evidence, table: str, column: str) -> SequenceState | None:
    """Return the state of the sequence that a column's default asks, whoever owns it."""
    return _state(evidence, _DEFAULTS, table, column)


def stored_range(evidence: Evidence, table: str, column: str) -> Range | None:
    """Return the lowest and the highest number stored; None where there is none."""
    name, place = sql.Identifier(column), sql.Identifier(evidence.plan.schema, table)
    query = sql.SQL("SELECT min({0})::bigint, max({0})::bigint FROM {1}").format(name, place)
    low, high = evidence.reader.fetch(query)[0]
    return None if low is None else (low, high)


def _state(evidence: Evidence, query: str, table: str, column: str) -> SequenceState | None:
    place = sql.Identifier(evidence.plan.schema, table).as_string()
    for (oid,) in evidence.reader.fetch(query, (place, column)):
        for schema, name, increment in evidence.reader.fetch(_NAME, (oid,)):
            sequence = sql.Identifier(schema, name)
            state = sql.SQL("SELECT last_value, is_called FROM {}").format(sequence)
            last_value, is_called = evidence.reader.fetch(state)[0]
            return SequenceState(last_value + increment if is_called else last_value, increment)
    return None
