"""Readers while a real Redis goes and comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.wire.event import EventType
from data.wire.task import TaskStatus
from serve.api import build_api
from serve.http import sse
from serve.http.services import Services
from serve.machine import redis_server
from serve.machine.redis_server import RedisServer

pytestmark = pytest.mark.anyio


class Server:
    """A Redis that can be killed and started again where it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: RedisServer = redis_server.start(folder)
        self.url = self.running.url

    def kill(self) -> None:
        self.running.process.kill()
        self.running.process.wait()

    def start_again(self) -> None:
        self.running = redis_server.start(self.folder, urlsplit(self.url).port)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    yield server
    server.running.stop()


@pytest.fixture
async def real(services: Services, server: Server) -> AsyncIterator[Services]:
    real = replace(services, queue=RedisTaskQueue(server.url), stream=RedisTokenStream(server.url))
    yield real
    await real.queue.close()
    await real.stream.close()


@pytest.fixture
def app(real: Services) -> FastAPI:
    return build_api(real)


async def test_a_reader_outlives_the_stream_server(
    address: str, house, server: Server, real: Services, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.1)
    headers = {"Authorization": f"Bearer {house.plain_key}"}
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient(base_url=f"http://{address}", headers=headers, trust_env=False, timeout=30) as client,
    ):
        task_id = (await client.post("/v1/tasks", json={"type": "financial_advice", "question": "?"})).json()["id"]
        task = await real.tasks.claim(task_id, "w", 60)
        assert task is not None
        writer = real.stream.writer(task_id, task.attempt)
        async with client.stream("GET", f"/v1/tasks/{task_id}/events") as answer:
            lines = answer.aiter_lines()
            await writer.emit(EventType.CHUNK, {"text": "before, "})
            assert (await next_data(lines))["text"] == "before, "
            server.kill()
            for _ in range(3):
                assert await next_line(lines, ":") == ": still here"
            accepted = await client.post("/v1/tasks", json={"type": "financial_advice", "question": "now?"})
            assert accepted.status_code == 202
            assert (await client.get("/readyz")).json()["parts"]["queue"] == "not_ready"
            server.start_again()
            await writer.emit(EventType.CHUNK, {"text": "after"})
            assert (await next_data(lines))["text"] == "after"
            await real.tasks.finish(task_id, task.attempt, TaskStatus.COMPLETED, result={"narrative": "before, after"})
            await writer.emit(EventType.COMPLETE, {"result": {}})
            assert (await next_data(lines))["type"] == "complete"
        assert (await client.get("/readyz")).status_code == 200


async def test_a_finished_task_is_read_while_the_stream_server_is_gone(
    address: str, house, server: Server, real: Services
):
    headers = {"Authorization": f"Bearer {house.plain_key}"}
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient(base_url=f"http://{address}", headers=headers, trust_env=False, timeout=30) as client,
    ):
        task_id = (await client.post("/v1/tasks", json={"type": "financial_advice", "question": "?"})).json()["id"]
        task = await real.tasks.claim(task_id, "w", 60)
        assert task is not None
        await real.tasks.finish(task_id, task.attempt, TaskStatus.COMPLETED, result={"narrative": "Whole."})
        server.kill()
        answer = await client.get(f"/v1/tasks/{task_id}/events")
        assert '"text":"Whole."' in answer.text
        assert answer.text.rstrip().rpartition("event: ")[2].startswith("complete")
        server.start_again()


async def next_line(lines: AsyncIterator[str], start: str) -> str:
    async for line in lines:
        if line.startswith(start):
            return line
    raise AssertionError("the stream has ended")


async def next_data(lines: AsyncIterator[str]) -> dict:
    return json.loads((await next_line(lines, "data: ")).removeprefix("data: "))
