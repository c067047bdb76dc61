"""Has every row the parent that its foreign key names?

SQLite enforces foreign keys only for connections that ask for it
(https://sqlite.org/foreignkeys.html#fk_enable), so rows without a parent are common. PostgreSQL
will not take the key back while one is there. Tables that are left out are not asked about.
"""

from collections.abc import Iterator, Mapping

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, SourceSigns, ok, warning
from cutover.words import counted

NAME = "orphans"


class Orphans:
    """Reports what `PRAGMA foreign_key_check` found."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a warning for each pair of tables with orphans, one answer where there is none."""
        for source in signs.sources:
            if source.trouble or source.damage:
                continue
            if source.orphans is None:
                yield warning(
                    source.label,
                    "a foreign key names columns that are no key of its parent",
                    f"see which: sqlite3 '{source.path}' 'PRAGMA foreign_key_check'",
                )
            elif not source.orphans:
                yield ok(source.label, "none: every foreign key leads to a row")
            else:
                yield from _each(source, source.orphans)


def _each(source: SourceSigns, orphans: Mapping[tuple[str, str], int]) -> Iterator[Remark]:
    for (table, parent), count in sorted(orphans.items()):
        yield warning(
            source.label,
            f'{counted(count, "row")} of "{table}" without a parent in "{parent}"',
            f"delete or repair what this lists: sqlite3 '{source.path}' "
            f"'PRAGMA foreign_key_check(\"{table}\")'",
        )


symptoms.register(NAME, Orphans())
