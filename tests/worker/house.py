"""A house with a worker in it, and what tests ask of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from data.channels.patience import end
from data.channels.task_queue.queue import Line, TaskQueue
from data.channels.token_stream.stream import TokenStream
from data.records.tasks.task import AgentTask
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import RunAgent
from data.wire.event import Event, EventType
from data.wire.task import FINISHED, NewTask
from serve.tasks.worker import Worker

LEASE_S = 0.6


@dataclass
class House:
    """Everything a worker needs, and what a test asks of it."""

    tasks: TaskStore
    queue: TaskQueue
    stream: TokenStream
    new: Callable[..., NewTask]
    lease_s: float = LEASE_S

    async def ask(self, **changes: Any) -> AgentTask:
        """A new task, queued as the HTTP route does."""
        new = self.new(**changes)
        task = await self.tasks.add(new.model_dump(mode="json"), organisation_id="house", key_id="key")
        await self.queue.put(task.id, Line("house", "key"))
        return task

    def worker(self, run: RunAgent, **options: Any) -> Worker:
        """A worker that notices everything quickly."""
        return Worker(self.tasks, self.queue, self.stream, run, **({"lease_s": self.lease_s, "look_s": 0.05} | options))

    @asynccontextmanager
    async def working(self, run: RunAgent, **options: Any) -> AsyncIterator[Worker]:
        """A worker at work; its loop is ended hard at the end of the block."""
        worker = self.worker(run, **options)
        loop = asyncio.create_task(worker.run_forever())
        try:
            yield worker
        finally:
            await end(loop)

    async def events(self, task_id: str, after: str | None = None) -> list[Event]:
        """What a reader sees, to the end."""
        async with asyncio.timeout(20):
            return [event async for event in self.stream.follow(task_id, after)]

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(20):
            while not await is_so():
                await asyncio.sleep(0.01)

    async def finished(self, task_id: str) -> AgentTask:
        """The row of a task when it is final."""

        async def is_final() -> bool:
            return (await self.tasks.get(task_id, "house")).status in FINISHED

        await self.until(is_final)
        return await self.tasks.get(task_id, "house")


def text_after_restarts(events: list[Event]) -> str:
    """The text as a reader holds it, who drops the partial text at a restart."""
    text = ""
    for event in events:
        if event.type is EventType.RESTART:
            text = ""
        if event.type is EventType.CHUNK:
            text += event.payload["text"]
        if event.type is EventType.RESET:
            text = event.payload["text"]
    return text
