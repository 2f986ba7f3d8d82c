"""The same house on both kinds of queue and stream."""

from collections.abc import AsyncIterator, Callable

import pytest

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.task_queue.queue import TaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.channels.token_stream.on_redis import RedisTokenStream
from data.channels.token_stream.stream import TokenStream
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.task import NewTask
from tests.worker.house import LEASE_S, House


@pytest.fixture
def lease_s() -> float:
    """Short, for tests that wait until it lapses; one whose lease must not lapse by a stalled disk asks for more."""
    return LEASE_S


@pytest.fixture(params=["memory", "redis"])
async def house(
    request: pytest.FixtureRequest, database: Database, new_task: Callable[..., NewTask], lease_s: float
) -> AsyncIterator[House]:
    if request.param == "memory":
        queue: TaskQueue = MemoryTaskQueue(idle_s=lease_s)
        stream: TokenStream = MemoryTokenStream()
    else:
        url = request.getfixturevalue("redis_url")
        queue, stream = RedisTaskQueue(url, idle_s=lease_s), RedisTokenStream(url)
    yield House(TaskStore(database), queue, stream, new_task, lease_s)
    await queue.close()
    await stream.close()
