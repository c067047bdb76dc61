"""Who may come in: tokens and their revocations, registered clients, sign-ins under way."""

import sqlalchemy as sa
from alembic import op

revision = "mem_0003_tokens"
down_revision = "mem_0002_coordination"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mcp_refresh_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("chain_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("github_login", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("org", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absolute_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mcp_refresh_tokens"),
    )
    op.create_index(
        "ux_mcp_refresh_tokens_token_hash", "mcp_refresh_tokens", ["token_hash"], unique=True
    )
    op.create_table(
        "mcp_revoked_jtis",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mcp_revoked_jtis"),
    )
    op.create_index("ux_mcp_revoked_jtis_jti", "mcp_revoked_jtis", ["jti"], unique=True)
    op.create_table(
        "mcp_client_registrations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mcp_client_registrations"),
    )
    op.create_index(
        "ux_mcp_client_registrations_client_id",
        "mcp_client_registrations",
        ["client_id"],
        unique=True,
    )
    op.create_table(
        "mcp_pending_authorizations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("client_state", sa.Text()),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mcp_pending_authorizations"),
    )
    op.create_index(
        "ux_mcp_pending_authorizations_state", "mcp_pending_authorizations", ["state"], unique=True
    )
    op.create_table(
        "mcp_authorization_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("github_login", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mcp_authorization_codes"),
    )
    op.create_index(
        "ux_mcp_authorization_codes_code", "mcp_authorization_codes", ["code"], unique=True
    )
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_oauth_states"),
    )
    op.create_table(
        "web_session_exchange_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_web_session_exchange_codes"),
    )


def downgrade() -> None:
    op.drop_table("web_session_exchange_codes")
    op.drop_table("oauth_states")
    op.drop_table("mcp_authorization_codes")
    op.drop_table("mcp_pending_authorizations")
    op.drop_table("mcp_client_registrations")
    op.drop_table("mcp_revoked_jtis")
    op.drop_table("mcp_refresh_tokens")
