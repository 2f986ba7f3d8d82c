"""A CSV of many portfolios and what became of it: the table row."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column
from data.wire.batch import BatchStatus, BatchView


class Batch(SQLModel, table=True):
    """One batch; its files lie in the state folder under its id."""

    __tablename__ = "batch"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_batch_listing", "organisation_id", "created_at", "id"),
        Index("ux_batch_idempotency", "organisation_id", "idempotency_key", unique=True),
    )

    id: str = Field(primary_key=True)
    organisation_id: str
    key_id: str
    file_name: str
    strategies: list[str] = Field(sa_type=JSON)
    status: str = BatchStatus.PENDING.value
    attempt: int = 0
    lease_until: Timestamp | None = Field(default=None, sa_column=utc_column())
    cancel_requested: bool = False
    bytes_total: int = Field(sa_type=BigInteger)
    bytes_done: int = Field(default=0, sa_type=BigInteger)
    rows: int = Field(default=0, sa_type=BigInteger)
    portfolios: int = Field(default=0, sa_type=BigInteger)
    rejects: int = Field(default=0, sa_type=BigInteger)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    idempotency_key: str | None = None
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    updated_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    finished_at: Timestamp | None = Field(default=None, sa_column=utc_column())

    def view(self) -> BatchView:
        """The batch as its owner sees it."""
        fields = {name: getattr(self, name) for name in BatchView.model_fields if name != "progress"}
        is_done = self.status == BatchStatus.COMPLETED
        return BatchView(progress=100 if is_done else self.bytes_done * 100 // max(self.bytes_total, 1), **fields)
