import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.errors import ServiceUnavailable
from data.wire.task import NewTask, TaskStatus
from serve.api import build_api
from serve.http.routes import task as task_routes
from serve.http.services import Services

pytestmark = pytest.mark.anyio

ADVICE = {"type": "financial_advice", "question": "我欠了10万怎么办？", "language": "zh"}


class GoneQueue(MemoryTaskQueue):
    """A queue whose server is gone."""

    async def put(self, task_id: str, user: str) -> bool:
        raise ServiceUnavailable


class SilentQueue(MemoryTaskQueue):
    """A queue whose server does not say anything."""

    async def put(self, task_id: str, user: str) -> bool:
        await asyncio.Event().wait()
        return True


async def test_a_task_is_accepted_with_its_place_and_waits_in_the_queue(
    client: httpx.AsyncClient, services: Services, portfolio: dict
):
    answer = await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": portfolio})
    assert answer.status_code == 202, answer.text
    task_id = answer.json()["id"]
    assert answer.json() == {"id": task_id, "status": "pending"}
    assert answer.headers["location"] == f"/v1/tasks/{task_id}"
    delivery = await services.queue.take("w", block_s=0)
    assert delivery is not None
    assert delivery.task_id == task_id


async def test_the_record_holds_what_was_asked_with_its_start(client: httpx.AsyncClient, portfolio: dict):
    task_id = (await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": portfolio})).json()["id"]
    record = (await client.get(f"/v1/tasks/{task_id}")).json()
    assert record["request"]["portfolio"]["start"] == "2027-03"
    assert NewTask.model_validate(record["request"]).portfolio is not None
    assert (record["status"], record["progress"], record["result"]) == ("pending", 0, None)
    state = (await client.get(f"/v1/tasks/{task_id}/status")).json()
    assert state == {"status": "pending", "progress": 0, "stage": "queued", "attempt": 0}


async def test_a_saved_portfolio_is_resolved_when_the_task_is_accepted(client: httpx.AsyncClient, portfolio: dict):
    saved = (await client.post("/v1/portfolios", json={"title": "T", "portfolio": portfolio})).json()
    body = {"type": "repayment_plan", "portfolio_id": saved["id"]}
    task_id = (await client.post("/v1/tasks", json=body)).json()["id"]
    await client.delete(f"/v1/portfolios/{saved['id']}")
    request = (await client.get(f"/v1/tasks/{task_id}")).json()["request"]
    assert request["portfolio"]["debts"][0]["name"] == "Visa"
    assert NewTask.model_validate(request).portfolio_id is None


async def test_a_task_about_a_portfolio_of_nobody_is_not_accepted(client: httpx.AsyncClient):
    answer = await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio_id": "nobody's"})
    assert answer.status_code == 404
    assert "nobody's" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "debt_analysis"}, ""),
        ({"type": "financial_advice"}, ""),
        ({"type": "horoscope"}, "type"),
        (ADVICE | {"language": "tlh"}, "language"),
        (ADVICE | {"model": "crystal:ball"}, "model"),
        (ADVICE | {"question": "x" * 4001}, "question"),
        (ADVICE | {"temperature": 1}, "temperature"),
    ],
)
async def test_a_task_that_cannot_work_is_refused_at_its_field(client: httpx.AsyncClient, body: dict, path: str):
    answer = await client.post("/v1/tasks", json=body)
    assert answer.status_code == 422
    assert [entry["path"] for entry in answer.json()["errors"]] == [path]
    assert (await client.get("/v1/tasks")).json()["items"] == []


@pytest.mark.parametrize("queue", [GoneQueue, SilentQueue])
async def test_a_task_is_accepted_while_the_queue_is_gone(
    services: Services, house, calling, monkeypatch: pytest.MonkeyPatch, queue: type[MemoryTaskQueue]
):
    monkeypatch.setattr(task_routes, "PATIENCE_S", 0.05)
    async with calling(build_api(replace(services, queue=queue())), house.plain_key) as client:
        answer = await client.post("/v1/tasks", json=ADVICE)
    assert answer.status_code == 202
    assert (answer.json()["id"], house.id) in [task[:2] for task in await services.tasks.stranded(older_than_s=0)]


async def test_repeating_a_task_with_its_key_makes_no_second(client: httpx.AsyncClient, services: Services):
    headers = {"Idempotency-Key": "press-twice"}
    first, again = await asyncio.gather(*(client.post("/v1/tasks", json=ADVICE, headers=headers) for _ in range(2)))
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert await services.queue.backlog() == 1
    other = await client.post("/v1/tasks", json=ADVICE | {"language": "en"}, headers=headers)
    assert (other.status_code, other.json()["title"]) == (409, "Conflict")


async def test_a_repetition_is_told_by_what_was_sent_even_in_the_next_month(
    services: Services, house, calling, portfolio: dict
):
    headers, body = {"Idempotency-Key": "k"}, {"type": "repayment_plan", "portfolio": portfolio | {"start": None}}
    answers = []
    for month in (3, 4):
        now = datetime(2027, month, 28, tzinfo=UTC)
        async with calling(build_api(replace(services, now=lambda now=now: now)), house.plain_key) as client:
            answers.append(await client.post("/v1/tasks", json=body, headers=headers))
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


async def test_the_same_key_of_another_house_is_another_task(client: httpx.AsyncClient, stranger: httpx.AsyncClient):
    headers = {"Idempotency-Key": "k"}
    ours = await client.post("/v1/tasks", json=ADVICE, headers=headers)
    theirs = await stranger.post("/v1/tasks", json=ADVICE, headers=headers)
    assert ours.json()["id"] != theirs.json()["id"]


async def test_lists_filter_by_status_and_type_and_go_on_by_cursor(client: httpx.AsyncClient, portfolio: dict):
    advice = [(await client.post("/v1/tasks", json=ADVICE)).json()["id"] for _ in range(3)]
    plan = (await client.post("/v1/tasks", json={"type": "repayment_plan", "portfolio": portfolio})).json()["id"]
    await client.post(f"/v1/tasks/{advice[0]}/cancel")

    async def ids(**query: str | int) -> list[str]:
        found, cursor = [], None
        while True:
            page = (await client.get("/v1/tasks", params=query | ({"cursor": cursor} if cursor else {}))).json()
            found += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    assert await ids(limit=1) == [plan, *reversed(advice)]
    assert await ids(type="repayment_plan") == [plan]
    assert await ids(status="cancelled") == [advice[0]]
    assert await ids(status="pending", type="financial_advice") == [advice[2], advice[1]]
    item = (await client.get("/v1/tasks")).json()["items"][0]
    assert "request" not in item
    assert "result" not in item


async def test_a_waiting_task_is_cancelled_at_once_and_can_be_tried_again(
    client: httpx.AsyncClient, services: Services
):
    task_id = (await client.post("/v1/tasks", json=ADVICE)).json()["id"]
    cancelled = await client.post(f"/v1/tasks/{task_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert (await client.post(f"/v1/tasks/{task_id}/cancel")).json()["status"] == "cancelled"
    retried = await client.post(f"/v1/tasks/{task_id}/retry")
    assert (retried.status_code, retried.json()["status"]) == (202, "pending")
    again = await client.post(f"/v1/tasks/{task_id}/retry")
    assert again.status_code == 409


async def test_a_running_task_is_asked_to_stop(client: httpx.AsyncClient, services: Services):
    task_id = (await client.post("/v1/tasks", json=ADVICE)).json()["id"]
    task = await services.tasks.claim(task_id, "w", 30)
    assert task is not None
    answer = await client.post(f"/v1/tasks/{task_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert (await services.tasks.held("w"))[task_id].cancel_requested


async def test_a_finished_task_cannot_be_cancelled(client: httpx.AsyncClient, services: Services):
    task_id = (await client.post("/v1/tasks", json=ADVICE)).json()["id"]
    task = await services.tasks.claim(task_id, "w", 30)
    assert task is not None
    await services.tasks.finish(task_id, task.attempt, TaskStatus.COMPLETED, result={"narrative": "Pay Visa."})
    assert (await client.post(f"/v1/tasks/{task_id}/cancel")).status_code == 409
    assert (await client.get(f"/v1/tasks/{task_id}")).json()["result"] == {"narrative": "Pay Visa."}


async def test_another_houses_task_is_not_there(client: httpx.AsyncClient, stranger: httpx.AsyncClient):
    path = f"/v1/tasks/{(await client.post('/v1/tasks', json=ADVICE)).json()['id']}"
    for answer in (
        await stranger.get(path),
        await stranger.get(f"{path}/status"),
        await stranger.get(f"{path}/events"),
        await stranger.post(f"{path}/cancel"),
        await stranger.post(f"{path}/retry"),
    ):
        assert answer.status_code == 404
    assert (await stranger.get("/v1/tasks")).json()["items"] == []
    assert (await client.get(f"{path}/status")).json()["status"] == "pending"
