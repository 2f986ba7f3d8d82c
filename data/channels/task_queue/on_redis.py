"""The queue on Redis: lines of waiting tasks, and a stream with a consumer group for those in workers' hands."""

import time
from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from typing_extensions import override

from data.channels.redis_connection import LONGEST_BLOCK_S, connect, explained
from data.channels.task_queue import scripts
from data.channels.task_queue.queue import DEAD_KEPT, IDLE_S, DeadLetter, Delivery, Line, TaskQueue
from data.wire.task import TaskPriority

# A consumer that is forgotten by mistake is made again by its worker's next read.
SILENT_S = 3600.0
ASKED_AT_ONCE = 1000
GROUP = "workers"
# More than any `idle_s`, so that the next TAKE counts it as dropped.
AT_ONCE_MS = 10**9


class RedisTaskQueue(TaskQueue):
    """The queue on Redis: lines of waiting tasks, and a stream with a consumer group for those in workers' hands."""

    def __init__(self, url: str, *, idle_s: float = IDLE_S, name: str = "tasks") -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._idle_s = idle_s
        # The braces put all keys into one slot of a Redis cluster, as its scripts demand.
        self._known, self._ready, self._dead = f"{{{name}}}:known", f"{{{name}}}:ready", f"{{{name}}}:dead"
        self._bell = f"{{{name}}}:bell"
        self._keys = [self._known, self._ready, self._dead, self._bell, f"{{{name}}}:lines:"]
        sources = ("PUT", "TAKE", "ACKNOWLEDGE", "BURY", "FORGET")
        self._scripts = {name: self._redis.register_script(getattr(scripts, name)) for name in sources}

    @override
    async def put(self, task_id: str, line: Line) -> bool:
        return bool(await self._run("PUT", task_id, *_named(line)))

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
            answer = await self._run("TAKE", worker_id, int(self._idle_s * 1000))
            if answer:
                entry_id, deliveries, task_id, *line = answer
                return Delivery(entry_id, task_id, _line(*line), worker_id, int(deliveries))
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return None
            # Never longer than `idle_s`: work may be dropped meanwhile, and only TAKE finds it.
            await self._until_bell(min(left_s, self._idle_s, LONGEST_BLOCK_S))

    @override
    async def withdraw(self, task_id: str) -> None:
        # Its line and its delivery are not looked for: TAKE passes over what is not known.
        with explained(self._redis):
            await self._redis.hdel(self._known, task_id)

    @override
    async def keep(self, delivery: Delivery) -> None:
        await self._claim(delivery, idle_ms=0)

    @override
    async def acknowledge(self, delivery: Delivery) -> None:
        await self._run("ACKNOWLEDGE", delivery.id, delivery.task_id, *_named(delivery.line))

    @override
    async def release(self, delivery: Delivery) -> None:
        await self._claim(delivery, idle_ms=AT_ONCE_MS)

    @override
    async def bury(self, delivery: Delivery, reason: str) -> None:
        what = (delivery.id, delivery.task_id, *_named(delivery.line), delivery.deliveries)
        await self._run("BURY", *what, reason, DEAD_KEPT)

    @override
    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        with explained(self._redis):
            entries = cast("list[Any]", await self._redis.xrevrange(self._dead, count=limit))
        return [_dead_letter(fields) for _, fields in entries]

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

    async def _until_bell(self, block_s: float) -> None:
        with explained(self._redis):
            # A timeout of 0 would wait for ever.
            await self._redis.blpop([self._bell], timeout=max(block_s, 0.001))

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


def _named(line: Line) -> tuple[str, str, str]:
    return line.organisation_id, line.key_id, line.priority.value


def _line(organisation_id: str, key_id: str, priority: str) -> Line:
    return Line(organisation_id, key_id, TaskPriority(priority))


def _dead_letter(fields: dict[str, str]) -> DeadLetter:
    line = _line(fields["organisation"], fields["key"], fields["priority"])
    return DeadLetter(fields["task"], line, int(fields["deliveries"]), fields["reason"])
