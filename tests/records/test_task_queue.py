"""One suite for both queues: the one on a real Redis or Valkey, and its in-memory twin."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.task_queue.queue import DeadLetter, TaskQueue
from data.errors import BadSetting, ServiceUnavailable

pytestmark = pytest.mark.anyio
IDLE_S = 0.6
SOON_S = 5.0  # an upper bound: what is waited for comes much earlier


@pytest.fixture(params=["memory", "redis"])
async def queue(request: pytest.FixtureRequest) -> AsyncIterator[TaskQueue]:
    if request.param == "memory":
        queue: TaskQueue = MemoryTaskQueue(idle_s=IDLE_S)
    else:
        queue = RedisTaskQueue(request.getfixturevalue("redis_url"), idle_s=IDLE_S)
    yield queue
    await queue.close()


async def test_tasks_of_a_user_come_in_the_order_they_were_put(queue: TaskQueue):
    for task_id in "abc":
        assert await queue.put(task_id, "ann")
    taken = [await queue.take("w1", block_s=0) for _ in range(4)]
    assert [delivery and delivery.task_id for delivery in taken] == ["a", "b", "c", None]
    assert [delivery.deliveries for delivery in taken if delivery] == [1, 1, 1]


async def test_a_waiting_worker_gets_what_is_put(queue: TaskQueue):
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await asyncio.sleep(0)
    await queue.put("a", "ann")
    delivery = await waiting
    assert delivery is not None
    assert delivery.task_id == "a"


async def test_two_waiting_workers_get_one_task_each(queue: TaskQueue):
    waiting = [asyncio.create_task(queue.take(f"w{n}", block_s=SOON_S)) for n in range(2)]
    await queue.put("a", "ann")
    await queue.put("b", "ann")
    assert {delivery.task_id for delivery in await asyncio.gather(*waiting) if delivery} == {"a", "b"}


async def test_putting_twice_queues_once(queue: TaskQueue):
    assert await queue.put("a", "ann") is True
    assert await queue.put("a", "ann") is False
    assert await queue.take("w1", block_s=0) is not None
    assert await queue.take("w1", block_s=0) is None


async def test_a_task_put_again_while_in_hand_comes_again_after_the_acknowledgement(queue: TaskQueue):
    await queue.put("a", "ann")
    first = await queue.take("w1", block_s=0)
    assert first is not None
    await queue.put("a", "ann")
    assert await queue.take("w2", block_s=0) is None
    await queue.acknowledge(first)
    again = await queue.take("w2", block_s=0)
    assert again is not None
    assert (again.task_id, again.user, again.deliveries) == ("a", "ann", 1)
    await queue.acknowledge(again)
    assert await queue.backlog() == 0


async def test_what_a_worker_drops_comes_to_another_before_anything_new(queue: TaskQueue):
    await queue.put("a", "ann")
    dropped = await queue.take("dead", block_s=0)
    assert dropped is not None
    recovered = await queue.take("w2", block_s=SOON_S)
    assert recovered is not None
    assert (recovered.task_id, recovered.deliveries, recovered.worker_id) == ("a", 2, "w2")


async def test_what_a_worker_keeps_stays_with_it(queue: TaskQueue):
    await queue.put("a", "ann")
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    other = asyncio.create_task(queue.take("w2", block_s=2 * IDLE_S))
    while not other.done():
        await queue.keep(mine)
        await asyncio.wait({other}, timeout=IDLE_S / 4)
    assert other.result() is None


async def test_what_is_acknowledged_never_comes_back(queue: TaskQueue):
    await queue.put("a", "ann")
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.acknowledge(mine)
    await queue.acknowledge(mine)
    assert await queue.take("w2", block_s=2 * IDLE_S) is None
    assert await queue.backlog() == 0


async def test_what_is_released_comes_to_the_next_at_once(queue: TaskQueue):
    await queue.put("a", "ann")
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.release(mine)
    again = await queue.take("w2", block_s=0)
    assert again is not None
    assert again.task_id == "a"


async def test_the_buried_leave_the_queue_and_lie_among_the_dead_letters(queue: TaskQueue):
    await queue.put("a", "ann")
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.bury(mine, "its worker died five times")
    assert await queue.dead_letters() == [DeadLetter("a", "ann", 1, "its worker died five times")]
    assert await queue.take("w1", block_s=2 * IDLE_S) is None
    assert await queue.put("a", "ann") is True


async def test_one_user_with_many_tasks_does_not_starve_another(queue: TaskQueue):
    for number in range(100):
        await queue.put(f"ann-{number}", "ann")
    await queue.put("bob-0", "bob")
    await queue.put("bob-1", "bob")
    order: list[str] = []
    for _ in range(102):
        delivery = await queue.take("w1", block_s=0)
        assert delivery is not None
        order.append(delivery.task_id)
        await queue.acknowledge(delivery)
    assert order.index("bob-1") < 15
    assert [name for name in order if name.startswith("ann")] == [f"ann-{number}" for number in range(100)]


async def test_the_backlog_counts_the_waiting_and_the_running(queue: TaskQueue):
    for number in range(30):
        await queue.put(f"task-{number}", f"user-{number % 3}")
    assert await queue.backlog() == 30
    mine = await queue.take("w1", block_s=0)
    assert await queue.backlog() == 30
    assert mine is not None
    await queue.acknowledge(mine)
    assert await queue.backlog() == 29


async def test_the_missing_are_those_that_neither_wait_nor_are_in_hand(queue: TaskQueue):
    for task_id in "abc":
        await queue.put(task_id, "ann")
    first, _ = await queue.take("w1", block_s=0), await queue.take("w1", block_s=0)
    assert first is not None
    await queue.acknowledge(first)
    assert await queue.missing(["c", "b", "a", "x"]) == ["a", "x"]
    assert await queue.missing([]) == []
    assert len(await queue.missing([str(number) for number in range(2500)])) == 2500


async def test_a_silent_worker_that_holds_something_is_not_forgotten(queue: TaskQueue):
    await queue.put("a", "ann")
    await queue.take("w1", block_s=0)
    assert await queue.forget_silent_workers() == 0
    assert await queue.take("w2", block_s=SOON_S) is not None


async def test_a_queue_that_is_emptied_under_a_waiting_worker_goes_on(redis_url: str):
    queue = RedisTaskQueue(redis_url, idle_s=IDLE_S)
    server = redis.asyncio.Redis.from_url(redis_url)
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await queue.put("a", "ann")
    first = await waiting
    assert first is not None
    await queue.acknowledge(first)
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await asyncio.wait({waiting}, timeout=2 * IDLE_S)
    await server.flushall()
    await queue.put("b", "ann")
    delivery = await waiting
    assert delivery is not None
    assert delivery.task_id == "b"
    await server.aclose()
    await queue.close()


async def test_a_redis_that_is_not_there_is_named_in_the_error():
    queue = RedisTaskQueue("redis://127.0.0.1:1/0")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1"):
        await queue.put("a", "ann")
    await queue.close()


async def test_a_url_that_is_no_redis_url_is_a_bad_setting():
    with pytest.raises(BadSetting, match="REDIS_URL"):
        RedisTaskQueue("http://127.0.0.1")
