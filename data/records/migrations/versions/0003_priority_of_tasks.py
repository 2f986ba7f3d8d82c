"""How soon a task is wanted, so that the reconciler puts it back into the line that it came from.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; earlier tasks were all asked for one by one."""
    op.add_column("agent_task", sa.Column("priority", sa.String(), nullable=False, server_default="task"))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("agent_task", "priority")
