"""What requests leave in the audit log, and who may read it."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from websockets.asyncio.client import connect

from data.errors import ServiceUnavailable
from data.ident import new_id
from data.records.accounts.account_store import KeyGrant
from data.records.audit.audit_event import NO_ORGANISATION, Actor, Deed
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch import Batch
from data.records.batches.batch_store import NewBatch
from data.records.database import Database
from data.wire.access import Role, Scope
from data.wire.batch import BatchStatus
from serve.batches.files.folder import BatchFolder
from serve.http.access.audited import NOTED, is_noted
from serve.http.access.behind import Behind
from serve.http.access.trail import ONCE_IN_S, AuditTrail
from serve.http.services import Services

pytestmark = pytest.mark.anyio


async def noted(services: Services, organisation_id: str) -> list[tuple[str, str]]:
    """What stands in the log since the organisation and its keys were made, the oldest first."""
    await services.behind.close()
    rows, _ = await services.audit.page(organisation_id, limit=200)
    return [(row.action, row.subject) for row in reversed(rows)][3 if organisation_id else 0 :]


async def test_somebody_has_said_of_every_route_whether_it_is_noted(app: FastAPI):
    routes = [(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found]
    assert [route for route in routes if is_noted(*route) is None] == []
    # What changes something is noted, here or by its store.
    changes = {route for route in routes if route[0] != "GET" and not route[1].startswith("/v1/plans")}
    by_stores = {("POST", "/v1/keys"), ("DELETE", "/v1/keys/{key_id}"), ("POST", "/v1/users")}
    by_stores |= {("PATCH", "/v1/users/{user_id}"), ("POST", "/v1/portfolios/import")}
    assert changes - set(NOTED) == by_stores


async def test_what_is_done_with_portfolios_and_tasks_is_noted(
    client: httpx.AsyncClient, services: Services, house, portfolio: dict[str, Any]
):
    saved = (await client.post("/v1/portfolios", json={"title": "Jane Doe", "portfolio": portfolio})).json()["id"]
    where = f"/v1/portfolios/{saved}"
    await client.get(where)
    await client.put(where, json={"title": "Jane", "portfolio": portfolio}, headers={"If-Match": "*"})
    task = (await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio_id": saved})).json()["id"]
    await client.get(f"/v1/tasks/{task}/status")
    await client.post(f"/v1/tasks/{task}/cancel")
    await client.get(f"/v1/tasks/{task}")
    await client.post(f"/v1/tasks/{task}/retry")
    await client.delete(where)
    await client.get(where)  # gone: nothing is read
    await client.post("/v1/plans", json={"portfolio": portfolio})
    assert await noted(services, house.id) == [
        ("portfolio.created", saved),
        ("portfolio.read", saved),
        ("portfolio.changed", saved),
        ("task.created", task),
        ("task.cancelled", task),
        ("task.read", task),
        ("task.retried", task),
        ("portfolio.deleted", saved),
    ]
    rows, _ = await services.audit.page(house.id)
    assert "Jane" not in str([row.model_dump() for row in rows])
    keys = {key.name: key.id for key in await services.accounts.list_keys(house.id)}
    assert {(row.actor_kind, row.actor_id) for row in rows[:8]} == {("key", keys["plain"])}
    assert all(len(row.trace_id) == 32 for row in rows[:8])
    assert (await services.audit.verify(house.id)).broken is None


async def test_results_that_are_fetched_are_noted(client: httpx.AsyncClient, services: Services, house):
    new = NewBatch(id=new_id(), organisation_id=house.id, key_id="k", file_name="a.csv", strategies=(), bytes_total=1)
    await services.batches.add(new)
    folder = BatchFolder(services.settings.batches_dir / new.id)
    folder.results.parent.mkdir(parents=True)
    folder.results.write_text("portfolio_id\n")
    folder.rejects.write_text("row\n")
    async with services.database.session() as session:
        await session.exec(update(Batch).values(status=BatchStatus.COMPLETED.value))
    for _ in range(2):
        assert (await client.get(f"/v1/batches/{new.id}/results")).status_code == 200
    await client.get(f"/v1/batches/{new.id}/rejects")
    exported = ("batch.results_exported", new.id)
    assert await noted(services, house.id) == [exported, exported, ("batch.rejects_exported", new.id)]


async def test_a_task_that_is_followed_is_noted_as_read(address: str, services: Services, house):
    task = await services.tasks.add({"type": "debt_analysis"}, organisation_id=house.id, key_id="k")
    await services.tasks.request_cancel(task.id, house.id)
    headers = {"Authorization": f"Bearer {house.plain_key}"}
    async with connect(f"ws://{address}/v1/tasks/{task.id}/ws", additional_headers=headers) as socket:
        assert [message async for message in socket]
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as client:
        await client.get(f"/v1/tasks/{task.id}/events")
    assert await noted(services, house.id) == [("task.read", task.id)]


async def test_keys_and_people_are_noted_with_who_made_them(admin: httpx.AsyncClient, services: Services, house):
    ann = (await admin.post("/v1/users", json={"name": "Ann"})).json()["id"]
    key = (await admin.post("/v1/keys", json={"name": "k", "user_id": ann})).json()["id"]
    await admin.patch(f"/v1/users/{ann}", json={"role": "analyst"})
    await admin.delete(f"/v1/keys/{key}")
    entries = (await admin.get("/v1/audit?limit=4")).json()["items"]
    assert [(entry["action"], entry["subject"]) for entry in reversed(entries)] == [
        ("user.created", ann),
        ("key.created", key),
        ("user.changed", ann),
        ("key.revoked", key),
    ]
    own = next(key.id for key in await services.accounts.list_keys(house.id) if key.name == "admin")
    assert {(entry["actor_kind"], entry["actor_id"]) for entry in entries} == {("key", own)}


async def test_the_log_is_for_administrators_and_of_their_own_house(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, stranger: httpx.AsyncClient, services: Services, house
):
    await client.post("/v1/tasks", json={"type": "financial_advice", "question": "?"})
    assert (await client.get("/v1/audit")).status_code == 403
    await services.behind.close()
    answer = (await admin.get("/v1/audit", params={"action": "task.created"})).json()
    assert [entry["action"] for entry in answer["items"]] == ["task.created"]
    assert (await stranger.get("/v1/audit", params={"action": "task.created"})).json()["items"] == []
    page = (await admin.get("/v1/audit", params={"limit": 2})).json()
    rest = (await admin.get("/v1/audit", params={"cursor": page["next"]})).json()["items"]
    assert rest[0]["number"] == page["items"][-1]["number"] - 1
    assert rest[0]["hash"] == page["items"][-1]["previous_hash"]
    assert (await admin.get("/v1/audit?cursor=x")).status_code == 422
    assert (await noted(services, house.id))[-2:] == [("access.refused", "admin:read"), ("audit.read", "")]


async def test_who_is_not_let_in_is_noted_once_and_then_counted(
    nobody: httpx.AsyncClient, services: Services, house, calling, app: FastAPI
):
    for _ in range(5):
        await nobody.get("/v1/tasks", headers={"Authorization": "Bearer do_wrong"})
    assert await noted(services, NO_ORGANISATION) == [("login.refused", "")]
    (row,), _ = await services.audit.page(NO_ORGANISATION)
    assert (row.actor_kind, row.detail) == ("nobody", {"why": "key_unknown", "from": "127.0.0.1"})
    ended = services.accounts._now()
    key, secret = await services.accounts.create_key("old", house.id, KeyGrant(Role.ANALYST, expires_at=ended))
    async with calling(app, secret) as client:
        assert (await client.get("/v1/tasks")).status_code == 401
    await services.behind.close()
    rows, _ = await services.audit.page(house.id)
    assert (rows[0].action, rows[0].actor_id, rows[0].detail["why"]) == ("login.refused", key.id, "key_expired")


async def test_reading_the_same_again_is_noted_once_a_minute_with_how_often(database: Database):
    now, behind = 0.0, Behind()
    trail = AuditTrail(audit := AuditStore(database), behind, clock=lambda: now)
    actor = Actor("key", "k")
    for moment in (0.0, 1.0, 59.0, ONCE_IN_S, ONCE_IN_S + 1):
        now = moment
        trail._once(Deed("house", actor, "task.read", trail._now(), "t"))
        trail._once(Deed("house", actor, "task.read", trail._now(), f"other at {moment}"))
    await behind.close()
    rows, _ = await audit.page("house")
    assert [row.detail for row in reversed(rows) if row.subject == "t"] == [{}, {"times_before": 2}]
    assert len(rows) == 7


async def test_a_normal_stop_writes_what_is_left(services: Services, house, calling, app: FastAPI, tmp_path: Path):
    async with calling(app, house.plain_key) as client:
        answers = await asyncio.gather(
            *(client.post("/v1/tasks", json={"type": "financial_advice", "question": "?"}) for _ in range(30))
        )
    assert {answer.status_code for answer in answers} == {202}
    await services.close()
    again = Database(f"sqlite:///{shutil.copy(tmp_path / 'records.db', tmp_path / 'again.db')}")
    rows, _ = await AuditStore(again).page(house.id, limit=200)
    created = [row.subject for row in rows if row.action == "task.created"]
    assert sorted(created) == sorted(answer.json()["id"] for answer in answers)
    await again.close()


async def test_what_cannot_be_written_now_is_written_later(services: Services, house, client: httpx.AsyncClient):
    append, failures = services.audit.append, 2

    async def failing(deeds):
        nonlocal failures
        if failures:
            failures -= 1
            raise ServiceUnavailable("away")
        await append(deeds)

    object.__setattr__(services.audit, "append", failing)
    for _ in range(3):
        await client.post("/v1/tasks", json={"type": "financial_advice", "question": "?"})
    assert [action for action, _ in await noted(services, house.id)] == ["task.created"] * 3
    assert failures == 0


async def test_a_scope_that_is_missing_is_noted(services: Services, house, calling, app: FastAPI):
    _, secret = await services.accounts.create_key("n", house.id, KeyGrant(Role.ADMIN, [Scope.TASKS_READ]))
    async with calling(app, secret) as client:
        assert (await client.get("/v1/batches")).status_code == 403
    assert (await noted(services, house.id))[-1] == ("access.refused", "batches:read")
