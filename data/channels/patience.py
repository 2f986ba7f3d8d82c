"""How to wait for a part that does not answer: again and again, with growing pauses, for as long as it takes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception_type, wait_exponential_jitter

from data.errors import ServiceUnavailable

P = ParamSpec("P")
T = TypeVar("T")
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True)
class Patience:
    """A repeater of calls while they raise ServiceUnavailable."""

    log: logging.Logger

    async def __call__(self, call: Callable[P, Awaitable[T]], /, *args: P.args, **more: P.kwargs) -> T:
        """What the call returns, whenever it does."""
        # Without any machinery first: nearly every call answers at once, and there are dozens for each task.
        try:
            return await call(*args, **more)
        except ServiceUnavailable as error:
            self.log.warning("%s; asked again until it answers", error)
        again = AsyncRetrying(
            retry=retry_if_exception_type(ServiceUnavailable),
            wait=wait_exponential_jitter(multiplier=FIRST_PAUSE_S, max=LONGEST_PAUSE_S, jitter=FIRST_PAUSE_S),
            before_sleep=before_sleep_log(self.log, logging.WARNING),
        )
        await asyncio.sleep(FIRST_PAUSE_S)
        return await again(call, *args, **more)


def patiently(log: logging.Logger) -> Patience:
    """A repeater of calls while they raise ServiceUnavailable.

    >>> await patiently(log)(queue.put, task_id, user)  # doctest: +SKIP
    """
    return Patience(log)


async def end(task: "asyncio.Task[Any]", *, every_s: float = 0.1) -> None:
    """Cancel the task, again and again until it has ended: a single cancellation can be swallowed on its way.

    `asyncio.wait_for` before Python 3.12 swallows one that arrives as its own wait ends (bpo-37658).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=every_s)
