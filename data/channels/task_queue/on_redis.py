"""The queue on Redis Streams: one consumer group, and a line per user in front of it."""

import time
from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from typing_extensions import override

from data.channels.redis_connection import LONGEST_BLOCK_S, connect, entries_by_stream, explained
from data.channels.task_queue import scripts
from data.channels.task_queue.queue import DEAD_KEPT, IDLE_S, DeadLetter, Delivery, TaskQueue

WINDOW = 8  # tasks that wait in the stream; the others wait in their users' lines
# A consumer that is forgotten by mistake is made again by its worker's next read.
SILENT_S = 3600.0
ASKED_AT_ONCE = 1000
GROUP = "workers"
# More than any `idle_s`, so that the next RECOVER takes it for dropped.
AT_ONCE_MS = 10**9


class RedisTaskQueue(TaskQueue):
    """The queue on Redis Streams: one consumer group, and a line per user in front of it."""

    def __init__(self, url: str, *, idle_s: float = IDLE_S, window: int = WINDOW, name: str = "task_queue") -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._idle_s = idle_s
        self._window = window
        # The braces put all keys into one slot of a Redis cluster, as its scripts demand.
        self._ready, self._dead = f"{{{name}}}:ready", f"{{{name}}}:dead"
        self._known = f"{{{name}}}:known"
        self._keys = [self._known, f"{{{name}}}:users", self._ready, f"{{{name}}}:line:", self._dead]
        sources = ("PUT", "RECOVER", "RECEIVED", "ACKNOWLEDGE", "BURY", "FORGET")
        self._scripts = {name: self._redis.register_script(getattr(scripts, name)) for name in sources}

    @override
    async def put(self, task_id: str, user: str) -> bool:
        return bool(await self._run("PUT", task_id, user, self._window))

    @override
    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        missing: list[str] = []
        # A bounded number at a time: Redis serves nobody else during a command.
        for start in range(0, len(task_ids), ASKED_AT_ONCE):
            asked = task_ids[start : start + ASKED_AT_ONCE]
            with explained(self._redis):
                found = await self._redis.hmget(self._known, [*asked])
            missing += [task_id for task_id, puts in zip(asked, found, strict=True) if puts is None]
        return missing

    @override
    async def take(self, worker_id: str, *, block_s: float) -> Delivery | None:
        deadline = time.monotonic() + block_s
        while True:
            # Dropped work first: it has waited longest.
            dropped = await self._run("RECOVER", worker_id, int(self._idle_s * 1000), self._window)
            if dropped:
                entry_id, task_id, user, deliveries = dropped
                return Delivery(entry_id, task_id, user, worker_id, int(deliveries))
            left_s = deadline - time.monotonic()
            # Never longer than `idle_s`: work may be dropped meanwhile, and only RECOVER finds it.
            fresh = await self._read_new(worker_id, min(left_s, self._idle_s, LONGEST_BLOCK_S))
            if fresh is not None or left_s <= 0:
                return fresh

    @override
    async def keep(self, delivery: Delivery) -> None:
        await self._claim(delivery, idle_ms=0)

    @override
    async def acknowledge(self, delivery: Delivery) -> None:
        await self._run("ACKNOWLEDGE", delivery.id, delivery.task_id, delivery.user, self._window)

    @override
    async def release(self, delivery: Delivery) -> None:
        await self._claim(delivery, idle_ms=AT_ONCE_MS)

    @override
    async def bury(self, delivery: Delivery, reason: str) -> None:
        what = (delivery.id, delivery.task_id, delivery.user, self._window, delivery.deliveries)
        await self._run("BURY", *what, reason, DEAD_KEPT)

    @override
    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        with explained(self._redis):
            entries = cast("list[Any]", await self._redis.xrevrange(self._dead, count=limit))
        return [DeadLetter(f["task"], f["user"], int(f["deliveries"]), f["reason"]) for _, f in entries]

    @override
    async def backlog(self) -> int:
        with explained(self._redis):
            return await self._redis.hlen(self._known)

    @override
    async def forget_silent_workers(self) -> int:
        return int(await self._run("FORGET", int(SILENT_S * 1000)))

    @override
    async def ping(self) -> None:
        with explained(self._redis):
            await self._redis.ping()

    @override
    async def close(self) -> None:
        await self._redis.aclose()

    async def _read_new(self, worker_id: str, block_s: float) -> Delivery | None:
        # BLOCK 0 would wait for ever; without BLOCK the answer comes at once.
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
        # JUSTID leaves the count of deliveries alone: keeping a task is no new delivery.
        options = {"min_idle_time": 0, "message_ids": [delivery.id], "idle": idle_ms, "justid": True}
        with explained(self._redis):
            try:
                await self._redis.xclaim(self._ready, GROUP, delivery.worker_id, **cast("dict[str, Any]", options))
            except ResponseError as error:
                # Redis was emptied: there is nothing left to hold, and the task will be put again from its row.
                if not str(error).startswith("NOGROUP"):
                    raise

    async def _run(self, name: str, *arguments: str | float) -> Any:
        with explained(self._redis):
            return await self._scripts[name](keys=self._keys, args=[*arguments])
