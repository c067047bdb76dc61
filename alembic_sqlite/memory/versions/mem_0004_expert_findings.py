"""What experts found in a pipeline run; the payload is JSON, kept as UTF-8 bytes."""

import sqlalchemy as sa
from alembic import op

revision = "mem_0004_expert_findings"
down_revision = "mem_0003_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expert_findings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("pipeline_run_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("finding_type", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("confidence", sa.REAL(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_expert_findings"),
        sa.CheckConstraint(
            "confidence >= 0.0 AND confidence <= 1.0", name="ck_expert_findings_confidence"
        ),
    )
    op.create_index(
        "ix_expert_findings_pipeline_run_id_node_id",
        "expert_findings",
        ["pipeline_run_id", "node_id"],
    )
    op.create_index("ix_expert_findings_node_id", "expert_findings", ["node_id"])
    op.create_index("ix_expert_findings_contract_id", "expert_findings", ["contract_id"])


def downgrade() -> None:
    op.drop_table("expert_findings")
