"""Has the server room for the data, its indexes, and the log of writing both?

Measured on the reference system with 60,000 events: 18.4 MB of SQLite took 24.6 MB of PostgreSQL,
indexes included, 1.3 times as much. Three times leaves room for wider rows, for indexes that the
source doesn't have, and for sorting while they are built. The log takes `max_wal_size`
besides, more where a replica or an archive is behind
(https://www.postgresql.org/docs/current/wal-configuration.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, TargetSigns, ok, problem, warning
from cutover.words import sized

NAME = "disk"
TIMES = 3


class Disk:
    """Compares what is free with what the sources will need."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for too little room, a warning where it can't be seen from here."""
        target = signs.target
        if target is None:
            return
        data, wal = target.disk.data, target.disk.wal
        need, log = signs.source_bytes * TIMES, target.max_wal_bytes
        if data is None:
            yield warning(
                TARGET,
                f"can't be seen from here; about {sized(need)} of data and {sized(log)} of log "
                "are needed",
                _look(target),
            )
            return
        if wal is None or wal.mount == data.mount:
            need, wal = need + log, None
        yield _room("data and log" if wal is None else "data", data.free, need, data.mount)
        if wal is not None:
            yield _room("log", wal.free, log, wal.mount)


def _room(what: str, free: int, need: int, mount: str) -> Remark:
    said = f"{what}: {sized(free)} free on {mount}, about {sized(need)} needed"
    if free >= need:
        return ok(TARGET, said)
    return problem(TARGET, said, f"free {sized(need - free)} on {mount} of the server")


def _look(target: TargetSigns) -> str:
    if target.local:
        return "look on the server: df -h, for the folder of SHOW data_directory"
    return "look on the server (df -h), or at the storage that its provider shows"


symptoms.register(NAME, Disk())
