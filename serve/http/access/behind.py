"""What is done behind requests: nobody waits for it, and it is done before the service ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

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
        if self._begun:
            await asyncio.wait(self._begun, timeout=LAST_S)
