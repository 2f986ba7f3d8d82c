"""What is done behind requests: nobody waits for it, and it is done before the service ends."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from data.channels.patience import end

LOG = logging.getLogger(__name__)
LAST_S = 5.0  # how long the end waits; Ray allows a replica twice that


class Behind:
    """Work that has been begun and not waited for."""

    def __init__(self) -> None:
        self._begun = set[asyncio.Task[None]]()

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin this now."""
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    async def close(self) -> None:
        """Wait for all that was begun; what hangs is left after some seconds."""
        if not self._begun:
            return
        _, left = await asyncio.wait(self._begun, timeout=LAST_S)
        for task in left:
            LOG.error("left undone at the end: %s", task.get_coro())
            await end(task)
