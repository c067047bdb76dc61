"""How does each source write: rollback journal or write-ahead log, and is something left of it?

Both are read as they are. What is in a `-wal` is part of the database, so a copy of the file alone
lacks it (https://sqlite.org/walformat.html). A `-journal` that is not empty is a write in progress,
or what a crash left, to be rolled back (https://sqlite.org/lockingv3.html#hot_journals).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, ok, warning
from cutover.words import sized

NAME = "journal_mode"


class JournalMode:
    """Looks at the header's version numbers, and at what lies beside the file."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer for each source that could be read."""
        for source in signs.sources:
            if not source.bytes:
                continue
            if source.journal_bytes and not source.wal_mode:
                yield warning(
                    source.label,
                    f"rollback journal of {sized(source.journal_bytes)}: a write in progress, or "
                    "what a crash left",
                    f"stop the writers, then: sqlite3 '{source.path}' .schema",
                )
            elif source.wal_bytes:
                said = f"write-ahead log, {sized(source.wal_bytes)} in it: copy it with the file"
                yield ok(source.label, said)
            elif source.wal_mode:
                yield ok(source.label, "write-ahead log, empty")
            else:
                yield ok(source.label, "rollback journal")


symptoms.register(NAME, JournalMode())
