"""The page of the architecture names every module once, in the order of the layers."""

import itertools
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rows_of_the_page() -> list[list[str]]:
    """Return the modules of each row of the page's table, from the terminal down."""
    page = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| [^|]+ \| (`[^|]+`) \| [^|]+ \|$", page, re.MULTILINE)
    return [re.findall(r"`(\w+)`", cell) for cell in cells]


def depths() -> dict[str, int]:
    """Return how deep each module lies in the layers that import-linter holds them to."""
    facts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = facts["tool"]["importlinter"]["contracts"][0]["layers"]
    return {name: depth for depth, layer in enumerate(layers) for name in layer.split(" | ")}


def modules() -> set[str]:
    tree = [*(ROOT / "cutover").glob("*.py"), *(ROOT / "cutover").glob("*/__init__.py")]
    names = {path.parent.name if path.stem == "__init__" else path.stem for path in tree}
    return names - {"cutover", "__main__"}


def test_every_module_is_named_once() -> None:
    named = list(itertools.chain.from_iterable(rows_of_the_page()))
    assert sorted(named) == sorted(modules())


def test_no_row_stands_above_one_that_may_import_it() -> None:
    depth, rows = depths(), rows_of_the_page()
    for upper, lower in itertools.pairwise(rows):
        assert max(depth[name] for name in upper) <= min(depth[name] for name in lower), lower
