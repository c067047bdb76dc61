"""Every case answers and arrives as it says; and what was moved stays moved, and proved.

After a command that ended well the runner adds what must hold for every case: verify is clean,
planning again is empty, applying again changes nothing, and the source is what it was to the byte.
"""

import hashlib
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutover.cli import main
from cutover.targets.postgres.connect import connect
from tests.acceptance.case_file import Block, Command, Config, Query, Source, read_case

CASES = Path(__file__).parent / "cases"
MOVING = ("run", "apply")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case is played."""

    directory: Path
    url: str
    capture: pytest.CaptureFixture[str]

    def play(self, block: Block) -> None:
        """Do what a block says, or see that it is so."""
        match block:
            case Source():
                self.write_source(block)
            case Config():
                (self.directory / "cutover.toml").write_text(block.text, encoding="utf-8")
            case Command():
                self.answer(block)
            case Query():
                self.compare(block)

    def write_source(self, source: Source) -> None:
        """Run a script in a SQLite file."""
        path = self.directory / source.name
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(source.script)

    def answer(self, command: Command) -> None:
        """Run a command; check its answer; where it moved something, check that it is proved."""
        words = shlex.split(command.words)
        before = self.images()
        status, out, err = self.call(*words)
        assert status == command.status, f"{command.words}\n{out}\n{err}"
        for fragment in command.out:
            assert squeezed(fragment) in squeezed(out), out
        for fragment in command.err:
            assert squeezed(fragment) in squeezed(err), err
        for fragment in command.absent:
            assert squeezed(fragment) not in squeezed(out + err), out + err
        assert self.images() == before
        if words[0] in MOVING and status == 0:
            self.settled(*words)

    def settled(self, *words: str) -> None:
        """Check that there is nothing left to do, nothing to find, and nothing that changes."""
        again, out, err = self.call(*words)
        assert again == 0, out + err
        assert "nothing to do" in out or "already applied" in out
        config = () if words[0] == "apply" else ("--config", "cutover-work/cutover.toml")
        for line, said in (
            (("plan", "--check"), "nothing to do"),
            (("apply",), "already applied"),
            (("verify",), "the same: "),
        ):
            status, out, err = self.call(*line, *config)
            assert status == 0, f"{line}\n{out}\n{err}"
            assert said in squeezed(out)

    def call(self, *words: str) -> tuple[int, str, str]:
        """Return the exit status of a command line, what it wrote, and what it said."""
        line = [self.url if word == "URL" else word for word in words]
        if not any(word.startswith(("--target", "--help")) for word in line):
            line += ["--target", self.url]
        self.capture.readouterr()
        status = main(line)
        said = self.capture.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    def compare(self, query: Query) -> None:
        """Check a query of the target, whatever the order of its rows."""
        with closing(connect(self.url, schema="public", autocommit=True)) as connection:
            result = connection.execute(query.text.encode()).pgresult
            assert result is not None
            found = [
                "|".join(shown(result.get_value(row, column)) for column in range(result.nfields))
                for row in range(result.ntuples)
            ]
        assert sorted(found) == sorted(query.rows), query.text

    def images(self) -> dict[str, str]:
        """Return a digest of each source file, and the name of every file beside them."""
        files = [p for p in self.directory.iterdir() if p.is_file()]
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def shown(value: bytes | None) -> str:
    """Return a value as the server writes it; NULL as a word."""
    return "NULL" if value is None else value.decode()


def squeezed(text: str) -> str:
    """Return text with all white space as single spaces."""
    return " ".join(text.split())


@pytest.fixture
def stage(
    tmp_path: Path,
    postgres_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")
    return Stage(directory, postgres_url, capsys)


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.txt")))
def test_a_case_answers_and_arrives_as_it_says(name: str, stage: Stage) -> None:
    blocks = read_case(CASES / f"{name}.txt")
    assert any(isinstance(block, Command) for block in blocks)
    for block in blocks:
        stage.play(block)
