"""Is each source sound: can SQLite read every page of it?

`PRAGMA quick_check` reads the whole file, and doesn't compare indexes with their tables, which
`integrity_check` does and takes far longer for (https://sqlite.org/pragma.html#pragma_quick_check).
It also names rows that a NOT NULL would refuse today; a plan refuses both.
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, ok, problem
from cutover.words import counted

NAME = "integrity"


class Integrity:
    """Reports what SQLite's own check of the file found."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer for each source that could be opened."""
        for source in signs.sources:
            if source.trouble:
                continue
            if source.damage:
                yield problem(source.label, str(source.damage), source.damage.hint)
            elif source.broken_rules:
                many = counted(len(source.broken_rules), "broken rule")
                yield problem(
                    source.label,
                    f"{many}: {source.broken_rules[0]}",
                    f"repair the rows that this names: sqlite3 '{source.path}' "
                    "'PRAGMA quick_check'",
                )
            else:
                yield ok(source.label, "every page was read, none is damaged")


symptoms.register(NAME, Integrity())
