"""Looks both databases over before the night, and asks every symptom about what it saw.

What can't be opened is an answer too, and never keeps the other questions from being asked. Both
databases stay as they are.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cutover.errors import CutoverError
from cutover.events import StepFinished, StepStarted
from cutover.machine import file_system
from cutover.registry import symptoms
from cutover.session import EMBEDDED, Session, target_url
from cutover.settings import Settings, redacted
from cutover.signs import (
    MACHINE,
    TARGET,
    ApplicationSigns,
    Level,
    Remark,
    Signs,
    SourceSigns,
    TargetSigns,
    Trouble,
)
from cutover.source_files import labels
from cutover.sources.sqlite.signs import signs_of as source_signs
from cutover.sources.sqlite.signs import trouble_of
from cutover.targets.postgres.signs import application_signs_of
from cutover.targets.postgres.signs import signs_of as target_signs
from cutover.targets.postgres.urls import parse_url

_CREATE_EXTENSION = re.compile(
    r"CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\\?[\"']?([\w-]+)", re.IGNORECASE
)

FIRST = frozenset({"connection", "source_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What doctor says, in the order of what it is about: the target, the sources, our own disk."""

    target: str
    """Password masked."""
    sources: tuple[tuple[str, str], ...]
    """The label and the path of each."""
    remarks: tuple[Remark, ...]

    def count(self, level: Level) -> int:
        """Return how many answers are that bad."""
        return sum(remark.level is level for remark in self.remarks)


def doctor(session: Session, *, clock: Callable[[], float]) -> Diagnosis:
    """Ask every symptom; `clock` gives seconds since 1970. UsageError for a URL that is none."""
    signs = look(session, clock=clock)
    remarks = [
        replace(remark, check=name)
        for name, symptom in symptoms.all().items()
        for remark in symptom.look(signs)
    ]
    remarks.sort(key=_order(signs))
    return Diagnosis(
        target=signs.target_name,
        sources=tuple((source.label, source.path) for source in signs.sources),
        remarks=tuple(remarks),
    )


def _order(signs: Signs) -> Callable[[Remark], tuple[int, bool]]:
    """Return what sorts: the target, the sources, ourselves; the question of being there first."""
    places = [TARGET, *(source.label for source in signs.sources), MACHINE]
    return lambda remark: (
        places.index(remark.subject) if remark.subject in places else len(places),
        remark.check not in FIRST,
    )


def look(session: Session, *, clock: Callable[[], float]) -> Signs:
    """Return everything that the symptoms decide from."""
    settings = session.settings
    url = settings.target_url or EMBEDDED
    embedded = url.startswith(EMBEDDED)
    if not embedded:
        parse_url(url)  # a wrong URL is a wrong setting, not a finding
    paths = settings.databases
    sources = tuple(
        _source(session, path, label) for path, label in zip(paths, labels(paths), strict=True)
    )
    target, trouble = _target(session, clock)
    return Signs(
        target=target,
        target_trouble=trouble,
        target_name=f"{url}{session.workdir}/postgres" if url == EMBEDDED else redacted(url),
        embedded=embedded,
        applications=_applications(settings),
        sources=sources,
        extensions_wanted=dict(extensions_wanted(settings)),
        workdir=str(session.workdir),
        work=file_system(session.workdir.absolute()),
        work_writable=_writable(session.workdir.absolute()),
    )


def _source(session: Session, path: Path, label: str) -> SourceSigns:
    step = f"look {label}"
    session.emit(StepStarted(step=step, title=f"read {label} for damage"))
    settings = session.settings.for_source(label)
    found = source_signs(path, label, carried=lambda table: settings.excludes(table) is None)
    session.emit(StepFinished(step=step, title=f"read {label} for damage"))
    return found


def _target(
    session: Session, clock: Callable[[], float]
) -> tuple[TargetSigns | None, Trouble | None]:
    try:
        with target_url(session) as url:
            return target_signs(url, session.settings.target.schema_, clock=clock), None
    except CutoverError as error:
        return None, trouble_of(error)
    except OSError as error:  # the embedded server's place can't be made
        return None, Trouble(message=f'"{error.filename}"', detail=error.strerror or "")


def _applications(settings: Settings) -> ApplicationSigns | None:
    """Look through the URL that no command uses because `direct_url` is set, if there is one."""
    url = settings.application_url
    if url is None or settings.target.direct_url is None or url.startswith(EMBEDDED):
        return None
    parse_url(url)
    try:
        return application_signs_of(url)
    except CutoverError as error:
        return ApplicationSigns(place=redacted(url), trouble=trouble_of(error))


def extensions_wanted(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each extension that the PostgreSQL set creates, with the file that says so."""
    named = (settings.sets.postgres, settings.sets.triggers)
    for folder in (settings.path(name) for name in named if name):
        for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.sql"))):
            text = path.read_text(encoding="utf-8", errors="replace")
            for found in _CREATE_EXTENSION.finditer(text):
                yield found[1], path.name


def _writable(path: Path) -> bool:
    place = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(place, os.W_OK | os.X_OK)
