"""Has the work directory room, and may we write there?

Plans, reports and the list of differing keys lie there; with an embedded server the whole target
does, which takes about three times the size of the sources (see `disk`).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, ok, problem, warning
from cutover.words import sized

NAME = "work_directory"
SUBJECT = "work directory"
AT_LEAST = 64 * 2**20


class WorkDirectory:
    """Compares what is free with what will be written."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield one answer."""
        need = signs.source_bytes * 3 if signs.embedded else AT_LEAST
        if not signs.work_writable:
            yield problem(
                SUBJECT, f'"{signs.workdir}" can\'t be written', "name another: --workdir DIR"
            )
        elif signs.work is None:
            yield warning(SUBJECT, "its disk can't be seen", f"df -h '{signs.workdir}'")
        elif signs.work.free < need:
            said = f"{sized(signs.work.free)} free on {signs.work.mount}, {sized(need)} needed"
            yield problem(SUBJECT, said, "free some, or name another: --workdir DIR")
        else:
            yield ok(SUBJECT, f"{sized(signs.work.free)} free on {signs.work.mount}")


symptoms.register(NAME, WorkDirectory())
