"""Write the reference system's two SQLite files, and the settings file that goes with them.

The same arguments give the same rows. The files are made under other names and renamed at the
end, so that an interrupted run leaves no file that looks whole.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from string import Template
from typing import Any

from statelayer import access, memory, operational
from statelayer.events import COLUMNS, run_events
from statelayer.instants import epoch_seconds, trimmed_text
from statelayer.sets import DATABASES, sets_root, upgrade_sqlite
from statelayer.story import Story, tell

NOW = datetime(2026, 7, 1, 12, 0, 0, 345678, tzinfo=UTC)
"""The moment at which the story stops; short-lived rows expire before or after it."""

SETTINGS_FILE = "cutover.toml"

_BATCH = 10_000

Rows = Callable[[Story], Iterator[operational.Row]]

OPERATIONAL: tuple[Rows, ...] = (
    operational.projects,
    operational.runs,
    operational.run_revisions,
    operational.workflow_runs,
    operational.backlog_tasks,
    operational.cast_proposals,
    operational.threads,
    operational.tasks,
    operational.messages,
    operational.locks,
    operational.results,
)
MEMORY: tuple[Rows, ...] = (
    memory.decisions,
    memory.decision_inbox,
    memory.agent_memory,
    memory.session_contexts,
    memory.outcome_specs,
    memory.work_plans,
    memory.subtasks,
    memory.subtask_dependencies,
    memory.steering_directives,
    access.mcp_refresh_tokens,
    access.mcp_revoked_jtis,
    access.mcp_client_registrations,
    access.mcp_pending_authorizations,
    access.mcp_authorization_codes,
    access.oauth_states,
    access.web_session_exchange_codes,
    access.expert_findings,
)
"""What yields the rows of each table, which has the function's name."""

DELETED_IDS = {"decisions": 40, "messages": 1000, "run_events": 12_345, "subtasks": 7}
"""How many ids above the highest one were handed out to rows that are gone again."""

LEFTOVERS = """
CREATE TABLE run_operational_records (run_id TEXT PRIMARY KEY, step_count INTEGER);
CREATE TABLE token_usage_records (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT, tokens INT);
ALTER TABLE runs ADD COLUMN step_count INTEGER;
ALTER TABLE runs ADD COLUMN review_wait_ms INTEGER;
INSERT INTO run_operational_records SELECT run_id, 3 FROM runs;
INSERT INTO token_usage_records (run_id, tokens) SELECT run_id, 812 FROM runs;
UPDATE runs SET step_count = 3, review_wait_ms = 1500;
"""
"""What old operational.db files still hold, and no revision knows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was made, and where."""

    directory: Path
    events: int
    seed: int
    now: datetime
    files: tuple[Path, ...]
    settings: Path
    tables: Mapping[str, int]
    """Rows in each table."""

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        facts = {
            "directory": str(self.directory),
            "events": self.events,
            "seed": self.seed,
            "now": self.now.isoformat(),
            "files": [str(path) for path in self.files],
            "settings": str(self.settings),
            "tables": dict(self.tables),
        }
        return json.dumps(facts)


def make_reference(
    directory: Path, *, events: int, seed: int, now: datetime = NOW, leftovers: bool = False
) -> Summary:
    """Write `operational.db`, `memory.db` and `cutover.toml` into a directory.

    `events` is the number of rows in run_events; `leftovers` adds what old files still hold.
    FileExistsError where one of the files is there already, FileNotFoundError without the
    directory; neither leaves anything behind.
    """
    settings = directory / SETTINGS_FILE
    files = tuple(directory / f"{name}.db" for name in DATABASES)
    for path in (*files, settings):
        if path.exists():
            raise FileExistsError(f'"{path}" is there already')
    story = tell(events=events, seed=seed, now=now)
    partial = tuple(path.with_name(f".{path.name}.partial") for path in files)
    tables = {
        **_write_operational(partial[0], story, leftovers=leftovers),
        **_write_memory(partial[1], story),
    }
    for made, path in zip(partial, files, strict=True):
        made.replace(path)
    settings.write_text(settings_text(story), encoding="utf-8")
    return Summary(
        directory=directory,
        events=events,
        seed=seed,
        now=now,
        files=files,
        settings=settings,
        tables=tables,
    )


def settings_text(story: Story) -> str:
    """Return the text of the settings file; its paths to the sets are absolute."""
    template = Template((Path(__file__).parent / "reference.toml").read_text(encoding="utf-8"))
    sets = sets_root()
    return template.substitute(
        operational_set=_quoted(sets / "alembic_sqlite" / "operational"),
        memory_set=_quoted(sets / "alembic_sqlite" / "memory"),
        postgres_set=_quoted(sets / "alembic_postgres"),
        triggers=_quoted(sets / "triggers"),
        baseline=_quoted(Path(__file__).resolve().parent / "baseline.toml"),
        now_text=trimmed_text(story.now),
        now_seconds=repr(epoch_seconds(story.now)),
    )


def _quoted(path: Path) -> str:
    # A JSON string without surrogate escapes is a TOML basic string.
    return json.dumps(str(path), ensure_ascii=False)


def _write_operational(path: Path, story: Story, *, leftovers: bool) -> dict[str, int]:
    with closing(_fresh("operational", path)) as connection:
        _fill(connection, story, OPERATIONAL)
        if leftovers:
            connection.executescript(LEFTOVERS)
        return _finish(connection)


def _write_memory(path: Path, story: Story) -> dict[str, int]:
    with closing(_fresh("memory", path)) as connection:
        _fill(connection, story, MEMORY)
        _insert(connection, "run_events", COLUMNS, run_events(story))
        return _finish(connection)


def _fresh(database: str, path: Path) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    upgrade_sqlite(database, path)
    connection = sqlite3.connect(path)
    # A file that nobody sees before it is renamed needs no protection against a power cut.
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = OFF")
    return connection


def _fill(connection: sqlite3.Connection, story: Story, tables: Iterable[Rows]) -> None:
    for table in tables:
        rows = table(story)
        first = next(rows)
        columns = tuple(first)
        values = (tuple(row[name] for name in columns) for row in chain((first,), rows))
        _insert(connection, table.__name__, columns, values)


def _insert(
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    connection.executemany(statement, rows)


def _finish(connection: sqlite3.Connection) -> dict[str, int]:
    """Age the id counters, commit, and count the rows of every table."""
    for table, deleted in DELETED_IDS.items():
        aged = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?"
        connection.execute(aged, (deleted, table))
    connection.commit()
    if orphans := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise AssertionError(f"the story contradicts itself: {orphans[:3]}")
    return dict(_counts(connection))


def _counts(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (name,) in connection.execute(f"{names} AND name <> 'alembic_version'").fetchall():
        counted = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - read from the file itself
        yield name, counted[0]
