"""A case is a text file: what there is, what is typed, what must be answered, what must arrive.

    A sentence or two on what the case is about.

    -- source app.db --
    SQL that makes, or goes on with, a SQLite file

    -- config --
    the text of ./cutover.toml

    $ cutover run app.db
    exit 0
    out a fragment of standard output
    err a fragment of standard error
    not a fragment of neither

    -- target --
    a query; then, after a line of dashes, its rows as psql -A would show them
    ----
    1|t|2026-01-01 00:00:00+00

Blocks happen in the order in which they are written. White space in fragments and in output counts
as one space, so that a case says what is said and not how it is set.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEAD = re.compile(r"^-- (source|config|target)(?: (\S+))? --$|^\$ cutover (.+)$")
_RULE = "----"


@dataclass(frozen=True, slots=True)
class Source:
    """SQL for a SQLite file."""

    name: str
    script: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings from here on."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, its exit status, and fragments of what it says."""

    words: str
    status: int
    out: tuple[str, ...]
    err: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the target, and its rows in any order."""

    text: str
    rows: tuple[str, ...]


Block = Source | Config | Command | Query


def read_case(path: Path) -> tuple[Block, ...]:
    """Return the blocks of a case. ValueError where it isn't written as it should be."""
    heads: list[Any] = []
    bodies: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if head := _HEAD.match(line):
            heads.append(head)
            bodies.append([])
        elif bodies:
            bodies[-1].append(line)
    return tuple(_block(*pair) for pair in zip(heads, bodies, strict=True))


def _block(head: Any, body: list[str]) -> Block:
    kind, name, words = head.groups()
    text = "\n".join(body).strip()
    if kind == "source":
        return Source(name or "app.db", text)
    if kind == "config":
        return Config(text)
    return _command(words, body) if words else _query(text)


def _command(words: str, body: list[str]) -> Command:
    said: dict[str, list[str]] = {"exit": [], "out": [], "err": [], "not": []}
    for line in filter(None, map(str.strip, body)):
        kind, _, fragment = line.partition(" ")
        if kind not in said:
            raise ValueError(f"{line!r} says nothing that can be checked")
        said[kind].append(fragment)
    (status,) = said["exit"]
    return Command(words, int(status), *(tuple(said[kind]) for kind in ("out", "err", "not")))


def _query(text: str) -> Query:
    query, rule, rows = text.partition(f"\n{_RULE}")
    if not rule:
        raise ValueError(f"{query!r} has no rows to be compared with")
    return Query(query, tuple(rows.strip("\n").splitlines()))
