"""Keep the open backlog in one order, and let a run claim one task at most."""

import sqlalchemy as sa
from alembic import op

revision = "op_0003_open_backlog"
down_revision = "op_0002_append_only_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ux_backlog_tasks_open_order",
        "backlog_tasks",
        ["project_id", "state", "order_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('backlog', 'ready') AND archived_at IS NULL"),
    )
    op.create_index(
        "ux_backlog_tasks_run_id",
        "backlog_tasks",
        ["run_id"],
        unique=True,
        sqlite_where=sa.text("run_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ux_backlog_tasks_run_id", table_name="backlog_tasks")
    op.drop_index("ux_backlog_tasks_open_order", table_name="backlog_tasks")
