"""The memory of runs, kept in the target (schema `cutover`).

It lives where the rows go, so that a batch and its watermark commit in one transaction: a killed
run resumes with no row twice and none lost. One run at a time holds the lease, a row with an
epoch. Every write transaction checks its epoch FOR SHARE, so the last batch of a killed run cannot
commit after its successor has taken over.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import TupleRow, tuple_row

from cutover.catalog import canonical_json
from cutover.errors import Partial, TryAgain
from cutover.ledger import Page
from cutover.plan import Plan, read_plan, write_plan
from cutover.profile import Stored
from cutover.stored_json import as_json, from_json
from cutover.targets.postgres.connect import target_errors
from cutover.targets.postgres.definitions import Definition
from cutover.targets.postgres.sqlfile import read_blocks

_SQL = read_blocks("cutover", "journal.sql")

Key = tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of one plan. `state` is running, finished or abandoned."""

    id: int
    purpose: str
    plan_digest: str
    state: str


@dataclass(frozen=True, slots=True)
class Watermark:
    """The last key of a table that is safely in the target, and how many rows are."""

    key: Key
    rows: int


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A definition that waits to be put back."""

    position: int
    kind: str
    table: str
    name: str
    create: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """How many lines the ledger of a run has about one column, by which rule."""

    kind: str
    table: str
    column: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome of one verify, bound to the very data it saw."""

    plan_digest: str
    images: Mapping[str, str]
    """What each source file held, by label."""
    target_fingerprint: str
    target_image: str
    passed: bool
    differs: bool
    """Whether the two sides differ; decisions that stand open don't make them differ."""
    findings: int
    verified_at: str = ""


class Journal:
    """The journal of one target, over one autocommit connection that lives as long as the run."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        self.connection = connection
        self.epoch: int | None = None

    def exists(self) -> bool:
        """Tell whether this target has a journal; asking creates nothing."""
        return bool(self._one("exists")[0])

    def create(self) -> None:
        """Create the journal's tables where they are missing."""
        with target_errors("creating the journal"), self.connection.transaction():
            # Two CREATE … IF NOT EXISTS at once can both find nothing, and one of them then fails.
            self.connection.execute("SELECT pg_advisory_xact_lock(hashtext('cutover.journal'))")
            self.connection.execute(_SQL["create"])

    def take_lease(self, holder: str) -> int:
        """Become the one run of this target; return the epoch.

        TryAgain while another holder's backend lives. A dead holder's lease is taken over, and
        its epoch with it: what it still has in flight can no longer commit.
        """
        epoch, other, pid, since, alive = self._one("lease_holder")
        if alive and pid != self.connection.info.backend_pid:
            raise TryAgain(
                "another run is in progress on this target",
                detail=f"{other}, server process {pid}, since {since}",
                hint="wait for it, or stop it and run the same command again",
            )
        taken = self._rows("take_lease", epoch=epoch, holder=holder)
        if not taken:
            raise TryAgain("another run took the lease first", hint="run the same command again")
        self.epoch = taken[0][0]
        return taken[0][0]  # type: ignore[no-any-return] # a row of an untyped query

    def release_lease(self) -> None:
        """Let the next run begin at once."""
        self._execute("release_lease", epoch=self.epoch)
        self.epoch = None

    @contextmanager
    def transaction(self, subject: str = "the journal") -> Iterator[Connection[TupleRow]]:
        """Run a write transaction under the lease; `subject` is what an error will be about.

        Partial where a successor has taken the lease: nothing of this transaction stays.
        """
        with target_errors(subject), self.connection.transaction():
            if not self._rows("hold_epoch", epoch=self.epoch):
                raise Partial(
                    "another run has taken over this target",
                    hint="let it finish: cutover status",
                )
            yield self.connection

    def latest_run(self) -> Run | None:
        """Return the newest run that was not abandoned."""
        rows = self._rows("latest_run") if self.exists() else []
        return Run(*rows[0]) if rows else None

    def plan_of(self, run: int) -> Plan:
        """Return the plan that a run carries out."""
        return read_plan(self._one("plan_of_run", run=run)[0], name="the journal's plan")

    def begin_run(self, plan: Plan) -> int:
        """Enter a new run and return its id.

        Older unfinished ones are abandoned; what they had taken down, the new one puts back.
        """
        with self.transaction():
            facts = {"purpose": plan.purpose, "digest": plan.digest, "plan": write_plan(plan)}
            run = int(self._one("begin_run", **facts)[0])
            self._execute("abandon_runs", run=run)
            self._execute("inherit_taken_down", run=run)
        return run

    def finish_run(self, run: int) -> None:
        """Mark a run as finished."""
        with self.transaction():
            self._execute("finish_run", run=run)

    def finished_steps(self, run: int) -> frozenset[str]:
        """Return the ids of the steps that a run has behind it."""
        return frozenset(row[0] for row in self._rows("finished_steps", run=run))

    def finish_step(self, run: int, step: str, *, rows: int | None = None) -> None:
        """Mark a step as finished; call it inside the transaction that finishes it."""
        self._execute("finish_step", run=run, step=step, rows=rows)

    def watermark(self, run: int, table: str) -> Watermark | None:
        """Return how far a table has come, None where no batch has committed."""
        rows = self._rows("watermark", run=run, table=table)
        return Watermark(decode_key(rows[0][0]), rows[0][1]) if rows else None

    def advance(self, run: int, table: str, watermark: Watermark) -> None:
        """Move a table's watermark; call it inside the batch's transaction."""
        key = encode_key(watermark.key)
        self._execute("advance", run=run, table=table, key=key, rows=watermark.rows)

    def enter(self, run: int, pages: Iterable[Page]) -> None:
        """Write pages into the ledger; call it inside the transaction of what they tell of."""
        for page in pages:
            place = {"kind": page.kind, "table": page.table, "column": page.column}
            lines = {"key_columns": list(page.key_columns), "lines": page.text}
            told = {"rule": page.rule, "count": page.count}
            self._execute("enter_page", run=run, **place, **told, **lines)

    def entries(self, run: int) -> tuple[Entries, ...]:
        """Return how many lines the ledger of a run has, by kind, table, column and rule."""
        found = self._rows("ledger_counts", run=run)
        return tuple(
            Entries(kind=kind, table=table, column=column, rule=rule, count=count)
            for kind, table, column, rule, count in found
        )

    def ledger(self, run: int) -> Iterator[dict[str, Any]]:
        """Yield the lines of a run's ledger, read as they are asked for."""
        names = ("kind", "table", "column", "rule", "storage_class", "before", "after")
        with target_errors("the ledger"), self.connection.cursor(row_factory=tuple_row) as cursor:
            for key, *facts in cursor.stream(_SQL["ledger"], {"run": run}):
                yield {"key": json.loads(key), **dict(zip(names, facts, strict=True))}

    def quarantine(self, run: int, table: str, rows: Iterable[tuple[str, str]]) -> None:
        """Keep these rows of a table apart, and no others: each the JSON of its key and of it."""
        place = {"run": run, "table": table}
        self._execute("forget_quarantined", **place)
        facts = ({**place, "key": key, "row": row} for key, row in rows)
        with target_errors("the quarantine"), self.connection.cursor() as cursor:
            cursor.executemany(_SQL["quarantine"], facts)

    def quarantined(self, run: int, table: str) -> Iterator[tuple[str, str]]:
        """Yield the rows of a table that are kept apart: the JSON of the key, and of the row."""
        with target_errors("the quarantine"), self.connection.cursor() as cursor:
            yield from cursor.stream(_SQL["quarantined"], {"run": run, "table": table})

    def forget_inherited(self, run: int) -> None:
        """Forget inherited definitions of objects that stand again: their table was made anew."""
        self._execute("forget_inherited", run=run)

    def watermarks(self, run: int) -> dict[str, int]:
        """Return how many rows of each table a run has committed."""
        return dict(self._rows("watermarks", run=run))

    def still_stands(self, run: Run) -> bool:
        """Tell whether the target still has the rows that a run put there.

        Of an unfinished run, exactly those that it committed: going on beside others would lose
        or repeat some. Of a finished one, any in every table that got some, unless a verify has
        found otherwise since.
        """
        plan, marks = self.plan_of(run.id), self.watermarks(run.id)
        if run.state != "finished":
            counts = {t.target: self._rows_of(plan.schema, t.target) for t in plan.tables}
            return all((count or 0) == marks.get(name, 0) for name, count in counts.items())
        verification = self.latest_verification(run.id)
        if verification is not None and verification.differs:
            return False
        return all(self._rows_of(plan.schema, name, most=1) for name, rows in marks.items() if rows)

    def _rows_of(self, schema: str, table: str, *, most: int | None = None) -> int | None:
        """Count a table's rows, up to `most`; None where there is no such table."""
        name = sql.Identifier(schema, table)
        with target_errors(f'counting "{table}"'):
            known = self.connection.execute("SELECT to_regclass(%s)", (name.as_string(),))
            if known.fetchall() == [(None,)]:
                return None
            query = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS r")
            limited = query.format(name, sql.Literal(most))
            return int(self.connection.execute(limited).fetchall()[0][0])

    def record_taken_down(self, run: int, definitions: Sequence[Definition]) -> None:
        """Keep definitions before they are dropped, in the order in which they will be."""
        for position, definition in enumerate(definitions):
            facts = {"kind": definition.kind, "table": definition.table, "name": definition.name}
            texts = {"drop": definition.drop, "create": definition.create}
            after = json.dumps(definition.after)
            self._execute("take_down", run=run, position=position, after=after, **facts, **texts)

    def taken_down(self, run: int) -> tuple[TakenDown, ...]:
        """Return what waits to be put back, in put-back order: last down, first up."""
        rows = self._rows("taken_down", run=run)
        return tuple(
            TakenDown(position, kind, table, name, create, tuple(json.loads(after)))
            for position, kind, table, name, create, after in rows
        )

    def mark_put_back(self, run: int, position: int) -> None:
        """Mark one definition as back; call it inside the transaction that recreates it."""
        self._execute("put_back", run=run, position=position)

    def record_verification(self, verification: Verification, run: int) -> None:
        """Keep the outcome of a verify, which the flip will ask for."""
        v = verification
        prints = {"images": canonical_json(v.images), "target": v.target_fingerprint}
        outcome = {"image": v.target_image, "passed": v.passed, "differs": v.differs}
        facts = {"run": run, "digest": v.plan_digest, "findings": v.findings}
        self._execute("record_verification", **facts, **prints, **outcome)

    def latest_verification(self, run: int, *, passing: bool = False) -> Verification | None:
        """Return the outcome of the last verify of a run, or of the last that passed, if any."""
        facts = {"run": run, "passing": passing}
        rows = self._rows("latest_verification", **facts) if self.exists() else []
        if not rows:
            return None
        digest, images, target, image, passed, differs, findings, at = rows[0]
        return Verification(
            plan_digest=digest,
            images=json.loads(images),
            target_fingerprint=target,
            target_image=image,
            passed=passed,
            differs=differs,
            findings=findings,
            verified_at=at,
        )

    def _execute(self, block: str, **params: Any) -> None:
        with target_errors("the journal"):
            self.connection.execute(_SQL[block], params)

    def _rows(self, block: str, **params: Any) -> list[tuple[Any, ...]]:
        opened = self.connection.cursor(row_factory=tuple_row)
        with target_errors("the journal"), opened as cursor:
            return cursor.execute(_SQL[block], params).fetchall()

    def _one(self, block: str, **params: Any) -> tuple[Any, ...]:
        return self._rows(block, **params)[0]


def encode_key(key: Key) -> str:
    """Return a key as JSON that `decode_key` turns back into the same values."""
    return json.dumps([as_json(value) for value in key], allow_nan=False)


def decode_key(text: str) -> Key:
    """Return the key that `encode_key` wrote."""
    return tuple(map(from_json, json.loads(text)))
