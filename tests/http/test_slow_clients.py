"""Clients that dawdle are ended, whatever stands before the service: slow bodies, deaf readers, endless streams."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from data.wire.event import EventType
from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio
TASK = {"type": "financial_advice", "question": "What first?"}
PATHS = ["/v1/tasks", "/v1/plans", "/v1/portfolios/import", "/v1/batches"]


@pytest.fixture
def bounded(services: Services, serving: Any) -> Any:
    """The application with other limits, on a socket."""

    def build(**limits: Any) -> Any:
        return serving(build_api(replace(services, settings=services.settings.model_copy(update=limits))))

    return build


@pytest.fixture
def headers(house: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.plain_key}"}


async def answer_to(address: str, path: str, key: str, *, trickle_s: float | None) -> bytes:
    """What a client is told that sends a few bytes and then, it may be, one more now and then."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    kind = "text/csv" if "import" in path or "batches" in path else "application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: {kind}\r\n"
    writer.write(f"{head}Content-Length: 5000\r\n\r\nname,b".encode())
    answer = asyncio.create_task(reader.read(4000))
    async with asyncio.timeout(30):
        while trickle_s and not answer.done():
            writer.write(b"x")
            await asyncio.sleep(trickle_s)
        told = await answer
    writer.close()
    return told


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("trickle_s", [None, 0.02])
async def test_a_body_that_comes_too_slowly_is_refused(bounded: Any, house: Any, path: str, trickle_s: float | None):
    async with bounded(body_timeout_s=0.3, body_bytes_per_s=1000) as address:
        told = await answer_to(address, path, house.plain_key, trickle_s=trickle_s)
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in told.lower()
    assert b"body_too_slow" in told


async def test_a_large_body_may_take_longer_than_a_small_one(bounded: Any, headers: dict[str, str]):
    async def slowly() -> AsyncIterator[bytes]:
        yield b"name,balance,apr\n"
        for n in range(12):
            yield f"Card {n},100,20\n".encode() * 10
            await asyncio.sleep(0.05)

    async with (
        bounded(body_timeout_s=0.3, body_bytes_per_s=100) as address,
        httpx.AsyncClient(headers=headers) as client,
    ):
        began = time.monotonic()
        answer = await client.post(
            f"http://{address}/v1/portfolios/import", content=slowly(), headers={"Content-Type": "text/csv"}
        )
    assert answer.status_code == 200
    assert time.monotonic() - began > 0.5


async def test_a_key_has_so_many_open_streams_and_no_more(bounded: Any, headers: dict[str, str], until: Any):
    async with bounded(streams_per_key=2) as address, httpx.AsyncClient(headers=headers) as client:
        task = (await client.post(f"http://{address}/v1/tasks", json=TASK)).json()["id"]
        url = f"{address}/v1/tasks/{task}"
        async with (
            connect(f"ws://{url}/ws", proxy=None, additional_headers=headers),
            client.stream("GET", f"http://{url}/events") as stream,
        ):
            assert stream.status_code == 200
            refused = await client.get(f"http://{url}/events")
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
            assert refused.headers["Retry-After"] == "5"
            async with connect(f"ws://{url}/ws", proxy=None, additional_headers=headers) as third:
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(third.recv(), 10)
                assert third.close_code == 4429

        async def has_room() -> bool:
            async with client.stream("GET", f"http://{url}/events") as again:
                return again.status_code == 200

        # What has been closed makes room.
        await until(has_room)


async def test_an_address_has_so_many_open_streams_whatever_its_keys(bounded: Any, house: Any, headers: dict[str, str]):
    other = {"Authorization": f"Bearer {house.admin_key}"}
    async with bounded(streams_per_address=1) as address, httpx.AsyncClient(headers=headers) as client:
        task = (await client.post(f"http://{address}/v1/tasks", json=TASK)).json()["id"]
        async with client.stream("GET", f"http://{address}/v1/tasks/{task}/events"):
            assert (await client.get(f"http://{address}/v1/tasks/{task}/events", headers=other)).status_code == 429


async def test_a_stream_ends_after_its_time_and_the_reader_may_come_back(bounded: Any, headers: dict[str, str]):
    async with bounded(stream_limit_s=0.3) as address, httpx.AsyncClient(headers=headers) as client:
        task = (await client.post(f"http://{address}/v1/tasks", json=TASK)).json()["id"]
        async with client.stream("GET", f"http://{address}/v1/tasks/{task}/events") as stream:
            await asyncio.wait_for(stream.aread(), 20)
            assert stream.status_code == 200
        async with connect(f"ws://{address}/v1/tasks/{task}/ws", proxy=None, additional_headers=headers) as follower:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(follower.recv(), 20)
            assert follower.close_code == 1013


async def test_a_record_that_comes_late_is_no_stream_beyond_its_time(
    bounded: Any, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    get, limit_s = services.tasks.get, 0.05

    async def late(*asked: str) -> Any:
        await asyncio.sleep(4 * limit_s)
        return await get(*asked)

    monkeypatch.setattr(services.tasks, "get", late)
    async with bounded(stream_limit_s=limit_s) as address, httpx.AsyncClient(headers=headers) as client:
        assert (await client.get(f"http://{address}/v1/tasks/0/events")).status_code == 404
        async with connect(f"ws://{address}/v1/tasks/0/ws", proxy=None, additional_headers=headers) as follower:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(follower.recv(), 20)
            assert follower.close_code == 1013  # accepted at once: its time runs


async def test_a_reader_who_takes_nothing_is_given_up(
    bounded: Any, services: Services, headers: dict[str, str], house: Any, until: Any
):
    async with bounded(send_timeout_s=0.3, streams_per_key=1) as address, httpx.AsyncClient(headers=headers) as client:
        task = (await client.post(f"http://{address}/v1/tasks", json=TASK)).json()["id"]
        claimed = await services.tasks.claim(task, "w", 30)
        assert claimed is not None
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, _, port = address.partition(":")
        await asyncio.to_thread(deaf.connect, (host, int(port)))
        request = f"GET /v1/tasks/{task}/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {house.plain_key}\r\n\r\n"
        deaf.sendall(request.encode())
        writer = services.stream.writer(task, claimed.attempt)

        async def is_given_up() -> bool:
            await writer.emit(EventType.CHUNK, {"text": "x" * 200_000})
            async with client.stream("GET", f"http://{address}/v1/tasks/{task}/events") as again:
                return again.status_code == 200

        await until(is_given_up, 30.0)
        deaf.close()


async def test_a_socket_that_answers_no_ping_is_closed(services: Services, serving: Any, house: Any):
    """As uvicorn does by itself, every 20 s; here sooner."""
    how = {"ws_ping_interval": 0.2, "ws_ping_timeout": 0.2}
    async with serving(build_api(services), **how) as address:
        task = await services.tasks.add(TASK, organisation_id=house.id, key_id="k")
        host, _, port = address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        lines = (
            f"GET /v1/tasks/{task.id}/ws HTTP/1.1",
            "Host: a",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {house.plain_key}",
        )
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert b"101 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        # It reads all there is and never answers: the other side hangs up.
        await asyncio.wait_for(reader.read(), 30)
        writer.close()
