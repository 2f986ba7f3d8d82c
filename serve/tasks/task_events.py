"""A task's events for one reader: what the stream has, and what the record says where the stream cannot.

A late reader is no special case: stream gone and task finished gives the stored answer, then the end.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar, cast

from data.channels.patience import end
from data.channels.token_stream.stream import TokenStream
from data.errors import ServiceUnavailable
from data.records.tasks.task import AgentTask
from data.records.tasks.task_store import TaskStore
from data.wire.event import FINAL, Event, EventType, NewEvent
from data.wire.task import FINISHED, TaskStatus
from serve.tasks.attempt import FINAL_EVENTS, final_event

LOG = logging.getLogger(__name__)
PATIENCE_S = 2.0
MOST_TOGETHER = 64
Item = TypeVar("Item")
NOTHING_LEFT = object()


@dataclass
class TaskReader:
    """One reader of one task.

    Attributes:
        task: its record when the reader came.
        last: the id of the last event the reader has seen.
        look_s: how long the stream may be silent before the record is asked.
    """

    tasks: TaskStore
    stream: TokenStream
    task: AgentTask
    last: str | None
    look_s: float
    _is_over: bool = field(default=False, init=False)

    async def of_finished(self) -> list[Event]:
        """What the reader of a finished task has not seen; nothing once they have seen its end."""
        end = await self._end()
        if end is None:
            stored = stored_events(self.task, is_first_look=self.last is None)
            return [] if self.last == stored[-1].id else stored
        if self.last is not None and _place(end.id) <= _place(self.last):
            return []
        return await self._kept() or stored_events(self.task, is_first_look=self.last is None)

    async def of_running(self) -> AsyncGenerator[Event]:
        """Every event as it arrives, to the final one; a stream that has not begun or is gone is waited for."""
        async with aclosing(with_pauses(self._arriving(), self.look_s)) as arriving:
            async for event in arriving:
                for shown in await (self._of_record() if event is None else self._unless_tried_again(event)):
                    yield shown
                if self._is_over:
                    return

    async def _arriving(self) -> AsyncGenerator[Event]:
        """What the stream brings; after the end of an attempt that was tried again, what the next one brings."""
        while True:
            async with aclosing(self.stream.follow(self.task.id, self.last)) as events:
                async for event in events:
                    yield event

    async def _of_record(self) -> list[Event]:
        """The stream is silent: if the record says that the task is finished, the rest."""
        row = await self._row()
        if row is None or row.status not in FINISHED:
            return []
        self.task = row
        self._is_over = True
        return await self.of_finished()

    async def _unless_tried_again(self, event: Event) -> list[Event]:
        """The event, unless it ended an attempt that was not the last."""
        self.last = event.id
        if event.type not in FINAL:
            return [event]
        row = await self._row()
        if row is not None and (row.status == TaskStatus.PENDING or row.attempt > event.attempt):
            return []
        self._is_over = True
        return [event]

    async def _end(self) -> Event | None:
        """The task's final event, if the stream still has it."""
        try:
            last = await asyncio.wait_for(self.stream.last(self.task.id), PATIENCE_S)
        except (ServiceUnavailable, TimeoutError) as error:
            LOG.warning("the stream of task %s does not answer: %r", self.task.id, error)
            return None
        status = TaskStatus(self.task.status)
        # A final event of an earlier attempt is not the end.
        is_end = last is not None and last.type is FINAL_EVENTS[status] and last.attempt == self.task.attempt
        return last if is_end else None

    async def _kept(self) -> list[Event]:
        """What the stream still has for this reader, to the end; nothing where it does not answer to the end."""
        kept: list[Event] = []
        try:
            while not kept or kept[-1].type not in FINAL:
                last = kept[-1].id if kept else self.last
                page = await asyncio.wait_for(self.stream.read(self.task.id, last), PATIENCE_S)
                if not page:
                    return []
                kept += page
        except (ServiceUnavailable, TimeoutError) as error:
            LOG.warning("the stream of task %s does not answer: %r", self.task.id, error)
            return []
        return kept

    async def _row(self) -> AgentTask | None:
        try:
            row = await self.tasks.find(self.task.id)
            # Erased meanwhile: nothing more will come.
            self._is_over = self._is_over or row is None
            return row
        except ServiceUnavailable as error:
            LOG.warning("the record of task %s cannot be read: %r", self.task.id, error)
            return None


def stored_events(task: AgentTask, *, is_first_look: bool) -> list[Event]:
    """The end of a finished task from its record: its text whole, then the end.

    A reader who may already hold a part of the text gets it as `reset`, so that nothing is doubled.
    """
    final = final_event(task)
    events: list[NewEvent] = [final]
    if final.type is EventType.COMPLETE:
        kind = EventType.CHUNK if is_first_look else EventType.RESET
        text = str((task.result or {}).get("narrative", ""))
        events.insert(0, final.model_copy(update={"type": kind, "payload": {"text": text}}))
    at_ms = int(final.at.timestamp() * 1000)
    return [Event(id=f"{at_ms}-{number}", **event.model_dump()) for number, event in enumerate(events)]


def _place(event_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in event_id.split("-"))


async def with_pauses(items: AsyncIterator[Item], pause_s: float) -> AsyncGenerator[Item | None]:
    """The items as they come, and None each time that `pause_s` seconds bring none; ends with the items."""
    async with aclosing(in_groups(items, pause_s)) as groups:
        async for group in groups:
            if not group:
                yield None
            for item in group:
                yield item


async def in_groups(items: AsyncIterator[Item], pause_s: float) -> AsyncGenerator[list[Item]]:
    """All items that are there at a time together, and none each time that `pause_s` seconds bring none."""
    arrived: asyncio.Queue[Item | object] = asyncio.Queue(MOST_TOGETHER)
    # One task for all of them, which waits when its reader does: a task for each would cost more than the item.
    carrying = asyncio.create_task(_carry(items, arrived))

    def wake(_: "asyncio.Task[None]") -> None:
        if arrived.empty():
            arrived.put_nowait(NOTHING_LEFT)

    carrying.add_done_callback(wake)
    try:
        while not (carrying.done() and arrived.empty()):
            try:
                async with asyncio.timeout(pause_s):
                    first = await arrived.get()
            except TimeoutError:
                yield []
                continue
            group = [first, *(arrived.get_nowait() for _ in range(arrived.qsize()))]
            if group != [NOTHING_LEFT]:
                yield cast("list[Item]", [item for item in group if item is not NOTHING_LEFT])
        # What went wrong with the items is raised after the last of them.
        carrying.result()
    finally:
        await end(carrying)
        if isinstance(items, AsyncGenerator):
            await items.aclose()


async def _carry(items: AsyncIterator[Item], arrived: "asyncio.Queue[Item | object]") -> None:
    async for item in items:
        await arrived.put(item)
