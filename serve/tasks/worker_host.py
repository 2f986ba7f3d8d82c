"""What runs beside each other on a worker's replica: the worker, and loops that watch over its rows. Without Ray.

Knows nothing of what they do; only that none of them may end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from data.channels.patience import end

LOG = logging.getLogger(__name__)
GRACE_S = 3.0  # what runs at the end of the service may finish in this time; the rest is handed back

Loop = Callable[[], Coroutine[None, None, None]]


class Drained(Protocol):
    """A worker that takes what waits, and can be told to take nothing more."""

    async def run_forever(self) -> None:
        """Work until drained."""
        ...

    async def drain(self, grace_s: float = 20.0) -> None:
        """Take nothing more, and hand back what does not end in time."""
        ...


async def _one() -> int:
    return 1


@dataclass
class WorkerHost:
    """A worker and its companions, from beginning to end.

    Attributes:
        companions: further loops, each of which runs for as long as the host does.
        close: lets go of what all of them use.
        replicas_wanted: how many hosts like this one the work at hand needs.
    """

    worker: Drained
    companions: Sequence[Loop]
    close: Callable[[], Awaitable[None]]
    replicas_wanted: Callable[[], Awaitable[int]] = _one
    _loops: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"], init=False)

    def begin(self) -> None:
        """Start every loop in the running event loop."""
        loops = [self.worker.run_forever, *self.companions]
        self._loops = [asyncio.create_task(loop()) for loop in loops]
        for task in self._loops:
            task.add_done_callback(_tell_why)

    @property
    def is_alive(self) -> bool:
        """True while no loop has ended."""
        return bool(self._loops) and not any(task.done() for task in self._loops)

    async def end(self) -> None:
        """Hand back what is in hand, end every loop, and close."""
        # From now on they end on purpose.
        for task in self._loops:
            task.remove_done_callback(_tell_why)
        await self.worker.drain(GRACE_S)
        for task in self._loops:
            await end(task)
        await self.close()


def _tell_why(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    LOG.error("a loop of the worker has ended: %s", error or "cancelled", exc_info=error)
