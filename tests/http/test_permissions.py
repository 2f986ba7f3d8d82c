"""Roles and scopes over HTTP: what each opens on every route, and what the refusal says."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from data.clock import utc_now
from data.ident import new_id
from data.records.accounts.account_store import KeyGrant
from data.records.accounts.user_store import NewPerson
from data.wire.access import OPENED, Role, Scope, least_role
from serve.http.access.permissions import needed
from serve.http.services import Services

pytestmark = pytest.mark.anyio


def routes(app: FastAPI) -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found]


@pytest.fixture
async def keys(services: Services, house):
    """A key for each role with all its scopes, and for each scope alone."""
    made: dict[Role | Scope, str] = {}
    for role in Role:
        _, made[role] = await services.accounts.create_key(role, house.id, KeyGrant(role))
    for scope in Scope:
        _, made[scope] = await services.accounts.create_key(scope, house.id, KeyGrant(Role.ADMIN, [scope]))
    return made


async def answer_of(app: FastAPI, key: str, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    filled = re.sub(r"{\w+}", new_id(), path)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        return await client.request(method, filled, headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_opens_its_routes_and_no_others(app: FastAPI, keys, role: Role):
    refused = set()
    for method, path in routes(app):
        answer = await answer_of(app, keys[role], method, path)
        if answer.status_code == 403:
            refused.add((method, path))
            scope = needed(method, path)
            assert scope is not None
            assert answer.json()["code"] == "role_needed"
            assert answer.json()["params"] == {"role": least_role(scope), "own": role}
    assert refused == {route for route in routes(app) if needed(*route) not in {None, *OPENED[role]}}


@pytest.mark.parametrize("scope", list(Scope))
async def test_each_scope_opens_its_routes_and_no_others(app: FastAPI, keys, scope: Scope):
    opened = {None, scope, Scope(scope.replace(":write", ":read"))}
    for method, path in routes(app):
        answer = await answer_of(app, keys[scope], method, path)
        assert (answer.status_code == 403) == (needed(method, path) not in opened), (method, path)
        if answer.status_code == 403:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "scope_needed"
            assert needed(method, path) in answer.json()["detail"]


async def test_what_changes_something_needs_more_than_a_viewer(app: FastAPI):
    kept_nothing = {path for method, path in routes(app) if method == "POST" and needed(method, path) == "plans:read"}
    for method, path in routes(app):
        if method != "GET" and path not in kept_nothing:
            assert least_role(needed(method, path) or Scope.PLANS_READ) is not Role.VIEWER, (method, path)
    assert all(path.startswith("/v1/plans") or path == "/v1/portfolios/import" for path in kept_nothing)


def test_a_route_that_nobody_has_said_the_scope_of_cannot_be_made():
    with pytest.raises(LookupError):
        needed("GET", "/v1/secrets")


async def test_a_socket_needs_the_scope_too(address: str, keys, services: Services, house):
    task = await services.tasks.add({"type": "debt_analysis"}, organisation_id=house.id, key_id="k")
    headers = {"Authorization": f"Bearer {keys[Scope.BATCHES_READ]}"}
    async with connect(f"ws://{address}/v1/tasks/{task.id}/ws", additional_headers=headers) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert "tasks:read" in closed.value.rcvd.reason


async def test_an_expired_key_answers_401_and_says_so(app: FastAPI, services: Services, house):
    ended = utc_now() - timedelta(seconds=1)
    _, key = await services.accounts.create_key("old", house.id, KeyGrant(Role.ANALYST, expires_at=ended))
    for method, path in routes(app):
        answer = await answer_of(app, key, method, path)
        if path not in ("/healthz", "/readyz"):
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "key_expired"


async def test_a_key_is_made_with_its_scopes_and_its_end(admin: httpx.AsyncClient, calling, app: FastAPI):
    ends = (utc_now() + timedelta(days=4000)).isoformat()
    made = await admin.post("/v1/keys", json={"name": "nightly", "scopes": ["batches:write"], "expires_at": ends})
    assert made.status_code == 201, made.text
    key = made.json()
    assert (key["role"], key["is_admin"], key["scopes"]) == ("analyst", False, ["batches:write"])
    async with calling(app, key["secret"]) as nightly:
        assert (await nightly.get("/v1/batches")).status_code == 200
        assert (await nightly.get("/v1/tasks")).status_code == 403
    listed = (await admin.get("/v1/keys")).json()["items"]
    assert next(item for item in listed if item["id"] == key["id"])["expires_at"] is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer", "scopes": ["tasks:write"]}, "scopes"),
        ({"scopes": ["tasks:own"]}, "scopes.0"),
        ({"scopes": []}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"role": "owner"}, "role"),
    ],
)
async def test_a_key_that_cannot_be_made_names_the_field(admin: httpx.AsyncClient, body: dict, field: str):
    answer = await admin.post("/v1/keys", json={"name": "k"} | body)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [field]


async def test_no_key_gives_more_than_it_has(services: Services, house, calling, app: FastAPI):
    _, narrow = await services.accounts.create_key("n", house.id, KeyGrant(Role.ADMIN, [Scope.ADMIN_WRITE]))
    async with calling(app, narrow) as client:
        answer = await client.post("/v1/keys", json={"name": "wide", "scopes": ["tasks:read"]})
        assert answer.status_code == 403
        assert answer.json()["params"] == {"scopes": ["tasks:read"]}
        assert (await client.post("/v1/keys", json={"name": "clerk"})).status_code == 403
        same = (await client.post("/v1/keys", json={"name": "same", "is_admin": True})).json()
        assert same["scopes"] == ["admin:read", "admin:write"]


async def test_people_are_made_changed_and_let_in_no_more(admin: httpx.AsyncClient, calling, app: FastAPI):
    made = await admin.post("/v1/users", json={"name": "Ann", "email": "Ann@Example.org", "role": "analyst"})
    assert made.status_code == 201, made.text
    ann = made.json()
    assert (ann["email"], made.headers["location"]) == ("ann@example.org", f"/v1/users/{ann['id']}")
    assert (await admin.post("/v1/users", json={"name": "A", "email": "ann@example.org"})).status_code == 409
    beyond = await admin.post("/v1/keys", json={"name": "k", "user_id": ann["id"], "role": "admin"})
    assert [error["path"] for error in beyond.json()["errors"]] == ["role"]
    key = (await admin.post("/v1/keys", json={"name": "k", "user_id": ann["id"]})).json()
    async with calling(app, key["secret"]) as client:
        assert (await client.get("/v1/tasks")).status_code == 200
        assert (await admin.patch(f"/v1/users/{ann['id']}", json={"is_disabled": True})).json()["disabled_at"]
        refused = await client.get("/v1/tasks")
        assert (refused.status_code, refused.json()["code"]) == (401, "user_disabled")
        again = await admin.patch(f"/v1/users/{ann['id']}", json={"is_disabled": False, "role": "viewer"})
        assert (again.json()["disabled_at"], again.json()["role"]) == (None, "viewer")
        assert (await client.get("/v1/tasks")).status_code == 200
    assert [user["name"] for user in (await admin.get("/v1/users")).json()["items"]] == ["Ann"]


async def test_another_houses_people_are_not_found(admin: httpx.AsyncClient, stranger: httpx.AsyncClient):
    ann = (await admin.post("/v1/users", json={"name": "Ann"})).json()
    assert (await stranger.patch(f"/v1/users/{ann['id']}", json={"is_disabled": True})).status_code == 404
    assert (await stranger.post("/v1/keys", json={"name": "k", "user_id": ann["id"]})).status_code == 404
    assert (await stranger.get("/v1/users")).json()["items"] == []


async def test_an_administrator_cannot_lock_themselves_out(services: Services, house, calling, app: FastAPI):
    boss = await services.users.create(house.id, NewPerson("Boss", Role.ADMIN))
    _, key = await services.accounts.create_key("k", house.id, KeyGrant(user_id=boss.id))
    async with calling(app, key) as client:
        answer = await client.patch(f"/v1/users/{boss.id}", json={"role": "viewer"})
    assert (answer.status_code, answer.json()["code"]) == (409, "yourself")


async def test_the_use_of_a_key_is_noted_behind_the_request(app: FastAPI, services: Services, house, calling):
    async with calling(app, house.plain_key) as client:
        assert (await client.get("/v1/tasks")).status_code == 200
    await services.behind.close()
    used = {key.name: key.last_used_at for key in await services.accounts.list_keys(house.id)}
    assert used["plain"] is not None
    assert used["admin"] is None
