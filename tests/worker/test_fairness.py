"""With every slot taken and thousands of one key's tasks waiting, the next free slot is another's."""

import asyncio
from typing import Any

import pytest

from data.channels.task_queue.queue import Line
from data.wire.agent_run import AgentRun
from data.wire.task import TaskPriority
from serve.tasks.reconciler import Reconciler
from tests.worker.house import House

pytestmark = pytest.mark.anyio
SLOTS = 16
MANY = Line("house", "key")


class OneByOne:
    """Agents that run until they are let go, one by one."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.places = asyncio.Semaphore(0)

    async def __call__(self, run: AgentRun) -> dict[str, Any]:
        await self.begun.put(run.task_id)
        await self.places.acquire()
        return {"narrative": "told"}


@pytest.mark.parametrize(
    "other",
    [Line("house", "another key"), Line("another house", "key"), Line("house", "key", TaskPriority.CHAT)],
    ids=["key", "organisation", "chat"],
)
async def test_the_next_free_slot_is_anothers(house: House, other: Line):
    async def ask(line: Line) -> str:
        request = house.new().model_dump(mode="json")
        task = await house.tasks.add(
            request, organisation_id=line.organisation_id, key_id=line.key_id, priority=line.priority
        )
        await house.queue.put(task.id, line)
        return task.id

    agents = OneByOne()
    mine = [await ask(MANY) for _ in range(3 * SLOTS)]
    async with house.working(agents, slots=SLOTS, lease_s=30), asyncio.timeout(30):
        assert [await agents.begun.get() for _ in range(SLOTS)] == mine[:SLOTS]
        theirs = await ask(other)
        agents.places.release()
        assert await agents.begun.get() == theirs


async def test_what_the_reconciler_puts_back_stands_in_its_old_line(house: House):
    request = house.new().model_dump(mode="json")
    task = await house.tasks.add(request, organisation_id="house", key_id="bob", priority=TaskPriority.BATCH)
    assert await Reconciler(house.tasks, house.queue, waits_s=0).sweep() == 1
    delivery = await house.queue.take("w", block_s=0)
    assert delivery is not None
    assert (delivery.task_id, delivery.line) == (task.id, Line("house", "bob", TaskPriority.BATCH))
