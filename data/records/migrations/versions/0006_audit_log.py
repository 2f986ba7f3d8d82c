"""The audit log: a chain of rows for each organisation, and one for those whom nobody knows.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and a head for every chain: from now on, one that is missing was taken away."""
    op.create_table(
        "audit_event",
        sa.Column("organisation_id", sa.String(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["organisation_id", "subject", "number"])
    op.create_table(
        "audit_head",
        sa.Column("organisation_id", sa.String(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
    genesis = "0" * 64
    op.execute(f"INSERT INTO audit_head (organisation_id, number, hash) SELECT id, 0, '{genesis}' FROM organisation")
    op.execute(f"INSERT INTO audit_head (organisation_id, number, hash) VALUES ('', 0, '{genesis}')")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("audit_head")
    op.drop_table("audit_event")
