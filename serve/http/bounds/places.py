"""Places at work that keeps a processor busy: so many at once, in turns among organisations.

Whoever comes when too many wait is told to come back instead of being made to wait without end.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from data.wording.sentence import say
from serve.http.problems import Refusal

Made = TypeVar("Made")
RETRY_S = 2


class Places:
    """Who works, and who waits for that.

    Attributes:
        at_once: how many work at once.
    """

    def __init__(self, at_once: int, most: int) -> None:
        """Let `at_once` work; `most` may work or wait, of one organisation half as many."""
        self.at_once = at_once
        self._most = max(most, at_once)
        self._most_of_one = max(at_once, most // 2)
        self._of = Counter[str]()
        self._free = at_once
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # in the order of their turns
        # Of its own: the threads that all share may be taken by others.
        self._threads = CapacityLimiter(at_once)

    @asynccontextmanager
    async def taken(self, organisation_id: str) -> AsyncGenerator[None]:
        """A turn, once it is there.

        Raises:
            Refusal: 429 when the organisation has too many, 503 when all together have.
        """
        self._refuse_too_many(organisation_id)
        self._of[organisation_id] += 1
        try:
            await self._enter(organisation_id)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._of[organisation_id] -= 1
            # Else it would hold every organisation that ever asked.
            if not self._of[organisation_id]:
                del self._of[organisation_id]

    async def threaded(self, work: Callable[[], Made], organisation_id: str) -> Made:
        """What the work makes, beside the event loop, in its turn.

        Raises:
            Refusal: as `taken`.
        """
        async with self.taken(organisation_id):
            return await run_sync(work, limiter=self._threads)

    async def _enter(self, organisation_id: str) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organisation_id, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            # Whoever is ended at the moment of its turn hands it on.
            if mine.done() and not mine.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        """The organisation whose turn it is sends its first in; it is then the last to have a turn again."""
        while self._waiting:
            organisation_id = next(iter(self._waiting))
            line = self._waiting.pop(organisation_id)
            first = line.popleft()
            if line:
                self._waiting[organisation_id] = line
            if not first.done():
                first.set_result(None)
                return
        self._free += 1

    def _refuse_too_many(self, organisation_id: str) -> None:
        retry = {"Retry-After": str(RETRY_S)}
        if self._of.total() >= self._most:
            raise Refusal(503, say("too_busy", seconds=RETRY_S), headers=retry)
        if self._of[organisation_id] >= self._most_of_one:
            raise Refusal(429, say("too_many_at_once", most=self._most_of_one), headers=retry)
