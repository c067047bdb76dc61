"""What did not arrive exactly as stored, summed up: the ledger itself has a line for each."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from cutover.journal import Entries
from cutover.report.grids import grid
from cutover.words import counted

_EVERY_ONE = "each with its key: cutover status --ledger FILE"


def print_ledger(console: Console, entries: Sequence[Entries]) -> None:
    """Write how many values changed, and which rows were left out for which reason."""
    changed = sum(entry.count for entry in entries if entry.kind == "changed")
    rejected = [entry for entry in entries if entry.kind == "rejected"]
    if changed:
        console.print(Text(f"changed on the way: {counted(changed, 'value')}; {_EVERY_ONE}"))
    if not rejected:
        return
    table = grid("\nleft out", ">\nrows", "\nbecause")
    for entry in rejected:
        place = f"{entry.table}.{entry.column}" if entry.column else entry.table
        table.add_row(place, f"{entry.count:,}", entry.rule)
    console.print(table)
    count = counted(sum(entry.count for entry in rejected), "row")
    console.print(Text(f"rejected: {count}; {_EVERY_ONE}", style="bold yellow"))


def ledger_facts(entries: Sequence[Entries]) -> list[dict[str, Any]]:
    """Return what `--format json` has of it."""
    return [
        {"kind": e.kind, "table": e.table, "column": e.column, "rule": e.rule, "count": e.count}
        for e in entries
    ]
