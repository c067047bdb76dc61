"""Can the server install the extensions that the PostgreSQL set creates?

The set's files are searched for `CREATE EXTENSION`. Only what is in `pg_available_extensions` has
its files on the server (https://www.postgresql.org/docs/current/view-pg-available-extensions.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem

NAME = "extensions"


class Extensions:
    """Looks up each extension of the set among those that the server has."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer for each extension; one where the set wants none."""
        if signs.target is None:
            return
        for name, file in signs.extensions_wanted.items():
            if name in signs.target.extensions:
                state = "installed" if signs.target.extensions[name] else "can be installed"
                yield ok(TARGET, f"{name} {state}")
            else:
                yield problem(
                    TARGET,
                    f'extension "{name}" of {file} is not on the server',
                    f"install it there, with contrib or the package of {name}; or take it out of "
                    "the set",
                )
        if not signs.extensions_wanted:
            yield ok(TARGET, "the set creates none")


symptoms.register(NAME, Extensions())
