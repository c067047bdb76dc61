"""What every command is called with, and where its target is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cutover.embedded import serve
from cutover.events import Emit, ignore
from cutover.settings import Settings

EMBEDDED = "embedded:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every command is called with. `now` is ISO 8601 in UTC."""

    settings: Settings
    workdir: Path
    now: str
    holder: str
    emit: Emit = field(default=ignore)


@contextmanager
def target_url(session: Session) -> Iterator[str]:
    """Yield the target's URL; an embedded server runs for as long as the block does."""
    url = session.settings.target_url or EMBEDDED
    if not url.startswith(EMBEDDED):
        yield url
        return
    named = url.removeprefix(EMBEDDED)
    directory = session.settings.path(named) if named else session.workdir / "postgres"
    directory.parent.mkdir(parents=True, exist_ok=True)
    with serve(directory) as served:
        yield served
