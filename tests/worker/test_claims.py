"""What becomes of a task when its worker dies, is shut down, or has lost it; on both kinds of queue and stream."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from data.channels.task_queue.queue import Delivery, Line
from data.errors import Conflict, LostClaim, ModelUnavailable, ServiceUnavailable
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from data.wire.task import TaskStatus
from tests.worker.agents import Held, tell
from tests.worker.house import text_after_restarts

pytestmark = pytest.mark.anyio


async def taken_by_another(house, task_id: str) -> int:
    """The attempt of another worker who has taken the task; on a slow machine its own worker may be there first."""
    while True:
        row = await house.tasks.get(task_id, "house")
        with suppress(LostClaim):
            await house.tasks.release(task_id, row.attempt)
        claimed = await house.tasks.claim(task_id, "another", 60)
        if claimed is not None:
            return claimed.attempt


async def test_a_worker_that_loses_its_claim_stops_silently(house):
    held = Held()
    async with house.working(held) as worker:
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
        attempt = await taken_by_another(house, task.id)

        async def is_idle() -> bool:
            return worker.running == 0

        await house.until(is_idle)
        assert worker.is_alive
    row = await house.tasks.get(task.id, "house")
    assert (row.status, row.attempt) == ("processing", attempt)
    assert (await house.stream.last(task.id)).type is EventType.CHUNK


async def test_a_result_that_comes_after_the_claim_was_lost_is_not_written(house):
    held = Held()
    async with house.working(held, lease_s=60.0) as worker:
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
        attempt = await taken_by_another(house, task.id)
        held.go_on.set()

        async def is_idle() -> bool:
            return worker.running == 0

        await house.until(is_idle)
    row = await house.tasks.get(task.id, "house")
    assert (row.status, row.attempt, row.result) == ("processing", attempt, None)


async def test_a_drained_worker_lets_others_go_on_at_once(house):
    held = Held()
    worker = house.worker(held, lease_s=60.0)
    loop = asyncio.create_task(worker.run_forever())
    task = await house.ask()
    await asyncio.wait_for(held.begun.wait(), 5)
    await worker.drain(grace_s=0.05)
    await asyncio.wait_for(loop, 5)
    assert not worker.is_alive
    async with house.working(tell, lease_s=60.0), asyncio.timeout(3):
        done = await house.finished(task.id)
    assert (done.status, done.attempt, done.attempts_forgiven) == ("completed", 2, 1)


async def test_a_queue_that_hangs_lets_no_lease_lapse(house, monkeypatch):
    held = Held()
    beats: list[float] = []
    renew = house.tasks.renew

    async def hang(_: Delivery) -> None:
        await asyncio.Event().wait()

    async def noted(*which: Any) -> dict[str, Any]:
        beats.append(asyncio.get_running_loop().time())
        return await renew(*which)

    async def is_long() -> bool:
        return bool(beats) and beats[-1] - beats[0] > 2 * house.lease_s

    monkeypatch.setattr(house.queue, "keep", hang)
    monkeypatch.setattr(house.tasks, "renew", noted)
    async with house.working(held) as worker:
        task = await house.ask()
        await house.until(is_long)
        assert worker.is_alive
        held.go_on.set()
        await house.finished(task.id)


async def test_a_draining_worker_lets_what_runs_come_to_its_end(house):
    held = Held()
    worker = house.worker(held)
    loop = asyncio.create_task(worker.run_forever())
    task = await house.ask()
    await asyncio.wait_for(held.begun.wait(), 5)
    draining = asyncio.create_task(worker.drain(grace_s=10))
    waiting = await house.ask()
    held.go_on.set()
    await draining
    await asyncio.wait_for(loop, 5)
    assert (await house.finished(task.id)).status == "completed"
    assert (await house.tasks.get(waiting.id, "house")).status == "pending"


async def test_a_resumed_run_gets_its_checkpoint_and_readers_are_told_to_drop_the_text(house):
    held = Held()

    async def save_and_hold(run: AgentRun) -> dict[str, Any]:
        await run.save(b"messages", [Step("tool", "plan", {"months": 12})])
        return await held(run)

    async def resume(run: AgentRun) -> dict[str, Any]:
        await run.save(b"more", [Step("model", "offline", {"text": "whole"})])
        await run.emit(EventType.CHUNK, {"text": "whole"})
        return {"checkpoint": (run.checkpoint or b"").decode()}

    async with house.working(save_and_hold):
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
    async with house.working(resume):
        done = await house.finished(task.id)
        events = await house.events(task.id)
    assert done.result == {"checkpoint": "messages"}
    restart = next(event for event in events if event.type is EventType.RESTART)
    assert restart.payload == {"attempt": 2}
    assert restart.attempt == 2
    steps = await house.tasks.steps(task.id)
    assert [(step.number, step.attempt, step.name) for step in steps] == [(1, 1, "plan"), (2, 2, "offline")]


async def test_a_task_whose_worker_died_before_cancelling_it_is_cancelled_by_the_next(house):
    held = Held()
    async with house.working(held):
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
    await house.tasks.request_cancel(task.id, "house")
    async with house.working(held):
        events = await house.events(task.id)
        done = await house.finished(task.id)
    assert (done.status, len(held.runs)) == ("cancelled", 1)
    assert events[-1].type is EventType.CANCELLED


async def test_a_task_whose_workers_always_die_is_given_up(house):
    task = await house.ask()
    for attempt in range(1, 3):
        held = Held()
        async with house.working(held, max_deaths=2):
            await asyncio.wait_for(held.begun.wait(), 5)
        assert (await house.tasks.get(task.id, "house")).attempt == attempt
    async with house.working(tell, max_deaths=2):
        done = await house.finished(task.id)
        await house.events(task.id)

        async def is_buried() -> bool:
            return bool(await house.queue.dead_letters())

        await house.until(is_buried)
    assert (done.status, done.error["type"]) == ("failed", "gave-up")
    assert await house.queue.backlog() == 0
    with pytest.raises(Conflict):
        await house.tasks.request_cancel(task.id, "house")


async def test_a_task_tried_again_by_its_owner_gets_a_fresh_count(house):
    async def fail(run: AgentRun) -> dict[str, Any]:
        raise ModelUnavailable

    task = await house.ask()
    async with house.working(fail, max_deaths=1):
        await house.finished(task.id)
        await house.events(task.id)
    await house.tasks.retry(task.id, "house")
    await house.stream.reopen(task.id)
    await house.queue.put(task.id, Line("house", "key"))
    async with house.working(tell, max_deaths=1):
        events = await house.events(task.id)
        done = await house.finished(task.id)
    assert (done.status, done.attempt, done.error) == ("completed", 2, None)
    assert events[0].type is EventType.RESTART
    assert events[-1].type is EventType.COMPLETE


async def test_the_end_is_told_by_another_worker_when_the_first_died_between_row_and_readers(house):
    task = await house.ask()
    await house.queue.take("dead", block_s=0)
    await house.tasks.claim(task.id, "dead", 60)
    writer = house.stream.writer(task.id, 1)
    # The last words had not left yet.
    await writer.emit(EventType.CHUNK, {"text": "who"})
    await writer.flush()
    await house.tasks.finish(task.id, 1, TaskStatus.COMPLETED, result={"narrative": "whole"})
    async with house.working(tell):
        events = await house.events(task.id)
    assert [event.type for event in events][-1] is EventType.COMPLETE
    assert text_after_restarts(events) == "whole"
    assert events[-1].payload == {"result": {"narrative": "whole"}}


async def test_a_delivery_of_nobodys_task_is_buried(house):
    await house.queue.put("nobody's", Line("house", "key"))
    async with house.working(tell):

        async def is_buried() -> bool:
            return [letter.task_id for letter in await house.queue.dead_letters()] == ["nobody's"]

        await house.until(is_buried)


async def test_a_worker_that_takes_up_its_own_lapsed_task_still_knows_it(house, monkeypatch, caplog):
    held = Held()
    is_down = True
    renew = house.tasks.renew

    async def renewed(*which: Any) -> dict[str, Any]:
        if is_down:
            raise ServiceUnavailable("no database now")
        return await renew(*which)

    async def is_taken_up_again() -> bool:
        return len(held.runs) > 1

    async def is_alone() -> bool:
        return worker.running == 1

    monkeypatch.setattr(house.tasks, "renew", renewed)
    worker = house.worker(held)
    loop = asyncio.create_task(worker.run_forever())
    task = await house.ask()
    await house.until(is_taken_up_again)
    is_down = False
    await house.until(is_alone)
    await worker.drain(grace_s=0.05)
    await asyncio.wait_for(loop, 5)
    row = await house.tasks.get(task.id, "house")
    assert (row.status, row.attempt, row.attempts_forgiven) == ("processing", len(held.runs), 1)
    assert "could not be brought to its end" not in caplog.text


@pytest.mark.parametrize("lease_s", [2.0])
async def test_a_run_much_longer_than_its_lease_is_not_run_twice(house):
    held = Held()
    async with house.working(held), house.working(held):
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
        first = (await house.tasks.get(task.id, "house")).lease_until

        async def is_renewed_often() -> bool:
            return (await house.tasks.get(task.id, "house")).lease_until > first + timedelta(seconds=2 * house.lease_s)

        await house.until(is_renewed_often)
        held.go_on.set()
        done = await house.finished(task.id)
    assert (len(held.runs), done.attempt) == (1, 1)
