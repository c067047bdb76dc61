"""The source files that the settings name: each opened in one read transaction, and inspected."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cutover.catalog import Catalog
from cutover.errors import Refused, UsageError
from cutover.plan import Plan
from cutover.sources.sqlite.collations import stand_in
from cutover.sources.sqlite.connect import open_source, source_errors
from cutover.sources.sqlite.image import image_of
from cutover.sources.sqlite.inspect import inspect


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One SQLite file, opened for reading in a transaction of its own."""

    label: str
    path: Path
    image: str
    """Taken before the transaction began: a write in between can only make a guard refuse."""
    connection: sqlite3.Connection
    catalog: Catalog


@contextmanager
def open_sources(paths: tuple[Path, ...], plan: Plan | None = None) -> Iterator[list[SourceFile]]:
    """Open the source files, each in one read transaction, and inspect them.

    A plan says whether their text must be read byte by byte. UsageError where no file is named,
    Refused where they are not the files of the plan, SourceError where one can't be read.
    """
    if plan is not None:
        assert_planned(labels(paths), plan)
    exact_text = plan is None or all(table.exact_text for table in plan.tables)
    with ExitStack() as stack:
        yield [
            _open(stack, path, label, exact_text=exact_text)
            for path, label in zip(named(paths), labels(paths), strict=True)
        ]


def named(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the source files. UsageError where the settings name none."""
    if paths:
        return paths
    raise UsageError(
        "no source database is named",
        hint='name it in cutover.toml: [source] databases = ["app.db"]; after a run, its settings '
        "are in the work directory: --config cutover-work/cutover.toml",
    )


def assert_planned(found: list[str], plan: Plan) -> None:
    """Refuse when the files of the settings are not those of a plan."""
    planned = [state.label for state in plan.sources]
    if sorted(found) != sorted(planned):
        raise Refused(
            "the source files are not those that the plan was made for",
            detail=f"the settings name {', '.join(found)}; the plan {', '.join(planned)}",
            hint="name the same files, or make a new plan: cutover plan",
        )


def labels(paths: tuple[Path, ...]) -> list[str]:
    """Return what to call each file: its name, or its path where two files share a name."""
    names = [path.name for path in paths]
    return [str(path) if names.count(path.name) > 1 else path.name for path in paths]


def _open(stack: ExitStack, path: Path, label: str, *, exact_text: bool) -> SourceFile:
    image = image_of(path)
    connection = stack.enter_context(closing(open_source(path, exact_text=exact_text)))
    with source_errors(str(path)):
        connection.execute("BEGIN")
        catalog = inspect(connection, label)
        stand_in(connection, catalog)
    return SourceFile(label=label, path=path, image=image, connection=connection, catalog=catalog)
