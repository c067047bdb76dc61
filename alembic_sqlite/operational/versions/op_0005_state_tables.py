"""Conversations and what they set in motion; locks; kept results.

Their second writer is SQLite itself: datetime('now') has no zone and means UTC. Locks and results
count seconds since 1970.
"""

import sqlalchemy as sa
from alembic import op

revision = "op_0005_state_tables"
down_revision = "op_0004_blueprints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "threads",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column(
            "updated_at", sa.Text(), nullable=False, server_default=sa.text("(datetime('now'))")
        ),
        sa.PrimaryKeyConstraint("thread_id", name="pk_threads"),
        sa.CheckConstraint("status IN ('idle', 'running', 'queued')", name="ck_threads_status"),
    )
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column(
            "updated_at", sa.Text(), nullable=False, server_default=sa.text("(datetime('now'))")
        ),
        sa.Column("completed_at", sa.Text()),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.thread_id"], name="fk_tasks_thread_id"),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'completed', 'failed', 'cancelled')",
            name="ck_tasks_status",
        ),
    )
    op.create_index("ix_tasks_thread_id", "tasks", ["thread_id"])
    op.create_index("ix_tasks_status", "tasks", ["status"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.thread_id"], name="fk_messages_thread_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_thread_id_id", "messages", ["thread_id", "id"])
    op.create_table(
        "locks",
        sa.Column("lock_key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("acquired_at", sa.REAL(), nullable=False),
        sa.Column("ttl_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lock_key", name="pk_locks"),
    )
    op.create_table(
        "results",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.REAL(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_results"),
    )


def downgrade() -> None:
    op.drop_table("results")
    op.drop_table("locks")
    op.drop_table("messages")
    op.drop_table("tasks")
    op.drop_table("threads")
