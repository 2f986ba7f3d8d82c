"""What every queue of task ids does, on Redis or in memory.

At least once: what a worker drops comes back. Fair: users take turns, however much each has queued.
It holds ids and nothing else: the row in SQL says what is true of a task.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

IDLE_S = 15.0  # a delivery not kept for so long comes to another worker
DEAD_KEPT = 1000


@dataclass(frozen=True)
class Delivery:
    """A task in one worker's hands; `deliveries` counts how often it has been handed out."""

    id: str
    task_id: str
    user: str
    worker_id: str
    deliveries: int


@dataclass(frozen=True)
class DeadLetter:
    """A task taken out of the queue for good, and why."""

    task_id: str
    user: str
    deliveries: int
    reason: str


class TaskQueue(Protocol):
    """What the HTTP routes, the workers and the reconciler ask of a queue; all may raise ServiceUnavailable."""

    async def put(self, task_id: str, user: str) -> bool:
        """Queue the task behind its user's others; False if the queue holds it already, which is no error.

        One put while a worker has it in hand is queued again when that worker acknowledges it.
        """
        ...

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """Those of the tasks that the queue does not hold, neither waiting nor in anybody's hands."""
        ...

    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        """What another worker has dropped, else the next; None if there is nothing for `block_s` seconds."""
        ...

    async def keep(self, delivery: Delivery) -> None:
        """Say that it is still being worked on."""
        ...

    async def acknowledge(self, delivery: Delivery) -> None:
        """Take it out of the queue: call this when the task's row is final."""
        ...

    async def release(self, delivery: Delivery) -> None:
        """Hand it back: the next to ask gets it at once."""
        ...

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """Take it out for good, among the dead letters."""
        ...

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The latest dead letters, the newest first."""
        ...

    async def backlog(self) -> int:
        """How many tasks are waiting or being worked on."""
        ...

    async def forget_silent_workers(self) -> int:
        """Forget workers long silent that hold nothing; how many."""
        ...

    async def ping(self) -> None:
        """Raise ServiceUnavailable unless the queue answers."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
