"""How to wait for a part that does not answer: again and again, with growing pauses, for as long as it takes."""

import asyncio
import logging
from typing import Any

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception_type, wait_exponential_jitter

from data.errors import ServiceUnavailable

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0


def patiently(log: logging.Logger) -> AsyncRetrying:
    """A repeater of calls while they raise ServiceUnavailable.

    >>> await patiently(log)(queue.put, task_id, user)  # doctest: +SKIP
    """
    return AsyncRetrying(
        retry=retry_if_exception_type(ServiceUnavailable),
        wait=wait_exponential_jitter(multiplier=FIRST_PAUSE_S, max=LONGEST_PAUSE_S, jitter=FIRST_PAUSE_S),
        before_sleep=before_sleep_log(log, logging.WARNING),
    )


async def end(task: "asyncio.Task[Any]", *, every_s: float = 0.1) -> None:
    """Cancel the task, again and again until it has ended: a single cancellation can be swallowed on its way.

    `asyncio.wait_for` before Python 3.12 swallows one that arrives as its own wait ends (bpo-37658).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=every_s)
