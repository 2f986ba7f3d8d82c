"""The queue within one process, for tests and for trying things; it is gone with the process."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from typing_extensions import override

from data.channels.task_queue.queue import DEAD_KEPT, IDLE_S, DeadLetter, Delivery, Line, TaskQueue
from data.channels.task_queue.waiting_lines import WaitingLines


@dataclass
class _Held:
    delivery: Delivery
    idle_since: float


class MemoryTaskQueue(TaskQueue):
    """The same within one process, for tests and for trying things; it is gone with the process."""

    def __init__(self, *, idle_s: float = IDLE_S) -> None:
        """An empty queue."""
        self._idle_s = idle_s
        self._turns = WaitingLines()
        self._puts: dict[str, int] = {}
        self._held: dict[str, _Held] = {}
        self._dead: deque[DeadLetter] = deque(maxlen=DEAD_KEPT)
        self._ids = count(1)
        self._changed = asyncio.Event()

    @override
    async def put(self, task_id: str, line: Line) -> bool:
        # Counted, not only remembered: a put while a worker holds the task makes it run once more.
        self._puts[task_id] = self._puts.get(task_id, 0) + 1
        if self._puts[task_id] > 1:
            return False
        self._turns.add(task_id, line)
        self._changed.set()
        return True

    @override
    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        return [task_id for task_id in task_ids if task_id not in self._puts]

    @override
    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        deadline = time.monotonic() + block_s
        while True:
            # Cleared before looking: what comes between the look and the wait is then not slept through.
            self._changed.clear()
            delivery = self._dropped(worker_id) or self._next(worker_id)
            left_s = deadline - time.monotonic()
            if delivery is not None or left_s <= 0:
                return delivery
            with suppress(TimeoutError):
                # A dropped delivery sets no event: look again at the latest after `idle_s`.
                async with asyncio.timeout(min(left_s, self._idle_s)):
                    await self._changed.wait()

    @override
    async def withdraw(self, task_id: str) -> None:
        self._puts.pop(task_id, None)

    @override
    async def keep(self, delivery: Delivery) -> None:
        self._hold(delivery, time.monotonic())

    @override
    async def acknowledge(self, delivery: Delivery) -> None:
        # Acknowledged before; a second time must not queue it again.
        if self._held.pop(delivery.id, None) is None:
            return
        self._turns.ended(delivery.line)
        if self._puts.pop(delivery.task_id, 0) > 1:
            await self.put(delivery.task_id, delivery.line)

    @override
    async def release(self, delivery: Delivery) -> None:
        self._hold(delivery, float("-inf"))
        self._changed.set()

    @override
    async def bury(self, delivery: Delivery, reason: str) -> None:
        if self._held.pop(delivery.id, None) is not None:
            self._turns.ended(delivery.line)
            self._puts.pop(delivery.task_id, None)
            self._dead.append(DeadLetter(delivery.task_id, delivery.line, delivery.deliveries, reason))

    @override
    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        return [*reversed(self._dead)][:limit]

    @override
    async def backlog(self) -> int:
        return len(self._puts)

    @override
    async def forget_silent_workers(self) -> int:
        """Workers are not tracked here."""
        return 0

    @override
    async def ping(self) -> None:
        """Memory always answers."""

    @override
    async def close(self) -> None:
        """There is nothing to close."""

    def _hold(self, delivery: Delivery, idle_since: float) -> None:
        held = self._held.get(delivery.id)
        if held is not None:
            # The caller's copy may be older than a redelivery: the count must not fall back.
            deliveries = held.delivery.deliveries
            self._held[delivery.id] = _Held(replace(delivery, deliveries=deliveries), idle_since)

    def _dropped(self, worker_id: str) -> Delivery | None:
        now = time.monotonic()
        for held in [*self._held.values()]:
            if now - held.idle_since < self._idle_s:
                continue
            if held.delivery.task_id in self._puts:
                again = replace(held.delivery, worker_id=worker_id, deliveries=held.delivery.deliveries + 1)
                return self._deliver(again)
            # Withdrawn meanwhile.
            del self._held[held.delivery.id]
            self._turns.ended(held.delivery.line)
        return None

    def _next(self, worker_id: str) -> Delivery | None:
        turn = self._turns.next(self._puts.__contains__)
        return self._deliver(Delivery(str(next(self._ids)), *turn, worker_id, 1)) if turn else None

    def _deliver(self, delivery: Delivery) -> Delivery:
        self._held[delivery.id] = _Held(delivery, time.monotonic())
        # This delivery answers every put before it; only a later one counts as new.
        self._puts[delivery.task_id] = 1
        return delivery
