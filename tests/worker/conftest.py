"""The same house on both kinds of queue and stream."""

from collections.abc import AsyncIterator, Callable

import pytest

from data.database import Database
from data.task import NewTask
from data.task_queue import MemoryTaskQueue, RedisTaskQueue, TaskQueue
from data.task_store import TaskStore
from data.token_stream import MemoryTokenStream, RedisTokenStream, TokenStream
from tests.worker.house import LEASE_S, House


@pytest.fixture(params=["memory", "redis"])
async def house(
    request: pytest.FixtureRequest, database: Database, new_task: Callable[..., NewTask]
) -> AsyncIterator[House]:
    if request.param == "memory":
        queue: TaskQueue = MemoryTaskQueue(idle_s=LEASE_S)
        stream: TokenStream = MemoryTokenStream()
    else:
        url = request.getfixturevalue("redis_url")
        queue, stream = RedisTaskQueue(url, idle_s=LEASE_S), RedisTokenStream(url)
    yield House(TaskStore(database), queue, stream, new_task)
    await queue.close()
    await stream.close()
