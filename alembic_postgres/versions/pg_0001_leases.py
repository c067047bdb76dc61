"""Let several replicas share the work: each takes what it runs under a lease with a fencing token.

SQLite has one process, and so no such columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "pg_0001_leases"
down_revision = "mem_0004_expert_findings"
branch_labels = None
depends_on = None
unpaired = "one process has SQLite's file: it takes no leases"


def upgrade() -> None:
    for table in ("runs", "work_plans", "subtasks"):
        op.add_column(table, sa.Column("owner_id", sa.Text()))
        op.add_column(table, sa.Column("lease_expires_at", sa.DateTime(timezone=True)))
        op.add_column(table, sa.Column("heartbeat_at", sa.DateTime(timezone=True)))
        op.add_column(
            table,
            sa.Column(
                "fencing_token", sa.BigInteger(), nullable=False, server_default=sa.text("0")
            ),
        )
        op.add_column(
            table, sa.Column("attempt", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    op.create_index("ix_runs_owner_id_lease_expires_at", "runs", ["owner_id", "lease_expires_at"])


def downgrade() -> None:
    op.drop_index("ix_runs_owner_id_lease_expires_at", table_name="runs")
    for table in ("subtasks", "work_plans", "runs"):
        for column in ("attempt", "fencing_token", "heartbeat_at", "lease_expires_at", "owner_id"):
            op.drop_column(table, column)
