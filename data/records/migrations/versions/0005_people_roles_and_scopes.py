"""People in organisations; roles, scopes, expiry and last use of keys.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table and the columns; administrators' keys stay so, all others are analysts' with every scope."""
    op.create_table(
        "account_user",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.UniqueConstraint("organisation_id", "email"),
        sa.UniqueConstraint("organisation_id", "subject"),
    )
    op.add_column("organisation", sa.Column("claim", sa.String(), nullable=True))
    op.create_index("ux_organisation_claim", "organisation", ["claim"], unique=True)
    op.add_column("api_key", sa.Column("user_id", sa.String(), nullable=True))
    op.add_column("api_key", sa.Column("role", sa.String(), nullable=False, server_default="viewer"))
    op.add_column("api_key", sa.Column("scopes", sa.String(), nullable=True))
    op.add_column("api_key", sa.Column("expires_at", TIME, nullable=True))
    op.add_column("api_key", sa.Column("last_used_at", TIME, nullable=True))
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"])
    op.execute("UPDATE api_key SET role = CASE WHEN is_admin THEN 'admin' ELSE 'analyst' END")
    op.drop_column("api_key", "is_admin")


def downgrade() -> None:
    """Drop them; keys whose rights could not be told any more are revoked."""
    op.add_column("api_key", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE api_key SET is_admin = (role = 'admin')")
    op.execute(
        "UPDATE api_key SET revoked_at = created_at WHERE revoked_at IS NULL"
        " AND (role = 'viewer' OR scopes IS NOT NULL OR expires_at IS NOT NULL OR user_id IS NOT NULL)"
    )
    op.drop_index("ix_api_key_user_id", "api_key")
    for column in ("user_id", "role", "scopes", "expires_at", "last_used_at"):
        op.drop_column("api_key", column)
    op.drop_index("ux_organisation_claim", "organisation")
    op.drop_column("organisation", "claim")
    op.drop_table("account_user")
