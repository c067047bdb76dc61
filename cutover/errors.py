"""Everything raised on purpose, and the exit status each means.

An error is PostgreSQL's own triple: a message (lower case, the object quoted), a detail, and a
hint that is the exact next thing to do. The class says who must act, and so which status the
process ends with. Status 1 is never ours: Python exits 1 on an uncaught exception, and a crash
must not read as an answer.
"""

from enum import IntEnum
from typing import ClassVar


class ExitStatus(IntEnum):
    """What a process tells the script that called it."""

    OK = 0
    USAGE = 2
    FINDINGS = 3
    REFUSED = 4
    SOURCE = 5
    TARGET = 6
    PARTIAL = 7
    FLAG = 8
    TRY_AGAIN = 75
    INTERRUPTED = 130
    TERMINATED = 143


class CutoverError(Exception):
    """Base of every error that cutover raises on purpose."""

    status: ClassVar[ExitStatus]
    code: ClassVar[str]

    def __init__(self, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint

    @property
    def status_now(self) -> ExitStatus:
        """The status that the process ends with."""
        return self.status

    def __str__(self) -> str:
        parts = [self.message]
        if self.detail:
            parts.append(f"detail: {self.detail}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class UsageError(CutoverError):
    """The command line or the settings are wrong; nothing was touched."""

    status = ExitStatus.USAGE
    code = "usage"


class Refused(CutoverError):  # noqa: N818 - a guard's answer, read as a sentence: "raise Refused"
    """A guard said no; nothing was touched, and the hint says what would satisfy it."""

    status = ExitStatus.REFUSED
    code = "refused"


class SourceError(CutoverError):
    """The SQLite side: missing, locked, corrupt, or holding values that nothing settles."""

    status = ExitStatus.SOURCE
    code = "source"


class TargetError(CutoverError):
    """The PostgreSQL side said no."""

    status = ExitStatus.TARGET
    code = "target"


class Partial(CutoverError):  # noqa: N818 - see Refused
    """Stopped midway; the same command goes on from there."""

    status = ExitStatus.PARTIAL
    code = "partial"


class FlagError(CutoverError):
    """The flag store did not answer, holds something unknown, or was moved by someone else."""

    status = ExitStatus.FLAG
    code = "flag"


class TryAgain(CutoverError):  # noqa: N818 - see Refused
    """A lock was not obtained in time, or the server is not reachable yet."""

    status = ExitStatus.TRY_AGAIN
    code = "try_again"


class Stopped(CutoverError):  # noqa: N818 - see Refused
    """A signal stopped the command: SIGINT, or SIGTERM."""

    status = ExitStatus.INTERRUPTED
    code = "stopped"

    def __init__(self, *, terminated: bool) -> None:
        super().__init__("interrupted", hint="nothing is lost: run the same command again")
        self.terminated = terminated

    @property
    def status_now(self) -> ExitStatus:
        """143 after SIGTERM, 130 after Ctrl-C."""
        return ExitStatus.TERMINATED if self.terminated else self.status


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived.

    A subclass of KeyboardInterrupt because psycopg cancels the running statement cleanly only
    for that class; any other exception leaves the backend running.
    """
