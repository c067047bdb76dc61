"""What the agents know: decisions, memories, session contexts, and the stream of run events.

Instants are text with an offset, trailing zeros trimmed; run_events alone has them without a zone,
from two writers that differ in trimming.
"""

import sqlalchemy as sa
from alembic import op

revision = "mem_0001_baseline"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text()),
        sa.Column("tags", sa.Text()),
        sa.Column("superseded_by_id", sa.Integer()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"], ["decisions.id"], name="fk_decisions_superseded_by_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_project_id_agent_name", "decisions", ["project_id", "agent_name"])
    op.create_index("ix_decisions_project_id_status", "decisions", ["project_id", "status"])
    op.create_table(
        "decision_inbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Integer()),
        sa.Column("merged_at", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_decision_inbox_decision_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ux_decision_inbox_project_id_slug", "decision_inbox", ["project_id", "slug"], unique=True
    )
    op.create_index(
        "ix_decision_inbox_project_id_status", "decision_inbox", ["project_id", "status"]
    )
    op.create_table(
        "agent_memory",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("importance", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_agent_memory_project_id_agent_name", "agent_memory", ["project_id", "agent_name"]
    )
    op.create_index("ix_agent_memory_project_id_type", "agent_memory", ["project_id", "type"])
    op.create_table(
        "session_contexts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("focus_area", sa.Text(), nullable=False),
        sa.Column("active_issues", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("serialized_state", sa.Text()),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ux_session_contexts_project_id_session_id",
        "session_contexts",
        ["project_id", "session_id"],
        unique=True,
    )
    op.create_index(
        "ix_session_contexts_project_id_ended_at", "session_contexts", ["project_id", "ended_at"]
    )
    op.create_table(
        "run_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ux_run_events_run_id_sequence", "run_events", ["run_id", "sequence"], unique=True
    )


def downgrade() -> None:
    op.drop_table("run_events")
    op.drop_table("session_contexts")
    op.drop_table("agent_memory")
    op.drop_table("decision_inbox")
    op.drop_table("decisions")
