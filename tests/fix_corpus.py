"""The real SQLite files of the corpus, each run as a stranger would, with and without settings."""

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.cli import main

ROOT = Path(__file__).parents[1]
CORPUS = Path(os.environ.get("CUTOVER_CORPUS", ROOT.parent / "shared" / "corpus"))
SUFFIXES = (".db", ".sqlite", ".mbtiles", ".gpkg")
FILES = sorted(path.name for path in CORPUS.glob("*") if path.suffix in SUFFIXES)


@dataclass(frozen=True, slots=True)
class Ran:
    """What `cutover run` answered."""

    status: int
    facts: Any
    err: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What stands open: of the plan where nothing has moved, else of the verify."""
        facts = self.facts["plan"] if self.status == 4 else self.facts
        return list(facts["findings"])

    @property
    def tables(self) -> list[dict[str, Any]]:
        """The tables that were compared."""
        return [] if self.status == 4 else list(self.facts["tables"])


def settings_of(name: str) -> Path | None:
    """Return the settings that a file's findings ask for; None where it needs none."""
    path = ROOT / "tests" / "corpus" / f"{name}.toml"
    return path if path.exists() else None


def run(name: str, url: str, directory: Path, *, settings: Path | None = None) -> Ran:
    """Run a copy of a corpus file into an empty database; the copy must stay as it is, alone."""
    source = directory / "source" / name
    source.parent.mkdir(parents=True)
    shutil.copyfile(CORPUS / name, source)
    line = ["run", str(source), "--target", url, "--workdir", str(directory / "work")]
    config = ["--config", str(settings)] if settings else []
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([*line, *config, "--format", "json"])
    assert source.read_bytes() == (CORPUS / name).read_bytes()
    assert [path.name for path in source.parent.iterdir()] == [name]
    return Ran(status, json.loads(out.getvalue()), err.getvalue())
