"""A leaf, its page and its test have one name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "coercions": "coercion",
    "checks": None,
    "rules": "rule",
    "flags": "flag",
    "symptoms": None,
}
"""Each kind's package, and what the name of a leaf's test file begins with, if it has one."""


def leaves(kind: str) -> set[str]:
    found = {path.stem for path in (ROOT / "cutover" / kind).glob("*.py")}
    return {name for name in found if not name.startswith("_")} - {"common"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_leaf_has_a_page_and_every_page_a_leaf(kind: str) -> None:
    pages = {path.stem for path in (ROOT / "docs" / "reference" / kind).glob("*.md")}
    assert pages == leaves(kind)


@pytest.mark.parametrize("kind", [kind for kind, prefix in KINDS.items() if prefix])
def test_every_leaf_has_a_test_file(kind: str) -> None:
    files = (ROOT / "tests").rglob(f"test_{KINDS[kind]}_*.py")
    tested = {re.sub(rf"^test_{KINDS[kind]}_", "", path.stem) for path in files}
    assert tested == leaves(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_leaf_is_in_the_index_of_its_kind(kind: str) -> None:
    index = "flag-stores.md" if kind == "flags" else f"{kind}.md"
    text = (ROOT / "docs" / "reference" / index).read_text(encoding="utf-8")
    assert set(re.findall(rf"\]\({kind}/(\w+)\.md\)", text)) == leaves(kind)
