"""Let a project come from a blueprint, and a run be retried and archived."""

import sqlalchemy as sa
from alembic import op

revision = "op_0004_blueprints"
down_revision = "op_0003_open_backlog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("sandbox_profile", sa.Text()))
    op.add_column("projects", sa.Column("source_blueprint_id", sa.Text()))
    op.add_column("projects", sa.Column("source_blueprint_type", sa.Text()))
    op.add_column("projects", sa.Column("allowed_workflow_ids", sa.Text()))
    op.add_column("runs", sa.Column("retried_from", sa.Text()))
    op.add_column("runs", sa.Column("archived_at", sa.Text()))
    op.add_column("backlog_tasks", sa.Column("workflow_override_id", sa.Text()))
    op.add_column("backlog_tasks", sa.Column("source_file_path", sa.Text()))


def downgrade() -> None:
    op.drop_column("backlog_tasks", "source_file_path")
    op.drop_column("backlog_tasks", "workflow_override_id")
    op.drop_column("runs", "archived_at")
    op.drop_column("runs", "retried_from")
    op.drop_column("projects", "allowed_workflow_ids")
    op.drop_column("projects", "source_blueprint_type")
    op.drop_column("projects", "source_blueprint_id")
    op.drop_column("projects", "sandbox_profile")
