"""Can the target be reached, and does it take writes?"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem

NAME = "connection"


class Connection:
    """Reports the error that connecting gave, or the place it reached."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield the one answer that is there without a target as well."""
        target = signs.target
        if target is None:
            trouble = signs.target_trouble
            hint = trouble.hint if trouble else ""
            yield problem(TARGET, str(trouble), hint or "name a server with --target")
        elif target.standby:
            yield problem(
                TARGET, "the server is a standby, and takes no writes", "name the primary server"
            )
        elif target.read_only:
            role, database = target.privileges.role, target.privileges.database
            yield problem(
                TARGET,
                f'sessions of "{role}" in "{database}" begin read-only',
                f'ALTER ROLE "{role}" IN DATABASE "{database}" SET default_transaction_read_only '
                "= off",
            )
        else:
            yield ok(TARGET, f'reached as "{target.privileges.role}"')


symptoms.register(NAME, Connection())
