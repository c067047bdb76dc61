"""Each symptom decides from facts alone: its answers on both sides of every boundary."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cutover.machine import FileSystem
from cutover.registry import symptoms
from cutover.signs import (
    ApplicationSigns,
    Collation,
    Holder,
    NotOwned,
    Pooling,
    Privileges,
    ServerDisk,
    Signs,
    SourceSigns,
    TargetSigns,
    Trouble,
)

GB = 2**30
HERE = FileSystem("ext4", "/", 100 * GB)
PRIVILEGES = Privileges(
    role="app",
    database="shop",
    schema="public",
    schema_exists=True,
    create_in_schema=True,
    create_in_database=True,
    create_database=True,
    journal_usable=False,
)
TARGET = TargetSigns(
    place="postgresql://app@db/shop",
    local=False,
    version=180004,
    libpq=180006,
    tls="TLSv1.3",
    standby=False,
    read_only=False,
    encoding="UTF8",
    time_zone="UTC",
    max_wal_bytes=GB,
    lock_slots=6400,
    seconds_apart=0.0,
    privileges=PRIVILEGES,
    collation=Collation(provider="builtin", locale="C.UTF-8"),
    pooling=Pooling(shared=False, host="db"),
    identity="5 since 1",
    disk=ServerDisk(data=HERE, wal=HERE, database_bytes=0),
    extensions={"citext": False, "plpgsql": True},
)
SOURCE = SourceSigns(
    label="app.db",
    path="data/app.db",
    bytes=GB // 2,
    page_bytes=4096,
    objects=100,
    orphans={},
    file_system=HERE,
)
SIGNS = Signs(
    target=TARGET,
    target_trouble=None,
    target_name="postgresql://app@db/shop",
    embedded=False,
    applications=None,
    sources=(SOURCE,),
    extensions_wanted={},
    workdir="cutover-work",
    work=HERE,
    work_writable=True,
)
DAMAGED = Trouble(message='"app.db" is corrupt', detail="page 7", hint="restore a backup")
WRITER = Holder(pid=42, program="python3", may_write=True, writing=False)


@dataclass(frozen=True)
class Case:
    """A change of healthy facts, and the answers that one symptom then gives."""

    symptom: str
    answers: tuple[str, ...]
    """Each `level: a piece of the message -> a piece of the remedy`."""
    target: Mapping[str, Any] = field(default_factory=dict)
    privileges: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    signs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> Signs:
        """The facts with the change made."""
        privileges = replace(PRIVILEGES, **self.privileges)
        return replace(
            SIGNS,
            target=replace(TARGET, privileges=privileges, **self.target),
            sources=(replace(SOURCE, **self.source),),
        )

    def look(self) -> list[Any]:
        """Return what the symptom says."""
        return list(symptoms.get(self.symptom).look(replace(self.facts, **self.signs)))


def disk(free: int, *, log: int | None = None) -> dict[str, Any]:
    wal = FileSystem("ext4", "/" if log is None else "/wal", free if log is None else log)
    data = FileSystem("ext4", "/", free)
    return {"disk": ServerDisk(data=data, wal=wal, database_bytes=0)}


def sorts(**facts: Any) -> dict[str, Any]:
    return {"collation": Collation(**facts)}


def on(type_: str) -> dict[str, Any]:
    return {"file_system": FileSystem(type_, "/mnt", GB)}


def through(**facts: Any) -> dict[str, Any]:
    return {"applications": ApplicationSigns(place="postgresql://app@pool/shop", **facts)}


ALONE, SHARED = Pooling(shared=False), Pooling(shared=True)
NO_DISK = {"disk": ServerDisk(data=None, wal=None, database_bytes=0)}
UNREACHED = Trouble(message='the target "db" is not reachable', detail="refused", hint="start it")
MISSING = Trouble(message='"data/app.db" does not exist', hint="check the path")

CASES = (
    Case("connection", ('ok: reached as "app" ->',)),
    Case("connection", ("problem: standby -> primary",), target={"standby": True}),
    Case(
        "connection",
        ("problem: begin read-only -> SET default_transaction_read_only = off",),
        target={"read_only": True},
    ),
    Case(
        "connection",
        ('problem: "db" is not reachable: refused -> start it',),
        signs={"target": None, "target_trouble": UNREACHED},
    ),
    Case("versions", ("ok: PostgreSQL 18.4, libpq 18.6 ->",)),
    Case("versions", ("ok: PostgreSQL 14.0 ->",), target={"version": 140000}),
    Case("versions", ("problem: older than 14 -> upgrade",), target={"version": 139999}),
    Case("versions", ("warning: newer than 18 -> rehearse",), target={"version": 190000}),
    Case("tls", ("ok: TLSv1.3 ->",)),
    Case("tls", ("ok: on this machine ->",), target={"tls": "", "local": True}),
    Case("tls", ("problem: in the clear -> sslmode=verify-full",), target={"tls": ""}),
    Case("privileges", ("ok: CREATEDB ->",)),
    Case(
        "privileges",
        ('problem: "public" is not there -> CREATE SCHEMA "public" AUTHORIZATION "app"',),
        privileges={"schema_exists": False, "create_in_schema": False},
    ),
    Case(
        "privileges",
        ("problem: create tables -> GRANT CREATE, USAGE ON SCHEMA",),
        privileges={"create_in_schema": False},
    ),
    Case(
        "privileges",
        ('problem: journal -> GRANT CREATE ON DATABASE "shop" TO "app"',),
        privileges={"create_in_database": False},
    ),
    Case(
        "privileges",
        ("ok: CREATEDB ->",),
        privileges={"create_in_database": False, "journal_usable": True},
    ),
    Case(
        "privileges",
        ('problem: scratch database -> ALTER ROLE "app" CREATEDB',),
        privileges={"create_database": False},
    ),
    Case(
        "privileges",
        ('problem: owner of table "a" and of 1 more -> GRANT "x""y", "z" TO "app"',),
        privileges={
            "not_owned": (
                NotOwned("a", 'x"y', superuser=False),
                NotOwned("b", "z", superuser=False),
            ),
            "no_trigger": ("a",),
        },
    ),
    Case(
        "privileges",
        (
            'problem: owner of table "a" and of 2 more -> GRANT "x" TO "app"; '
            'ALTER TABLE "public"."b""c" OWNER TO "app"; ALTER TABLE "public"."d" OWNER TO "app"',
        ),
        privileges={
            "not_owned": (
                NotOwned("a", "x", superuser=False),
                NotOwned('b"c', "postgres", superuser=True),
                NotOwned("d", "postgres", superuser=True),
            )
        },
    ),
    Case(
        "privileges",
        ('problem: triggers on table "a" -> GRANT TRIGGER ON ALL TABLES IN SCHEMA "public"',),
        privileges={"no_trigger": ("a",)},
    ),
    Case("pooler", ("ok: none in transaction mode ->",)),
    Case(
        "pooler",
        ("problem: share backends -> direct_url",),
        target={"pooling": Pooling(shared=True, host="db")},
    ),
    Case(
        "pooler",
        ("warning: named like a pooler -> direct_url",),
        target={"pooling": Pooling(shared=False, host="ep-x-pooler.example")},
    ),
    Case("application_url", ()),
    Case(
        "application_url",
        ("ok: get the same database: postgresql://app@pool/shop ->",),
        signs=through(pooling=ALONE, identity="5 since 1"),
    ),
    Case(
        "application_url",
        ("ok: a pooler in transaction mode, the commands past it: postgresql://app@pool/shop ->",),
        signs=through(pooling=SHARED, identity="5 since 1"),
    ),
    Case(
        "application_url",
        ("problem: another database: postgresql://app@pool/shop -> url and by direct_url",),
        signs=through(pooling=ALONE, identity="5 since 2"),
    ),
    Case(
        "application_url",
        ("ok: get the same database ->",),
        signs={**through(pooling=ALONE, identity="5 since 1"), "target": None},
    ),
    Case(
        "application_url",
        ('problem: postgresql://app@pool/shop: the target "db" is not reachable -> start it',),
        signs=through(trouble=UNREACHED),
    ),
    Case("encoding", ("ok: UTF8 ->",)),
    Case("encoding", ("problem: LATIN1 -> ENCODING 'UTF8'",), target={"encoding": "LATIN1"}),
    Case("collation", ("ok: by its bytes ->",)),
    Case("collation", ("ok: C (libc) ->",), target=sorts(provider="libc", locale="C")),
    Case(
        "collation",
        ('warning: like a dictionary -> COLLATE "C"',),
        target=sorts(provider="libc", locale="en_US.UTF-8", recorded="2.36", actual="2.36"),
    ),
    Case(
        "collation",
        ("warning: C.UTF-8 (icu) -> COLLATE",),
        target=sorts(provider="icu", locale="C.UTF-8"),
    ),
    Case(
        "collation",
        ('problem: 2.31 -> ALTER DATABASE "shop" REFRESH COLLATION VERSION',),
        target=sorts(provider="libc", locale="en_US.UTF-8", recorded="2.31", actual="2.36"),
    ),
    Case("time_zone", ("ok: UTC ->",)),
    Case("time_zone", ("ok: Etc/UTC ->",), target={"time_zone": "Etc/UTC"}),
    Case(
        "time_zone",
        ("warning: Europe/Berlin -> SET TimeZone = 'UTC'",),
        target={"time_zone": "Europe/Berlin"},
    ),
    # Half a GB of sources: 1.5 GB of data, and 1 GB of log where both lie together.
    Case("disk", ("ok: about 2.5 GB needed ->",), target=disk(5 * GB // 2)),
    Case("disk", ("problem: data and log -> free 1 bytes",), target=disk(5 * GB // 2 - 1)),
    Case("disk", ("ok: data: ->", "ok: log: ->"), target=disk(3 * GB // 2, log=GB)),
    Case(
        "disk",
        ("ok: data: ->", "problem: log: -> on /wal"),
        target=disk(3 * GB // 2, log=GB - 1),
    ),
    Case("disk", ("warning: 1.5 GB of data and 1 GB of log -> its provider",), target=NO_DISK),
    Case("disk", ("warning: from here -> df -h",), target={**NO_DISK, "local": True}),
    Case("wal_size", ("ok: about 1 GB ->",)),
    Case(
        "wal_size",
        ("warning: checkpoints -> ALTER SYSTEM SET max_wal_size = '2GB'",),
        source={"bytes": GB // 2 + 1},
    ),
    Case("wal_size", ("warning: 2 GB -> '2GB'",), source={"wal_bytes": GB // 2}),
    Case("wal_size", ("warning: checkpoints -> '64GB'",), source={"bytes": 1000 * GB}),
    Case("clock", ("ok: 2.0 s apart ->",), target={"seconds_apart": -2.0}),
    Case("clock", ("warning: 2.1 s behind ours -> NTP",), target={"seconds_apart": -2.1}),
    Case("clock", ("warning: 90.0 s ahead of ours -> NTP",), target={"seconds_apart": 90.0}),
    Case("extensions", ("ok: creates none ->",)),
    Case(
        "extensions",
        (
            "ok: citext can be installed ->",
            "ok: plpgsql installed ->",
            'problem: "postgis" of 0002.py -> install',
        ),
        signs={"extensions_wanted": dict.fromkeys(("citext", "plpgsql", "postgis"), "0002.py")},
    ),
    Case("locks", ("ok: room for 600, about 300 ->",), target={"lock_slots": 600}),
    Case("locks", ("warning: other sessions -> max_locks",), target={"lock_slots": 599}),
    Case("locks", ("warning: about 300 -> max_locks",), target={"lock_slots": 300}),
    Case("locks", ("problem: about 300 -> restart",), target={"lock_slots": 299}),
    Case("source_file", ("ok: 512 MB, pages of 4 kB ->",)),
    Case(
        "source_file", ("problem: does not exist -> check the path",), source={"trouble": MISSING}
    ),
    Case("source_file", ("problem: no source -> [source] databases",), signs={"sources": ()}),
    Case("journal_mode", ("ok: rollback journal ->",)),
    Case("journal_mode", ("ok: log, empty ->",), source={"wal_mode": True}),
    Case("journal_mode", ("ok: 4 kB in it ->",), source={"wal_mode": True, "wal_bytes": 4096}),
    Case(
        "journal_mode",
        ("warning: journal of 512 bytes -> stop the writers",),
        source={"journal_bytes": 512},
    ),
    Case("journal_mode", (), source={"bytes": 0, "trouble": MISSING}),
    Case("file_system", ("ok: ext4, mounted on / ->",)),
    Case("file_system", ("warning: nfs4, a network -> .backup",), source=on("nfs4")),
    Case("file_system", ("warning: fuse.sshfs, a network -> stop",), source=on("fuse.sshfs")),
    Case("file_system", ("ok: fuse.ext4 ->",), source=on("fuse.ext4")),
    Case(
        "file_system",
        ("problem: cifs, a network file system, mounted on /mnt -> .backup",),
        source={**on("cifs"), "wal_mode": True},
    ),
    Case("file_system", ("warning: doesn't tell -> df",), source=on("")),
    Case("file_system", (), source={"file_system": None}),
    Case("integrity", ("ok: none is damaged ->",)),
    Case(
        "integrity",
        ("problem: is corrupt: page 7 -> restore a backup",),
        source={"damage": DAMAGED},
    ),
    Case(
        "integrity",
        ("problem: 2 broken rules: NULL value in t.a -> PRAGMA quick_check",),
        source={"broken_rules": ("NULL value in t.a", "NULL value in t.b")},
    ),
    Case("integrity", (), source={"trouble": MISSING}),
    Case("orphans", ("ok: leads to a row ->",)),
    Case(
        "orphans",
        ('warning: 1 row of "a" -> "a"', 'warning: 3 rows of "b" without a parent in "p" -> "b"'),
        source={"orphans": {("b", "p"): 3, ("a", "p"): 1}},
    ),
    Case(
        "orphans", ("warning: no key of its parent -> foreign_key_check",), source={"orphans": None}
    ),
    Case("orphans", (), source={"orphans": None, "damage": DAMAGED}),
    Case("writers", ("ok: nobody else ->",)),
    Case(
        "writers",
        ("warning: python3 (pid 42) has it open for writing -> ps -fp 42",),
        source={"holders": (WRITER,)},
    ),
    Case(
        "writers",
        ("warning: writing at this moment -> stop it",),
        source={"holders": (replace(WRITER, writing=True),)},
    ),
    Case(
        "writers",
        ("ok: (pid 42) has it open for reading ->",),
        source={"holders": (replace(WRITER, may_write=False),)},
    ),
    Case(
        "writers",
        (
            "ok: nobody else on this machine that we can see ->",
            "warning: hidden by 3 of the processes -> fuser -v data/app.db",
        ),
        source={"hidden_processes": 3},
    ),
    Case(
        "writers",
        (
            "ok: nobody else ->",
            "ok: nobody else ->",
            "warning: hidden by 4 of the processes -> fuser -v data/app.db 'data/my memory.db'",
        ),
        signs={
            "sources": (
                replace(SOURCE, hidden_processes=3),
                replace(SOURCE, label="b", path="data/my memory.db", hidden_processes=4),
            )
        },
    ),
    Case("work_directory", ("ok: 100 GB free on / ->",)),
    Case("work_directory", ("problem: written -> --workdir",), signs={"work_writable": False}),
    Case("work_directory", ("warning: can't be seen -> df",), signs={"work": None}),
    Case(
        "work_directory",
        ("ok: 64 MB free ->",),
        signs={"work": FileSystem("ext4", "/", 64 * 2**20)},
    ),
    Case(
        "work_directory",
        ("problem: 1.5 GB needed -> --workdir",),
        signs={"work": FileSystem("ext4", "/", 3 * GB // 2 - 1), "embedded": True},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.symptom}-{case.answers}")
def test_a_symptom_answers(case: Case) -> None:
    found = case.look()
    assert len(found) == len(case.answers)
    for remark, answer in zip(found, case.answers, strict=True):
        level, _, rest = answer.partition(": ")
        message, _, remedy = rest.partition("->")
        assert remark.level == level, remark
        assert message.strip() in remark.message
        assert remedy.strip() in remark.remedy


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.symptom}-{case.answers}")
def test_there_is_a_remedy_wherever_one_is_needed(case: Case) -> None:
    for remark in case.look():
        assert (remark.remedy == "") == (remark.level == "ok"), remark


def test_every_symptom_is_in_the_table_with_more_than_one_answer() -> None:
    answers: dict[str, set[str]] = {name: set() for name in symptoms.all()}
    for case in CASES:
        answers[case.symptom] |= {answer.partition(":")[0] for answer in case.answers}
    assert {name for name, levels in answers.items() if len(levels) < 2} == set()


ABOUT_SOURCES = {"source_file", "journal_mode", "file_system", "integrity", "orphans", "writers"}


def test_without_a_target_only_its_connection_speaks_of_it() -> None:
    without = replace(SIGNS, target=None, target_trouble=UNREACHED)
    speaking = {name for name, symptom in symptoms.all().items() if [*symptom.look(without)]}
    assert speaking == {"connection", "work_directory", *ABOUT_SOURCES}
