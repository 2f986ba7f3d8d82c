"""What every queue of task ids does, on Redis or in memory.

At least once: what a worker drops comes back. Fair: the next task is chosen when a worker asks for it, of the priority,
then the organisation, then the key whose turn it is; so nobody waits for what another has queued before.
It holds ids and nothing else: the row in SQL says what is true of a task.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from data.wire.task import TaskPriority

IDLE_S = 15.0  # a delivery not kept for so long comes to another worker
DEAD_KEPT = 1000
# The higher priority goes first, but after so many others in a row it is the lower one's turn: nothing starves.
PASSED_OVER_AT_MOST = {TaskPriority.CHAT: 0, TaskPriority.TASK: 4, TaskPriority.BATCH: 16}


@dataclass(frozen=True)
class Line:
    """Whose task it is and how soon it is wanted; tasks of one line come in the order in which they were put.

    Of one priority, the organisation with the fewest tasks in hand goes first, within it the key with the fewest;
    among equals, whoever had a turn longest ago.
    """

    organisation_id: str
    key_id: str
    priority: TaskPriority = TaskPriority.TASK


@dataclass(frozen=True)
class Delivery:
    """A task in one worker's hands; `deliveries` counts how often it has been handed out."""

    id: str
    task_id: str
    line: Line
    worker_id: str
    deliveries: int


@dataclass(frozen=True)
class DeadLetter:
    """A task taken out of the queue for good, and why."""

    task_id: str
    line: Line
    deliveries: int
    reason: str


class TaskQueue(Protocol):
    """What the HTTP routes, the workers and the reconciler ask of a queue; all may raise ServiceUnavailable."""

    async def put(self, task_id: str, line: Line) -> bool:
        """Queue the task at the end of its line; False if the queue holds it already, which is no error.

        One put while a worker has it in hand is queued again when that worker acknowledges it.
        """
        ...

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """Those of the tasks that the queue does not hold, neither waiting nor in anybody's hands."""
        ...

    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        """What another worker has dropped, else the next; None if there is nothing for `block_s` seconds."""
        ...

    async def withdraw(self, task_id: str) -> None:
        """Forget a task that is no more: it is not handed out again, wherever it waits or whoever has it in hand."""
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
