"""Are server and client of versions that this was built and tested with?

PostgreSQL 14 to 18. An older server has had no security fixes for some time, and lacks
`client_connection_check_interval` (https://www.postgresql.org/support/versioning/).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem, warning

NAME = "versions"
OLDEST, NEWEST = 14, 18


class Versions:
    """Compares the major versions of the server and of libpq with the supported ones."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer about the server, and one about an older client library."""
        if signs.target is None:
            return
        server, client = signs.target.version, signs.target.libpq
        shown = f"PostgreSQL {_shown(server)}, libpq {_shown(client)}"
        major = server // 10_000
        if major < OLDEST:
            yield problem(
                TARGET,
                f"{shown}: older than {OLDEST}, which is the oldest supported",
                f"upgrade the server (pg_upgrade), or name one of {OLDEST} to {NEWEST}",
            )
        elif major > NEWEST:
            yield warning(
                TARGET,
                f"{shown}: newer than {NEWEST}, which is the newest it was tested with",
                "rehearse the whole cutover on a copy: cutover apply, then cutover verify",
            )
        else:
            yield ok(TARGET, shown)


def _shown(number: int) -> str:
    return f"{number // 10_000}.{number % 10_000}"


symptoms.register(NAME, Versions())
