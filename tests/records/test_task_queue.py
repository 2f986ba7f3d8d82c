"""One suite for both queues: the one on a real Redis or Valkey, and its in-memory twin."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
import redis.asyncio

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.task_queue.queue import DeadLetter, Delivery, Line, TaskQueue
from data.errors import BadSetting, ServiceUnavailable
from data.wire.task import TaskPriority

pytestmark = pytest.mark.anyio
IDLE_S = 0.6
ANN, BOB = Line("house", "ann"), Line("house", "bob")
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
        assert await queue.put(task_id, ANN)
    taken = [await queue.take("w1", block_s=0) for _ in range(4)]
    assert [delivery and delivery.task_id for delivery in taken] == ["a", "b", "c", None]
    assert [delivery.deliveries for delivery in taken if delivery] == [1, 1, 1]


async def test_a_waiting_worker_gets_what_is_put(queue: TaskQueue):
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await asyncio.sleep(0)
    await queue.put("a", ANN)
    delivery = await waiting
    assert delivery is not None
    assert delivery.task_id == "a"


async def test_two_waiting_workers_get_one_task_each(queue: TaskQueue):
    waiting = [asyncio.create_task(queue.take(f"w{n}", block_s=SOON_S)) for n in range(2)]
    await queue.put("a", ANN)
    await queue.put("b", ANN)
    assert {delivery.task_id for delivery in await asyncio.gather(*waiting) if delivery} == {"a", "b"}


async def test_putting_twice_queues_once(queue: TaskQueue):
    assert await queue.put("a", ANN) is True
    assert await queue.put("a", ANN) is False
    assert await queue.take("w1", block_s=0) is not None
    assert await queue.take("w1", block_s=0) is None


async def test_a_task_put_again_while_in_hand_comes_again_after_the_acknowledgement(queue: TaskQueue):
    await queue.put("a", ANN)
    first = await queue.take("w1", block_s=0)
    assert first is not None
    await queue.put("a", ANN)
    assert await queue.take("w2", block_s=0) is None
    await queue.acknowledge(first)
    again = await queue.take("w2", block_s=0)
    assert again is not None
    assert (again.task_id, again.line, again.deliveries) == ("a", ANN, 1)
    await queue.acknowledge(again)
    assert await queue.backlog() == 0


async def test_what_a_worker_drops_comes_to_another_before_anything_new(queue: TaskQueue):
    await queue.put("a", ANN)
    dropped = await queue.take("dead", block_s=0)
    assert dropped is not None
    recovered = await queue.take("w2", block_s=SOON_S)
    assert recovered is not None
    assert (recovered.task_id, recovered.deliveries, recovered.worker_id) == ("a", 2, "w2")


async def test_what_a_worker_keeps_stays_with_it(queue: TaskQueue):
    await queue.put("a", ANN)
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    other = asyncio.create_task(queue.take("w2", block_s=2 * IDLE_S))
    while not other.done():
        await queue.keep(mine)
        await asyncio.wait({other}, timeout=IDLE_S / 4)
    assert other.result() is None


async def test_what_is_acknowledged_never_comes_back(queue: TaskQueue):
    await queue.put("a", ANN)
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.acknowledge(mine)
    await queue.acknowledge(mine)
    assert await queue.take("w2", block_s=2 * IDLE_S) is None
    assert await queue.backlog() == 0


async def test_what_is_released_comes_to_the_next_at_once(queue: TaskQueue):
    await queue.put("a", ANN)
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.release(mine)
    again = await queue.take("w2", block_s=0)
    assert again is not None
    assert again.task_id == "a"


async def test_the_buried_leave_the_queue_and_lie_among_the_dead_letters(queue: TaskQueue):
    await queue.put("a", ANN)
    mine = await queue.take("w1", block_s=0)
    assert mine is not None
    await queue.bury(mine, "its worker died five times")
    assert await queue.dead_letters() == [DeadLetter("a", ANN, 1, "its worker died five times")]
    assert await queue.take("w1", block_s=2 * IDLE_S) is None
    assert await queue.put("a", ANN) is True


async def everything(queue: TaskQueue) -> list[str]:
    """Take and acknowledge all that waits; in which order it came."""
    order: list[str] = []
    while (delivery := await queue.take("w1", block_s=0)) is not None:
        order.append(delivery.task_id)
        await queue.acknowledge(delivery)
    return order


@pytest.mark.parametrize("other", [Line("house", "bob"), Line("other", "bob")], ids=["key", "organisation"])
async def test_who_queues_many_tasks_does_not_delay_another_by_more_than_one(queue: TaskQueue, other: Line):
    for number in range(100):
        await queue.put(f"ann-{number}", ANN)
    first = [await queue.take("w1", block_s=0) for _ in range(4)]
    assert all(first)
    await queue.put("bob-0", other)
    await queue.put("bob-1", other)
    order = await everything(queue)
    assert order[:2] == ["bob-0", "bob-1"]  # four of the other's are in hand
    assert order[2:] == [f"ann-{number}" for number in range(4, 100)]


async def test_an_organisation_gains_nothing_by_many_keys(queue: TaskQueue):
    for number in range(40):
        await queue.put(f"many-{number}", Line("many", f"key-{number % 10}"))
        await queue.put(f"one-{number}", Line("one", "key"))
    order = await everything(queue)
    for taken in range(2, 80, 2):
        assert sum(name.startswith("one") for name in order[:taken]) == taken // 2
    first_of_many = [name for name in order if name.startswith("many")][:10]
    assert {int(name.removeprefix("many-")) % 10 for name in first_of_many} == set(range(10))


async def test_who_comes_again_at_once_does_not_pass_those_who_wait(queue: TaskQueue):
    for name in ("ann", "bob", "cy"):
        await queue.put(f"{name}-0", Line("house", name))
        await queue.put(f"{name}-1", Line("house", name))
    order: list[str] = []
    for number in range(6):
        await queue.put(f"eager-{number}", Line("house", "an eager one"))
        delivery = await queue.take("w1", block_s=0)
        assert delivery is not None
        order.append(delivery.task_id)
        await queue.acknowledge(delivery)
    assert {"ann-0", "bob-0", "cy-0"} <= set(order[:4])


async def test_a_chat_comes_before_tasks_and_they_before_batches_but_nothing_starves(queue: TaskQueue):
    for number in range(60):
        for priority in reversed(TaskPriority):
            await queue.put(f"{priority}-{number}", Line("house", "ann", priority))
    order = [name.partition("-")[0] for name in await everything(queue)]
    assert order[:5] == ["chat"] * 4 + ["task"]
    assert 2 <= order[:50].count("batch") <= 4
    assert 8 <= order[:50].count("task") <= 12


async def test_what_is_withdrawn_is_never_handed_out_again(queue: TaskQueue):
    for task_id in "abc":
        await queue.put(task_id, ANN)
    in_hand = await queue.take("w1", block_s=0)
    assert in_hand is not None
    await queue.withdraw("a")
    await queue.withdraw("b")
    assert await queue.backlog() == 1
    other = await queue.take("w2", block_s=0)
    assert other is not None
    assert other.task_id == "c"
    await queue.acknowledge(other)
    assert await queue.take("w2", block_s=2 * IDLE_S) is None
    assert await queue.dead_letters() == []
    await queue.acknowledge(in_hand)
    assert await queue.backlog() == 0


async def test_in_hand_is_counted_to_the_end_however_a_task_ends(queue: TaskQueue):
    for number in range(6):
        await queue.put(f"ann-{number}", ANN)
    acknowledged, buried, again, withdrawn = [await queue.take("w1", block_s=0) for _ in range(4)]
    assert acknowledged
    assert buried
    assert again
    assert withdrawn
    await queue.acknowledge(acknowledged)
    await queue.bury(buried, "a test")
    await queue.put(again.task_id, ANN)
    await queue.acknowledge(again)
    await queue.withdraw(withdrawn.task_id)
    await queue.release(withdrawn)
    await queue.put("bob-0", BOB)
    await queue.put("bob-1", BOB)
    # Nothing of ann's is in hand any more: who came last waits one turn, not two.
    assert [name[:3] for name in await everything(queue)][:3] == ["bob", "ann", "bob"]


async def test_both_queues_keep_the_same_law(redis_url: str):
    twins: list[TaskQueue] = [MemoryTaskQueue(), RedisTaskQueue(redis_url)]
    chance = Random(7)
    lines = [Line(f"o{n % 3}", f"k{n % 5}", priority) for n in range(15) for priority in TaskPriority]
    held: list[list[Delivery]] = []
    for number in range(600):
        act, line = chance.random(), chance.choice(lines)
        if act < 0.5:
            for queue in twins:
                await queue.put(f"t{number}", line)
        elif act < 0.8:
            taken = [await queue.take("w", block_s=0) for queue in twins]
            names = [delivery and (delivery.task_id, delivery.line) for delivery in taken]
            assert names[0] == names[1], number
            held += [[delivery for delivery in taken if delivery]] if taken[0] else []
        elif act < 0.85:
            task_id = f"t{chance.randrange(number + 1)}"
            for queue in twins:
                await queue.withdraw(task_id)
        elif held:
            for queue, delivery in zip(twins, held.pop(chance.randrange(len(held))), strict=True):
                await queue.acknowledge(delivery)
    for queue in twins:
        await queue.close()


async def test_ten_thousand_queued_tasks_cost_no_more_than_ten(redis_url: str):
    queue = RedisTaskQueue(redis_url)
    server = redis.asyncio.Redis.from_url(redis_url)

    async def commands_of_a_turn(name: str) -> int:
        before = await server.info("commandstats")
        await queue.put(name, BOB)
        delivery = await queue.take("w1", block_s=0)
        assert delivery is not None
        await queue.acknowledge(delivery)
        after = await server.info("commandstats")
        return sum(after[kind]["calls"] - before.get(kind, {"calls": 0})["calls"] for kind in after)

    for number in range(10):
        await queue.put(f"ann-{number}", ANN)
    few = await commands_of_a_turn("first")
    for start in range(10, 10_000, 30):
        await asyncio.gather(*(queue.put(f"ann-{number}", ANN) for number in range(start, start + 30)))
    many = await commands_of_a_turn("second")
    assert many <= few + 5
    await server.aclose()
    await queue.close()


async def test_the_backlog_counts_the_waiting_and_the_running(queue: TaskQueue):
    for number in range(30):
        await queue.put(f"task-{number}", Line("house", f"key-{number % 3}"))
    assert await queue.backlog() == 30
    mine = await queue.take("w1", block_s=0)
    assert await queue.backlog() == 30
    assert mine is not None
    await queue.acknowledge(mine)
    assert await queue.backlog() == 29


async def test_the_missing_are_those_that_neither_wait_nor_are_in_hand(queue: TaskQueue):
    for task_id in "abc":
        await queue.put(task_id, ANN)
    first, _ = await queue.take("w1", block_s=0), await queue.take("w1", block_s=0)
    assert first is not None
    await queue.acknowledge(first)
    assert await queue.missing(["c", "b", "a", "x"]) == ["a", "x"]
    assert await queue.missing([]) == []
    assert len(await queue.missing([str(number) for number in range(2500)])) == 2500


async def test_a_silent_worker_that_holds_something_is_not_forgotten(queue: TaskQueue):
    await queue.put("a", ANN)
    await queue.take("w1", block_s=0)
    assert await queue.forget_silent_workers() == 0
    assert await queue.take("w2", block_s=SOON_S) is not None


async def test_a_queue_that_is_emptied_under_a_waiting_worker_goes_on(redis_url: str):
    queue = RedisTaskQueue(redis_url, idle_s=IDLE_S)
    server = redis.asyncio.Redis.from_url(redis_url)
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await queue.put("a", ANN)
    first = await waiting
    assert first is not None
    await queue.acknowledge(first)
    waiting = asyncio.create_task(queue.take("w1", block_s=SOON_S))
    await asyncio.wait({waiting}, timeout=2 * IDLE_S)
    await server.flushall()
    await queue.put("b", ANN)
    delivery = await waiting
    assert delivery is not None
    assert delivery.task_id == "b"
    await server.aclose()
    await queue.close()


async def test_a_redis_that_is_not_there_is_named_in_the_error():
    queue = RedisTaskQueue("redis://127.0.0.1:1/0")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1"):
        await queue.put("a", ANN)
    await queue.close()


async def test_a_url_that_is_no_redis_url_is_a_bad_setting():
    with pytest.raises(BadSetting, match="REDIS_URL"):
        RedisTaskQueue("http://127.0.0.1")
