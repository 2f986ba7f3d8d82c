"""Queue again what the queue has lost: tasks that wait too long, or whose worker let the lease lapse.

The rows are the truth, so that losing Redis whole loses no task. Queuing one twice is harmless.
"""

import asyncio
import logging
from dataclasses import dataclass

from data.channels.task_queue.queue import Line, TaskQueue
from data.errors import ServiceUnavailable
from data.records.tasks.task_store import TaskStore

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reconciler:
    """Compares rows and queue every `every_s` seconds; any number of them may run.

    Attributes:
        waits_s: how long a pending task may wait before the queue is asked for it.
    """

    tasks: TaskStore
    queue: TaskQueue
    waits_s: float = 15.0
    every_s: float = 10.0

    async def sweep(self) -> int:
        """Queue what is stranded; how many the queue did not know.

        Raises:
            ServiceUnavailable: the database or the queue does not answer now.
        """
        stranded = await self.tasks.stranded(self.waits_s)
        lines = {task.task_id: Line(task.organisation_id, task.key_id, task.priority) for task in stranded}
        queued = sum([await self.queue.put(task_id, lines[task_id]) for task_id in await self.queue.missing([*lines])])
        await self.queue.forget_silent_workers()
        if queued:
            LOG.warning("%d tasks were not in the queue; they are now", queued)
        return queued

    async def run_forever(self) -> None:
        """Sweep for as long as the process lives."""
        while True:
            try:
                await self.sweep()
            except ServiceUnavailable as error:
                LOG.warning("cannot compare tasks and queue now: %s", error)
            await asyncio.sleep(self.every_s)
