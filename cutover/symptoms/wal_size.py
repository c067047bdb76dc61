"""Does the load fit between two checkpoints, or does it force them?

Each time `max_wal_size` of log has been written a checkpoint is forced, and after it every page is
logged whole once more (https://www.postgresql.org/docs/current/populate.html#POPULATE-MAX-WAL-SIZE).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, warning
from cutover.words import sized

NAME = "wal_size"
LARGEST_GB = 64
"""More is better on paper, and long to recover from after a crash."""


class WalSize:
    """Compares `max_wal_size` with twice the size of the sources: rows and indexes."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a warning where the load is larger than what is written between checkpoints."""
        if signs.target is None:
            return
        size, volume = signs.target.max_wal_bytes, signs.source_bytes * 2
        said = f"max_wal_size is {sized(size)}, the load writes about {sized(volume)}"
        if volume <= size:
            yield ok(TARGET, said)
        else:
            wanted = min(LARGEST_GB, -(-volume // 2**30))
            yield warning(
                TARGET,
                f"{said}: checkpoints will slow it down",
                f"ALTER SYSTEM SET max_wal_size = '{wanted}GB'; SELECT pg_reload_conf()",
            )


symptoms.register(NAME, WalSize())
