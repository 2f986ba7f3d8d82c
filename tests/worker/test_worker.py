"""What a worker does with a task, on both kinds of queue and stream."""

import asyncio
from typing import Any

import pytest

from data.errors import LostClaim, ModelUnavailable
from data.wire.agent_run import AgentRun
from data.wire.event import EventType
from tests.worker.agents import WORDS, Held, tell

pytestmark = pytest.mark.anyio


async def test_a_task_is_run_told_and_finished(house):
    async with house.working(tell) as worker:
        task = await house.ask()
        events = await house.events(task.id)
        done = await house.finished(task.id)
        assert worker.is_alive
    assert [event.type for event in events if event.type is not EventType.CHUNK] == [
        EventType.PROGRESS,
        EventType.PROGRESS,
        EventType.COMPLETE,
    ]
    assert "".join(event.payload.get("text", "") for event in events) == "".join(WORDS)
    assert events[-1].payload == {"result": {"narrative": "".join(WORDS)}}
    assert (done.status, done.progress, done.attempt, done.result) == (
        "completed",
        100,
        1,
        {"narrative": "".join(WORDS)},
    )
    assert done.lease_until is None
    assert done.finished_at is not None


async def test_the_queue_is_empty_after_the_end(house):
    async with house.working(tell):
        task = await house.ask()
        await house.events(task.id)

        async def is_empty() -> bool:
            return await house.queue.backlog() == 0

        await house.until(is_empty)


async def test_the_run_gets_what_was_asked(house):
    held = Held()
    async with house.working(held):
        await house.ask(question="Which first?", language="zh")
        await asyncio.wait_for(held.begun.wait(), 5)
    run = held.runs[0]
    assert (run.request.question, run.request.language, run.attempt, run.checkpoint) == ("Which first?", "zh", 1, None)


async def test_several_tasks_run_at_once_and_no_more_than_the_slots(house):
    at_once: list[int] = []
    all_there = asyncio.Event()

    async def count(run: AgentRun) -> dict[str, Any]:
        at_once.append(worker.running)
        if worker.running == 3:
            all_there.set()
        await all_there.wait()
        await asyncio.sleep(0)
        return {}

    async with house.working(count, slots=3) as worker:
        tasks = [await house.ask() for _ in range(7)]
        for task in tasks:
            assert (await house.finished(task.id)).status == "completed"
    assert max(at_once) == 3


async def test_of_many_that_come_together_few_are_on_their_way_to_their_model(house):
    begun: list[AgentRun] = []
    may_ask = asyncio.Semaphore(0)
    may_end = asyncio.Event()

    async def ask(run: AgentRun) -> dict[str, Any]:
        begun.append(run)
        await may_ask.acquire()
        await run.emit(EventType.THINKING, {})
        await may_end.wait()
        return {}

    async with house.working(ask, slots=20, most_starting=2, longest_start_s=600.0) as worker:
        tasks = [await house.ask() for _ in range(6)]
        for asked in range(5):

            async def are_begun(number: int = min(asked + 2, 6)) -> bool:
                return len(begun) >= number

            await house.until(are_begun)
            # The next one waits until one of these has asked its model.
            assert len(begun) == worker.running == min(asked + 2, 6)
            may_ask.release()
        may_ask.release()
        may_end.set()
        for task in tasks:
            assert (await house.finished(task.id)).status == "completed"


async def test_a_task_that_takes_long_to_ask_its_model_holds_nobody_up(house):
    all_there = asyncio.Event()

    async def never_ask(run: AgentRun) -> dict[str, Any]:
        if worker.running == 5:
            all_there.set()
        await all_there.wait()
        return {}

    async with house.working(never_ask, slots=5, most_starting=1, longest_start_s=0.01) as worker:
        for task in [await house.ask() for _ in range(5)]:
            assert (await house.finished(task.id)).status == "completed"


async def test_a_model_error_is_the_tasks_error(house):
    async def fail(run: AgentRun) -> dict[str, Any]:
        raise ModelUnavailable("the model is busy")

    async with house.working(fail):
        task = await house.ask()
        events = await house.events(task.id)
        done = await house.finished(task.id)
    assert done.status == "failed"
    assert done.error == {"type": "model-unavailable", "detail": "the model is busy"}
    assert events[-1].payload == {"error": done.error}


@pytest.mark.parametrize("wrong", [ValueError("balance 5200 of Ann"), KeyError("x"), asyncio.CancelledError()])
async def test_a_defect_is_recorded_with_a_trace_and_without_data(house, caplog, wrong):
    async def fail(run: AgentRun) -> dict[str, Any]:
        raise wrong

    async with house.working(fail) as worker:
        task = await house.ask()
        done = await house.finished(task.id)
        assert worker.is_alive
    assert done.status == "failed"
    assert done.error["type"] == "internal-error"
    assert done.error["trace_id"] in done.error["detail"]
    assert done.error["trace_id"] in caplog.text
    assert "Ann" not in caplog.text + str(done.error)


@pytest.mark.parametrize("result", [{"x": object()}, {"x": float("nan")}])
async def test_a_result_that_cannot_be_kept_fails_the_task(house, result):
    async def answer(run: AgentRun) -> dict[str, Any]:
        return result

    async with house.working(answer):
        task = await house.ask()
        done = await house.finished(task.id)
    assert done.error["type"] == "internal-error"


async def test_cancelling_is_honoured_within_two_seconds(house):
    held = Held()
    async with house.working(held, look_s=0.5):
        task = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
        async with asyncio.timeout(2):
            await house.tasks.request_cancel(task.id, "house")
            events = await house.events(task.id)
        done = await house.finished(task.id)
    assert done.status == "cancelled"
    assert events[-1].type is EventType.CANCELLED


async def test_a_run_that_will_not_be_cancelled_is_left_behind(house):
    refused: list[Exception] = []

    async def stubborn(run: AgentRun) -> dict[str, Any]:
        await run.emit(EventType.CHUNK, {"text": "begun"})
        # Never of itself: if its end were waited for, its readers would not be told of the cancelling.
        while True:
            try:
                await asyncio.sleep(0.05)
                await run.emit(EventType.CHUNK, {"text": "."})
            except asyncio.CancelledError:
                continue
            except LostClaim as error:
                refused.append(error)
                raise

    async with house.working(stubborn):
        task = await house.ask()
        await house.until(lambda: _has_begun(house, task.id))
        await house.tasks.request_cancel(task.id, "house")
        events = await house.events(task.id)

        async def is_refused() -> bool:
            return bool(refused)

        await house.until(is_refused)
    assert events[-1].type is EventType.CANCELLED
    assert (await house.stream.last(task.id)).type is EventType.CANCELLED


async def _has_begun(house, task_id: str) -> bool:
    return await house.stream.last(task_id) is not None


async def test_a_task_cancelled_while_it_waits_is_never_run(house):
    task = await house.ask()
    assert (await house.tasks.request_cancel(task.id, "house")).status == "cancelled"
    held = Held()
    async with house.working(held):
        other = await house.ask()
        await asyncio.wait_for(held.begun.wait(), 5)
    assert [run.task_id for run in held.runs] == [other.id]
