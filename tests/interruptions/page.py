"""What the page docs/explanation/interruptions.md promises: how many points of each kind."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "interruptions.md"
_WAYS = {
    ("postgres", "refuse"): 1,
    ("postgres", "kill-after"): 2,
    ("sqlite", "refuse"): 3,
    ("sqlite", "kill-after"): 4,
    ("flag", "refuse"): 5,
    ("flag", "kill"): 6,
    ("flag", "kill-after"): 7,
}


def promised(name: str, side: str, action: str) -> int:
    """Return the number in the row of a scenario, in the column of a way to stop it."""
    rows = re.findall(r"^\| `(.*?)` (.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    cells = dict(rows)[name].split("|")
    return int(cells[_WAYS[side, action]])
