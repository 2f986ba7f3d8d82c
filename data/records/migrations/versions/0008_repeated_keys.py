"""What an API key was asked for with, so that a repetition makes no second one.

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of earlier keys no repetition is known."""
    op.add_column("api_key", sa.Column("idempotency_key", sa.String(), nullable=True))
    op.add_column("api_key", sa.Column("fingerprint", sa.String(), nullable=True))
    op.create_index("ux_api_key_idempotency", "api_key", ["organisation_id", "idempotency_key"], unique=True)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ux_api_key_idempotency", "api_key")
    op.drop_column("api_key", "fingerprint")
    op.drop_column("api_key", "idempotency_key")
