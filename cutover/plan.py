"""What a run will do: an immutable plan, its JSON and its digest.

A plan is data. It is decided once, can be read by a person and kept in a file, and is carried out
as it stands: `apply` takes a plan, not settings, and refuses one whose fingerprints no longer
match the two databases. The digest is a SHA-256 over everything but itself.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from cutover.catalog import Catalog, canonical_json, digest
from cutover.errors import UsageError
from cutover.profile import Sample

FORMAT = "1.0"
"""Major and minor. A reader takes any minor of its own major, and refuses other majors."""


class Bucket(StrEnum):
    """Where an object of the source ends. Each ends in exactly one."""

    CARRIED = "carried"
    EQUIVALENT = "equivalent"
    """Nothing to carry: the target has what does the same, or what makes it needless."""
    EXCLUDED = "excluded"
    DECISION = "needs a decision"


class HazardKind(StrEnum):
    """The dangers that can be allowed by name, with `--allow`; any other name is a usage error."""

    REPLACE_ROWS = "replace-target-rows"
    LOSE_WRITES = "lose-target-writes"
    REJECT_ROWS = "rejected-rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A danger with a name. `apply` refuses it unless it is allowed by that name."""

    kind: HazardKind
    subject: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer that is not "the same".

    `check` names who asks (`values`, `indexes`, a coercion …), `subject` the object, quoted as
    `"table"."column"`. `kind` is one of missing, extraneous, mismatching, unprovable (between the
    two databases) or unsettled, decision (in a plan). `samples` are the first keys; a verify writes
    all of them to a file.
    """

    check: str
    subject: str
    kind: str
    message: str
    count: int = 1
    detail: str = ""
    hint: str = ""
    samples: tuple[Sample, ...] = ()
    rejectable: bool = False
    """It is about single rows: left out, they would leave it settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Values that will not arrive exactly as stored, by which rule, and how many."""

    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """How one column is carried: from which stored classes, by which coercion, on what evidence."""

    source: str
    target: str
    declared: str
    type: str
    coercion: str
    options: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    generated: bool = False
    """The target computes it: it is not loaded, and compared all the same."""
    secret: bool = False
    """Its values stand in no ledger and no finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """How one table is carried.

    `cursor` is the key that the load walks: column names, or one of SQLite's names for the rowid.
    `match` pairs the columns (source, target) by which verify matches rows; it is empty where the
    target has no usable key, and rows are then compared as a bag. `ordered` says that both engines
    sort that key alike, so that two cursors can be merged.
    """

    database: str
    source: str
    target: str
    columns: tuple[ColumnPlan, ...]
    cursor: tuple[str, ...]
    match: tuple[tuple[str, str], ...]
    ordered: bool
    rows: int
    bytes: int = 0
    where: str | None = None
    where_reason: str | None = None
    excluded_rows: int = 0
    quarantine: str | None = None
    """The condition of rows that go into quarantine: `where` leaves them out."""
    quarantined_rows: int = 0
    not_valid: tuple[str, ...] = ()
    """Foreign keys of the target that are put back NOT VALID, for rows without a parent."""
    orphans_reason: str | None = None
    """Why orphans are quarantined, or loaded."""
    exact_text: bool = True
    """False where some text is not UTF-8, and has to be read byte by byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPlan:
    """Where one object of the source ends. `kind` is a word such as table, index or view."""

    database: str
    kind: str
    name: str
    bucket: Bucket
    note: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """A column whose numbers come from a sequence, and the highest one ever handed out.

    None where the table never had a row: the sequence then starts at its beginning.
    """

    table: str
    column: str
    last_value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateSchema:
    """Bring the target to the head of its Alembic set."""

    id: str
    set: str
    head: tuple[str, ...]
    timeout_seconds: int = 3600
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["migrate_schema"] = "migrate_schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTables:
    """Delete what the target's tables hold before they are loaded: always a hazard."""

    id: str
    tables: tuple[str, ...]
    timeout_seconds: int = 3600
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["clear_tables"] = "clear_tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDown:
    """Journal, then drop, what slows a bulk load: foreign keys, indexes, triggers."""

    id: str
    tables: tuple[str, ...]
    timeout_seconds: int = 600
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["take_down"] = "take_down"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTable:
    """Copy one table; `table` is the target's name, its plan is in `Plan.tables`."""

    id: str
    table: str
    rows: int
    timeout_seconds: int = 0
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["load_table"] = "load_table"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """Recreate what was taken down, from the journal, exactly as it was.

    But for the foreign keys of `not_valid` (table, name): they are put back without looking at the
    rows that are there.
    """

    id: str
    tables: tuple[str, ...]
    not_valid: tuple[tuple[str, str], ...] = ()
    timeout_seconds: int = 0
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["put_back"] = "put_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSequence:
    """Let a column's sequence continue after the highest number ever handed out."""

    id: str
    numbering: Numbering
    timeout_seconds: int = 60
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["set_sequence"] = "set_sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """Gather the planner's statistics, so that the first query after the flip is a fast one."""

    id: str
    tables: tuple[str, ...]
    timeout_seconds: int = 3600
    hazards: tuple[Hazard, ...] = ()
    kind: Literal["analyze"] = "analyze"


Step = MigrateSchema | ClearTables | TakeDown | LoadTable | PutBack | SetSequence | Analyze


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One SQLite file as it was when the plan was made.

    `image` is a SHA-256 of the database as a reader sees it, its write-ahead log included:
    a checkpoint does not change it, a committed write does.
    """

    label: str
    path: str
    catalog: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a run will do, and everything it was decided from."""

    format: str = FORMAT
    sources: tuple[SourceState, ...]
    target: str
    """The target's URL, password left out."""
    schema: str
    expected: Catalog
    """The target as it will be at head: what verify holds the real one against."""
    tables: tuple[TablePlan, ...]
    objects: tuple[ObjectPlan, ...]
    numbers: tuple[Numbering, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    moment: str = ""
    """What row filters that ask the clock take for now; empty where none does."""

    @property
    def fingerprints(self) -> dict[str, str]:
        """One digest for each side: the sources' schema and content, the target at head."""
        return {
            "source": digest([[s.label, s.catalog, s.image] for s in self.sources]),
            "target": self.expected.fingerprint,
        }

    @property
    def purpose(self) -> str:
        """Digest of what should arrive where, whatever is already there: it names a run."""
        tables = [_what_is_carried(table) for table in self.tables]
        return digest({"fingerprints": self.fingerprints, "tables": tables, "schema": self.schema})

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """Every danger, in the order of the steps."""
        return tuple(hazard for step in self.steps for hazard in step.hazards)

    @property
    def unsettled(self) -> tuple[Finding, ...]:
        """Values that no rule and no setting settles: while there are any, nothing moves."""
        return tuple(finding for finding in self.findings if finding.kind == "unsettled")

    @property
    def decisions(self) -> tuple[ObjectPlan, ...]:
        """Objects that a person must decide on: they don't stop a load, they stop a flip."""
        return tuple(object_ for object_ in self.objects if object_.bucket is Bucket.DECISION)

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.steps

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the plan."""
        return digest(asdict(self))

    def table(self, target: str) -> TablePlan:
        """Return the plan of one target table; KeyError where there is none."""
        for table in self.tables:
            if table.target == target:
                return table
        raise KeyError(target)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values, with what follows from it spelled out for a reader."""
        return {
            **json.loads(canonical_json(asdict(self))),
            "digest": self.digest,
            "source": [state.path for state in self.sources],
            "fingerprints": self.fingerprints,
            "hazards": [asdict(hazard) for hazard in self.hazards],
            "revisions": {"target": list(self.expected.revisions)},
            "empty": self.empty,
        }


def write_plan(plan: Plan) -> str:
    """Return the text of `plan.json`: keys sorted, so that two plans can be diffed."""
    return json.dumps(plan.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_plan(text: str, *, name: str = "plan.json") -> Plan:
    """Read the text of a `plan.json`.

    UsageError where it is not a plan, is of another major format, or was changed by hand.
    """
    redo = "make a new one: cutover plan --out plan.json"
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise UsageError(f'"{name}" is not JSON', detail=str(error), hint=redo) from error
    if not isinstance(facts, dict) or "format" not in facts:
        raise UsageError(f'"{name}" is not a plan', detail='it has no "format"', hint=redo)
    if str(facts["format"]).partition(".")[0] != FORMAT.partition(".")[0]:
        detail = f"its format is {facts['format']}, this program reads {FORMAT}"
        raise UsageError(f'"{name}" has a format that is not known here', detail=detail, hint=redo)
    return _checked(facts, name, redo)


def _checked(facts: dict[str, Any], name: str, redo: str) -> Plan:
    claimed = facts.get("digest")
    for derived in _DERIVED:
        facts.pop(derived, None)
    if digest(facts) != claimed:
        detail = f"its digest is {claimed}, its content has {digest(facts)}"
        raise UsageError(f'"{name}" was changed after it was made', detail=detail, hint=redo)
    try:
        return _ADAPTER.validate_python(facts)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        detail = f"{where}: {first['msg']}"
        raise UsageError(f'"{name}" is not a plan', detail=detail, hint=redo) from error


def _what_is_carried(table: TablePlan) -> list[Any]:
    """Return what decides where a table's values go, and nothing of the evidence for it."""
    columns = [
        [c.source, c.target, c.type, c.coercion, dict(c.options), c.generated]
        for c in table.columns
    ]
    rows = [table.where, table.quarantine, list(table.not_valid)]
    return [table.database, table.source, table.target, rows, columns]


_DERIVED = ("digest", "fingerprints", "hazards", "revisions", "empty", "source")
"""What `to_json` spells out for a reader, and follows from the rest."""

_ADAPTER: TypeAdapter[Plan] = TypeAdapter(Plan)
