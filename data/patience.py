"""How to wait for a part that does not answer: again and again, with growing pauses, for as long as it takes."""

import logging

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
