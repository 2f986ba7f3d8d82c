"""The whole path in one process: asked over HTTP, worked on, read as it arrives, kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import aconnect_sse

from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.errors import ModelUnavailable
from data.wire.agent_run import AgentRun, RunAgent
from data.wire.event import EventType
from serve.http.services import Services
from serve.tasks.worker import Worker

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def working(services: Services, run: RunAgent) -> AsyncIterator[Worker]:
    worker = Worker(services.tasks, services.queue, services.stream, run, look_s=0.05)
    running = asyncio.create_task(worker.run_forever())
    yield worker
    await worker.drain(grace_s=0)
    await running


@pytest.fixture
async def caller(address: str, house) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {house.plain_key}"}
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers, trust_env=False) as client:
        yield client


async def ask(caller: httpx.AsyncClient, body: dict[str, Any]) -> str:
    answer = await caller.post("/v1/tasks", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def read_all(caller: httpx.AsyncClient, task_id: str) -> list[dict]:
    async with asyncio.timeout(30), aconnect_sse(caller, "GET", f"/v1/tasks/{task_id}/events") as source:
        return [json.loads(event.data) async for event in source.aiter_sse()]


def text_of(events: list[dict]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "chunk")


@pytest.mark.parametrize(("language", "word"), [("en", "Visa"), ("zh", "最低")])
async def test_a_portfolio_is_planned_and_explained(
    caller: httpx.AsyncClient, services: Services, portfolio: dict, language: str, word: str
):
    async with working(services, AgentLoop(ModelSource("offline", chunks_per_s=0))):
        body = {"type": "repayment_plan", "portfolio": portfolio, "language": language}
        task_id = await ask(caller, body)
        events = await read_all(caller, task_id)
    record = (await caller.get(f"/v1/tasks/{task_id}")).json()
    assert (record["status"], record["progress"]) == ("completed", 100)
    assert events[-1]["type"] == "complete"
    assert events[-1]["result"] == record["result"]
    assert text_of(events) == record["result"]["narrative"]
    assert word in record["result"]["narrative"]
    assert record["result"]["plan"]["start"] == "2027-03"
    assert await read_all(caller, task_id) == events


async def test_a_model_that_fails_ends_the_task_with_a_reason(caller: httpx.AsyncClient, services: Services):
    async def fail(run: AgentRun) -> dict[str, Any]:
        raise ModelUnavailable("the endpoint refuses for now")

    async with working(services, fail):
        task_id = await ask(caller, {"type": "financial_advice", "question": "?"})
        events = await read_all(caller, task_id)
    record = (await caller.get(f"/v1/tasks/{task_id}")).json()
    assert record["status"] == "failed"
    assert events[-1]["type"] == "failed"
    assert events[-1]["error"] == record["error"]
    assert "refuses for now" in record["error"]["detail"]


async def test_a_running_task_stops_within_two_seconds_of_being_cancelled(
    caller: httpx.AsyncClient, services: Services, until
):
    async def never_ends(run: AgentRun) -> dict[str, Any]:
        await run.emit(EventType.CHUNK, {"text": "One"})
        await asyncio.Event().wait()
        return {}

    async def is_processing() -> bool:
        return (await caller.get(f"/v1/tasks/{task_id}/status")).json()["status"] == "processing"

    async with working(services, never_ends):
        task_id = await ask(caller, {"type": "financial_advice", "question": "?"})
        reading = asyncio.create_task(read_all(caller, task_id))
        await until(is_processing)
        assert (await caller.post(f"/v1/tasks/{task_id}/cancel")).status_code == 202
        events = await asyncio.wait_for(reading, 2)
    assert events[-1]["type"] == "cancelled"
    assert (await caller.get(f"/v1/tasks/{task_id}/status")).json()["status"] == "cancelled"


async def test_a_cancelled_task_can_be_tried_again_and_its_readers_see_one_answer(
    caller: httpx.AsyncClient, services: Services
):
    task_id = await ask(caller, {"type": "financial_advice", "question": "Which debt first?"})
    await caller.post(f"/v1/tasks/{task_id}/cancel")
    assert (await read_all(caller, task_id))[-1]["type"] == "cancelled"
    assert (await caller.post(f"/v1/tasks/{task_id}/retry")).status_code == 202

    async def answer(run: AgentRun) -> dict[str, Any]:
        await run.emit(EventType.CHUNK, {"text": "The dearest."})
        return {"narrative": "The dearest."}

    reading = asyncio.create_task(read_all(caller, task_id))
    async with working(services, answer):
        events = await reading
    assert [event["type"] for event in events if event["type"] in ("cancelled", "complete")] == ["complete"]
    assert text_of(events) == "The dearest."
