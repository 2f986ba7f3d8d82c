"""A CSV of many portfolios and what became of it, as it goes over the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel


class BatchStatus(StrEnum):
    """Where a batch stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchView(BaseModel):
    """A batch as its owner sees it; progress is the share of its bytes that are done, 0 to 100."""

    id: str
    file_name: str
    strategies: list[str]
    status: BatchStatus
    progress: int
    attempt: int
    rows: int
    portfolios: int
    rejects: int
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """True once nothing more will come."""
        return self.status not in (BatchStatus.PENDING, BatchStatus.PROCESSING)
