"""A comparison of schemas as workflow commands of GitHub Actions: one annotation a difference.

A command is one line. What would end it, or one of its properties, is written as in a URL
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). GitHub shows
ten of a kind in each step and says nothing of the others, so no more are written as commands: the
others are plain lines of the step's log, and a warning, the last line, says so. There is no other
warning, so that one is shown.
"""

from collections.abc import Iterator, Mapping, Sequence

from cutover.differences import SchemaDiff
from cutover.locate import Location
from cutover.report.notes import Locate, Note, notes_of
from cutover.words import counted

SHOWN = 10
_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def github_text(diff: SchemaDiff, locate: Locate) -> str:
    """Return a line for each difference, breach and stale entry, a notice for a tightened one.

    Empty where there is nothing to tell.
    """
    notes = list(notes_of(diff))
    errors = [note for note in notes if note.error]
    notices = [note for note in notes if not note.error]
    lines = [_command(note, locate(note.about)) for note in errors[:SHOWN] + notices[:SHOWN]]
    lines += _others(errors[SHOWN:], notices[SHOWN:], locate)
    return "".join(f"{line}\n" for line in lines)


def _others(errors: Sequence[Note], notices: Sequence[Note], locate: Locate) -> Iterator[str]:
    """Yield a plain line for each note that GitHub would not show, and what says so."""
    for note in (*errors, *notices):
        place = locate(note.about)
        at = f"{place.path}:{place.line}: " if place else ""
        yield _escaped(f"{_kind(note)}: {at}{note.title}", _IN_MESSAGE)
    counts = {"error": len(errors), "notice": len(notices)}
    more = " and ".join(counted(count, f"more {kind}") for kind, count in counts.items() if count)
    if more:
        said = (
            f"GitHub shows {SHOWN} of a kind: {more} are listed in the log of this step; "
            "cutover diff shows all with both sides"
        )
        yield f"::warning title=cutover diff::{said}"


def _command(note: Note, place: Location | None) -> str:
    at = {"file": place.path, "line": str(place.line)} if place else {}
    properties = {**at, "title": note.title}
    told = ",".join(f"{key}={_escaped(text, _IN_PROPERTY)}" for key, text in properties.items())
    return f"::{_kind(note)} {told}::{_escaped(note.message, _IN_MESSAGE)}"


def _kind(note: Note) -> str:
    return "error" if note.error else "notice"


def _escaped(text: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
