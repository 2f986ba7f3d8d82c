from decimal import Decimal

import httpx
import pytest

from data.answers.plan import Strategy

pytestmark = pytest.mark.anyio


async def test_a_plan_starts_this_month_and_its_books_balance(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert (plan["strategy"], plan["status"], plan["start"]) == ("avalanche", "paid_off", "2027-03")
    assert plan["schedule"][0]["month"] == "2027-03"
    for row in plan["schedule"]:
        owed = Decimal(row["opening"]) + Decimal(row["interest"]) + Decimal(row["fees"])
        assert owed == Decimal(row["payment"]) + Decimal(row["closing"])
    assert sum(Decimal(row["payment"]) for row in plan["schedule"]) == Decimal(plan["total_paid"])


@pytest.mark.parametrize(
    "path", ["/plans", "/plans/compare", "/plans/health", "/plans/frontier", "/plans/risk", "/tasks"]
)
async def test_a_promotion_that_is_over_this_month_is_refused_at_its_field(
    client: httpx.AsyncClient, portfolio: dict, path: str
):
    portfolio.pop("start", None)
    portfolio["debts"][0]["promo"] = {"apr": 0, "until": "2027-02"}
    question = {"type": "debt_analysis"} if path == "/tasks" else {}
    answer = await client.post(f"/v1{path}", json={"portfolio": portfolio, **question})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["path"], wrong["value"]) == ("portfolio.debts.0.promo.until", "2027-02")
    assert "2027-03" in wrong["message"]


async def test_a_portfolio_keeps_the_start_it_names(client: httpx.AsyncClient, portfolio: dict):
    portfolio["start"] = "2030-01"
    assert (await client.post("/v1/plans", json={"portfolio": portfolio})).json()["start"] == "2030-01"


async def test_every_strategy_can_be_asked_for(client: httpx.AsyncClient, portfolio: dict):
    portfolio["custom_order"] = ["Car", "Visa"]
    for strategy in Strategy:
        answer = await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": strategy})
        assert answer.json()["strategy"] == strategy


async def test_a_strategy_that_there_is_not_is_refused_with_those_there_are(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": "cheapest"})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["path"], wrong["value"]) == ("strategy", "cheapest")
    assert "avalanche" in wrong["message"]


@pytest.mark.parametrize("strategy", [[], {}, 1, None])
async def test_a_strategy_that_is_no_name_is_refused_at_its_field(
    client: httpx.AsyncClient, portfolio: dict, strategy: object
):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": strategy})
    assert answer.status_code == 422
    assert [entry["path"] for entry in answer.json()["errors"]] == ["strategy"]


async def test_the_custom_strategy_without_an_order_is_refused_at_its_field(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": "custom"})
    assert answer.status_code == 422
    assert [entry["path"] for entry in answer.json()["errors"]] == ["portfolio.custom_order"]


async def test_a_budget_under_the_minimums_is_a_result_and_no_error(client: httpx.AsyncClient, portfolio: dict):
    portfolio["budget"] = {"monthly": "10.00"}
    answer = await client.post("/v1/plans", json={"portfolio": portfolio})
    assert answer.status_code == 200
    plan = answer.json()
    assert plan["status"] == "shortfall"
    assert Decimal(plan["required_budget"]) > 10
    assert plan["missed"]


async def test_compare_names_the_best_of_the_strategies_asked_for(client: httpx.AsyncClient, portfolio: dict):
    asked = ["snowball", "avalanche", "minimum_only"]
    answer = await client.post("/v1/plans/compare", json={"portfolio": portfolio, "strategies": asked})
    comparison = answer.json()
    assert [plan["strategy"] for plan in comparison["plans"]] == asked
    best = min(comparison["plans"], key=lambda plan: Decimal(plan["total_paid"]))
    assert comparison["best"] == best["strategy"]


async def test_compare_without_a_choice_takes_every_strategy_but_custom(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans/compare", json={"portfolio": portfolio})
    assert [plan["strategy"] for plan in answer.json()["plans"]] == [name for name in Strategy if name != "custom"]


async def test_health_weighs_the_portfolio(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans/health", json={"portfolio": portfolio})
    assert answer.status_code == 200
    health = answer.json()
    assert (health["total"], health["month"]) == ("14200.00", "2027-03")
    assert health["weighted_apr"] == pytest.approx((5200 * 0.2499 + 9000 * 0.069) / 14200, abs=1e-4)
