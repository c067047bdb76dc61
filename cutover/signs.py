"""What doctor sees of both databases and of this machine, and what it says of that.

Gathered once, as values: a symptom decides from them alone, so each boundary is a line in a table
of a test. None stands for what could not be seen from here, which is never taken for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cutover.machine import FileSystem

TARGET = "target"
"""The subject of what is said of the target."""
MACHINE = "this machine"
"""The subject of what is said once, whatever the number of sources."""


class Level(StrEnum):
    """How bad an answer is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One answer; `remedy` is the exact next command or statement, empty where all is well."""

    subject: str
    """`target`, the label of a source, `this machine`, or `work directory`."""
    level: Level
    message: str
    remedy: str = ""
    check: str = ""
    """The symptom that says it; filled in by whoever asks."""


def ok(subject: str, message: str) -> Remark:
    """Return an answer that needs nothing."""
    return Remark(subject=subject, level=Level.OK, message=message)


def warning(subject: str, message: str, remedy: str) -> Remark:
    """Return an answer that doesn't stop a cutover, and should be known."""
    return Remark(subject=subject, level=Level.WARNING, message=message, remedy=remedy)


def problem(subject: str, message: str, remedy: str) -> Remark:
    """Return an answer that stops a cutover, or makes it unsafe."""
    return Remark(subject=subject, level=Level.PROBLEM, message=message, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something could not be opened or read: an error's triple, as a value."""

    message: str
    detail: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message}: {self.detail}" if self.detail else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Another process that has a database file open."""

    pid: int
    program: str
    may_write: bool
    """It opened the file for writing."""
    writing: bool
    """It holds the write lock at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSigns:
    """What is seen of one SQLite file."""

    label: str
    path: str
    trouble: Trouble | None = None
    """Why it can't be opened; nothing below is known then, but for holders and file system."""
    bytes: int = 0
    page_bytes: int = 0
    wal_mode: bool = False
    wal_bytes: int = 0
    journal_bytes: int = 0
    objects: int = 0
    """Tables and indexes: what one transaction on the target will have to lock."""
    damage: Trouble | None = None
    broken_rules: tuple[str, ...] = ()
    orphans: Mapping[tuple[str, str], int] | None = None
    """Rows without a parent, by table and parent table. None: SQLite could not tell."""
    file_system: FileSystem | None = None
    holders: tuple[Holder, ...] = ()
    hidden_processes: int = 0
    """Processes whose open files this user may not see."""


@dataclass(frozen=True, slots=True)
class NotOwned:
    """An application table of an owner that our role is no member of."""

    table: str
    owner: str
    superuser: bool
    """Whether the owner is one: nobody should become a member of it for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privileges:
    """What the role of the URL may do on the target."""

    role: str
    database: str
    schema: str
    schema_exists: bool
    create_in_schema: bool
    create_in_database: bool
    create_database: bool
    journal_usable: bool
    """Schema `cutover` is there already, and the role may create in it."""
    not_owned: tuple[NotOwned, ...] = ()
    no_trigger: tuple[str, ...] = ()
    """Existing application tables on which the role may not create a trigger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """How the target's database sorts text."""

    provider: str
    """`builtin`, `libc` or `icu`."""
    locale: str
    recorded: str | None = None
    """The version that the database's indexes were built with."""
    actual: str | None = None
    """The version that the server's library has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """What the pooler probe saw: two connections of ours at once."""

    shared: bool
    """Both were on one backend, one moved to another, or one saw the other's setting."""
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDisk:
    """Where the server keeps data and WAL; None where it can't be seen from here."""

    data: FileSystem | None
    wal: FileSystem | None
    database_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSigns:
    """What is seen of the target."""

    place: str
    """Password masked."""
    local: bool
    version: int
    """`server_version_num`."""
    libpq: int
    tls: str
    """The protocol of our connection; empty without TLS."""
    standby: bool
    read_only: bool
    encoding: str
    time_zone: str
    """What the role gets in this database without asking; sessions of cutover set UTC."""
    max_wal_bytes: int
    lock_slots: int
    seconds_apart: float
    """The server's clock less ours, at least: half a round trip is in its favour."""
    privileges: Privileges
    collation: Collation
    pooling: Pooling
    identity: str
    """Which database of which running server it is: the same text for the same one."""
    disk: ServerDisk
    extensions: Mapping[str, bool]
    """Those the server could install, and whether the database has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSigns:
    """What is seen through the URL that applications use, where the commands go past it."""

    place: str
    """Password masked."""
    trouble: Trouble | None = None
    """Why it can't be opened; nothing below is known then."""
    pooling: Pooling | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Everything that the symptoms decide from."""

    target: TargetSigns | None
    target_trouble: Trouble | None
    target_name: str
    """The URL without its password."""
    embedded: bool
    applications: ApplicationSigns | None
    """None where applications and commands use one URL."""
    sources: tuple[SourceSigns, ...]
    extensions_wanted: Mapping[str, str]
    """What the PostgreSQL set creates, and the file that says so."""
    workdir: str
    work: FileSystem | None
    work_writable: bool

    @property
    def source_bytes(self) -> int:
        """The size of all sources, logs included."""
        return sum(source.bytes + source.wal_bytes for source in self.sources)
