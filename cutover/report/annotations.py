"""A comparison of schemas as workflow commands of GitHub Actions: one annotation a difference.

A command is one line. What would end it, or one of its properties, is written as in a URL
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). GitHub shows
only the first ten of a kind in each step: the errors come first.
"""

from collections.abc import Mapping

from cutover.differences import SchemaDiff
from cutover.locate import Location
from cutover.report.notes import Locate, Note, notes_of

_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def github_text(diff: SchemaDiff, locate: Locate) -> str:
    """Return a line for each difference, breach and stale entry, a notice for a tightened one.

    Empty where there is nothing to tell.
    """
    lines = [_command(note, locate(note.about)) for note in notes_of(diff)]
    return "".join(f"{line}\n" for line in lines)


def _command(note: Note, place: Location | None) -> str:
    at = {"file": place.path, "line": str(place.line)} if place else {}
    properties = {**at, "title": note.title}
    told = ",".join(f"{key}={_escaped(text, _IN_PROPERTY)}" for key, text in properties.items())
    command = "error" if note.error else "notice"
    return f"::{command} {told}::{_escaped(note.message, _IN_MESSAGE)}"


def _escaped(text: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
