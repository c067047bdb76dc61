"""What do applications get through their URL, where the commands go past it by `direct_url`?

No command opens that URL, so a mistake in it would show after the flip. A pooler in transaction
mode is no danger there: the commands don't use it, and an application that does must keep nothing
in a session (https://www.pgbouncer.org/features.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem

NAME = "application_url"


class ApplicationUrl:
    """Reports where the URL leads, and through what."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield one answer where there are two URLs, and none where there is one."""
        found = signs.applications
        if found is None:
            return
        if found.trouble or found.pooling is None:
            said = f"applications can't use {found.place}: {found.trouble}"
            hint = found.trouble.hint if found.trouble else ""
            yield problem(TARGET, said, hint or "mend [target] url")
        elif signs.target and signs.target.identity != found.identity:
            yield problem(
                TARGET,
                f"applications get another database: {found.place}",
                "name one database of one server by [target] url and by direct_url",
            )
        elif found.pooling.shared:
            said = "applications go through a pooler in transaction mode, the commands past it"
            yield ok(TARGET, f"{said}: {found.place}")
        else:
            yield ok(TARGET, f"applications get the same database: {found.place}")


symptoms.register(NAME, ApplicationUrl())
