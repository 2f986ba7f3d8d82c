"""A batch's events for one reader: progress as it comes, then the end; a late reader gets the end from the record."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from data.channels.token_stream.stream import TokenStream
from data.errors import NotFound, ServiceUnavailable
from data.records.batches.batch import Batch
from data.records.batches.batch_store import BatchStore
from data.wire.batch import BatchStatus
from data.wire.event import FINAL, Event, EventType

LOG = logging.getLogger(__name__)
LOOK_S = 2.0  # how long the stream may be silent before the record is asked
ENDS = {
    BatchStatus.COMPLETED: EventType.COMPLETE,
    BatchStatus.FAILED: EventType.FAILED,
    BatchStatus.CANCELLED: EventType.CANCELLED,
}


def counts(batch: Batch) -> dict[str, int]:
    """How much of it is done, as progress events and results tell it."""
    return {"rows": batch.rows, "portfolios": batch.portfolios, "rejects": batch.rejects}


def end_of(batch: Batch) -> Event:
    """The final event of a finished batch, as its record tells it; its id is that of the moment it ended."""
    status = BatchStatus(batch.status)
    at = batch.finished_at or batch.updated_at
    payloads: dict[BatchStatus, dict[str, Any]] = {
        BatchStatus.COMPLETED: {"result": counts(batch)},
        BatchStatus.FAILED: {"error": batch.error},
    }
    event_id = f"{int(at.timestamp() * 1000)}-0"
    payload = payloads.get(status, {})
    return Event(id=event_id, type=ENDS[status], task_id=batch.id, attempt=batch.attempt, at=at, payload=payload)


async def events_of(
    batch: Batch, batches: BatchStore, stream: TokenStream, after: str | None
) -> AsyncGenerator[list[Event]]:
    """Events after the id as they come, to the final one, and none where nothing has come for a while."""
    # Its stream may be gone already; the record says how it ended.
    if batch.status in ENDS:
        yield [end_of(batch)]
        return
    async with aclosing(stream.follow_together(batch.id, after, pause_s=LOOK_S)) as groups:
        async for group in groups:
            if group:
                yield group
            # A final event may be of an attempt that was replaced: only the record knows.
            finished = await _finished(batch, batches) if not group or group[-1].type in FINAL else None
            if finished is not None:
                if not group:
                    yield [end_of(finished)]
                return
            if not group:
                yield []


async def _finished(batch: Batch, batches: BatchStore) -> Batch | None:
    """The record, if the batch has ended."""
    try:
        found = await batches.get(batch.id, batch.organisation_id)
    except (NotFound, ServiceUnavailable) as error:
        LOG.warning("the record of batch %s cannot be read: %s", batch.id, error)
        return None
    return found if found.status in ENDS else None
