"""Make the history of reviews append-only: UPDATE and DELETE are refused."""

from pathlib import Path

from alembic import op

revision = "op_0002_append_only_revisions"
down_revision = "op_0001_baseline"
branch_labels = None
depends_on = None

TRIGGERS = Path(__file__).resolve().parents[3] / "triggers" / "sqlite"


def upgrade() -> None:
    op.execute((TRIGGERS / "run_revisions_no_update.sql").read_text(encoding="utf-8"))
    op.execute((TRIGGERS / "run_revisions_no_delete.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TRIGGER run_revisions_no_delete")
    op.execute("DROP TRIGGER run_revisions_no_update")
