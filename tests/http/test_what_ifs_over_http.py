"""What-ifs, offers, the budget for a date and the frontier, as programs ask for them."""

from decimal import Decimal

import httpx
import pytest

from data.answers.budget_answer import Frontier, RequiredBudget
from data.answers.offer_result import OfferAnswer
from data.answers.what_if import WhatIf
from tests.sample_offers import YEAR_AT_NOTHING

pytestmark = pytest.mark.anyio


async def test_a_what_if_answers_with_both_plans_and_their_difference(client: httpx.AsyncClient, portfolio: dict):
    changes = [{"type": "budget", "by": "200.00"}, {"type": "lump_sum", "month": "2027-06", "amount": 500}]
    answer = await client.post("/v1/plans/what-if", json={"portfolio": portfolio, "changes": changes})
    assert answer.status_code == 200, answer.text
    found = WhatIf.model_validate(answer.json())
    assert (found.before.start, found.before.strategy) == ("2027-03", "avalanche")
    assert found.difference.total_paid == found.after.total_paid - found.before.total_paid
    assert found.difference.total_paid < 0
    assert (await client.post("/v1/plans", json={"portfolio": portfolio})).json() == answer.json()["before"]


async def test_a_what_if_takes_a_strategy_and_an_offer(client: httpx.AsyncClient, portfolio: dict):
    portfolio["offers"] = [YEAR_AT_NOTHING]
    changes = [{"type": "take_offer", "offer": "0% card", "amount": "3000", "from": ["Visa"]}]
    body = {"portfolio": portfolio, "changes": changes, "strategy": "snowball"}
    after = (await client.post("/v1/plans/what-if", json=body)).json()["after"]
    assert after["strategy"] == "snowball"
    (taken,) = after["offers_taken"]
    assert (taken["name"], taken["debt"], taken["amount"], taken["fee"]) == ("0% card", "Visa", "3000.00", "90.00")
    assert {row["debt"]: row["opening"] for row in after["schedule"][:3]}["0% card"] == "3000.00"


async def test_minimums_only_pays_what_is_prepaid_and_says_that_it_follows_no_budget(
    client: httpx.AsyncClient, portfolio: dict
):
    changes = [
        {"type": "budget", "by": "200.00"},
        {"type": "prepay", "debt": "Visa", "month": "2027-06", "amount": "300.00"},
    ]
    body = {"portfolio": portfolio, "changes": changes, "strategy": "minimum_only"}
    answer = (await client.post("/v1/plans/what-if", json=body)).json()
    (row,) = [row for row in answer["after"]["schedule"] if (row["month"], row["debt"]) == ("2027-06", "Visa")]
    assert Decimal(row["payment"]) - Decimal(row["minimum"]) == 300
    assert [(told["path"], told["code"]) for told in answer["ignored"]] == [("changes.0", "minimums_only")]


async def test_changes_that_cannot_be_read_or_made_are_refused_by_field(client: httpx.AsyncClient, portfolio: dict):
    unreadable = [
        {"type": "budget", "monthly": "x", "budget": 1},
        {"type": "rate", "debt": "Visa", "apr": 24.99},
        {"type": "add_debt", "debt": {"name": "N", "balance": -1, "apr": 0}},
        {"type": "minimum", "debt": "Visa", "minimum": {"type": "fixed"}},
    ]
    answer = await client.post("/v1/plans/what-if", json={"portfolio": portfolio, "changes": unreadable})
    assert answer.status_code == 422
    assert sorted(error["path"] for error in answer.json()["errors"]) == [
        "changes.0.budget",
        "changes.0.monthly",
        "changes.1.apr",
        "changes.2.debt.balance",
        "changes.3.minimum.amount",
    ]
    impossible = [{"type": "drop_debt", "debt": "None"}, {"type": "lump_sum", "month": "2020-01", "amount": 1}]
    answer = await client.post("/v1/plans/what-if", json={"portfolio": portfolio, "changes": impossible})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == ["changes.0.debt", "changes.1.month"]


async def test_what_is_wrong_with_the_portfolio_is_told_at_its_path(client: httpx.AsyncClient, portfolio: dict):
    for route, more in [
        ("what-if", {"changes": []}),
        ("frontier", {}),
        ("offers", {}),
        ("required-budget", {"by": "2029-06"}),
    ]:
        body = {"portfolio": portfolio, "strategy": "custom", **more}
        answer = await client.post(f"/v1/plans/{route}", json=body)
        assert answer.status_code == 422
        assert [error["path"] for error in answer.json()["errors"]] == ["portfolio.custom_order"], route


async def test_offers_are_judged_with_amounts_and_reasons_in_numbers(client: httpx.AsyncClient, portfolio: dict):
    portfolio["offers"] = [
        YEAR_AT_NOTHING,
        {"type": "consolidation", "name": "dear", "amount": 9000, "apr": 0.36, "months": 60},
    ]
    answer = await client.post("/v1/plans/offers", json={"portfolio": portfolio})
    assert answer.status_code == 200, answer.text
    found = OfferAnswer.model_validate(answer.json())
    assert [(verdict.name, verdict.take) for verdict in found.offers] == [("0% card", True), ("dear", False)]
    assert found.offers[0].promo_end is not None
    assert found.offers[0].promo_end.month == "2028-02"
    assert found.best.plan.schedule
    assert {move.name for move in found.best.moves} == {"0% card"}


async def test_the_smallest_budget_for_a_date_works_and_one_cent_less_does_not(
    client: httpx.AsyncClient, portfolio: dict
):
    body = {"portfolio": portfolio, "by": "2029-06", "strategy": "snowball"}
    found = RequiredBudget.model_validate((await client.post("/v1/plans/required-budget", json=body)).json())
    assert found.monthly is not None
    for monthly, ends in [(found.monthly, True), (found.monthly - Decimal("0.01"), False)]:
        question = {"portfolio": {**portfolio, "budget": {"monthly": str(monthly)}}, "strategy": "snowball"}
        plan = (await client.post("/v1/plans", json=question)).json()
        assert (plan["debt_free"] <= "2029-06") is ends


@pytest.mark.parametrize(("by", "path"), [("2027-02", "by"), ("2027-2", "by"), (None, "by")])
async def test_a_date_before_the_start_is_refused(client: httpx.AsyncClient, portfolio: dict, by, path):
    answer = await client.post("/v1/plans/required-budget", json={"portfolio": portfolio, "by": by})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]


async def test_a_date_that_no_budget_reaches_is_an_answer(client: httpx.AsyncClient, portfolio: dict):
    body = {"portfolio": portfolio, "by": "2027-04", "strategy": "minimum_only"}
    answer = await client.post("/v1/plans/required-budget", json=body)
    assert answer.status_code == 200
    assert answer.json()["monthly"] is None
    assert "2027-04" in answer.json()["reason"]


async def test_the_frontier_goes_from_the_least_to_payoff_at_once(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans/frontier", json={"portfolio": portfolio, "points": 5})
    points = Frontier.model_validate(answer.json()).points
    assert points[-1].months == 1
    assert points[0].months is None or points[0].months > 12
    assert [point.monthly for point in points] == sorted(point.monthly for point in points)
    refused = await client.post("/v1/plans/frontier", json={"portfolio": portfolio, "points": 1})
    assert [error["path"] for error in refused.json()["errors"]] == ["points"]
