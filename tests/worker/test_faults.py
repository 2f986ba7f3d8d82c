"""Processes killed with no warning: no task is lost, no reader's text is torn or doubled."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from data.channels.patience import end
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.errors import ServiceUnavailable
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from data.wire.task import NewTask
from serve.machine import redis_server
from serve.tasks.reconciler import Reconciler
from tests.worker.house import LEASE_S, House, text_after_restarts
from tests.worker.worker_process import LEASE_S as PROCESS_LEASE_S
from tests.worker.worker_process import WORDS

pytestmark = pytest.mark.anyio
SCRIPT = Path(__file__).with_name("worker_process.py")
ROOT = Path(__file__).parents[2]


@contextmanager
def worker_process(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, killed at the end if it still lives."""
    process = subprocess.Popen([sys.executable, SCRIPT, *arguments], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def build(redis_url: str, database: Database, new: Callable[..., NewTask], lease_s: float = LEASE_S) -> House:
    queue, stream = RedisTaskQueue(redis_url, idle_s=lease_s), RedisTokenStream(redis_url)
    return House(TaskStore(database), queue, stream, new, lease_s)


async def test_a_killed_workers_task_is_finished_by_another_and_its_text_is_whole(
    redis_url: str, sqlite_url: str, database: Database, new_task: Callable[..., NewTask], tmp_path: Path
):
    house = build(redis_url, database, new_task, PROCESS_LEASE_S)
    log = tmp_path / "tool-calls"
    events = []
    async with asyncio.timeout(30):
        with worker_process(redis_url, sqlite_url, str(log)) as first:
            tasks = [await house.ask() for _ in range(3)]
            async for event in house.stream.follow(tasks[0].id):
                events.append(event)
                if event.payload.get("text", "").find("word30 ") >= 0:
                    first.kill()
                    break
        with worker_process(redis_url, sqlite_url, str(log)):
            events += await house.events(tasks[0].id, events[-1].id)
            done = [await house.finished(task.id) for task in tasks]
            others = [await house.events(task.id) for task in tasks[1:]]
    whole = "".join(WORDS)
    assert [(task.status, task.attempt, task.result) for task in done] == [("completed", 2, {"narrative": whole})] * 3
    assert [text_after_restarts(seen) for seen in (events, *others)] == [whole] * 3
    assert [event.payload for event in events if event.type is EventType.RESTART] == [{"attempt": 2}]
    assert sorted(log.read_text().split()) == sorted(task.id for task in tasks)  # each tool was called once
    assert len([event for event in events if event.type is EventType.COMPLETE]) == 1
    await house.queue.close()
    await house.stream.close()


async def test_steps_are_kept_once_where_the_answer_to_a_commit_is_lost(
    redis_url: str, database: Database, new_task: Callable[..., NewTask]
):
    house = build(redis_url, database, new_task)

    class LostAnswers(TaskStore):
        asked = 0

        async def checkpoint(self, *words: Any, **more: Any) -> None:
            await super().checkpoint(*words, **more)
            self.asked += 1
            if self.asked < 3:
                raise ServiceUnavailable("the connection broke after the commit")

    async def tell(run: AgentRun) -> dict[str, Any]:
        await run.save(b"so far", [Step("tool", "plan", {})])
        return {"narrative": "told"}

    house.tasks = LostAnswers(database)
    async with house.working(tell):
        task = await house.ask()
        await house.finished(task.id)
    assert [step.name for step in await house.tasks.steps(task.id)] == ["plan"]
    await house.queue.close()
    await house.stream.close()


async def test_a_redis_killed_and_started_again_loses_nothing(
    database: Database, new_task: Callable[..., NewTask], tmp_path: Path
):
    server = redis_server.start(tmp_path)
    house = build(server.url, database, new_task, lease_s=2.0)
    half, go_on = asyncio.Event(), asyncio.Event()

    async def tell(run: AgentRun) -> dict[str, Any]:
        for word in WORDS:
            await run.emit(EventType.CHUNK, {"text": word})
            if word == WORDS[50]:
                half.set()
                await go_on.wait()
        return {"narrative": "".join(WORDS)}

    async with asyncio.timeout(40), house.working(tell, slots=1) as worker:
        running, waiting = await house.ask(), await house.ask()
        reading = asyncio.create_task(house.events(running.id))
        await half.wait()
        server.process.kill()
        server.process.wait()
        go_on.set()
        await asyncio.wait({reading}, timeout=3 * LEASE_S)
        assert not reading.done()
        server = redis_server.start(tmp_path, int(server.address.split(":")[1]))
        assert text_after_restarts(await reading) == "".join(WORDS)
        assert text_after_restarts(await house.events(waiting.id)) == "".join(WORDS)
        assert [(await house.finished(task.id)).attempt for task in (running, waiting)] == [1, 1]
        assert worker.is_alive
    await house.queue.close()
    await house.stream.close()
    server.stop()


async def test_a_redis_that_forgets_everything_loses_no_task(
    redis_url: str, database: Database, new_task: Callable[..., NewTask]
):
    house = build(redis_url, database, new_task)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def tell(run: AgentRun) -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        return {"narrative": "told"}

    reconciler = Reconciler(house.tasks, house.queue, waits_s=0.2, every_s=0.1)
    reconciling = asyncio.create_task(reconciler.run_forever())
    async with house.working(tell, slots=1):
        tasks = [await house.ask() for _ in range(5)]
        await begun.wait()
        async with redis.asyncio.Redis.from_url(redis_url) as server:
            await server.flushall()
        go_on.set()
        done = [await house.finished(task.id) for task in tasks]
        for task in tasks:
            assert (await house.events(task.id))[-1].type is EventType.COMPLETE
    await end(reconciling)
    assert [task.status for task in done] == ["completed"] * 5
    await house.queue.close()
    await house.stream.close()
