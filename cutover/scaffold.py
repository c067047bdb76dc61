"""Writes the two Alembic sets, the triggers and the settings for an application that has none.

Pure but for `prove` and `write`: the same catalogs, profiles and settings give the same files, to
the byte. Nothing is taken on trust: `prove` runs every statement on an empty scratch database, and
what the server refuses goes back into `scaffold` as `rejected`, to be left out of the files and
listed for a person.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from cutover.catalog import Catalog
from cutover.errors import Refused, TargetError, UsageError
from cutover.plan import Bucket, ObjectPlan
from cutover.scaffolding.files import (
    POSTGRES_SET,
    postgres_files,
    sqlite_files,
    sqlite_folders,
)
from cutover.scaffolding.objects import Judge
from cutover.scaffolding.schema import Profiles, draft_schema
from cutover.scaffolding.settings_file import assumptions, settings_text
from cutover.scaffolding.statements import Statement, proposals_of, statements_of
from cutover.scaffolding.triggers import TRIGGERS
from cutover.settings import CONFIG_FILE, ColumnSettings, Settings

__all__ = ["Scaffold", "Statement", "prove", "scaffold", "write"]

_ELSEWHERE = "name another folder: init --directory DIR, or run --workdir DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """Everything `init` writes. `files` is by path relative to the folder they go to.

    `columns` are the settings that were assumed, by `table.column`; `types` says why each column
    got its type.
    """

    files: Mapping[str, str]
    objects: tuple[ObjectPlan, ...]
    statements: tuple[Statement, ...]
    columns: Mapping[str, ColumnSettings]
    types: Mapping[str, str]
    proposals: tuple[Statement, ...] = ()
    """What is written for a person to finish: proved like the rest, installed by no revision."""

    @property
    def remarks(self) -> tuple[ObjectPlan, ...]:
        """The objects that are carried, and of which a reader should know something."""
        return tuple(o for o in self.objects if o.bucket is Bucket.CARRIED and o.note)

    @property
    def decisions(self) -> tuple[ObjectPlan, ...]:
        """The objects that a person must decide on."""
        return tuple(o for o in self.objects if o.bucket is Bucket.DECISION)


def scaffold(
    sources: Mapping[str, Catalog],
    profiles: Profiles,
    settings: Settings,
    *,
    databases: Mapping[str, str] | None = None,
    rejected: Mapping[str, str] | None = None,
) -> Scaffold:
    """Draft the target of all sources, and write it down as files.

    `profiles` is by label and table; `databases` are the paths to be written for each label (the
    labels, if left out); `rejected` is the answer of `prove` to an earlier scaffold of the same.
    """
    drafted = draft_schema(sources, profiles, Judge(settings, rejected or {}))
    assumed = assumptions(drafted.places, drafted.choices, settings)
    paths = [(databases or {}).get(label, label) for label in sources]
    files = postgres_files(drafted.schema, tuple(sources)) | sqlite_files(sources)
    folders = list(sqlite_folders(tuple(sources)).values())
    sets = {"sqlite": folders, "postgres": POSTGRES_SET, "triggers": TRIGGERS}
    files[CONFIG_FILE] = settings_text(settings, paths, sets, assumed)
    return Scaffold(
        files=dict(sorted(files.items())),
        objects=drafted.objects,
        statements=tuple(statements_of(drafted.schema)),
        proposals=tuple(proposals_of(drafted.schema)),
        columns={key: value for key, (value, _) in assumed.items()},
        types={
            f"{table}.{name}": f"{choice.type}: {choice.reason}"
            for (_, table), chosen in drafted.choices.items()
            for name, choice in chosen.items()
        },
    )


def prove(connection: psycopg.Connection[Any], scaffold: Scaffold) -> dict[str, str]:
    """Run every statement on an empty database, in one transaction that is rolled back.

    Returns what the server refused, by object (`index:name`), and what it said. A refused bare
    table is our own mistake, and raises TargetError. A view that another one needs may stand
    behind it, so refused statements are tried again while that helps.
    """
    with connection.transaction(force_rollback=True):
        return _refused(connection, (*scaffold.statements, *scaffold.proposals))


def _refused(
    connection: psycopg.Connection[Any], statements: Sequence[Statement]
) -> dict[str, str]:
    said = [(s, _refusal(connection, s)) for s in statements]
    refused = {statement.object: text for statement, text in said if text is not None}
    again = [statement for statement, text in said if text is not None]
    if not again or len(again) == len(statements):
        return refused
    return _refused(connection, again)


def _refusal(connection: psycopg.Connection[Any], statement: Statement) -> str | None:
    try:
        with connection.transaction():
            connection.execute(statement.sql.encode())
    except psycopg.Error as error:
        said = (error.diag.message_primary or str(error)).strip()
        if statement.object.startswith("table:"):
            hint = "report it, with the statement"
            message = f"the server refuses {statement.object}: {said}"
            raise TargetError(message, detail=statement.sql, hint=hint) from error
        return said
    return None


def write(scaffold: Scaffold, directory: Path) -> tuple[Path, ...]:
    """Write the files that are not there yet; return those.

    Each comes by a rename, the settings last: where `cutover.toml` is, the scaffold is whole.
    Refused where a file is there and differs, UsageError where one can't be read or written.
    """
    names = sorted(scaffold.files, key=lambda name: (name == CONFIG_FILE, name))
    found = {name: _read(directory / name) for name in names}
    _assert_alike(scaffold, directory, found)
    _make_folder(directory)
    missing = [name for name in names if found[name] is None]
    return tuple(_write(directory / name, scaffold.files[name]) for name in missing)


def _assert_alike(scaffold: Scaffold, directory: Path, found: Mapping[str, bytes | None]) -> None:
    files = scaffold.files
    differing = [n for n, data in found.items() if data not in (None, files[n].encode())]
    if differing:
        raise Refused(
            f'"{directory / differing[0]}" is there already, and differs',
            detail=f"{len(differing)} of {len(files)} files would be overwritten",
            hint=f"move them away, or {_ELSEWHERE}",
        )


def _read(path: Path) -> bytes | None:
    with _disk_errors(path, "read"):
        return path.read_bytes() if path.exists() else None


def _make_folder(path: Path) -> None:
    with _disk_errors(path):
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        path.mkdir(parents=True, exist_ok=True)


def _write(path: Path, text: str) -> Path:
    # Neither Alembic nor a trigger's revision reads a file of this name, should it be left over.
    temporary = path.with_name(f".{path.name}.new")
    _make_folder(path.parent)
    with _disk_errors(path):
        try:
            _write_durably(temporary, text.encode())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return path


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _disk_errors(path: Path, verb: str = "write") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        detail = error.strerror or str(error)
        raise UsageError(f'cannot {verb} "{path}"', detail=detail, hint=_ELSEWHERE) from error
