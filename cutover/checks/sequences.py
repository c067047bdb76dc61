"""Will the next number be new: is every sequence past what was ever handed out?"""

from collections.abc import Iterator

from psycopg import sql

from cutover.abc import Evidence
from cutover.plan import Finding
from cutover.registry import checks

NAME = "sequences"

_STATE = """
SELECT coalesce(pg_sequence_last_value(sequence.oid::regclass), 0), seqstart
FROM pg_sequence JOIN pg_class AS sequence ON sequence.oid = seqrelid
WHERE sequence.oid = pg_get_serial_sequence(%s, %s)::regclass
"""


class Sequences:
    """Compares each sequence with the highest number stored on either side, and ever used."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for every sequence that would hand out a number again."""
        for number in evidence.plan.numbers:
            live = evidence.target.table(number.table)
            if live is None or live.column(number.column) is None:
                continue  # the check of columns has said it
            table = sql.Identifier(evidence.plan.schema, number.table).as_string()
            state = evidence.reader.fetch(_STATE, (table, number.column))
            if not state:
                said = f'"{number.table}"."{number.column}" has no sequence'
                yield _finding(number.table, number.column, "missing", said)
                continue
            used = max(number.last_value or 0, _highest(evidence, number.table, number.column))
            if state[0][0] < used:
                said = (
                    f'the sequence of "{number.table}"."{number.column}" stands at {state[0][0]}, '
                    f"{used} was handed out before"
                )
                yield _finding(number.table, number.column, "mismatching", said)


def _highest(evidence: Evidence, table: str, column: str) -> int:
    query = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(
        sql.Identifier(column), sql.Identifier(evidence.plan.schema, table)
    )
    return int(evidence.reader.fetch(query)[0][0])


def _finding(table: str, column: str, kind: str, message: str) -> Finding:
    subject = f'"{table}"."{column}"'
    return Finding(check=NAME, subject=subject, kind=kind, message=message)


checks.register(NAME, Sequences())
