"""Keep workflow checkpoints, and dispatch a subtask once, whoever asks.

In SQLite checkpoints are files, and one process needs no such memory.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "pg_0002_checkpoints"
down_revision = "pg_0001_leases"
branch_labels = None
depends_on = None
unpaired = "with SQLite, checkpoints are files and one process dispatches: neither needs a table"


def upgrade() -> None:
    op.create_table(
        "workflow_checkpoints",
        sa.Column("store_name", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("checkpoint_id", sa.Text(), nullable=False),
        sa.Column("parent_checkpoint_id", sa.Text()),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "store_name", "session_id", "checkpoint_id", name="pk_workflow_checkpoints"
        ),
    )
    op.create_table(
        "dispatch_idempotency",
        sa.Column("coordinator_run_id", sa.Text(), nullable=False),
        sa.Column("subtask_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("child_run_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "coordinator_run_id", "subtask_id", "attempt", name="pk_dispatch_idempotency"
        ),
    )


def downgrade() -> None:
    op.drop_table("dispatch_idempotency")
    op.drop_table("workflow_checkpoints")
