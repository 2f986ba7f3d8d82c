"""A task's events for one reader: what the stream has, and what the record says where the stream cannot.

A late reader is no special case: stream gone and task finished gives the stored answer, then the end.
Knows nothing of SSE or sockets.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar, cast

from data.token_stream import TokenStream

from data.errors import ServiceUnavailable
from data.event import FINAL, Event, EventType
from data.task import FINISHED, AgentTask, TaskStatus
from data.task_store import TaskStore

LOG = logging.getLogger(__name__)
LOOK_S = 4.0  # how long the stream may be silent before the record is asked
PATIENCE_S = 2.0
ENDS = {
    TaskStatus.COMPLETED: EventType.COMPLETE,
    TaskStatus.FAILED: EventType.FAILED,
    TaskStatus.CANCELLED: EventType.CANCELLED,
}
Item = TypeVar("Item")
NOTHING_LEFT = object()


class TaskEvents:
    """Where a task's events come from."""

    def __init__(self, tasks: TaskStore, stream: TokenStream, look_s: float = LOOK_S) -> None:
        self._tasks = tasks
        self._stream = stream
        self._look_s = look_s

    async def of_finished(self, task: AgentTask, after: str | None) -> list[Event]:
        """What a reader of a finished task has not seen; nothing once they have seen its end."""
        kept = await self._kept(task, after)
        if kept and _is_end_of(kept[-1], task):
            return [event for event in kept[:-1] if event.type not in FINAL] + kept[-1:]
        if after is not None and await self._has_seen_the_end(task, after):
            return []
        return stored_events(task, is_first_look=after is None)

    async def of_running(self, task: AgentTask, after: str | None) -> AsyncGenerator[Event]:
        """Every event as it arrives, to the final one; a stream that has not begun or is gone is waited for."""
        last = after
        async with aclosing(with_pauses(self._stream.follow(task.id, after), self._look_s)) as events:
            async for event in events:
                if event is None:
                    row = await self._row(task.id)
                    if row is None or row.status not in FINISHED:
                        continue
                    for stored in await self.of_finished(row, last):
                        yield stored
                    return
                if event.type in FINAL and await self._was_tried_again(event):
                    continue
                last = event.id
                yield event
                if event.type in FINAL:
                    return

    async def _kept(self, task: AgentTask, after: str | None) -> list[Event]:
        """What the stream still has; nothing where it does not answer."""
        kept: list[Event] = []
        last = after
        try:
            while page := await asyncio.wait_for(self._stream.read(task.id, last, 0), PATIENCE_S):
                kept += page
                last = page[-1].id
        except (ServiceUnavailable, TimeoutError) as error:
            LOG.warning("the stream of task %s does not answer: %r", task.id, error)
            return []
        return kept

    async def _has_seen_the_end(self, task: AgentTask, after: str) -> bool:
        stored = stored_events(task, is_first_look=False)
        if after == stored[-1].id:
            return True
        kept = await self._kept(task, None)
        return bool(kept) and _is_end_of(kept[-1], task) and _place(kept[-1].id) <= _place(after)

    async def _was_tried_again(self, event: Event) -> bool:
        """True where the event ended an attempt that was not the last."""
        row = await self._row(event.task_id)
        return row is not None and (row.status == TaskStatus.PENDING or row.attempt > event.attempt)

    async def _row(self, task_id: str) -> AgentTask | None:
        try:
            return await self._tasks.find(task_id)
        except ServiceUnavailable as error:
            LOG.warning("the record of task %s cannot be read: %r", task_id, error)
            return None


def stored_events(task: AgentTask, *, is_first_look: bool) -> list[Event]:
    """The end of a finished task from its record: its text whole, then the end.

    A reader who may already hold a part of the text gets it as `reset`, so that nothing is doubled.
    """
    at = task.finished_at or task.updated_at
    status = TaskStatus(task.status)
    result = task.result or {}
    events: list[Event] = []
    if status is TaskStatus.COMPLETED:
        kind = EventType.CHUNK if is_first_look else EventType.RESET
        events.append(_stored(task, at, 0, kind, {"text": str(result.get("narrative", ""))}))
    payload: dict[str, Any] = {TaskStatus.COMPLETED: {"result": result}, TaskStatus.FAILED: {"error": task.error}}.get(
        status, {}
    )
    return [*events, _stored(task, at, len(events), ENDS[status], payload)]


def _stored(task: AgentTask, at: datetime, number: int, kind: EventType, payload: dict[str, Any]) -> Event:
    event_id = f"{int(at.timestamp() * 1000)}-{number}"
    return Event(id=event_id, type=kind, task_id=task.id, attempt=task.attempt, at=at, payload=payload)


def _is_end_of(event: Event, task: AgentTask) -> bool:
    return event.type is ENDS[TaskStatus(task.status)] and event.attempt == task.attempt


def _place(event_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in event_id.split("-"))


async def with_pauses(items: AsyncIterator[Item], pause_s: float) -> AsyncGenerator[Item | None]:
    """The items as they come, and None each time that `pause_s` seconds bring none; ends with the items."""
    coming = asyncio.ensure_future(_next(items))
    try:
        while True:
            arrived, _ = await asyncio.wait({coming}, timeout=pause_s)
            if not arrived:
                yield None
                continue
            item = coming.result()
            if item is NOTHING_LEFT:
                return
            yield cast("Item", item)
            coming = asyncio.ensure_future(_next(items))
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        if isinstance(items, AsyncGenerator):
            await items.aclose()


async def _next(items: AsyncIterator[Item]) -> Item | object:
    return await anext(items, NOTHING_LEFT)
