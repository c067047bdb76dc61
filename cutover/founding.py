"""Founds the sets of an application that has none: for `init`, and for `run` on any file."""

import os
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from cutover.errors import Refused
from cutover.journal import Journal
from cutover.profile import TableProfile
from cutover.scaffold import Scaffold, prove, scaffold, write
from cutover.scaffolding.files import POSTGRES_SET, SQLITE_SETS
from cutover.scaffolding.settings_file import settings_text
from cutover.scaffolding.triggers import TRIGGERS
from cutover.session import Session, target_url
from cutover.settings import CONFIG_FILE, load_settings
from cutover.source_files import SourceFile, open_sources
from cutover.survey import is_carried, profile
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.scratch import scratch_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What `init` wrote: the new files, and everything that was decided on the way."""

    directory: Path
    files: tuple[Path, ...]
    scaffold: Scaffold


def init(session: Session, directory: Path) -> Written:
    """Write settings and migration sets for an application that has none, each statement proved.

    What the server refuses in a scratch database is left out, and listed as a decision.
    """
    with target_url(session) as url, open_sources(session.settings.databases) as sources:
        return _init(session, url, sources, directory)


def _init(session: Session, url: str, sources: list[SourceFile], directory: Path) -> Written:
    settings = session.settings
    catalogs = {source.label: source.catalog for source in sources}
    profiles = {source.label: _profiles(session, source) for source in sources}
    paths = {s.label: os.path.relpath(s.path, directory) for s in sources}
    rejected: dict[str, str] = {}
    with scratch_database(url) as scratch, closing(connect(scratch)) as connection:
        while True:
            draft = scaffold(catalogs, profiles, settings, databases=paths, rejected=rejected)
            refused = prove(connection, draft)
            if not refused:
                break
            rejected |= refused
    return Written(directory=directory, files=write(draft, directory), scaffold=draft)


def _profiles(session: Session, source: SourceFile) -> dict[str, TableProfile]:
    settings = session.settings.for_source(source.label)
    return {
        table.name: profile(settings, source, table, None, emit=session.emit)
        for table in source.catalog.tables
        if is_carried(settings, table)
    }


def founded(session: Session, url: str) -> Session:
    """Return a session whose settings have a PostgreSQL set, written under the work directory.

    What is set beside it is written there too, so that later commands need no other settings file;
    and the sets are written anew, as long as none has been applied.
    """
    settings, home = session.settings, session.workdir.absolute()
    if settings.sets.postgres is not None:
        return session
    if not (home / CONFIG_FILE).exists():
        init(session, home)
    written = load_settings(home / CONFIG_FILE, environment={})
    if [path.resolve() for path in written.databases] != [p.resolve() for p in settings.databases]:
        raise Refused(
            f'"{home}" belongs to another source',
            detail=", ".join(map(str, written.databases)),
            hint="give this one a folder of its own: --workdir DIR",
        )
    merged = settings.over(written)
    if merged.rules != written.rules:
        _found_again(replace(session, settings=merged), url, home)
    return replace(session, settings=merged)


def _found_again(session: Session, url: str, home: Path) -> None:
    settings = session.settings
    with closing(connect(url, schema=settings.target.schema_, autocommit=True)) as connection:
        begun = Journal(connection).latest_run() is not None
    (home / CONFIG_FILE).unlink()
    if begun:
        sets = settings.sets.model_dump(exclude_none=True)
        text = settings_text(settings, settings.source.databases, sets, {})
        (home / CONFIG_FILE).write_text(text, encoding="utf-8")
        return
    for folder in (SQLITE_SETS, POSTGRES_SET, TRIGGERS):
        shutil.rmtree(home / folder, ignore_errors=True)
    init(session, home)
