"""Make the history of reviews append-only: UPDATE, DELETE and TRUNCATE are refused."""

from pathlib import Path

from alembic import op

revision = "op_0002_append_only_revisions"
down_revision = "mem_0001_baseline"
branch_labels = None
depends_on = None

TRIGGERS = Path(__file__).resolve().parents[2] / "triggers" / "postgres"


def upgrade() -> None:
    op.execute((TRIGGERS / "run_revisions_refuse.sql").read_text(encoding="utf-8"))
    op.execute((TRIGGERS / "run_revisions_no_change.sql").read_text(encoding="utf-8"))
    op.execute((TRIGGERS / "run_revisions_no_truncate.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TRIGGER run_revisions_no_truncate ON run_revisions")
    op.execute("DROP TRIGGER run_revisions_no_change ON run_revisions")
    op.execute("DROP FUNCTION run_revisions_refuse()")
