"""Is the way to a server elsewhere encrypted?

libpq's own default, `sslmode=prefer`, goes on in the clear where the server offers no TLS; ours is
`require`. Neither looks at the certificate: `verify-full` does
(https://www.postgresql.org/docs/current/libpq-ssl.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem

NAME = "tls"


class Tls:
    """Looks at the connection itself, not at what was asked for."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for a connection in the clear that leaves this machine."""
        if signs.target is None:
            return
        if signs.target.tls:
            yield ok(TARGET, signs.target.tls)
        elif signs.target.local:
            yield ok(TARGET, "none, and none needed: the server is on this machine")
        else:
            yield problem(
                TARGET,
                "the connection leaves this machine in the clear",
                "put sslmode=verify-full&sslrootcert=system into the URL; on the server: ssl = on",
            )


symptoms.register(NAME, Tls())
