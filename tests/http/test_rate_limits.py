"""Whoever asks too often is told so, with when to come back; whoever holds a valid key is never shut out by others."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from serve.api import build_api
from serve.http.bounds.rates import Rates
from serve.http.services import Services

pytestmark = pytest.mark.anyio
TASK = {"type": "financial_advice", "question": "What first?"}


@pytest.fixture
def limited(services: Services) -> Any:
    """The application with other limits."""

    def build(**limits: Any) -> Any:
        return build_api(replace(services, settings=services.settings.model_copy(update=limits), rates=Rates()))

    return build


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(limited: Any, house: Any, calling: Any):
    async with calling(limited(rate_limit="5/minute"), house.plain_key) as client:
        answers = [await client.get("/v1/tasks") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0", "0"]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "asked_too_often"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "5"
    assert refused.headers["RateLimit-Policy"] == "5;w=60"
    assert int(refused.headers["RateLimit-Reset"]) == int(refused.headers["Retry-After"])


async def test_an_organisation_has_one_limit_for_all_its_keys_and_others_none_of_it(
    limited: Any, house: Any, other_house: Any, calling: Any
):
    app = limited(rate_limit_organisation="4/minute")
    for key, expected in ((house.plain_key, [200, 200]), (house.admin_key, [200, 200, 429]), (house.plain_key, [429])):
        async with calling(app, key) as client:
            assert [(await client.get("/v1/tasks")).status_code for _ in expected] == expected
    async with calling(app, other_house.plain_key) as client:
        assert (await client.get("/v1/tasks")).status_code == 200


async def test_no_limit_is_told_where_there_is_none(limited: Any, house: Any, calling: Any):
    async with calling(limited(rate_limit="off", rate_limit_organisation="off"), house.plain_key) as client:
        assert "RateLimit-Limit" not in (await client.get("/v1/tasks")).headers


async def test_an_address_with_many_wrong_keys_is_told_to_wait_and_its_valid_keys_are_heard(
    limited: Any, house: Any, calling: Any
):
    app = limited(wrong_keys_limit="3/minute")
    async with calling(app, "do_wrong") as client:
        answers = [await client.get("/v1/tasks") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_wrong_keys"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    async with calling(app, house.plain_key) as client:
        assert (await client.get("/v1/tasks")).status_code == 200
    async with calling(app, None) as client:
        assert (await client.get("/healthz")).status_code == 200


async def close_code(address: str, key: str) -> int | None:
    headers = {"Authorization": f"Bearer {key}"}
    async with connect(f"ws://{address}/v1/tasks/abc/ws", proxy=None, additional_headers=headers) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 10)
        return socket.close_code


async def test_sockets_with_wrong_keys_are_counted_too(limited: Any, serving: Any):
    async with serving(limited(wrong_keys_limit="2/minute")) as address:
        assert [await close_code(address, "do_wrong") for _ in range(3)] == [4401, 4401, 4429]


async def test_a_socket_of_a_key_that_asks_too_often_is_closed(limited: Any, house: Any, serving: Any):
    async with serving(limited(rate_limit="1/minute")) as address:
        assert [await close_code(address, house.plain_key) for _ in range(2)] == [4404, 4429]


async def test_an_organisation_whose_queue_is_full_is_told_to_come_back_and_others_are_not(
    limited: Any, house: Any, other_house: Any, calling: Any
):
    app = limited(queue_limit_organisation=3)
    async with calling(app, house.plain_key) as client:
        answers = [await client.post("/v1/tasks", json=TASK) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
        assert answers[-1].json()["code"] == "too_many_tasks_of_one"
        assert answers[-1].headers["Retry-After"] == "30"
        assert len((await client.get("/v1/tasks")).json()["items"]) == 3
    async with calling(app, other_house.plain_key) as client:
        assert (await client.post("/v1/tasks", json=TASK)).status_code == 202


async def test_all_organisations_together_have_one_queue(limited: Any, house: Any, other_house: Any, calling: Any):
    app = limited(queue_limit=2)
    async with calling(app, house.plain_key) as client:
        assert [(await client.post("/v1/tasks", json=TASK)).status_code for _ in range(2)] == [202, 202]
    async with calling(app, other_house.plain_key) as client:
        answer = await client.post("/v1/tasks", json=TASK)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tasks")


async def test_cancelled_tasks_make_room(limited: Any, house: Any, calling: Any):
    app = limited(queue_limit_organisation=1)
    async with calling(app, house.plain_key) as client:
        first = await client.post("/v1/tasks", json=TASK)
        assert (await client.post("/v1/tasks", json=TASK)).status_code == 429
        await client.post(f"/v1/tasks/{first.json()['id']}/cancel")
        async with asyncio.timeout(30):
            while (await client.post("/v1/tasks", json=TASK)).status_code == 429:
                await asyncio.sleep(0.05)


class TestReplicas:
    """What one replica counts, the others learn."""

    @pytest.fixture
    async def two(self, redis_url: str) -> AsyncIterator[tuple[Rates, Rates]]:
        both = Rates(redis_url), Rates(redis_url)
        yield both
        for rates in both:
            await rates.close()

    async def test_two_replicas_share_one_limit(self, two: tuple[Rates, Rates]):
        async def allowed(rates: Rates, times: int) -> int:
            verdicts = [await rates.hit("20/hour", "key", "a") for _ in range(times)]
            return sum(verdict is not None and verdict.is_allowed for verdict in verdicts)

        assert await allowed(two[0], 15) == 15
        async with asyncio.timeout(30):
            # The second may be a moment ahead of what the first has told, not more.
            while await allowed(two[1], 1):
                await asyncio.sleep(0.05)
        assert await allowed(two[1], 5) == 0

    async def test_without_redis_each_replica_counts_for_itself(self, caplog: pytest.LogCaptureFixture):
        rates = Rates("redis://127.0.0.1:1/0")
        verdicts = [await rates.hit("3/hour", "key", "a") for _ in range(5)]
        assert [verdict and verdict.is_allowed for verdict in verdicts] == [True] * 3 + [False] * 2
        async with asyncio.timeout(30):
            while "for each replica by itself" not in caplog.text:
                await asyncio.sleep(0.02)
        await rates.close()


async def test_a_caller_never_waits_for_redis(services: Services, house: Any, calling: Any):
    rates = Rates("redis://127.0.0.1:1/0")
    async with calling(build_api(replace(services, rates=rates)), house.plain_key) as client:
        answer: httpx.Response = await asyncio.wait_for(client.get("/v1/tasks"), 5)
    assert answer.status_code == 200
    await rates.close()
