from decimal import Decimal

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_risk_starts_this_month_and_shows_the_plan_beside_what_may_come_of_it(
    client: httpx.AsyncClient, portfolio: dict
):
    answer = await client.post("/v1/plans/risk", json={"portfolio": portfolio, "scenarios": 300})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    plan = (await client.post("/v1/plans", json={"portfolio": portfolio})).json()
    assert (report["start"], report["by"], report["scenarios"]) == ("2027-03", plan["debt_free"], 300)
    (found,) = report["strategies"]
    assert found["without_risk"]["total_paid"] == plan["total_paid"]
    assert found["fan"][0]["month"] == "2027-03"
    assert Decimal(found["fan"][0]["owed"]["p5"]) <= Decimal(found["fan"][0]["owed"]["p95"])
    assert 0 <= found["debt_free_by"] <= 1
    assert report["assumptions"]["rates"]["debts"] == ["Visa"]
    assert [bar["input"] for bar in report["tornado"]["bars"]]


async def test_the_same_question_has_the_same_answer_and_another_seed_another(
    client: httpx.AsyncClient, portfolio: dict
):
    question = {"portfolio": portfolio, "scenarios": 200, "tornado": False}
    first, second = [(await client.post("/v1/plans/risk", json=question)).content for _ in range(2)]
    assert first == second
    assert (await client.post("/v1/plans/risk", json=question | {"seed": 2})).content != first


async def test_several_strategies_are_told_in_the_order_asked(client: httpx.AsyncClient, portfolio: dict):
    names = ["snowball", "minimum_only", "avalanche"]
    question = {"portfolio": portfolio, "scenarios": 50, "strategies": names, "tornado": False}
    report = (await client.post("/v1/plans/risk", json=question)).json()
    assert [each["strategy"] for each in report["strategies"]] == names
    assert report["tornado"] is None


async def test_every_bad_field_of_a_question_is_named_at_its_path(client: httpx.AsyncClient, portfolio: dict):
    question = {
        "portfolio": portfolio,
        "strategies": ["best", [], "optimal"],
        "scenarios": 100_001,
        "seed": -1,
        "months": 0.5,
        "by": "soon",
        "assumptions": {
            "income_loss": {"probability": 1.1, "months": 0, "share": True},
            "expenses": {"per_month": "many", "median": -1},
            "rates": {"volatility": -0.1, "floor": 1},
        },
    }
    answer = await client.post("/v1/plans/risk", json=question)
    assert answer.status_code == 422
    assert {entry["path"] for entry in answer.json()["errors"]} == {
        "strategies.0",
        "strategies.1",
        "strategies.2",
        "scenarios",
        "seed",
        "months",
        "by",
        "assumptions.income_loss.probability",
        "assumptions.income_loss.months",
        "assumptions.income_loss.share",
        "assumptions.expenses.per_month",
        "assumptions.expenses.median",
        "assumptions.rates.volatility",
        "assumptions.rates.floor",
    }


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
async def test_what_is_no_number_is_no_assumption(client: httpx.AsyncClient, portfolio: dict, number: str):
    body = httpx.Request("POST", "http://api", json={"portfolio": portfolio}).content.decode()
    loss = f'{body[:-1]}, "assumptions": {{"income_loss": {{"months": {number}}}}}}}'
    answer = await client.post("/v1/plans/risk", content=loss, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [entry["path"] for entry in answer.json()["errors"]] == ["assumptions.income_loss.months"]


async def test_what_the_planner_finds_wrong_stands_at_its_path_in_the_body(client: httpx.AsyncClient, portfolio: dict):
    question = {"portfolio": portfolio, "strategies": ["custom"], "by": "2027-02", "tornado": False}
    answer = await client.post("/v1/plans/risk", json=question)
    assert [entry["path"] for entry in answer.json()["errors"]] == ["portfolio.custom_order", "by"]
    portfolio["debts"] = [{"name": f"{place}", "balance": 10**12, "apr": 0} for place in range(100)]
    portfolio["currency"] = "CLF"  # four decimals
    answer = await client.post("/v1/plans/risk", json={"portfolio": portfolio, "scenarios": 10})
    assert [entry["path"] for entry in answer.json()["errors"]] == ["portfolio.debts"]
