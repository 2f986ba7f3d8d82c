"""Whose fault it is when a worker dies: the task's, a neighbour's, or the machine's."""

import asyncio
from typing import Any

import pytest

from data.channels.task_queue.queue import Line
from data.records.tasks.task import AgentTask
from data.wire.agent_run import AgentRun
from serve.tasks.attempt import Stop
from tests.worker.agents import tell
from tests.worker.house import House

pytestmark = pytest.mark.anyio


class Deadly:
    """An agent that ends its worker on one kind of question, and tells on all others when it may."""

    def __init__(self, *, neighbours: int = 0) -> None:
        self.neighbours = neighbours
        self.began: list[str] = []
        self.dies, self.may_tell = asyncio.Event(), asyncio.Event()

    async def __call__(self, run: AgentRun) -> dict[str, Any]:
        self.began.append(run.request.question)
        if "deadly" not in (run.request.question or ""):
            await self.may_tell.wait()
            return await tell(run)
        # Whoever began beside it goes with it.
        while len(self.began) <= self.neighbours:
            await asyncio.sleep(0.01)
        self.dies.set()
        await asyncio.Event().wait()
        return {}


async def killed(house: House, agent: Deadly, **options: Any) -> None:
    async with house.working(agent, **options), asyncio.timeout(90):
        await agent.dies.wait()


async def waiting_suspect(house: House) -> AgentTask:
    """A task that has seen two deaths, and that the queue does not know yet."""
    new = house.new(question="deadly").model_dump(mode="json")
    task = await house.tasks.add(new, organisation_id="house", key_id="key")
    for _ in range(2):
        await house.tasks.claim(task.id, "service:dead", 0.0)
    return task


async def begun(agent: Deadly, question: str) -> bool:
    return question in agent.began


# A lease that a stalled disk outlasts would count a death that was none.
@pytest.mark.parametrize("lease_s", [3.0])
async def test_a_task_that_kills_its_worker_three_times_fails_and_says_so_and_its_neighbours_do_not(house: House):
    neighbours = [await house.ask(question="mild") for _ in range(2)]
    deadly = await house.ask(question="deadly")
    for _ in range(2):
        await killed(house, Deadly(neighbours=2))
    assert [(await house.tasks.get(task.id, "house")).deaths for task in (deadly, *neighbours)] == [1, 1, 1]
    # Three suspects now: each runs alone, so that the third death takes nobody along.
    third = Deadly()
    third.may_tell.set()
    await killed(house, third)
    async with house.working(third):
        ended = [await house.finished(task.id) for task in (deadly, *neighbours)]
    assert [task.status for task in ended] == ["failed", "completed", "completed"]
    assert ended[0].error["type"] == "gave-up"
    assert "its worker died 3 times" in ended[0].error["detail"]
    assert max(task.attempt for task in ended[1:]) <= 4
    await house.tasks.retry(deadly.id, "house")
    await house.queue.put(deadly.id, Line("house", "key"))
    async with house.working(tell):
        assert (await house.finished(deadly.id)).status == "completed"


# A lease that a stalled disk outlasts would count a death that was none.
@pytest.mark.parametrize("lease_s", [3.0])
async def test_a_suspect_waits_until_it_is_alone_and_a_death_meanwhile_is_not_its_own(house: House):
    suspect = await waiting_suspect(house)
    quiet = Deadly()
    async with house.working(quiet) as worker:
        neighbour = await house.ask(question="mild")
        await house.until(lambda: begun(quiet, "mild"))
        await house.queue.put(suspect.id, Line("house", "key"))

        async def waits() -> bool:
            row = await house.tasks.get(suspect.id, "house")
            return row.attempt == 3 and (row.worker_id or "").startswith("waits:")

        await house.until(waits)
        # Meanwhile nothing new is taken.
        later = await house.ask(question="mild")
        assert worker.running == 2
    assert quiet.began == ["mild"]
    async with house.working(tell):
        done = [await house.finished(task.id) for task in (suspect, neighbour, later)]
    assert [(task.status, task.deaths) for task in done] == [("completed", 2), ("completed", 1), ("completed", 0)]


async def test_a_suspect_runs_once_its_neighbours_have_ended_and_others_after_it(house: House):
    suspect = await waiting_suspect(house)
    quiet = Deadly()
    async with house.working(quiet):
        neighbour = await house.ask(question="mild")
        await house.until(lambda: begun(quiet, "mild"))
        await house.queue.put(suspect.id, Line("house", "key"))
        quiet.may_tell.set()
        await house.finished(neighbour.id)
        await asyncio.wait_for(quiet.dies.wait(), 20)
        later = await house.ask(question="mild")
        await house.tasks.request_cancel(suspect.id, "house")
        assert (await house.finished(suspect.id)).status == "cancelled"
        assert (await house.finished(later.id)).status == "completed"
    assert quiet.began == ["mild", "deadly", "mild"]


async def test_deaths_of_a_whole_run_of_the_service_do_not_count(house: House):
    task = await house.ask(question="deadly")
    for number in range(6):
        await killed(house, Deadly(), service=f"run {number}")
    async with house.working(tell, service="the last"):
        done = await house.finished(task.id)
    assert (done.status, done.attempt, done.deaths) == ("completed", 7, 0)


async def test_a_stalled_worker_that_wakes_takes_its_lapsed_claim_upon_itself(house: House):
    held = Deadly()
    async with house.working(held, lease_s=60.0) as worker:
        task = await house.ask(question="deadly")
        await asyncio.wait_for(held.dies.wait(), 10)

        async def is_taken_by_another() -> bool:
            # As after a stall past the lease: the row is free, and another takes it.
            async with house.tasks._database.session() as session:
                row = await session.get(type(task), task.id)
                row.lease_until = row.created_at
            taken = await house.tasks.claim(task.id, "service:another", 60)
            # In between the worker may have renewed it.
            return taken is not None and taken.deaths == 1

        await house.until(is_taken_by_another)
        for attempt in worker._attempts:
            attempt.stop(Stop.LOST)

        async def is_forgiven() -> bool:
            return (await house.tasks.get(task.id, "house")).deaths == 0

        await house.until(is_forgiven)


async def test_a_task_that_always_stalls_its_worker_is_not_begun_for_ever(house: House):
    task = await house.ask()
    for number in range(1, 15):
        await house.tasks.claim(task.id, "service:worker", 0.0)
        await house.tasks.forgive(task.id, number - 1)
    assert (await house.tasks.get(task.id, "house")).deaths >= 3
