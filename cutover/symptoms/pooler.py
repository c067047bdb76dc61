"""Is there a pooler in between that gives each transaction another backend?

In transaction mode a session's settings and advisory locks are lost, or somebody else's
(https://www.pgbouncer.org/features.html): the lock that lets one migration run at a time would
guard nothing. Two connections at once show it, whatever the pooler is called.
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem, warning

NAME = "pooler"
_PAST_IT = (
    "name the server past it: --target, or without it in cutover.toml: "
    '[target] direct_url = "postgresql://…"'
)


class Pooler:
    """Reports what two connections of ours saw of each other."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for shared backends, a warning for a name that says pooler."""
        if signs.target is None:
            return
        pooling = signs.target.pooling
        if pooling.shared:
            yield problem(
                TARGET,
                "a pooler in transaction mode: sessions share backends",
                _PAST_IT,
            )
        elif any(word in pooling.host.lower() for word in ("pooler", "bouncer")):
            yield warning(
                TARGET,
                f'host "{pooling.host}" is named like a pooler; no backend was shared just now',
                _PAST_IT,
            )
        else:
            yield ok(TARGET, "none in transaction mode: each session keeps its backend")


symptoms.register(NAME, Pooler())
