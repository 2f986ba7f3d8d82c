"""A CSV of many portfolios and what became of it, as it goes over the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from data.wording.described import Described


class BatchStatus(StrEnum):
    """Where a batch stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchView(Described, BaseModel):
    """A batch as its owner sees it; progress is the share of its bytes that are done, 0 to 100.

    Attributes:
        id: its id.
        file_name: the name of the file that was sent.
        strategies: the strategies that are compared.
        status: where it stands.
        progress: the share of its bytes that are done, in percent, 0 to 100.
        attempt: how often it has been begun; 0 while it waits for the first time.
        rows: rows read so far.
        portfolios: portfolios planned so far.
        rejects: rows so far that are in no result.
        error: why it failed: `type` and `detail`; null where it did not.
        created_at: when it was accepted, in UTC.
        updated_at: when its record last changed, in UTC.
        finished_at: when it ended, in UTC; null until then.
    """

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
