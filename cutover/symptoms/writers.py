"""Who has each source open, and is one writing at this moment?

Looked up in `/proc` (proc(5)): processes of other users show their files to root only, those of
other containers to nobody. A flip takes the write lock, so a writer delays it; who writes after
the flip writes what nobody will read.
"""

import shlex
from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import MACHINE, Holder, Remark, Signs, SourceSigns, ok, warning

NAME = "writers"


class Writers:
    """Names each process that has a source open, with its number."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a warning for each writer, and for processes that can't be looked into."""
        for source in signs.sources:
            yield from (_held(source, holder) for holder in source.holders)
            if not source.holders:
                seen = " that we can see" if source.hidden_processes else ""
                yield ok(source.label, f"nobody else on this machine{seen} has it open")
        # The same processes hide their files whichever source is asked about.
        if hidden := max((source.hidden_processes for source in signs.sources), default=0):
            said = f"not all is seen: files hidden by {hidden:,} of the processes"
            paths = " ".join(shlex.quote(source.path) for source in signs.sources)
            yield warning(MACHINE, said, f"as root: fuser -v {paths}")


def _held(source: SourceSigns, holder: Holder) -> Remark:
    who = f"{holder.program} (pid {holder.pid})"
    if not holder.may_write:
        return ok(source.label, f"{who} has it open for reading")
    doing = "is writing at this moment" if holder.writing else "has it open for writing"
    remedy = f"stop it before the flip; what it is: ps -fp {holder.pid}"
    return warning(source.label, f"{who} {doing}", remedy)


symptoms.register(NAME, Writers())
