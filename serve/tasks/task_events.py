"""A task's events for one reader: what the stream has, and what the record says where the stream cannot.

A late reader is no special case: stream gone and task finished gives the stored answer, then the end.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from data.channels.token_stream.stream import TokenStream
from data.errors import ServiceUnavailable
from data.records.tasks.task import AgentTask
from data.records.tasks.task_store import TaskStore
from data.wire.event import FINAL, Event, EventType, NewEvent
from data.wire.task import FINISHED, TaskStatus
from serve.tasks.attempt import FINAL_EVENTS, final_event

LOG = logging.getLogger(__name__)
PATIENCE_S = 2.0


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

    async def of_running(self) -> AsyncGenerator[list[Event]]:
        """Events as they arrive, to the final one: all that are there at a time together.

        None of them each time that nothing has come for a while; a stream that has not begun or is gone is waited for.
        """
        async with aclosing(self._arriving()) as arriving:
            async for events in arriving:
                yield await (self._unless_tried_again(events) if events else self._of_record())
                if self._is_over:
                    return

    async def _arriving(self) -> AsyncGenerator[list[Event]]:
        """What the stream brings; after the end of an attempt that was tried again, what the next one brings."""
        while True:
            following = self.stream.follow_together(self.task.id, self.last, pause_s=self.look_s)
            async with aclosing(following) as groups:
                async for events in groups:
                    yield events

    async def _of_record(self) -> list[Event]:
        """The stream is silent: if the record says that the task is finished, the rest."""
        row = await self._row()
        if row is None or row.status not in FINISHED:
            return []
        self.task = row
        self._is_over = True
        return await self.of_finished()

    async def _unless_tried_again(self, events: list[Event]) -> list[Event]:
        """The events, without the end of an attempt that was not the last."""
        last = events[-1]
        self.last = last.id
        if last.type not in FINAL:
            return events
        row = await self._row()
        if row is not None and (row.status == TaskStatus.PENDING or row.attempt > last.attempt):
            return events[:-1]
        self._is_over = True
        return events

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
