"""How often somebody may ask: counted in this process at once, and among all replicas a moment later, through Redis.

No request waits for Redis. Without it each replica counts for itself, so that nobody with a valid key is shut out.
"""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from data.channels.patience import end
from data.channels.redis_connection import RedisClient, connect

LOG = logging.getLogger(__name__)
OFF = "off"
SHARE_S = 0.1
PATIENCE_S = 1.0
PAUSE_S = 5.0  # after Redis did not answer
PREFIX = "rate"


@dataclass(frozen=True)
class Allowance:
    """Whether it may ask now.

    Attributes:
        limit, window_s: so often in so many seconds.
        remaining: how often still. reset_s: until there is more.
    """

    is_allowed: bool
    limit: int
    window_s: int
    remaining: int
    reset_s: int


Asker = tuple[str, str]  # kind, id


@dataclass(frozen=True)
class _Counted:
    item: RateLimitItem
    who: Asker


class Rates:
    """Counts who asks how often; a sliding window each."""

    def __init__(self, redis_url: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Count in this process and, where there is one, in the Redis that all replicas share."""
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._redis = connect(redis_url) if redis_url else None
        self._shared = SlidingWindowCounterRateLimiter(_storage(self._redis)) if self._redis else None
        self._clock = clock
        self._untold = Counter[_Counted]()
        self._used_up: dict[_Counted, float] = {}
        self._sharing: asyncio.Task[None] | None = None

    async def hit(self, limit: str, kind: str, name: str) -> Allowance | None:
        """Count one request of somebody; None where there is no limit."""
        if limit == OFF:
            return None
        counted = _Counted(parse(limit), (kind, name))
        blocked_s = self._blocked_s(counted)
        if blocked_s > 0:
            return self._verdict(counted, is_allowed=False, remaining=0, reset_s=blocked_s)
        is_allowed = await self._own.hit(counted.item, *counted.who)
        if is_allowed:
            self._tell(counted)
        reset, remaining = await self._own.get_window_stats(counted.item, *counted.who)
        return self._verdict(counted, is_allowed=is_allowed, remaining=remaining, reset_s=reset - time.time())

    async def close(self) -> None:
        """Stop sharing."""
        if self._sharing is not None:
            await end(self._sharing)
        if self._redis is not None:
            await self._redis.aclose()

    def _blocked_s(self, counted: _Counted) -> float:
        """How long the other replicas have used it up for."""
        until = self._used_up.get(counted)
        if until is None:
            return 0.0
        left_s = until - self._clock()
        if left_s <= 0:
            del self._used_up[counted]
        return left_s

    def _verdict(self, counted: _Counted, *, is_allowed: bool, remaining: int, reset_s: float) -> Allowance:
        window_s = counted.item.get_expiry()
        return Allowance(is_allowed, counted.item.amount, window_s, remaining, max(1, math.ceil(reset_s)))

    def _tell(self, counted: _Counted) -> None:
        if self._shared is None:
            return
        self._untold[counted] += 1
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.create_task(self._share(self._shared))

    async def _share(self, shared: SlidingWindowCounterRateLimiter) -> None:
        """Tell the others what was counted here, a moment's worth at once, until there is no more."""
        while self._untold:
            await asyncio.sleep(SHARE_S)
            untold, self._untold = self._untold, Counter()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    for counted, times in untold.items():
                        await self._share_one(shared, counted, min(times, counted.item.amount))
            except (StorageError, TimeoutError) as error:
                LOG.warning("limits on requests hold for each replica by itself: Redis does not answer (%r)", error)
                await asyncio.sleep(PAUSE_S)

    async def _share_one(self, shared: SlidingWindowCounterRateLimiter, counted: _Counted, times: int) -> None:
        if await shared.hit(counted.item, *counted.who, cost=times):
            return
        reset, remaining = await shared.get_window_stats(counted.item, *counted.who)
        # What is left of it is used up too: it was asked for here.
        if remaining > 0:
            await shared.hit(counted.item, *counted.who, cost=min(remaining, times))
        self._used_up[counted] = self._clock() + max(SHARE_S, reset - time.time())


def _storage(redis: RedisClient) -> RedisStorage:
    # Its signature names only what may stand in an address.
    options: dict[str, Any] = {"connection_pool": redis.connection_pool}
    return RedisStorage("async+redis://", implementation="redispy", wrap_exceptions=True, key_prefix=PREFIX, **options)
