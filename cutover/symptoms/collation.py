"""Does text sort as it does in SQLite, and are the indexes sorted by today's rules?

SQLite's BINARY compares bytes, and so do `C`, `POSIX` and the builtin provider. A locale of the C
library or of ICU sorts like a dictionary. When that library changes its rules, indexes built
before are in the wrong order, and find too little
(https://www.postgresql.org/docs/current/sql-alterdatabase.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem, warning
from cutover.signs import Collation as Found

NAME = "collation"


class Collation:
    """Compares provider, locale and versions of the database's collation."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for rules that changed, a warning for an order that is not SQLite's."""
        if signs.target is None:
            return
        found, database = signs.target.collation, signs.target.privileges.database
        shown = f"{found.locale} ({found.provider})"
        if found.actual and found.recorded and found.actual != found.recorded:
            yield problem(
                TARGET,
                f"{shown} is of version {found.recorded}, the server's library now of "
                f"{found.actual}: indexes of text may be out of order",
                f'REINDEX DATABASE "{database}"; ALTER DATABASE "{database}" '
                "REFRESH COLLATION VERSION",
            )
        elif sorts_by_byte(found):
            yield ok(TARGET, f"{shown}: text sorts by its bytes, as in SQLite")
        else:
            yield warning(
                TARGET,
                f"{shown}: ORDER BY on text sorts like a dictionary, SQLite by bytes",
                'write COLLATE "C" where the application needs SQLite\'s order',
            )


def sorts_by_byte(found: Found) -> bool:
    """Tell whether a collation compares code points, which UTF-8 keeps in the order of bytes."""
    if found.provider == "builtin":
        return True
    return found.provider == "libc" and found.locale in ("C", "POSIX")


symptoms.register(NAME, Collation())
