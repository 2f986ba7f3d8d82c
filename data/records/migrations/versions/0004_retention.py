"""Which saved portfolio a task was asked about, how long an organisation keeps what, and chores done by one at a time.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; of earlier tasks nobody knows which saved portfolio they used."""
    op.add_column("agent_task", sa.Column("portfolio_id", sa.String(), nullable=True))
    op.create_index("ix_agent_task_portfolio", "agent_task", ["organisation_id", "portfolio_id"])
    op.create_table(
        "retention",
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("tasks_days", sa.Integer(), nullable=True),
        sa.Column("batches_days", sa.Integer(), nullable=True),
        sa.Column("portfolios_days", sa.Integer(), nullable=True),
    )
    op.create_table(
        "chore",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("chore")
    op.drop_table("retention")
    op.drop_index("ix_agent_task_portfolio", "agent_task")
    op.drop_column("agent_task", "portfolio_id")
