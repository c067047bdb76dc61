"""How a coordinator gets work done: what is wanted, who does which part, what steers it."""

import sqlalchemy as sa
from alembic import op

revision = "mem_0002_coordination"
down_revision = "mem_0001_baseline"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outcome_specs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("coordinator_run_id", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("desired_outcome", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("assumptions", sa.Text(), nullable=False),
        sa.Column("clarifying_questions", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outcome_specs_project_id_coordinator_run_id",
        "outcome_specs",
        ["project_id", "coordinator_run_id"],
    )
    op.create_table(
        "work_plans",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("outcome_spec_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("coordinator_run_id", sa.Text(), nullable=False),
        sa.Column("isolation_summary", sa.Text()),
        sa.Column("integration_branch", sa.Text()),
        sa.Column("workflow_id", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assembly_stage", sa.Text()),
        sa.Column("assembly_started_at", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_spec_id"],
            ["outcome_specs.id"],
            name="fk_work_plans_outcome_spec_id",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subtasks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("work_plan_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("assigned_agent", sa.Text(), nullable=False),
        sa.Column("selected_model_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("isolation_strategy", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("child_run_id", sa.Text()),
        sa.Column("locked_out_agents", sa.Text()),
        sa.Column("recovery_attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("recovery_guidance", sa.Text()),
        sa.Column("agent_charter", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_plan_id"], ["work_plans.id"], name="fk_subtasks_work_plan_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'dispatched', 'running', 'rai_flagged', "
            "'assemble_ready', 'completed', 'failed')",
            name="ck_subtasks_status",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subtask_dependencies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subtask_id", sa.Integer(), nullable=False),
        sa.Column("depends_on_subtask_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subtask_id"],
            ["subtasks.id"],
            name="fk_subtask_dependencies_subtask_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["depends_on_subtask_id"],
            ["subtasks.id"],
            name="fk_subtask_dependencies_depends_on_subtask_id",
            ondelete="RESTRICT",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "steering_directives",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("coordinator_run_id", sa.Text(), nullable=False),
        sa.Column("target_child_run_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("relayed_at", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_steering_directives_coordinator_run_id_status",
        "steering_directives",
        ["coordinator_run_id", "status"],
    )


def downgrade() -> None:
    op.drop_table("steering_directives")
    op.drop_table("subtask_dependencies")
    op.drop_table("subtasks")
    op.drop_table("work_plans")
    op.drop_table("outcome_specs")
