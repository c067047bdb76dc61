"""What `migrate` did, in words and as facts."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cutover.migrate import Migrated
from cutover.migrating import Migration


def print_migration(console: Console, migration: Migration) -> None:
    """Write a line for each database: where it was, where it is."""
    for each in migration.databases:
        console.print(Text(_line(each), style="green"), soft_wrap=True)
        if each.backup:
            console.print(Text(f"the file as it was: {each.backup}"), soft_wrap=True)


def migration_facts(migration: Migration) -> dict[str, Any]:
    """Return what `migrate --format json` has."""
    return {
        "provider": migration.provider,
        "applied": migration.applied,
        "waited_seconds": round(migration.waited_seconds, 3),
        "databases": [_facts(each) for each in migration.databases],
    }


def _line(each: Migrated) -> str:
    if not each.applied:
        return f"already at head: {each.database}, {_names(each.after)}"
    return f"migrated: {each.database}, from {_names(each.before)} to {_names(each.after)}"


def _names(revisions: tuple[str, ...]) -> str:
    return ", ".join(revisions) or "no revision"


def _facts(each: Migrated) -> dict[str, Any]:
    return {
        "database": each.database,
        "before": list(each.before),
        "after": list(each.after),
        "applied": each.applied,
        "tables": each.tables,
        "dropped_indexes": list(each.dropped),
        "backup": each.backup or None,
    }
