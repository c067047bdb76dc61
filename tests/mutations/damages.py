"""Damages to the reference system's sets, one property each, and what a diff must name."""

from dataclasses import dataclass

from tests.mutations.sets import BASELINE, Edit

_LITE = "alembic_sqlite/operational/versions/"
_MEMORY = "alembic_sqlite/memory/versions/"
_POSTGRES = "alembic_postgres/versions/"

L1 = f"{_LITE}op_0001_baseline.py"
L2 = f"{_LITE}op_0002_append_only_revisions.py"
L3 = f"{_LITE}op_0003_open_backlog.py"
L4 = f"{_LITE}op_0004_blueprints.py"
L5 = f"{_LITE}op_0005_state_tables.py"
M1 = f"{_MEMORY}mem_0001_baseline.py"
M2 = f"{_MEMORY}mem_0002_coordination.py"
M3 = f"{_MEMORY}mem_0003_tokens.py"
M4 = f"{_MEMORY}mem_0004_expert_findings.py"
P1 = f"{_POSTGRES}op_0001_baseline.py"
P2 = f"{_POSTGRES}op_0002_append_only_revisions.py"
P3 = f"{_POSTGRES}op_0003_open_backlog.py"
P4 = f"{_POSTGRES}op_0004_blueprints.py"
P5 = f"{_POSTGRES}op_0005_state_tables.py"
PM1 = f"{_POSTGRES}mem_0001_baseline.py"
PM2 = f"{_POSTGRES}mem_0002_coordination.py"
PM3 = f"{_POSTGRES}mem_0003_tokens.py"
PM4 = f"{_POSTGRES}mem_0004_expert_findings.py"
LEASES = f"{_POSTGRES}pg_0001_leases.py"

REFUSE = "triggers/postgres/run_revisions_refuse.sql"
NO_CHANGE = "triggers/postgres/run_revisions_no_change.sql"
NO_TRUNCATE = "triggers/postgres/run_revisions_no_truncate.sql"
NO_DELETE = "triggers/sqlite/run_revisions_no_delete.sql"
NO_UPDATE = "triggers/sqlite/run_revisions_no_update.sql"

_RAISE = "RAISE EXCEPTION 'run_revisions is append-only' USING ERRCODE = 'restrict_violation';"
_NEEDED = ", nullable=False"


def also(file: str, *calls: str) -> Edit:
    """Have a revision do something more at its end."""
    lines = "".join(f"    {call}\n" for call in calls)
    return Edit(file, "\n\n\ndef downgrade", f"\n{lines}\n\ndef downgrade")


@dataclass(frozen=True, slots=True)
class Damage:
    """A damage in words, the edit that does it, and the object that must be named."""

    name: str
    edits: tuple[Edit, ...]
    subject: str
    """As a comparison names it: `type "runs"."result"`, `index "ix" of "t"`."""


def damage(name: str, subject: str, *edits: Edit) -> Damage:
    """Return a damage: a table of them is easier to read with the edit last."""
    return Damage(name, edits, subject)


def column(name: str, rest: str = "") -> str:
    """Return how the sets write a column of text."""
    return f'sa.Column("{name}", sa.Text(){rest})'


COLUMNS = (
    damage(
        "PostgreSQL loses a column",
        'column "projects"."source_repository"',
        Edit(P1, f"{column('source_repository')},\n", ""),
    ),
    damage(
        "SQLite loses a column",
        'column "runs"."tree_hash"',
        Edit(L1, f"{column('tree_hash')},\n", ""),
    ),
    damage(
        "PostgreSQL gets a column of its own",
        'column "projects"."colour"',
        also(P4, f'op.add_column("projects", {column("colour")})'),
    ),
    damage(
        "SQLite gets a column of its own",
        'column "projects"."colour"',
        also(L4, f'op.add_column("projects", {column("colour")})'),
    ),
    damage(
        "a column has another name in PostgreSQL",
        'column "runs"."agent_charter"',
        Edit(P1, '"agent_charter"', '"agent_chart"'),
    ),
    damage(
        "a column of SQLite differs in case only",
        'column "runs"."reviewed_by"',
        Edit(P1, '"reviewed_by"', '"Reviewed_By"'),
    ),
)

TYPES = (
    damage(
        "jsonb becomes text",
        'type "runs"."merge_conflicts"',
        Edit(P1, '"merge_conflicts", JSONB()', '"merge_conflicts", sa.Text()'),
    ),
    damage(
        "jsonb becomes json",
        'type "tasks"."result"',
        Edit(P5, '"result", JSONB()', '"result", sa.JSON()'),
    ),
    damage(
        "timestamptz becomes timestamp",
        'type "runs"."ended_at"',
        Edit(P1, '"ended_at", sa.DateTime(timezone=True)', '"ended_at", sa.DateTime()'),
    ),
    damage(
        "timestamptz becomes text",
        'type "runs"."ended_at"',
        Edit(P1, '"ended_at", sa.DateTime(timezone=True)', '"ended_at", sa.Text()'),
    ),
    damage(
        "timestamptz becomes date",
        'type "runs"."ended_at"',
        Edit(P1, '"ended_at", sa.DateTime(timezone=True)', '"ended_at", sa.Date()'),
    ),
    damage(
        "timestamptz keeps milliseconds only",
        'type "runs"."ended_at"',
        Edit(
            P1,
            '"ended_at", sa.DateTime(timezone=True)',
            '"ended_at", sa.dialects.postgresql.TIMESTAMP(timezone=True, precision=3)',
        ),
    ),
    damage(
        "boolean becomes integer",
        'type "projects"."pickup_autopilot"',
        Edit(
            P1,
            "sa.Boolean(), nullable=False, server_default=sa.true()",
            'sa.Integer(), nullable=False, server_default=sa.text("1")',
        ),
    ),
    damage(
        "an id of 64 bits gets 32",
        'type "decisions"."id"',
        Edit(PM1, '"id", sa.BigInteger()', '"id", sa.Integer()'),
    ),
    damage(
        "a reference to an id of 64 bits gets 32",
        'type "decision_inbox"."decision_id"',
        Edit(PM1, '"decision_id", sa.BigInteger()', '"decision_id", sa.Integer()'),
    ),
    damage(
        "an integer is widened",
        'type "run_events"."sequence"',
        Edit(PM1, '"sequence", sa.Integer()', '"sequence", sa.BigInteger()'),
    ),
    damage(
        "an integer gets 16 bits",
        'type "run_events"."sequence"',
        Edit(PM1, '"sequence", sa.Integer()', '"sequence", sa.SmallInteger()'),
    ),
    damage(
        "double precision becomes real",
        'type "expert_findings"."confidence"',
        Edit(PM4, "sa.Double()", "sa.REAL()"),
    ),
    damage(
        "double precision becomes numeric",
        'type "expert_findings"."confidence"',
        Edit(PM4, "sa.Double()", "sa.Numeric(4, 2)"),
    ),
    damage(
        "text becomes varchar(40)",
        'type "projects"."name"',
        Edit(P1, '"name", sa.Text()', '"name", sa.String(40)'),
    ),
    damage(
        "an id that is text becomes uuid",
        'type "cast_proposals"."id"',
        Edit(P1, '"id", sa.Text()', '"id", sa.Uuid()'),
    ),
    damage(
        "jsonb becomes bytea",
        'type "session_contexts"."active_issues"',
        Edit(PM1, '"active_issues", JSONB()', '"active_issues", sa.LargeBinary()'),
    ),
    damage(
        "SQLite's TEXT becomes INTEGER",
        'type "runs"."agent_name"',
        Edit(L1, '"agent_name", sa.Text()', '"agent_name", sa.Integer()'),
    ),
    damage(
        "SQLite's TEXT becomes BLOB",
        'type "runs"."result"',
        Edit(L1, '"result", sa.Text()', '"result", sa.LargeBinary()'),
    ),
    damage(
        "SQLite's INTEGER becomes TEXT",
        'type "work_plans"."outcome_spec_id"',
        Edit(M2, '"outcome_spec_id", sa.Integer()', '"outcome_spec_id", sa.Text()'),
    ),
    damage(
        "SQLite's REAL becomes INTEGER",
        'type "expert_findings"."confidence"',
        Edit(M4, '"confidence", sa.REAL()', '"confidence", sa.Integer()'),
    ),
    damage(
        "SQLite's TEXT becomes NUMERIC",
        'type "runs"."model_id"',
        Edit(L1, '"model_id", sa.Text()', '"model_id", sa.Numeric()'),
    ),
)

NULLS = (
    damage(
        "PostgreSQL loses a NOT NULL",
        'not null "projects"."owner"',
        Edit(P1, column("owner", _NEEDED), column("owner")),
    ),
    damage(
        "SQLite loses a NOT NULL",
        'not null "projects"."owner"',
        Edit(L1, column("owner", _NEEDED), column("owner")),
    ),
    damage(
        "PostgreSQL gets a NOT NULL",
        'not null "runs"."result"',
        Edit(P1, column("result"), column("result", _NEEDED)),
    ),
    damage(
        "SQLite gets a NOT NULL",
        'not null "runs"."result"',
        Edit(L1, column("result"), column("result", _NEEDED)),
    ),
)

DEFAULTS = (
    damage(
        "PostgreSQL's default 3 becomes 4",
        'default "projects"."max_ready_per_heartbeat"',
        Edit(P1, 'sa.text("3")', 'sa.text("4")'),
    ),
    damage(
        "SQLite's default 3 becomes 4",
        'default "projects"."max_ready_per_heartbeat"',
        Edit(L1, 'sa.text("3")', 'sa.text("4")'),
    ),
    damage(
        "PostgreSQL's default true becomes false",
        'default "projects"."pickup_autopilot"',
        Edit(P1, "sa.true()", "sa.false()"),
    ),
    damage(
        "SQLite's default 1 becomes 0",
        'default "projects"."pickup_autopilot"',
        Edit(L1, 'sa.text("1")', 'sa.text("0")'),
    ),
    damage(
        "PostgreSQL's default 'main' becomes 'master'",
        'default "projects"."default_branch"',
        Edit(P1, 'server_default="main"', 'server_default="master"'),
    ),
    damage(
        "SQLite's default 'main' becomes 'Main'",
        'default "projects"."default_branch"',
        Edit(L1, 'server_default="main"', 'server_default="Main"'),
    ),
    damage(
        "PostgreSQL loses a default",
        'default "runs"."origin"',
        Edit(P1, ', server_default="interactive"', ""),
    ),
    damage(
        "SQLite loses a default",
        'default "subtasks"."recovery_attempts"',
        Edit(M2, ', server_default=sa.text("0")', ""),
    ),
    damage(
        "PostgreSQL gets a default",
        'default "projects"."owner"',
        Edit(P1, column("owner", _NEEDED), column("owner", f'{_NEEDED}, server_default="me"')),
    ),
    damage(
        "SQLite gets a default",
        'default "projects"."owner"',
        Edit(L1, column("owner", _NEEDED), column("owner", f'{_NEEDED}, server_default="me"')),
    ),
    damage(
        "now() becomes a fixed instant",
        'default "threads"."updated_at"',
        Edit(P5, "sa.func.now()", "sa.text(\"'2026-01-01 00:00:00+00'\")"),
    ),
    damage(
        "now() is an hour off",
        'default "threads"."updated_at"',
        Edit(P5, "sa.func.now()", "sa.text(\"now() + interval '1 hour'\")"),
    ),
    damage(
        "SQLite's clock tells local time",
        'default "threads"."updated_at"',
        Edit(L5, "(datetime('now'))", "(datetime('now', 'localtime'))"),
    ),
    damage(
        "SQLite's clock tells the day only",
        'default "threads"."updated_at"',
        Edit(L5, "(datetime('now'))", "(date('now'))"),
    ),
)

_OPEN_ORDER = 'index "ux_backlog_tasks_open_order" of "backlog_tasks"'
_ONE_RUN = 'index "ux_backlog_tasks_run_id" of "backlog_tasks"'

PREDICATES = (
    damage("a literal of PostgreSQL's predicate", _OPEN_ORDER, Edit(P3, "'ready'", "'claimed'")),
    damage("a literal of SQLite's predicate", _OPEN_ORDER, Edit(L3, "'ready'", "'claimed'")),
    damage("the case of a literal", _OPEN_ORDER, Edit(P3, "'ready'", "'Ready'")),
    damage("one literal fewer", _OPEN_ORDER, Edit(P3, "'backlog', 'ready'", "'backlog'")),
    damage("one condition fewer", _OPEN_ORDER, Edit(P3, " AND archived_at IS NULL", "")),
    damage("AND becomes OR", _OPEN_ORDER, Edit(P3, ") AND archived", ") OR archived")),
    damage("IN becomes NOT IN", _OPEN_ORDER, Edit(L3, "state IN", "state NOT IN")),
    damage(
        "IS NULL becomes IS NOT NULL",
        _OPEN_ORDER,
        Edit(P3, "archived_at IS NULL", "archived_at IS NOT NULL"),
    ),
    damage(
        "IS NOT NULL becomes IS NULL",
        _ONE_RUN,
        Edit(P3, "run_id IS NOT NULL", "run_id IS NULL"),
    ),
    damage(
        "another column is asked",
        _ONE_RUN,
        Edit(P3, "run_id IS NOT NULL", "claimed_at IS NOT NULL"),
    ),
    damage(
        "PostgreSQL loses a predicate",
        _OPEN_ORDER,
        Edit(P3, "postgresql_where=", "info={}) if True else dict(where="),
    ),
    damage(
        "SQLite loses a predicate",
        _OPEN_ORDER,
        Edit(L3, "sqlite_where=", "info={}) if True else dict(where="),
    ),
    damage(
        "a whole index gets a predicate",
        'index "ix_projects_state" of "projects"',
        Edit(P1, '["state"])', '["state"], postgresql_where=sa.text("state = \'active\'"))'),
    ),
)

_BY_PROJECT = 'index "ix_runs_project_id_status" of "runs"'
_MESSAGES = 'index "ix_messages_thread_id_id" of "messages"'

INDEXES = (
    damage("PostgreSQL's unique index isn't", _OPEN_ORDER, Edit(P3, "unique=True", "unique=False")),
    damage("SQLite's unique index isn't", _OPEN_ORDER, Edit(L3, "unique=True", "unique=False")),
    damage(
        "PostgreSQL's index is made unique",
        'index "ix_runs_workflow_run_id" of "runs"',
        Edit(P1, '"runs", ["workflow_run_id"]', '"runs", ["workflow_run_id"], unique=True'),
    ),
    damage(
        "SQLite's index is made unique",
        'index "ix_runs_workflow_run_id" of "runs"',
        Edit(L1, '"runs", ["workflow_run_id"]', '"runs", ["workflow_run_id"], unique=True'),
    ),
    damage(
        "PostgreSQL loses an index",
        _BY_PROJECT,
        also(P1, 'op.drop_index("ix_runs_project_id_status")'),
    ),
    damage(
        "SQLite loses an index",
        _BY_PROJECT,
        also(L1, 'op.drop_index("ix_runs_project_id_status")'),
    ),
    damage(
        "PostgreSQL loses a unique index",
        'index "ux_run_events_run_id_sequence" of "run_events"',
        also(PM1, 'op.drop_index("ux_run_events_run_id_sequence")'),
    ),
    damage(
        "PostgreSQL gets an index of its own",
        'index "ix_runs_task" of "runs"',
        also(P1, 'op.create_index("ix_runs_task", "runs", ["task"])'),
    ),
    damage(
        "the columns of an index change places",
        _BY_PROJECT,
        Edit(P1, '["project_id", "status"]', '["status", "project_id"]'),
    ),
    damage(
        "SQLite's index changes the places of its columns",
        _BY_PROJECT,
        Edit(L1, '["project_id", "status"]', '["status", "project_id"]'),
    ),
    damage(
        "an index gets one more column",
        _BY_PROJECT,
        Edit(P1, '["project_id", "status"]', '["project_id", "status", "origin"]'),
    ),
    damage(
        "an index loses a column",
        _BY_PROJECT,
        Edit(P1, '["project_id", "status"]', '["project_id"]'),
    ),
    damage(
        "PostgreSQL's key gets DESC",
        _MESSAGES,
        Edit(P5, '["thread_id", "id"]', '["thread_id", sa.text("id DESC")]'),
    ),
    damage(
        "SQLite's key gets DESC",
        _MESSAGES,
        Edit(L5, '["thread_id", "id"]', '["thread_id", sa.text("id DESC")]'),
    ),
    damage(
        "a DESC that both had is lost",
        'index "ix_runs_started_at" of "runs"',
        also(L1, 'op.create_index("ix_runs_started_at", "runs", [sa.text("started_at DESC")])'),
        also(P1, 'op.create_index("ix_runs_started_at", "runs", [sa.text("started_at")])'),
    ),
    damage(
        "a key becomes an expression",
        'index "ix_projects_state" of "projects"',
        Edit(P1, '["state"])', '[sa.text("lower(state)")])'),
    ),
    damage(
        "an index of another method",
        'index "ix_projects_state" of "projects"',
        Edit(P1, '["state"])', '["state"], postgresql_using="hash")'),
    ),
    damage(
        'COLLATE "C" is lost',
        'collation "backlog_tasks"."order_key"',
        Edit(P1, 'sa.Text(collation="C")', "sa.Text()"),
    ),
)

_THREADS = 'check "ck_threads_status" of "threads"'
_CONFIDENCE = 'check "ck_expert_findings_confidence" of "expert_findings"'
_NOT_VALID = 'op.execute("ALTER TABLE threads DROP CONSTRAINT ck_threads_status")'

CHECKS = (
    damage(
        "PostgreSQL's CHECK lets one more value in",
        _THREADS,
        Edit(P5, "'queued')", "'queued', 'lost')"),
    ),
    damage(
        "SQLite's CHECK lets one more value in",
        _THREADS,
        Edit(L5, "'queued')", "'queued', 'lost')"),
    ),
    damage(
        "PostgreSQL's CHECK lets one value fewer in",
        _THREADS,
        Edit(P5, "'running', 'queued')", "'running')"),
    ),
    damage("a literal of a CHECK", _THREADS, Edit(P5, "'queued')", "'queuing')")),
    damage("PostgreSQL loses a CHECK", _THREADS, also(P5, _NOT_VALID)),
    damage(
        "SQLite loses a CHECK",
        _THREADS,
        Edit(
            L5,
            """sa.CheckConstraint("status IN ('idle', 'running', 'queued')", """
            """name="ck_threads_status"),""",
            "",
        ),
    ),
    damage("a bound is no longer included", _CONFIDENCE, Edit(PM4, ">= 0.0", "> 0.0")),
    damage("a bound moves", _CONFIDENCE, Edit(PM4, "<= 1.0", "<= 2.0")),
    damage("SQLite's bound moves", _CONFIDENCE, Edit(M4, "<= 1.0", "<= 1.5")),
    damage(
        "AND becomes OR in a CHECK",
        _CONFIDENCE,
        Edit(PM4, "0.0 AND confidence", "0.0 OR confidence"),
    ),
    damage(
        "one half of a CHECK is lost",
        _CONFIDENCE,
        Edit(PM4, "confidence >= 0.0 AND confidence <= 1.0", "confidence >= 0.0"),
    ),
    damage(
        "a CHECK asks another column",
        'check "ck_projects_state" of "projects"',
        Edit(P1, "\"state IN ('active'", "\"name IN ('active'"),
    ),
    damage(
        "a CHECK that old rows were never held against",
        _THREADS,
        also(
            P5,
            _NOT_VALID,
            'op.create_check_constraint("ck_threads_status", "threads", '
            "\"status IN ('idle', 'running', 'queued')\", postgresql_not_valid=True)",
        ),
    ),
    damage(
        "PostgreSQL gets a CHECK of its own",
        'check "ck_runs_task" of "runs"',
        also(P1, 'op.create_check_constraint("ck_runs_task", "runs", "task <> \'\'")'),
    ),
    damage(
        "an accepted CHECK is weakened",
        'check "ck_expert_findings_version" of "expert_findings"',
        Edit(PM4, '"version > 0"', '"version >= 0"'),
    ),
    damage(
        "an accepted CHECK of a document lets one more value in",
        'check "ck_expert_findings_risk" of "expert_findings"',
        Edit(PM4, "'medium', 'high')", "'medium', 'high', 'none')"),
    ),
)

_BACKLOG = 'foreign key (project_id) of "backlog_tasks"'
_DEPENDS = 'foreign key (depends_on_subtask_id) of "subtask_dependencies"'
_INBOX = 'foreign key (decision_id) of "decision_inbox"'
_CASCADE = '            ondelete="CASCADE",\n'
_OF_INBOX = '["decision_id"], ["decisions.id"], name="fk_decision_inbox_decision_id"'

FOREIGN_KEYS = (
    damage("CASCADE becomes NO ACTION", _BACKLOG, Edit(P1, _CASCADE, "")),
    damage("SQLite's CASCADE becomes NO ACTION", _BACKLOG, Edit(L1, _CASCADE, "")),
    damage(
        "CASCADE becomes SET NULL", _BACKLOG, Edit(P1, 'ondelete="CASCADE"', 'ondelete="SET NULL"')
    ),
    damage(
        "RESTRICT becomes CASCADE",
        _DEPENDS,
        Edit(PM2, 'ondelete="RESTRICT"', 'ondelete="CASCADE"'),
    ),
    damage(
        "RESTRICT becomes NO ACTION",
        _DEPENDS,
        Edit(PM2, 'ondelete="RESTRICT"', 'ondelete="NO ACTION"'),
    ),
    damage(
        "keys that change take their references along",
        _INBOX,
        Edit(PM1, _OF_INBOX, f'{_OF_INBOX}, onupdate="CASCADE"'),
    ),
    damage(
        "a foreign key is made deferrable",
        _INBOX,
        Edit(PM1, _OF_INBOX, f'{_OF_INBOX}, deferrable=True, initially="DEFERRED"'),
    ),
    damage(
        "SQLite's foreign key is made deferrable",
        _INBOX,
        Edit(M1, _OF_INBOX, f'{_OF_INBOX}, deferrable=True, initially="DEFERRED"'),
    ),
    damage(
        "a foreign key points at another table",
        _INBOX,
        Edit(PM1, _OF_INBOX, _OF_INBOX.replace("decisions.id", "decision_inbox.id")),
    ),
    damage(
        "PostgreSQL loses a foreign key",
        'foreign key (thread_id) of "tasks"',
        also(P5, 'op.drop_constraint("fk_tasks_thread_id", "tasks")'),
    ),
    damage(
        "SQLite loses a foreign key",
        'foreign key (thread_id) of "tasks"',
        Edit(
            L5,
            'sa.ForeignKeyConstraint(["thread_id"], ["threads.thread_id"], '
            'name="fk_tasks_thread_id"),',
            "",
        ),
    ),
    damage(
        "PostgreSQL gets a foreign key of its own",
        'foreign key (run_id) of "run_revisions"',
        also(P1, 'op.create_foreign_key("fk", "run_revisions", "runs", ["run_id"], ["run_id"])'),
    ),
    damage(
        "a foreign key that old rows were never held against",
        'foreign key (thread_id) of "tasks"',
        also(
            P5,
            'op.drop_constraint("fk_tasks_thread_id", "tasks")',
            'op.create_foreign_key("fk_tasks_thread_id", "tasks", "threads", ["thread_id"], '
            '["thread_id"], postgresql_not_valid=True)',
        ),
    ),
)

_OF_REVISIONS = 'primary key (run_id, revision_number) of "run_revisions"'
_AUTO = "sa.BigInteger(), sa.Identity(), nullable=False"

KEYS = (
    damage(
        "PostgreSQL's primary key gets one more column",
        _OF_REVISIONS,
        Edit(P1, '"revision_number", name=', '"revision_number", "reviewer_user", name='),
    ),
    damage(
        "SQLite's primary key loses a column",
        'primary key (run_id) of "run_revisions"',
        Edit(L1, '"run_id", "revision_number", name=', '"run_id", name='),
    ),
    damage(
        "PostgreSQL loses a primary key",
        'primary key (workflow_run_id) of "workflow_runs"',
        also(P1, 'op.drop_constraint("pk_workflow_runs", "workflow_runs")'),
    ),
    damage(
        "PostgreSQL's ids number themselves no longer",
        'identity "decisions"."id"',
        Edit(PM1, _AUTO, "sa.BigInteger(), autoincrement=False, nullable=False"),
    ),
    damage(
        "PostgreSQL takes no id that is given",
        'identity "decisions"."id"',
        Edit(PM1, _AUTO, "sa.BigInteger(), sa.Identity(always=True), nullable=False"),
    ),
    damage(
        "SQLite's ids number themselves no longer",
        'identity "messages"."id"',
        Edit(L5, '"id", sa.Integer(), primary_key', '"id", sa.BigInteger(), primary_key'),
        Edit(L5, "sqlite_autoincrement=True", "sqlite_autoincrement=False"),
    ),
)

_GUARD = 'trigger "run_revisions_no_update" of "run_revisions"'
_NO_DELETE = 'trigger "run_revisions_no_delete" of "run_revisions"'
_GUARD_HERE = 'trigger "run_revisions_no_change" of "run_revisions"'
_ROW = "FOR EACH ROW EXECUTE"

TRIGGERS = (
    damage(
        "TRUNCATE is left open",
        _NO_DELETE,
        Edit(
            P2,
            'op.execute((TRIGGERS / "run_revisions_no_truncate.sql").read_text(encoding="utf-8"))',
            "pass",
        ),
    ),
    damage("UPDATE is left open", _GUARD, Edit(NO_CHANGE, "UPDATE OR DELETE", "DELETE")),
    damage("DELETE is left open", _NO_DELETE, Edit(NO_CHANGE, "UPDATE OR DELETE", "UPDATE")),
    damage(
        "INSERT is refused where UPDATE was",
        _GUARD,
        Edit(NO_CHANGE, "UPDATE OR DELETE", "INSERT OR DELETE"),
    ),
    damage(
        "one column is guarded only",
        _GUARD,
        Edit(NO_CHANGE, "UPDATE OR", "UPDATE OF raw_comment OR"),
    ),
    damage(
        "a replica's session passes the row trigger",
        _GUARD,
        Edit(NO_CHANGE, "ALTER TABLE run_revisions ENABLE ALWAYS TRIGGER", "COMMENT ON TRIGGER"),
        Edit(NO_CHANGE, "no_change;", "no_change ON run_revisions IS '';"),
    ),
    damage(
        "a replica's session may TRUNCATE",
        _NO_DELETE,
        Edit(NO_TRUNCATE, "ENABLE ALWAYS TRIGGER", "ENABLE TRIGGER"),
    ),
    damage(
        "the row trigger is disabled",
        _GUARD,
        Edit(NO_CHANGE, "ENABLE ALWAYS TRIGGER", "DISABLE TRIGGER"),
    ),
    damage(
        "the row trigger fires for replicas only",
        _GUARD,
        Edit(NO_CHANGE, "ENABLE ALWAYS TRIGGER", "ENABLE REPLICA TRIGGER"),
    ),
    damage("the function returns", _GUARD, Edit(REFUSE, _RAISE, "RETURN OLD;")),
    damage(
        "the function returns before it raises",
        _GUARD,
        Edit(REFUSE, _RAISE, f"RETURN OLD; {_RAISE}"),
    ),
    damage("the function skips the row", _GUARD, Edit(REFUSE, _RAISE, "RETURN NULL;")),
    damage(
        "the function gives notice only",
        _GUARD,
        Edit(REFUSE, _RAISE, "RAISE NOTICE 'run_revisions is append-only'; RETURN OLD;"),
    ),
    damage(
        "the function raises for DELETE only",
        _GUARD,
        Edit(REFUSE, _RAISE, f"IF TG_OP = 'DELETE' THEN {_RAISE} END IF; RETURN NEW;"),
    ),
    damage(
        "the function raises for some rows only",
        _GUARD,
        Edit(
            REFUSE,
            _RAISE,
            f"IF TG_OP = 'TRUNCATE' OR OLD.revision_number > 1 THEN {_RAISE} END IF; RETURN OLD;",
        ),
    ),
    damage(
        "the function catches what it raises",
        _GUARD,
        Edit(REFUSE, _RAISE, f"{_RAISE} EXCEPTION WHEN OTHERS THEN RETURN OLD;"),
    ),
    damage(
        "a setting lets whoever sets it pass",
        _GUARD,
        Edit(
            REFUSE,
            _RAISE,
            f"IF current_setting('app.open', true) = 'on' THEN RETURN OLD; END IF; {_RAISE}",
        ),
    ),
    damage(
        "the exception stands in a comment",
        _GUARD,
        Edit(REFUSE, _RAISE, f"RETURN OLD; -- {_RAISE}"),
    ),
    damage(
        "the trigger fires WHEN a row has something only",
        _GUARD,
        Edit(NO_CHANGE, _ROW, "FOR EACH ROW WHEN (OLD.reviewer_user <> 'root') EXECUTE"),
    ),
    damage(
        "the row trigger is one of statements, and comes after",
        _GUARD,
        Edit(NO_CHANGE, "BEFORE", "AFTER"),
        Edit(NO_CHANGE, _ROW, "FOR EACH STATEMENT EXECUTE"),
    ),
    damage(
        "another table is guarded",
        _GUARD,
        Edit(NO_CHANGE, "DELETE ON run_revisions", "DELETE ON runs"),
        Edit(NO_CHANGE, "TABLE run_revisions", "TABLE runs"),
    ),
    damage(
        "PostgreSQL loses its triggers",
        _GUARD,
        also(
            P2,
            'op.execute("DROP TRIGGER run_revisions_no_change ON run_revisions")',
            'op.execute("DROP TRIGGER run_revisions_no_truncate ON run_revisions")',
        ),
    ),
    damage(
        "PostgreSQL gets a trigger of its own",
        'trigger "runs_closed" of "runs"',
        also(
            P2,
            'op.execute("CREATE TRIGGER runs_closed BEFORE INSERT ON runs '
            'FOR EACH ROW EXECUTE FUNCTION run_revisions_refuse()")',
        ),
    ),
    damage(
        "SQLite loses the trigger on DELETE",
        _GUARD_HERE,
        also(L2, 'op.execute("DROP TRIGGER run_revisions_no_delete")'),
    ),
    damage(
        "SQLite loses both triggers",
        _GUARD_HERE,
        also(
            L2,
            'op.execute("DROP TRIGGER run_revisions_no_delete")',
            'op.execute("DROP TRIGGER run_revisions_no_update")',
        ),
    ),
    damage(
        "SQLite's trigger fires WHEN a row has something only",
        _GUARD,
        Edit(NO_UPDATE, "\nBEGIN", "\nWHEN OLD.revision_number > 1\nBEGIN"),
    ),
    damage(
        "SQLite's trigger skips the row",
        _GUARD,
        Edit(NO_UPDATE, "RAISE(ABORT, 'run_revisions is append-only')", "RAISE(IGNORE)"),
    ),
    damage(
        "SQLite's trigger keeps what came before the row",
        _GUARD,
        Edit(NO_UPDATE, "RAISE(ABORT,", "RAISE(FAIL,"),
    ),
    damage(
        "SQLite's trigger guards one column only",
        _GUARD,
        Edit(NO_UPDATE, "BEFORE UPDATE ON", "BEFORE UPDATE OF raw_comment ON"),
    ),
    damage(
        "SQLite gets a trigger of its own",
        'trigger "runs_touch" of "runs"',
        also(
            L2,
            'op.execute("CREATE TRIGGER runs_touch AFTER UPDATE ON runs BEGIN '
            'UPDATE projects SET updated_at = NEW.started_at; END")',
        ),
    ),
)

TABLES = (
    damage(
        "PostgreSQL loses a table",
        'table "oauth_states"',
        also(PM3, 'op.drop_table("oauth_states")'),
    ),
    damage(
        "SQLite loses a table", 'table "oauth_states"', also(M3, 'op.drop_table("oauth_states")')
    ),
    damage(
        "PostgreSQL gets a table of its own",
        'table "notes"',
        also(PM3, f'op.create_table("notes", {column("note")})'),
    ),
    damage(
        "SQLite gets a table of its own",
        'table "notes"',
        also(M3, f'op.create_table("notes", {column("note")})'),
    ),
    damage(
        "a table has another name in PostgreSQL",
        'table "oauth_states"',
        also(PM3, 'op.rename_table("oauth_states", "oauth_stages")'),
    ),
    damage(
        "PostgreSQL computes a column that SQLite stores",
        'generated column "runs"."tree_hash"',
        Edit(P1, '"tree_hash", sa.Text()', '"tree_hash", sa.Text(), sa.Computed("diff")'),
    ),
    damage(
        "PostgreSQL gets a view of its own",
        'view "open_runs"',
        also(P1, 'op.execute("CREATE VIEW open_runs AS SELECT run_id FROM runs")'),
    ),
    damage(
        "SQLite gets a view of its own",
        'view "open_runs"',
        also(L1, 'op.execute("CREATE VIEW open_runs AS SELECT run_id FROM runs")'),
    ),
)

_ENTRIES = "[accepted]\n"

BASELINE_ENTRIES = (
    damage(
        "the baseline excuses what isn't there",
        'extra table "ghosts"',
        Edit(BASELINE, _ENTRIES, f"""{_ENTRIES}'extra table "ghosts" #00000000' = "none"\n"""),
    ),
    damage(
        "the baseline loses an entry",
        'table "dispatch_idempotency"',
        Edit(BASELINE, """'extra table "dispatch_idempotency" #""", "# '"),
    ),
    damage(
        "an accepted index is gone, and its entry isn't",
        'extra index "ix_runs_owner_id_lease_expires_at" of "runs"',
        also(LEASES, 'op.drop_index("ix_runs_owner_id_lease_expires_at")'),
    ),
    damage(
        "an accepted column has another type",
        'column "runs"."owner_id"',
        Edit(LEASES, '"owner_id", sa.Text()', '"owner_id", sa.BigInteger()'),
    ),
    damage(
        "an accepted table gets one more column",
        'table "dispatch_idempotency"',
        Edit(
            f"{_POSTGRES}pg_0002_checkpoints.py",
            column("child_run_id", _NEEDED),
            f"{column('child_run_id', _NEEDED)}, {column('note')}",
        ),
    ),
)

DAMAGES = {
    "Columns": COLUMNS,
    "Types": TYPES,
    "NOT NULL": NULLS,
    "Defaults": DEFAULTS,
    "Predicates": PREDICATES,
    "Indexes and collations": INDEXES,
    "CHECKs": CHECKS,
    "Foreign keys": FOREIGN_KEYS,
    "Primary keys and identity": KEYS,
    "Triggers": TRIGGERS,
    "Tables, views, generated columns": TABLES,
    "The baseline": BASELINE_ENTRIES,
}
