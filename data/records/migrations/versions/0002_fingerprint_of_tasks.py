"""What a task was asked for as it came, by its hash: a repetition is told by that, whatever was filled in.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; earlier tasks have none, so that a repetition of one of them is a conflict."""
    op.add_column("agent_task", sa.Column("fingerprint", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("agent_task", "fingerprint")
