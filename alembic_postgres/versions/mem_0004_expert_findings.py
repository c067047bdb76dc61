"""What experts found in a pipeline run; the payload is checked against what its type promises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "mem_0004_expert_findings"
down_revision = "mem_0003_tokens"
branch_labels = None
depends_on = None

# `?&` comes first: the type of a key that is missing is NULL, and a CHECK lets NULL pass.
PAYLOADS = {
    "risk": "payload ?& ARRAY['title', 'severity']"
    " AND jsonb_typeof(payload -> 'title') = 'string'"
    " AND jsonb_typeof(payload -> 'severity') = 'string'"
    " AND payload ->> 'severity' IN ('low', 'medium', 'high')",
    "recommendation": "payload ?& ARRAY['title', 'steps']"
    " AND jsonb_typeof(payload -> 'title') = 'string'"
    " AND jsonb_typeof(payload -> 'steps') = 'array'",
    "evidence": "payload ?& ARRAY['source', 'weight']"
    " AND jsonb_typeof(payload -> 'source') = 'string'"
    " AND jsonb_typeof(payload -> 'weight') = 'number'",
}


def upgrade() -> None:
    op.create_table(
        "expert_findings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("pipeline_run_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("finding_type", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
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
    op.create_check_constraint("ck_expert_findings_version", "expert_findings", "version > 0")
    op.create_check_constraint(
        "ck_expert_findings_object", "expert_findings", "jsonb_typeof(payload) = 'object'"
    )
    for finding_type, condition in PAYLOADS.items():
        op.create_check_constraint(
            f"ck_expert_findings_{finding_type}",
            "expert_findings",
            f"finding_type <> '{finding_type}' OR ({condition})",
        )


def downgrade() -> None:
    op.drop_table("expert_findings")
