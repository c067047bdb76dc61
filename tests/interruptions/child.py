"""Run commands of cutover in processes of their own, each stopped at one point.

Everything is imported once, and a process is forked for each command: it begins like a fresh one,
in milliseconds. Jobs come as JSON lines on standard input; each is answered with its exit status.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from cutover import alembic_set, cli, load
from tests.interruptions.faults import Faults

IMPORTED_WHEN_NEEDED = (alembic_set,)
BATCH_CHUNKS, CHUNK_ROWS = 2, 5
"""Batches of ten rows: a small table has several."""


def main() -> None:
    """Answer jobs until there are no more."""
    for line in sys.stdin:
        job = json.loads(line)
        folder = Path(job["folder"])
        child = os.fork()
        if child == 0:
            _run(job, folder)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(job: dict[str, Any], folder: Path) -> NoReturn:
    """Run one command; leave its words, and how many points there were, beside its files."""
    faults = Faults(**job["faults"])
    status = 1
    try:
        os.chdir(folder)
        for descriptor, name in ((1, "out"), (2, "err")):
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, descriptor)
        load.BATCH_CHUNKS, load.CHUNK_ROWS = BATCH_CHUNKS, CHUNK_ROWS
        faults.install()
        status = cli.main(job["words"])
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path("points.json").write_text(json.dumps(faults.seen))
        os._exit(status)


if __name__ == "__main__":
    main()
