"""How many tasks may wait: of one organisation, and of all together.

Counted in the records a moment apart, and between these what was accepted here is added: accepting a task stays quick.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from data.records.tasks.task_store import TaskStore
from data.wording.sentence import say
from serve.http.problems import Refusal

FRESH_S = 1.0
RETRY_S = 30
MOST_KNOWN = 1000


@dataclass
class _Known:
    until: float
    waiting: int


class Backlog:
    """The tasks that wait."""

    def __init__(self, tasks: TaskStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._tasks = tasks
        self._clock = clock
        self._known: dict[str | None, _Known] = {}

    async def refuse_if_full(self, organisation_id: str, *, most: int, most_of_one: int) -> None:
        """Count one task more.

        Raises:
            Refusal: 429 where as many as may be are waiting already.
        """
        own, every = await self._waiting(organisation_id), await self._waiting(None)
        headers = {"Retry-After": str(RETRY_S)}
        if own.waiting >= most_of_one:
            raise Refusal(429, say("too_many_tasks_of_one", most=most_of_one, seconds=RETRY_S), headers=headers)
        if every.waiting >= most:
            raise Refusal(429, say("too_many_tasks", most=most, seconds=RETRY_S), headers=headers)
        own.waiting += 1
        every.waiting += 1

    async def _waiting(self, organisation_id: str | None) -> _Known:
        """Of one organisation, or of all."""
        known = self._known.get(organisation_id)
        if known is not None and self._clock() < known.until:
            return known
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        waiting = await self._tasks.count_waiting(organisation_id)
        self._known[organisation_id] = _Known(self._clock() + FRESH_S, waiting)
        return self._known[organisation_id]
