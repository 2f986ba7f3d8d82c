"""What the queue has lost comes back from the rows."""

import asyncio

import pytest

from data.channels.patience import end
from serve.tasks.reconciler import Reconciler

pytestmark = pytest.mark.anyio


async def tell(run):
    return {"narrative": "told"}


async def test_a_pending_task_the_queue_does_not_know_is_queued(house):
    new = house.new()
    lost = await house.tasks.add(new.model_dump(mode="json"), organisation_id="house", key_id="key")
    reconciler = Reconciler(house.tasks, house.queue, waits_s=0)
    assert await reconciler.sweep() == 1
    assert await reconciler.sweep() == 0
    delivery = await house.queue.take("w", block_s=0)
    assert delivery is not None
    assert delivery.task_id == lost.id


async def test_a_young_task_is_left_to_its_queue(house):
    await house.ask()
    assert await Reconciler(house.tasks, house.queue, waits_s=60).sweep() == 0


async def test_a_finished_task_is_left_alone(house):
    task = await house.ask()
    async with house.working(tell):
        await house.finished(task.id)
        await house.events(task.id)

        async def is_empty() -> bool:
            return await house.queue.backlog() == 0

        await house.until(is_empty)
    assert await Reconciler(house.tasks, house.queue, waits_s=0).sweep() == 0


async def test_a_task_whose_lease_lapsed_is_queued(house):
    new = house.new()
    task = await house.tasks.add(new.model_dump(mode="json"), organisation_id="house", key_id="key")
    await house.tasks.claim(task.id, "dead", 0)
    reconciling = asyncio.create_task(Reconciler(house.tasks, house.queue, waits_s=60, every_s=0.02).run_forever())
    async with house.working(tell):
        done = await house.finished(task.id)
    await end(reconciling)
    assert (done.status, done.attempt) == ("completed", 2)
