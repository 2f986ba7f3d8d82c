"""Every route against every kind of caller: who is let in, who is not, and what nobody learns of another organisation.

A new kind of caller is one line in `REFUSED`; a new kind of resource one line in `THINGS`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from data.clock import utc_now
from data.ident import new_id
from data.records.accounts.account_store import KeyGrant
from data.records.accounts.user_store import NewPerson
from data.records.batches.batch_store import NewBatch
from data.wire.access import Role
from serve.api import ROUTERS
from serve.http.files.upload import tidy_name
from serve.http.services import Services

pytestmark = pytest.mark.anyio
OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
ABSENT = "0" * 32


@dataclass(frozen=True)
class Route:
    """An operation of the description."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, thing_id: str) -> str:
        """Its address, with that id in it."""
        head, brace, rest = self.path.partition("{")
        return head + (thing_id + rest.partition("}")[2] if brace else "")

    @property
    def thing(self) -> str:
        """What the id in its address is of; empty where there is none."""
        return self.path.partition("{")[2].partition("}")[0]


def _routes() -> list[Route]:
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    paths = app.openapi()["paths"]
    return [Route(method.upper(), path) for path, operations in paths.items() for method in operations]


ROUTES = _routes()
CLOSED = [route for route in ROUTES if (route.method, route.path) not in OPEN]
WITH_ID = [route for route in CLOSED if route.thing]


# Kinds of caller who are let in nowhere: how they come by their key, and what they are told.


async def _none(_services: Services, _house: Any) -> str | None:
    return None


async def _unknown(_services: Services, _house: Any) -> str | None:
    return "do_" + "x" * 43


async def _without_our_prefix(_services: Services, _house: Any) -> str | None:
    return "sk-0123456789"


async def _revoked(services: Services, house: Any) -> str | None:
    key, secret = await services.accounts.create_key("gone", house.id)
    await services.accounts.revoke_key(key.id, house.id)
    return secret


async def _expired(services: Services, house: Any) -> str | None:
    over = KeyGrant(Role.ANALYST, expires_at=utc_now() - timedelta(days=1))
    return (await services.accounts.create_key("over", house.id, over))[1]


async def _of_one_disabled(services: Services, house: Any) -> str | None:
    user_id = await _user(services, house)
    _, secret = await services.accounts.create_key("theirs", house.id, KeyGrant(user_id=user_id))
    await services.users.change(user_id, house.id, is_disabled=True)
    return secret


REFUSED: dict[str, tuple[Callable[[Services, Any], Awaitable[str | None]], int]] = {
    "no key": (_none, 401),
    "unknown key": (_unknown, 401),
    "no key of ours": (_without_our_prefix, 401),
    "revoked key": (_revoked, 401),
    "expired key": (_expired, 401),
    "key of somebody disabled": (_of_one_disabled, 401),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("route", CLOSED, ids=str)
async def test_who_has_no_valid_key_is_let_in_nowhere(
    services: Services, app: FastAPI, house: Any, calling: Any, route: Route, kind: str
):
    key_of, status = REFUSED[kind]
    async with calling(app, await key_of(services, house)) as client:
        answer: httpx.Response = await client.request(route.method, route.at(ABSENT))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in CLOSED], ids=str)
async def test_what_is_open_needs_no_key(nobody: httpx.AsyncClient, route: Route):
    assert (await nobody.request(route.method, route.path)).status_code == 200


# Things of an organisation: how one is made, and the body with which its routes are asked.


async def _task(services: Services, house: Any) -> str:
    request = {"type": "financial_advice", "question": "What first?", "language": "en"}
    return (await services.tasks.add(request, organisation_id=house.id, key_id="k")).id


async def _batch(services: Services, house: Any) -> str:
    new = NewBatch(new_id(), house.id, "k", tidy_name("a.csv"), ("avalanche",), 1)
    return (await services.batches.add(new)).id


async def _portfolio(services: Services, house: Any) -> str:
    from data.wire.saved_portfolio import NewPortfolio

    debts = [{"name": "Visa", "balance": "100", "apr": 0.2}]
    new = NewPortfolio.model_validate({"title": "theirs", "portfolio": {"debts": debts}})
    return (await services.portfolios.add(new, organisation_id=house.id)).id


async def _key(services: Services, house: Any) -> str:
    return (await services.accounts.create_key("theirs", house.id))[0].id


async def _user(services: Services, house: Any) -> str:
    return (await services.users.create(house.id, NewPerson("Ann", Role.ANALYST, f"{new_id()}@example.org"))).id


THINGS: dict[str, Callable[[Services, Any], Awaitable[str]]] = {
    "task_id": _task,
    "batch_id": _batch,
    "portfolio_id": _portfolio,
    "key_id": _key,
    "user_id": _user,
}
BODIES: dict[str, Any] = {
    "PUT": {"title": "a", "portfolio": {"debts": [{"name": "Visa", "balance": "100", "apr": 0.2}]}},
    "PATCH": {"role": "viewer"},
}


@pytest.mark.parametrize("route", WITH_ID, ids=str)
async def test_anothers_thing_looks_like_none_at_all(
    services: Services, house: Any, stranger: httpx.AsyncClient, route: Route
):
    assert route.thing in THINGS, "say in THINGS how one is made"
    theirs = await THINGS[route.thing](services, house)
    body = BODIES.get(route.method)
    answers = [
        await stranger.request(route.method, route.at(thing_id), json=body, headers={"If-Match": "*"})
        for thing_id in (theirs, ABSENT)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    told = [answer.text.replace(thing_id, "ID") for answer, thing_id in zip(answers, (theirs, ABSENT), strict=True)]
    # Not even the words differ.
    ours = [text.replace(answer.json()["trace_id"], "") for text, answer in zip(told, answers, strict=True)]
    assert ours[0] == ours[1]


@pytest.mark.parametrize("route", WITH_ID, ids=str)
async def test_what_can_be_no_id_is_the_id_of_nothing(admin: httpx.AsyncClient, route: Route):
    body = BODIES.get(route.method)
    answer = await admin.request(route.method, route.at("%00'"), json=body, headers={"If-Match": "*"})
    assert answer.status_code == 404
