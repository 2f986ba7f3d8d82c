"""How long an organisation keeps what, and chores that one process at a time does: the table rows."""

from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column

MOST_DAYS = 36_500


class Retention(SQLModel, table=True):
    """Days after which finished tasks, finished batches and unchanged portfolios are erased; None keeps them."""

    __tablename__ = "retention"  # pyright: ignore[reportAssignmentType]

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    tasks_days: int | None = None
    batches_days: int | None = None
    portfolios_days: int | None = None


class Chore(SQLModel, table=True):
    """Something to be done now and then by whoever claims it; `turn` counts the claims and fences off earlier ones."""

    __tablename__ = "chore"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    due_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    lease_until: Timestamp | None = Field(default=None, sa_column=utc_column())
    turn: int = 0
