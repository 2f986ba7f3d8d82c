"""Small promises of the endpoint: methods, hints, dates, keys that may be used again, metrics, a full disk."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from data.clock import utc_now
from data.records.accounts.account_store import AccountStore
from data.records.batches.batch_store import BatchStore, NewBatch
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio
DAYS = {
    "daily_rate": 0.0005,
    "postings": [{"date": "2026-03-30", "amount": "1000.00"}],
    "payments": [],
    "until": "2026-05-05",
}
TASK = {"type": "financial_advice", "question": "What first?"}


async def test_every_address_names_all_its_methods(app: Any, client: httpx.AsyncClient):
    for path, operations in app.openapi()["paths"].items():
        address = path.replace("{", "").replace("}", "")
        # One that no address knows.
        answer = await client.request("TRACE", address)
        assert answer.status_code == 405, path
        assert set(answer.headers["allow"].split(", ")) >= {method.upper() for method in operations}, path
    answer = await client.patch("/v1/tasks")
    assert answer.headers["allow"] == "GET, POST"
    assert answer.json()["detail"] == "PATCH is not possible here; allowed: GET, POST."


async def test_a_known_field_in_the_wrong_place_is_told_where_it_belongs(client: httpx.AsyncClient, portfolio: Any):
    answer = await client.post("/v1/plans", json={"portfolio": {**portfolio, "name": "x", "kind": "credit_card"}})
    told = {error["path"]: error["message"] for error in answer.json()["errors"]}
    assert told["portfolio.kind"] == 'unknown field "kind" here; it is a field of: debt'
    assert told["portfolio.name"].startswith('unknown field "name" here; it is a field of: debt, ')
    answer = await client.post("/v1/plans", json={"portfolio": {**portfolio, "curency": "USD"}})
    assert 'did you mean "currency"?' in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("due", [0, 1_700_000_000, "0", True, 1.5, "2026-04-23T00:00:00"])
async def test_a_date_is_a_date_and_no_number(client: httpx.AsyncClient, due: Any):
    question = {
        "daily_rate": 0.0005,
        "postings": [{"date": "2026-03-30", "amount": "1000.00"}],
        "until": "2026-05-05",
        "due": due,
    }
    answer = await client.post("/v1/plans/card-interest", json=question)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "due"
    assert error["code"] in ("date_needed", "date_without_time_needed")


async def test_no_message_shows_how_a_number_is_held(client: httpx.AsyncClient, portfolio: Any):
    debts = [{**portfolio["debts"][0], "balance": "1" + "0" * 20, "apr": "-1", "credit_limit": "NaN"}]
    answer = await client.post("/v1/plans", json={"portfolio": {**portfolio, "debts": debts}})
    assert answer.status_code == 422
    assert "Decimal" not in answer.text


async def test_the_description_shows_no_value_as_python_writes_it(client: httpx.AsyncClient):
    for path in ("/openapi.json", "/docs"):
        answer = await client.get(path)
        assert (answer.status_code, "Decimal(" in answer.text) == (200, False)


class TestIdempotencyKeys:
    """A key is known for a day; then it may be used for something new."""

    @pytest.fixture
    def later(self, services: Services) -> Services:
        def tomorrow() -> Any:
            return utc_now() + timedelta(hours=24, minutes=1)

        database = services.database
        return replace(
            services,
            accounts=AccountStore(database, tomorrow),
            tasks=TaskStore(database, tomorrow),
            portfolios=PortfolioStore(database, tomorrow),
            batches=BatchStore(database, tomorrow),
        )

    @pytest.mark.parametrize("path", ["/v1/tasks", "/v1/portfolios", "/v1/keys"])
    async def test_a_day_later_the_key_makes_something_new_once(
        self, admin: httpx.AsyncClient, later: Services, house: Any, calling: Any, portfolio: Any, path: str
    ):
        bodies = {
            "/v1/tasks": (TASK, {**TASK, "question": "And then?"}),
            "/v1/portfolios": ({"title": "a", "portfolio": portfolio}, {"title": "b", "portfolio": portfolio}),
            "/v1/keys": ({"name": "a"}, {"name": "b"}),
        }
        first, second = bodies[path]
        headers = {"Idempotency-Key": "once"}
        before = len((await admin.get(path)).json()["items"])
        made = await admin.post(path, json=first, headers=headers)
        assert (await admin.post(path, json=first, headers=headers)).json()["id"] == made.json()["id"]
        refused = await admin.post(path, json=second, headers=headers)
        assert (refused.status_code, refused.json()["code"][:14]) == (409, "key_reused_for")
        async with calling(build_api(later), house.admin_key) as tomorrow:
            anew = await tomorrow.post(path, json=second, headers=headers)
            assert (anew.status_code, anew.json()["id"] != made.json()["id"]) == (made.status_code, True)
            assert (await tomorrow.post(path, json=second, headers=headers)).json()["id"] == anew.json()["id"]
            assert (await tomorrow.post(path, json=first, headers=headers)).status_code == 409
            assert len((await tomorrow.get(path)).json()["items"]) == before + 2

    async def test_a_batchs_key_too(self, services: Services, later: Services, house: Any):
        def new(batch_id: str) -> NewBatch:
            return NewBatch(batch_id, house.id, "k", "a.csv", (), 1, "once")

        await services.batches.add(new("a" * 32))
        assert (await services.batches.add(new("b" * 32))).id == "a" * 32
        assert (await later.batches.add(new("c" * 32))).id == "c" * 32
        assert (await later.batches.add(new("d" * 32))).id == "c" * 32


async def test_metrics_are_for_the_organisation_that_runs_the_service(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, other_house: Any, app: Any, calling: Any
):
    async with calling(app, other_house.admin_key) as stranger:
        refused = await stranger.get("/metrics")
    assert (refused.status_code, refused.json()["code"]) == (403, "operator_needed")
    assert (await client.get("/metrics")).status_code == 403
    assert (await admin.get("/metrics")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/portfolios"])
async def test_a_full_disk_is_told_as_what_it_is(client: httpx.AsyncClient, database: Any, portfolio: Any, path: str):
    async with database.session() as session:
        connection = await session.connection()
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()

        def fill(driver: Any, *_: object) -> None:
            driver.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database._writers.sync_engine, "checkout", fill)
    body = {"/v1/tasks": TASK, "/v1/portfolios": {"title": "a" * 100, "portfolio": portfolio}}[path]
    async with asyncio.timeout(60):
        while (answer := await client.post(path, json=body)).is_success:
            pass
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_is_full")
    assert answer.json()["detail"].startswith("The disk is full; nothing was kept.")


@pytest.mark.parametrize("wrong", [0, 1, "true", "yes", 1.0])
@pytest.mark.parametrize("path", ["card-interest", "plan", "risk", "debt", "offer"])
async def test_only_true_and_false_are_true_or_false(client: httpx.AsyncClient, portfolio: Any, path: str, wrong: Any):
    (visa, car), promo = portfolio["debts"], {"apr": 0, "until": "2027-12", "deferred_interest": wrong}
    terms = {"type": "instalment", "name": "I", "debt": "Visa", "months": 12, "fee_rate": 0.006, "refundable": wrong}
    asked = {
        "card-interest": ("/card-interest", {**DAYS, "include_end_day": wrong}, "include_end_day"),
        "plan": ("", {"portfolio": portfolio, "protect_secured": wrong}, "protect_secured"),
        "risk": ("/risk", {"portfolio": portfolio, "tornado": wrong}, "tornado"),
        "debt": ("", {"portfolio": {**portfolio, "debts": [{**visa, "promo": promo}, car]}}, "deferred_interest"),
        "offer": ("/offers", {"portfolio": {**portfolio, "offers": [terms]}}, "refundable"),
    }
    address, body, field = asked[path]
    answer = await client.post(f"/v1/plans{address}", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["path"].rpartition(".")[2], error["code"]) == (field, "true_or_false_needed")


@pytest.mark.parametrize("body", ["1.5", "3.04e204", "[]", "true"])
async def test_a_body_that_is_no_object_is_refused(admin: httpx.AsyncClient, body: str):
    how = {"content": body, "headers": {"Content-Type": "application/json"}}
    user = (await admin.post("/v1/users", json={"name": "Ann", "role": "viewer"})).json()["id"]
    answers = [
        await admin.put("/v1/organisation/retention", **how),
        await admin.patch(f"/v1/users/{user}", **how),
        await admin.post("/v1/plans", **how),
    ]
    assert [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers] == [
        (422, "object_needed")
    ] * 3


async def test_true_is_no_number_of_days_and_a_number_is_no_day(admin: httpx.AsyncClient):
    answer = await admin.put("/v1/organisation/retention", json={"tasks_days": True})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "tasks_days")
    for on in ("0.0", "1764460800", "2026-11-30T00:00:00"):
        answer = await admin.get("/v1/issuers", params={"on": on})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "on")
    assert (await admin.get("/v1/issuers", params={"on": "2026-11-30"})).status_code == 200
