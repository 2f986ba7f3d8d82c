"""Task ids waiting for a worker: Redis Streams, and an in-memory twin for one process.

At least once: what a worker drops comes back. Fair: users take turns, however much each has queued.
Knows nothing of tasks but their ids; the row says what is true of a task.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from data.channels.redis_connection import LONGEST_BLOCK_S, connect, entries_by_stream, explained
from data.channels.task_queue import scripts

IDLE_S = 15.0  # a delivery not kept for so long comes to another worker
WINDOW = 8  # tasks that wait in the stream; the others wait in their users' lines
SILENT_S = 3600.0
DEAD_KEPT = 1000
ASKED_AT_ONCE = 1000
GROUP = "workers"
AT_ONCE_MS = 10**9


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
        """Be done with it: call this when the task's row is final."""
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
        """Let go of connections."""
        ...


class RedisTaskQueue:
    """The queue on Redis Streams: one consumer group, and a line per user in front of it."""

    def __init__(self, url: str, *, idle_s: float = IDLE_S, window: int = WINDOW, name: str = "task_queue") -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._idle_s = idle_s
        self._window = window
        self._ready, self._dead = f"{{{name}}}:ready", f"{{{name}}}:dead"
        self._known = f"{{{name}}}:known"
        self._keys = [self._known, f"{{{name}}}:users", self._ready, f"{{{name}}}:line:", self._dead]
        sources = ("PUT", "RECOVER", "RECEIVED", "ACKNOWLEDGE", "BURY", "FORGET")
        self._scripts = {name: self._redis.register_script(getattr(scripts, name)) for name in sources}

    async def put(self, task_id: str, user: str) -> bool:
        """As TaskQueue says."""
        return bool(await self._run("PUT", task_id, user, self._window))

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """As TaskQueue says."""
        missing: list[str] = []
        for start in range(0, len(task_ids), ASKED_AT_ONCE):
            asked = task_ids[start : start + ASKED_AT_ONCE]
            with explained(self._redis):
                found = await self._redis.hmget(self._known, [*asked])
            missing += [task_id for task_id, puts in zip(asked, found, strict=True) if puts is None]
        return missing

    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        """As TaskQueue says."""
        deadline = time.monotonic() + block_s
        while True:
            dropped = await self._run("RECOVER", worker_id, int(self._idle_s * 1000), self._window)
            if dropped:
                entry_id, task_id, user, deliveries = dropped
                return Delivery(entry_id, task_id, user, worker_id, int(deliveries))
            left_s = deadline - time.monotonic()
            fresh = await self._read_new(worker_id, min(left_s, self._idle_s, LONGEST_BLOCK_S))
            if fresh is not None or left_s <= 0:
                return fresh

    async def keep(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        await self._claim(delivery, idle_ms=0)

    async def acknowledge(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        await self._run("ACKNOWLEDGE", delivery.id, delivery.task_id, delivery.user, self._window)

    async def release(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        await self._claim(delivery, idle_ms=AT_ONCE_MS)

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """As TaskQueue says."""
        what = (delivery.id, delivery.task_id, delivery.user, self._window, delivery.deliveries)
        await self._run("BURY", *what, reason, DEAD_KEPT)

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """As TaskQueue says."""
        with explained(self._redis):
            entries = cast("list[Any]", await self._redis.xrevrange(self._dead, count=limit))
        return [DeadLetter(f["task"], f["user"], int(f["deliveries"]), f["reason"]) for _, f in entries]

    async def backlog(self) -> int:
        """As TaskQueue says."""
        with explained(self._redis):
            return await self._redis.hlen(self._known)

    async def forget_silent_workers(self) -> int:
        """As TaskQueue says."""
        return int(await self._run("FORGET", int(SILENT_S * 1000)))

    async def ping(self) -> None:
        """As TaskQueue says."""
        with explained(self._redis):
            await self._redis.ping()

    async def close(self) -> None:
        """As TaskQueue says."""
        await self._redis.aclose()

    async def _read_new(self, worker_id: str, block_s: float) -> Delivery | None:
        block_ms = max(1, int(block_s * 1000)) if block_s > 0 else None
        with explained(self._redis):
            try:
                answer = await self._redis.xreadgroup(GROUP, worker_id, {self._ready: ">"}, count=1, block=block_ms)
            except ResponseError as error:
                if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
                    raise
                return None  # Redis was emptied meanwhile; the next RECOVER makes the group again
        entries = entries_by_stream(answer).get(self._ready)
        if not entries:
            return None
        entry_id, fields = entries[0]
        await self._run("RECEIVED", fields["task"], self._window)
        return Delivery(entry_id, fields["task"], fields["user"], worker_id, 1)

    async def _claim(self, delivery: Delivery, *, idle_ms: int) -> None:
        options = {"min_idle_time": 0, "message_ids": [delivery.id], "idle": idle_ms, "justid": True}
        with explained(self._redis):
            try:
                await self._redis.xclaim(self._ready, GROUP, delivery.worker_id, **cast("dict[str, Any]", options))
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise

    async def _run(self, name: str, *arguments: str | float) -> Any:
        with explained(self._redis):
            return await self._scripts[name](keys=self._keys, args=[*arguments])


@dataclass
class _Held:
    delivery: Delivery
    idle_since: float


class MemoryTaskQueue:
    """The same within one process, for tests and for trying things; it is gone with the process."""

    def __init__(self, *, idle_s: float = IDLE_S) -> None:
        """An empty queue."""
        self._idle_s = idle_s
        self._lines: OrderedDict[str, deque[str]] = OrderedDict()
        self._puts: dict[str, int] = {}
        self._held: dict[str, _Held] = {}
        self._dead: deque[DeadLetter] = deque(maxlen=DEAD_KEPT)
        self._ids = count(1)
        self._changed = asyncio.Event()

    async def put(self, task_id: str, user: str) -> bool:
        """As TaskQueue says."""
        self._puts[task_id] = self._puts.get(task_id, 0) + 1
        if self._puts[task_id] > 1:
            return False
        self._lines.setdefault(user, deque()).append(task_id)
        self._changed.set()
        return True

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """As TaskQueue says."""
        return [task_id for task_id in task_ids if task_id not in self._puts]

    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        """As TaskQueue says."""
        deadline = time.monotonic() + block_s
        while True:
            self._changed.clear()
            delivery = self._dropped(worker_id) or self._next(worker_id)
            left_s = deadline - time.monotonic()
            if delivery is not None or left_s <= 0:
                return delivery
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, self._idle_s)):
                    await self._changed.wait()

    async def keep(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        self._hold(delivery, time.monotonic())

    async def acknowledge(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        if self._held.pop(delivery.id, None) is None:
            return
        if self._puts.pop(delivery.task_id, 0) > 1:
            await self.put(delivery.task_id, delivery.user)

    async def release(self, delivery: Delivery) -> None:
        """As TaskQueue says."""
        self._hold(delivery, float("-inf"))
        self._changed.set()

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """As TaskQueue says."""
        if self._held.pop(delivery.id, None) is not None:
            self._puts.pop(delivery.task_id, None)
            self._dead.append(DeadLetter(delivery.task_id, delivery.user, delivery.deliveries, reason))

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """As TaskQueue says."""
        return [*reversed(self._dead)][:limit]

    async def backlog(self) -> int:
        """As TaskQueue says."""
        return len(self._puts)

    async def forget_silent_workers(self) -> int:
        """As TaskQueue says: nothing is known of workers here."""
        return 0

    async def ping(self) -> None:
        """As TaskQueue says: memory always answers."""

    async def close(self) -> None:
        """As TaskQueue says: there is nothing to let go of."""

    def _hold(self, delivery: Delivery, idle_since: float) -> None:
        held = self._held.get(delivery.id)
        if held is not None:
            deliveries = held.delivery.deliveries
            self._held[delivery.id] = _Held(replace(delivery, deliveries=deliveries), idle_since)

    def _dropped(self, worker_id: str) -> Delivery | None:
        now = time.monotonic()
        for held in self._held.values():
            if now - held.idle_since >= self._idle_s:
                again = replace(held.delivery, worker_id=worker_id, deliveries=held.delivery.deliveries + 1)
                return self._deliver(again)
        return None

    def _next(self, worker_id: str) -> Delivery | None:
        if not self._lines:
            return None
        user, line = self._lines.popitem(last=False)
        task_id = line.popleft()
        if line:
            self._lines[user] = line
        return self._deliver(Delivery(str(next(self._ids)), task_id, user, worker_id, 1))

    def _deliver(self, delivery: Delivery) -> Delivery:
        self._held[delivery.id] = _Held(delivery, time.monotonic())
        self._puts[delivery.task_id] = 1
        return delivery
