"""The largest and the oddest inputs that are accepted are answered, whatever is asked."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from agents.planner.offers.taking import Move, take
from agents.planner.plans.budget_by import budget_by
from agents.planner.plans.frontier import frontier
from agents.planner.plans.planning import plan
from agents.planner.what_if.offer_verdicts import judge_offers
from agents.planner.what_if.what_if import what_if
from data.answers.plan import Strategy
from data.answers.what_if import Changes
from data.portfolio.portfolio import Portfolio

MOST = "1000000000000"
LEVEL = {"name": "A", "balance": MOST, "apr": 10, "minimum": {"type": "level", "months": 2}}
CARD = {"name": "B", "balance": MOST, "apr": 10, "minimum": {"type": "none"}}
OFFERS = [
    {
        "type": "balance_transfer",
        "name": "T",
        "limit": MOST,
        "fee_rate": 10,
        "apr": 10,
        "promo": {"apr": 0, "months": 1200},
    },
    {"type": "consolidation", "name": "C", "amount": MOST, "apr": 0, "months": 1200, "fee_rate": 10},
    {"type": "instalment", "name": "I", "debt": "B", "months": 1200, "fee_rate": 10},
    {"type": "settlement", "name": "S", "debt": "B", "share": "0.000000000001", "by": "2199-12"},
    {"type": "refinance", "name": "R", "debt": "A", "apr": 10, "months": 1, "fee": MOST, "fee_rate": 10},
]
BUDGETS: list[dict[str, Any] | None] = [
    None,
    {"monthly": MOST, "mode": "extra", "yearly_raise": 10},
    {"monthly": 0, "yearly_raise": -1},
    {"monthly": "0.01", "lump_sums": [{"month": "2199-12", "amount": MOST}]},
]
EACH_BUDGET = pytest.mark.parametrize("budget", BUDGETS, ids=["none", "huge", "nothing", "late"])
EACH_STRATEGY = pytest.mark.parametrize("strategy", [Strategy.AVALANCHE, Strategy.MINIMUM_ONLY])


@EACH_BUDGET
@EACH_STRATEGY
def test_extreme_offers_are_judged(budget, strategy):
    answer = judge_offers(portfolio_of(budget), strategy)
    assert len(answer.offers) == len(OFFERS)
    before = answer.before
    for verdict in answer.offers:
        assert not verdict.take or before.months is None or verdict.plan.total_paid < before.total_paid


@EACH_BUDGET
def test_a_part_of_an_extreme_loan_can_be_moved(budget):
    after = plan(take(portfolio_of(budget), [Move("T", "A", 10**13), Move("C", "A", 1)]), Strategy.AVALANCHE)
    for row in after.schedule:
        assert row.opening + row.interest + row.fees == row.payment + row.closing


@EACH_BUDGET
@EACH_STRATEGY
def test_extreme_changes_are_planned(budget, strategy):
    said: list[dict[str, Any]] = [
        {"type": "lump_sum", "month": "2027-01", "amount": MOST},
        {
            "type": "prepay",
            "debt": "A",
            "month": "2026-12",
            "amount": MOST,
            "mode": "lower_payment",
            "charge_rate": "0.99",
        },
        {"type": "rate", "debt": "B", "apr": 0, "from": "2199-12"},
    ]
    if budget is not None:
        said.append({"type": "budget", "by": MOST})
    found = what_if(portfolio_of(budget), TypeAdapter(Changes).validate_python(said), strategy)
    assert found.after.schedule


@EACH_BUDGET
@EACH_STRATEGY
@pytest.mark.parametrize("by", ["2026-12", "2030-12", "2199-12"])
def test_extreme_dates_have_a_budget_or_a_reason(budget, strategy, by):
    found = budget_by(portfolio_of(budget), by, strategy)
    assert (found.monthly is None) == (found.reason is not None)


@EACH_BUDGET
@EACH_STRATEGY
def test_extreme_frontiers_have_points(budget, strategy):
    assert frontier(portfolio_of(budget), strategy, points=3).points


def portfolio_of(budget: dict[str, Any] | None) -> Portfolio:
    return Portfolio.model_validate({"start": "2026-12", "budget": budget, "debts": [LEVEL, CARD], "offers": OFFERS})
