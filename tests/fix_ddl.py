"""A source made by SQL, the sets that `init` writes for it, and the target they make, loaded."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cutover.commands import RunResult
from cutover.founding import Written, init
from cutover.plan import Bucket, ObjectPlan
from cutover.session import Session
from cutover.settings import load_settings
from cutover.targets.postgres.connect import connect
from tests.fix_move import MakeMove, Move


@dataclass(frozen=True)
class Born:
    """What `init` decided of a source, and the move with the set that it wrote."""

    written: Written
    move: Move

    @property
    def decisions(self) -> dict[str, str]:
        """What a person must decide, by `kind:name`, and why."""
        return {f"{o.kind}:{o.name}": o.note for o in self.written.scaffold.decisions}

    @property
    def remarks(self) -> dict[str, str]:
        """What a reader should know of objects that are carried, by `kind:name`."""
        return {f"{o.kind}:{o.name}": o.note for o in self.written.scaffold.remarks}

    def object(self, kind: str, name: str) -> ObjectPlan:
        """Return the one object of that name."""
        (found,) = [o for o in self.written.scaffold.objects if (o.kind, o.name) == (kind, name)]
        return found

    def bucket(self, kind: str, name: str) -> Bucket:
        """Return where an object ends."""
        return self.object(kind, name).bucket

    def type_of(self, column: str) -> str:
        """Return the type that `table.column` got."""
        return self.written.scaffold.types[column].partition(":")[0]

    def text(self, name: str) -> str:
        """Return a file that was written."""
        return (self.written.directory / name).read_text(encoding="utf-8")

    def run(self, *allow: str) -> RunResult:
        """Plan, apply and verify; what `init` left open must be just what the plan leaves open."""
        result = self.move.run(*allow)
        open_ = {f"{o.kind}:{o.name}" for o in result.plan.decisions}
        assert open_ == set(self.decisions)
        return result

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the target."""
        return self.move.fetch(query)

    def execute(self, *statements: str) -> None:
        """Run statements on the target."""
        self.move.execute(*statements)

    def refuses(self, statement: str, error: type[psycopg.Error], words: str | None = None) -> None:
        """Assert that the target refuses a statement, with some words."""
        with pytest.raises(error, match=words):
            self.execute(statement)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection to the target, in one transaction."""
        with closing(connect(self.move.url, schema="public")) as connection:
            yield connection


Bear = Callable[..., Born]


@pytest.fixture
def bear(make_move: MakeMove, tmp_path: Path) -> Bear:
    """Give a function that makes a source by SQL and has `init` write its sets beside it."""

    def make(source: str, settings: str = "") -> Born:
        move = make_move(source, settings=settings)
        given = load_settings(
            tmp_path / "cutover.toml",
            environment={},
            overrides={("target", "url"): move.url, ("source", "databases"): [str(move.source)]},
        )
        session = Session(
            settings=given,
            workdir=tmp_path / "work",
            now="2026-07-01T12:00:00Z",
            holder="a test",
        )
        return Born(init(session, tmp_path / "work"), move)

    return make
