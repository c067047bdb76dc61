"""The platform: projects, runs and their reviews, workflows, the backlog, proposed casts.

Ids made by the application stay text: their exact form is part of their meaning.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "op_0001_baseline"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin_kind", sa.Text(), nullable=False),
        sa.Column("source_repository", sa.Text()),
        sa.Column("working_directory", sa.Text(), nullable=False),
        sa.Column("default_branch", sa.Text(), nullable=False, server_default="main"),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("default_provider", sa.Text(), nullable=False),
        sa.Column("default_model_copilot", sa.Text()),
        sa.Column("default_model_foundry", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False, server_default="active"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "max_ready_per_heartbeat", sa.Integer(), nullable=False, server_default=sa.text("3")
        ),
        sa.Column("pickup_autopilot", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column(
            "pickup_auto_approve_tools", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("default_workflow_id", sa.Text()),
        sa.Column("active_review_policy_name", sa.Text()),
        sa.PrimaryKeyConstraint("project_id", name="pk_projects"),
        sa.CheckConstraint("origin_kind IN ('blank', 'github')", name="ck_projects_origin_kind"),
        sa.CheckConstraint("state IN ('active', 'deleting')", name="ck_projects_state"),
    )
    op.create_index("ix_projects_state", "projects", ["state"])
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("repository_path", sa.Text(), nullable=False),
        sa.Column("originating_branch", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("submitting_user", sa.Text(), nullable=False),
        sa.Column("model_source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("result", sa.Text()),
        sa.Column("worktree_path", sa.Text()),
        sa.Column("worktree_branch", sa.Text()),
        sa.Column("tree_hash", sa.Text()),
        sa.Column("diff", sa.Text()),
        # Written by a serialiser, or NULL: never the empty string.
        sa.Column("merge_conflicts", JSONB()),
        sa.Column("project_id", sa.Text()),
        sa.Column("model_id", sa.Text()),
        sa.Column("agent_name", sa.Text()),
        sa.Column("agent_charter", sa.Text()),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("workflow_run_id", sa.Text()),
        sa.Column("merged_commit_hash", sa.Text()),
        sa.Column("parent_run_id", sa.Text()),
        # An id of subtasks as text, or 'assembly-scribe': no foreign key can say that.
        sa.Column("subtask_id", sa.Text()),
        sa.Column("review_ready_at", sa.DateTime(timezone=True)),
        sa.Column("origin", sa.Text(), nullable=False, server_default="interactive"),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'awaiting_review', 'assemble_ready', "
            "'committing', 'merging', 'merged', 'completed', 'failed', 'declined', "
            "'merge_failed')",
            name="ck_runs_status",
        ),
    )
    op.create_index("ix_runs_origin_status", "runs", ["origin", "status"])
    op.create_index("ix_runs_project_id_status", "runs", ["project_id", "status"])
    op.create_index("ix_runs_parent_run_id_subtask_id", "runs", ["parent_run_id", "subtask_id"])
    op.create_index("ix_runs_workflow_run_id", "runs", ["workflow_run_id"])
    op.create_table(
        "run_revisions",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("reviewer_user", sa.Text(), nullable=False),
        sa.Column("raw_comment", sa.Text(), nullable=False),
        sa.Column("sanitized_comment", sa.Text(), nullable=False),
        sa.Column("previous_tree_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "revision_number", name="pk_run_revisions"),
    )
    op.create_table(
        "workflow_runs",
        sa.Column("workflow_run_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("submitting_user", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("orchestration_worktree_path", sa.Text()),
        sa.PrimaryKeyConstraint("workflow_run_id", name="pk_workflow_runs"),
    )
    op.create_index("ix_workflow_runs_project_id", "workflow_runs", ["project_id"])
    op.create_table(
        "backlog_tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("captured_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        # Keys sort by their bytes, as they do in SQLite; a language would reorder them.
        sa.Column("order_key", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("run_id", sa.Text()),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("task_id", name="pk_backlog_tasks"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.project_id"],
            name="fk_backlog_tasks_project_id",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "state IN ('backlog', 'ready', 'claimed')", name="ck_backlog_tasks_state"
        ),
    )
    op.create_index(
        "ix_backlog_tasks_project_id_state_order_key",
        "backlog_tasks",
        ["project_id", "state", "order_key"],
    )
    op.create_table(
        "cast_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        # Always one whole object, read by name: the order of its keys means nothing.
        sa.Column("proposal_json", JSONB(), nullable=False),
        # A proposal made again is a new one: where SQLite's INSERT OR REPLACE resets
        # created_at, the upsert here sets it too (DO UPDATE SET created_at =
        # excluded.created_at).
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cast_proposals"),
    )
    op.create_index("ix_cast_proposals_project_id", "cast_proposals", ["project_id"])


def downgrade() -> None:
    op.drop_table("cast_proposals")
    op.drop_table("backlog_tasks")
    op.drop_table("workflow_runs")
    op.drop_table("run_revisions")
    op.drop_table("runs")
    op.drop_table("projects")
