"""Where each process pins up its figures, so that whoever asks one process is told those of all: Redis, or memory."""

import time
from typing import Protocol

from redis.asyncio import Redis
from typing_extensions import override

from data.channels.redis_connection import connect, explained

KEPT_S = 60.0  # a process that has not been heard of for so long is gone


class MetricsBoard(Protocol):
    """Figures of each process as Prometheus reads them; all may raise ServiceUnavailable."""

    async def pin(self, process: str, text: str) -> None:
        """Show this process's figures from now on, instead of its earlier ones."""
        ...

    async def all(self) -> dict[str, str]:
        """The figures of every process that has been heard of lately, by its name."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class MemoryMetricsBoard(MetricsBoard):
    """The same within one process."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._shown: dict[str, str] = {}

    @override
    async def pin(self, process: str, text: str) -> None:
        self._shown[process] = text

    @override
    async def all(self) -> dict[str, str]:
        return dict(self._shown)

    @override
    async def close(self) -> None:
        """There is nothing to close."""


class RedisMetricsBoard(MetricsBoard):
    """The same on Redis: a key a process, and a list of the processes by when they were last heard of."""

    def __init__(self, url: str, *, kept_s: float = KEPT_S, name: str = "metrics") -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._kept_s = kept_s
        # The braces put all keys into one slot of a Redis cluster.
        self._name = f"{{{name}}}"

    @override
    async def pin(self, process: str, text: str) -> None:
        now, heard = time.time(), f"{self._name}:heard"
        with explained(self._redis):
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(f"{self._name}:{process}", text, px=int(self._kept_s * 1000))
                pipeline.zadd(heard, {process: now})
                pipeline.zremrangebyscore(heard, "-inf", now - self._kept_s)
                await pipeline.execute()

    @override
    async def all(self) -> dict[str, str]:
        with explained(self._redis):
            names = await self._redis.zrange(f"{self._name}:heard", 0, -1)
            texts = await self._redis.mget([f"{self._name}:{name}" for name in names]) if names else []
        return {str(name): str(text) for name, text in zip(names, texts, strict=True) if text is not None}

    @override
    async def close(self) -> None:
        await self._redis.aclose()
