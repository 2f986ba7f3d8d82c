import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource, aconnect_sse
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from data.wire.event import EventType
from data.wire.task import TaskStatus
from serve.http import sse
from serve.http.routes import event as event_routes
from serve.http.services import Services

pytestmark = pytest.mark.anyio

ADVICE = {"type": "financial_advice", "question": "What first?"}


@pytest.fixture
async def caller(address: str, house) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {house.plain_key}"}
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers, trust_env=False) as client:
        yield client


class Run:
    """A task in a worker's hands, step by step."""

    def __init__(self, services: Services, task_id: str) -> None:
        self.services, self.id, self.attempt = services, task_id, 0

    async def claim(self) -> None:
        task = await self.services.tasks.claim(self.id, "w", 30)
        assert task is not None
        self.attempt = task.attempt
        self.writer = self.services.stream.writer(self.id, task.attempt)

    async def emit(self, kind: EventType, **payload: Any) -> None:
        await self.writer.emit(kind, payload)

    async def end(self, status: TaskStatus, kind: EventType, **payload: Any) -> None:
        await self.services.tasks.finish(self.id, self.attempt, status, **payload)
        await self.emit(kind, **payload)


@pytest.fixture
async def run(caller: httpx.AsyncClient, services: Services) -> Run:
    return Run(services, (await caller.post("/v1/tasks", json=ADVICE)).json()["id"])


@asynccontextmanager
async def following(caller: httpx.AsyncClient, run: Run, **how: Any) -> AsyncIterator[EventSource]:
    async with asyncio.timeout(20), aconnect_sse(caller, "GET", f"/v1/tasks/{run.id}/events", **how) as source:
        yield source


async def everything(caller: httpx.AsyncClient, run: Run, **how: Any) -> list[dict]:
    async with following(caller, run, **how) as source:
        assert source.response.status_code == 200
        return [json.loads(event.data) async for event in source.aiter_sse()]


def whole_text(events: list[dict]) -> str:
    """What a reader who follows the rules has in the end."""
    text = ""
    for event in events:
        if event["type"] == "chunk":
            text += event["text"]
        elif event["type"] == "restart":
            text = ""
        elif event["type"] == "reset":
            text = event["text"]
    return text


async def test_events_arrive_as_they_are_written_and_end_with_the_task(caller: httpx.AsyncClient, run: Run):
    async with following(caller, run) as source:
        assert source.response.headers["content-type"].startswith("text/event-stream")
        assert source.response.headers["x-accel-buffering"] == "no"
        events = source.aiter_sse()
        await run.claim()
        await run.emit(EventType.CHUNK, text="先还 Visa。\n")
        first = await anext(events)
        await run.emit(EventType.PROGRESS, percent=50, stage="writing")
        second = await anext(events)
        await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={"narrative": "先还 Visa。\n"})
        rest = [event async for event in events]
    data = json.loads(first.data)
    assert (first.event, data["type"], data["text"]) == ("chunk", "chunk", "先还 Visa。\n")
    assert (data["task_id"], data["attempt"], data["id"]) == (run.id, 1, first.id)
    assert json.loads(second.data)["percent"] == 50
    assert [event.event for event in rest] == ["complete"]
    assert json.loads(rest[0].data)["result"] == {"narrative": "先还 Visa。\n"}


@pytest.mark.parametrize("way", ["header", "query"])
async def test_a_reader_goes_on_after_the_last_id_seen(caller: httpx.AsyncClient, run: Run, way: str):
    await run.claim()
    for word in ("one ", "two ", "three "):
        await run.emit(EventType.CHUNK, text=word)
    async with following(caller, run) as source:
        seen = await anext(source.aiter_sse())
    await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={"narrative": "one two three "})
    how = {"headers": {"Last-Event-ID": seen.id}} if way == "header" else {"params": {"after": seen.id}}
    rest = await everything(caller, run, **how)
    assert whole_text([json.loads(seen.data), *rest]) == "one two three "
    assert [event["type"] for event in rest].count("complete") == 1


async def test_the_browsers_header_wins_over_the_address(caller: httpx.AsyncClient, run: Run):
    await run.claim()
    await run.emit(EventType.CHUNK, text="one ")
    await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={"narrative": "one "})
    events = await everything(caller, run)
    how = {"params": {"after": events[0]["id"]}, "headers": {"Last-Event-ID": events[-1]["id"]}}
    async with following(caller, run, **how) as source:
        assert source.response.status_code == 204


async def test_a_reader_who_has_seen_the_end_is_told_not_to_come_back(caller: httpx.AsyncClient, run: Run):
    await run.claim()
    await run.end(TaskStatus.FAILED, EventType.FAILED, error={"type": "model", "detail": "no answer"})
    events = await everything(caller, run)
    assert events[-1]["error"] == {"type": "model", "detail": "no answer"}
    async with following(caller, run, params={"after": events[-1]["id"]}) as source:
        assert source.response.status_code == 204


@pytest.mark.parametrize("wrong", ["abc", "1", "-1-2", "1-2-3", "9" * 30 + "-0", "1-0\t"])
async def test_an_id_that_is_none_is_refused(caller: httpx.AsyncClient, run: Run, wrong: str):
    answer = await caller.get(f"/v1/tasks/{run.id}/events", params={"after": wrong})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "after")


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        (TaskStatus.COMPLETED, {"result": {"narrative": "All of it."}}, ["chunk", "complete"]),
        (TaskStatus.FAILED, {"error": {"type": "x", "detail": "y"}}, ["failed"]),
        (TaskStatus.CANCELLED, {}, ["cancelled"]),
    ],
)
async def test_a_reader_after_the_stream_has_expired_gets_the_record(
    caller: httpx.AsyncClient, run: Run, status: TaskStatus, outcome: dict, expected: list[str]
):
    await run.claim()
    await run.services.tasks.finish(run.id, run.attempt, status, **outcome)
    events = await everything(caller, run)
    assert [event["type"] for event in events] == expected
    assert {name: events[-1][name] for name in outcome} == outcome
    assert whole_text(events) == outcome.get("result", {}).get("narrative", "")
    async with following(caller, run, params={"after": events[-1]["id"]}) as source:
        assert source.response.status_code == 204


async def test_a_reader_who_has_half_of_an_expired_stream_gets_the_text_once(caller: httpx.AsyncClient, run: Run):
    await run.claim()
    await run.services.tasks.finish(run.id, run.attempt, TaskStatus.COMPLETED, result={"narrative": "One two."})
    half = {"type": "chunk", "text": "One"}
    events = [half, *(await everything(caller, run, params={"after": "1700000000000-0"}))]
    assert whole_text(events) == "One two."
    assert events[-1]["type"] == "complete"


async def test_a_reader_of_a_stream_that_falls_silent_learns_the_end_from_the_record(
    caller: httpx.AsyncClient, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(event_routes, "LOOK_S", 0.05)
    async with following(caller, run) as source:
        events = source.aiter_sse()
        await run.claim()
        await run.emit(EventType.CHUNK, text="One")
        first = await anext(events)
        await run.services.tasks.finish(run.id, run.attempt, TaskStatus.COMPLETED, result={"narrative": "One two."})
        rest = [event async for event in events]
    seen = [json.loads(event.data) for event in (first, *rest)]
    assert [event["type"] for event in seen] == ["chunk", "reset", "complete"]
    assert whole_text(seen) == "One two."


async def test_the_end_of_an_attempt_that_is_tried_again_does_not_end_the_reading(
    caller: httpx.AsyncClient, run: Run, services: Services
):
    await run.claim()
    await run.emit(EventType.CHUNK, text="wrong ")
    await run.services.tasks.finish(run.id, run.attempt, TaskStatus.FAILED, error={"detail": "x"})
    assert (await caller.post(f"/v1/tasks/{run.id}/retry")).status_code == 202
    async with following(caller, run) as source:
        await run.emit(EventType.FAILED, error={"detail": "x"})
        await run.claim()
        await run.emit(EventType.RESTART, attempt=run.attempt)
        await run.emit(EventType.CHUNK, text="right")
        await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={"narrative": "right"})
        events = [json.loads(event.data) async for event in source.aiter_sse()]
    assert "failed" not in [event["type"] for event in events]
    assert whole_text(events) == "right"


async def test_cancelling_a_waiting_task_ends_its_readers_at_once(caller: httpx.AsyncClient, run: Run):
    async with following(caller, run) as source:
        await caller.post(f"/v1/tasks/{run.id}/cancel")
        assert [event.event async for event in source.aiter_sse()] == ["cancelled"]


async def test_a_silent_stream_sends_heartbeats(caller: httpx.AsyncClient, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.02)
    async with asyncio.timeout(10), caller.stream("GET", f"/v1/tasks/{run.id}/events") as answer:
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(4)] == [": still here", "", ": still here", ""]


async def test_a_reader_who_leaves_frees_everything_and_cancels_nothing(caller: httpx.AsyncClient, run: Run, until):
    await run.claim()
    await run.emit(EventType.CHUNK, text="Zero")
    before = asyncio.all_tasks()
    async with following(caller, run) as source:
        await run.emit(EventType.CHUNK, text="One")
        await anext(source.aiter_sse())
        assert len(asyncio.all_tasks()) > len(before)
    await until(lambda: asyncio.all_tasks() <= before | {asyncio.current_task()})
    state = (await caller.get(f"/v1/tasks/{run.id}/status")).json()
    assert state["status"] == "processing"
    (held,) = (await run.services.tasks.renew("w", [run.id], 30)).values()
    assert (held.attempt, held.cancel_requested) == (run.attempt, False)


async def test_many_readers_see_the_same(caller: httpx.AsyncClient, run: Run):
    readers = [asyncio.create_task(everything(caller, run)) for _ in range(20)]
    await run.claim()
    for number in range(30):
        await run.emit(EventType.CHUNK, text=f"{number} ")
    await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={})
    texts = {whole_text(events) for events in await asyncio.gather(*readers)}
    assert texts == {"".join(f"{number} " for number in range(30))}


def socket_url(address: str, task_id: str, query: str = "") -> str:
    return f"ws://{address}/v1/tasks/{task_id}/ws{query}"


async def close_code(address: str, task_id: str, query: str = "", **how: Any) -> int | None:
    async with connect(socket_url(address, task_id, query), proxy=None, **how) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 10)
        return socket.close_code


@pytest.mark.parametrize("way", ["header", "subprotocol", "both subprotocols"])
async def test_a_socket_brings_the_same_events_and_closes_at_the_end(
    address: str, caller: httpx.AsyncClient, run: Run, house, way: str
):
    how: dict[str, Any] = {"additional_headers": {"Authorization": f"Bearer {house.plain_key}"}}
    if way != "header":
        how = {"subprotocols": [f"bearer.{house.plain_key}"]}
    if way == "both subprotocols":
        how["subprotocols"].append("debt-optimizer")
    async with connect(socket_url(address, run.id), proxy=None, **how) as socket:
        await run.claim()
        await run.emit(EventType.CHUNK, text="先还 Visa")
        first = json.loads(await asyncio.wait_for(socket.recv(), 10))
        await run.end(TaskStatus.COMPLETED, EventType.COMPLETE, result={"narrative": "先还 Visa"})
        rest = [json.loads(message) async for message in socket]
        assert socket.close_code == 1000
        assert socket.subprotocol == {"header": None, "both subprotocols": "debt-optimizer"}.get(
            way, f"bearer.{house.plain_key}"
        )
    assert [first, *rest] == await everything(caller, run)
    async with connect(socket_url(address, run.id, f"?after={first['id']}"), proxy=None, **how) as socket:
        assert [json.loads(message)["type"] async for message in socket] == ["complete"]


async def test_a_socket_without_a_key_is_closed_with_4401(address: str, run: Run):
    assert await close_code(address, run.id) == 4401
    assert await close_code(address, run.id, subprotocols=["bearer.do_wrong"]) == 4401


async def test_a_socket_on_another_houses_task_is_closed_with_4404(address: str, run: Run, other_house):
    how = {"additional_headers": {"Authorization": f"Bearer {other_house.admin_key}"}}
    assert await close_code(address, run.id, **how) == 4404
    assert await close_code(address, "nobody", **how) == 4404


async def test_a_socket_with_an_id_that_is_none_is_closed_with_4422(address: str, run: Run, house):
    how = {"additional_headers": {"Authorization": f"Bearer {house.plain_key}"}}
    assert await close_code(address, run.id, "?after=abc", **how) == 4422


async def test_a_socket_that_leaves_frees_everything_and_cancels_nothing(address: str, run: Run, house, until):
    how = {"additional_headers": {"Authorization": f"Bearer {house.plain_key}"}}
    await run.claim()
    await run.emit(EventType.CHUNK, text="Zero")
    before = asyncio.all_tasks()
    async with connect(socket_url(address, run.id), proxy=None, **how) as socket:
        await run.emit(EventType.CHUNK, text="One")
        await asyncio.wait_for(socket.recv(), 10)
    await until(lambda: asyncio.all_tasks() <= before | {asyncio.current_task()})
    (held,) = (await run.services.tasks.renew("w", [run.id], 30)).values()
    assert (held.attempt, held.cancel_requested) == (run.attempt, False)
