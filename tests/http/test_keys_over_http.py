import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from data.errors import NotAuthenticated
from data.records.accounts.account_store import AccountStore
from data.records.database import Database
from serve.api import build_api
from serve.http.access.behind import Behind
from serve.http.access.known_keys import KEEP_S, KnownKeys
from serve.http.services import Services

pytestmark = pytest.mark.anyio


async def test_nothing_but_health_and_docs_answers_without_a_key(app: FastAPI, nobody: httpx.AsyncClient):
    description = app.openapi()
    answered = set()
    for path, operations in description["paths"].items():
        for method in operations:
            answer = await nobody.request(method, path.replace("{", "").replace("}", ""))
            if answer.status_code != 401:
                answered.add(path)
                continue
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["title"] == "Not authenticated"
    assert answered == {"/healthz", "/readyz"}
    assert len(description["paths"]) > 15
    assert (await nobody.get("/docs")).status_code == 200
    assert (await nobody.get("/openapi.json")).status_code == 200
    assert (await nobody.get("/no/such/path")).status_code == 401


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer", "Bearer do_unknown"])
async def test_a_wrong_key_opens_nothing(nobody: httpx.AsyncClient, header: str):
    answer = await nobody.get("/v1/tasks", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_a_key_in_the_address_is_refused_with_the_reason(nobody: httpx.AsyncClient, house):
    answer = await nobody.get(f"/v1/tasks?api_key={house.admin_key}")
    assert answer.status_code == 401
    assert "addresses are logged" in answer.json()["detail"]


async def test_keys_and_paths_do_not_enter_the_log(client: httpx.AsyncClient, house, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "serve.access"):
        await client.get("/v1/portfolios/of-jane-doe?name=jane")
    assert "GET /v1/portfolios/{portfolio_id} 404" in caplog.text
    assert "jane" not in caplog.text
    assert house.plain_key not in caplog.text


async def test_a_new_key_works_and_its_secret_is_shown_once(admin: httpx.AsyncClient, nobody: httpx.AsyncClient):
    created = await admin.post("/v1/keys", json={"name": "nightly"})
    assert created.status_code == 201
    key = created.json()
    assert key["secret"].endswith(key["hint"])
    assert key["is_admin"] is False
    listed = await admin.get("/v1/keys")
    assert key["id"] in [item["id"] for item in listed.json()["items"]]
    assert key["secret"] not in listed.text
    answer = await nobody.get("/v1/tasks", headers={"Authorization": f"Bearer {key['secret']}"})
    assert answer.status_code == 200


async def test_a_repeated_wish_makes_one_key_and_shows_its_secret_once(admin: httpx.AsyncClient):
    wish = {"headers": {"Idempotency-Key": "k"}, "json": {"name": "nightly", "scopes": ["tasks:read"]}}
    first = (await admin.post("/v1/keys", **wish)).json()
    again = await admin.post("/v1/keys", **wish)
    assert (again.status_code, again.headers["Location"]) == (201, f"/v1/keys/{first['id']}")
    assert again.json() == first | {"secret": None}
    assert first["secret"].startswith("do_")
    assert [key["name"] for key in (await admin.get("/v1/keys")).json()["items"]].count("nightly") == 1
    noted = (await admin.get("/v1/audit", params={"action": "key.created"})).json()["items"]
    assert [one["subject"] for one in noted].count(first["id"]) == 1


async def test_the_same_idempotency_key_of_two_organisations_makes_two_keys(
    admin: httpx.AsyncClient, stranger: httpx.AsyncClient
):
    wish = {"headers": {"Idempotency-Key": "k"}, "json": {"name": "nightly"}}
    made = [(await house.post("/v1/keys", **wish)).json()["secret"] for house in (admin, stranger)]
    assert len({*made}) == 2


async def test_wishes_that_arrive_together_make_one_key(admin: httpx.AsyncClient):
    wish = {"headers": {"Idempotency-Key": "k"}, "json": {"name": "nightly"}}
    made = [answer.json() for answer in await asyncio.gather(*[admin.post("/v1/keys", **wish) for _ in range(8)])]
    assert len({key["id"] for key in made}) == 1
    assert len([key for key in made if key["secret"] is not None]) == 1


async def test_a_repeated_wish_is_known_also_when_the_keys_end_has_come(
    admin: httpx.AsyncClient, services: Services, house, calling
):
    ends = services.now() + timedelta(minutes=5)
    wish = {"headers": {"Idempotency-Key": "k"}, "json": {"name": "short", "expires_at": ends.isoformat()}}
    first = (await admin.post("/v1/keys", **wish)).json()
    later = build_api(replace(services, now=lambda: ends + timedelta(minutes=1)))
    async with calling(later, house.admin_key) as caller:
        assert (await caller.post("/v1/keys", **wish)).json() == first | {"secret": None}


async def test_a_revoked_key_opens_nothing_any_more(admin: httpx.AsyncClient, nobody: httpx.AsyncClient):
    key = (await admin.post("/v1/keys", json={"name": "short-lived"})).json()
    header = {"Authorization": f"Bearer {key['secret']}"}
    assert (await nobody.get("/v1/tasks", headers=header)).status_code == 200
    assert (await admin.delete(f"/v1/keys/{key['id']}")).status_code == 204
    assert (await nobody.get("/v1/tasks", headers=header)).status_code == 401


async def test_a_key_revoked_elsewhere_is_forgotten_after_a_few_seconds(database: Database):
    accounts = AccountStore(database)
    organisation = await accounts.create_organisation("A")
    key, secret = await accounts.create_key("k", organisation.id)
    now = 0.0
    known = KnownKeys(accounts, behind := Behind(), clock=lambda: now)
    assert (await known.caller(secret)).key_id == key.id
    await accounts.revoke_key(key.id, organisation.id)
    assert (await known.caller(secret)).key_id == key.id
    now = KEEP_S
    with pytest.raises(NotAuthenticated):
        await known.caller(secret)
    await behind.close()


async def test_keys_are_for_administrators(client: httpx.AsyncClient):
    for answer in (await client.get("/v1/keys"), await client.post("/v1/keys", json={"name": "x"})):
        assert answer.status_code == 403
        assert answer.json()["title"] == "Forbidden"


async def test_another_houses_key_cannot_be_revoked(admin: httpx.AsyncClient, stranger: httpx.AsyncClient):
    key = (await admin.post("/v1/keys", json={"name": "ours"})).json()
    assert (await stranger.delete(f"/v1/keys/{key['id']}")).status_code == 404


async def test_the_key_in_use_cannot_be_revoked_by_itself(admin: httpx.AsyncClient):
    keys = (await admin.get("/v1/keys")).json()["items"]
    own = next(key for key in keys if key["name"] == "admin")
    assert (await admin.delete(f"/v1/keys/{own['id']}")).status_code == 409
