"""The trace of the request that asked for a task, so that each of its attempts goes on in it.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; earlier tasks belong to no trace."""
    op.add_column("agent_task", sa.Column("traceparent", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("agent_task", "traceparent")
