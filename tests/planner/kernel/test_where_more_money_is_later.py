"""More money is never later for avalanche at constant rates; for others it can be (docs/methodology.md, section 5)."""

import pytest

from agents.planner.plans.planning import plan
from data.answers.plan import Strategy
from data.portfolio.portfolio import Portfolio

NONE = {"type": "none"}


def months(strategy, debts, monthly, **budget):
    document = {"start": "2027-01", "debts": debts, "budget": {"monthly": monthly, **budget}}
    return plan(Portfolio.model_validate(document), strategy, schedule=False).months


def test_snowball_may_end_later_with_more_money():
    """One dollar more changes which debt is the smaller, and 24 % is left to grow."""
    debts = [
        {"name": "A", "balance": 750, "apr": 0.06, "minimum": NONE},
        {"name": "B", "balance": 875, "apr": 0.24, "minimum": {"type": "percent", "rate": 0.02, "floor": 5}},
    ]
    assert (months(Strategy.SNOWBALL, debts, 20), months(Strategy.SNOWBALL, debts, 21)) == (246, 523)
    assert months(Strategy.AVALANCHE, debts, 21) <= months(Strategy.AVALANCHE, debts, 20)


def test_lowest_balance_to_minimum_may_never_end_with_more_money():
    debts = [
        {"name": "A", "balance": 800, "apr": 0, "minimum": {"type": "fixed", "amount": 25}},
        {"name": "B", "balance": 800, "apr": 0.36, "minimum": {"type": "fixed", "amount": 25}},
    ]
    assert months(Strategy.CASH_FLOW_INDEX, debts, 25) == 141
    assert months(Strategy.CASH_FLOW_INDEX, debts, 35) is None


def test_minimums_only_may_end_later_when_the_money_now_covers_more_of_them():
    debts = [
        {"name": "A", "balance": 725, "apr": 0.12, "minimum": {"type": "percent", "rate": 0.05, "floor": 5}},
        {"name": "B", "balance": 800, "apr": 0.12, "minimum": {"type": "percent", "rate": 0.01, "floor": 50}},
    ]
    assert (months(Strategy.MINIMUM_ONLY, debts, 40), months(Strategy.MINIMUM_ONLY, debts, 45)) == (74, 76)


@pytest.mark.parametrize("monthly", [500, 501])
def test_avalanche_ends_no_later_on_the_same_debts_with_a_promotion(monthly):
    debts = [
        {"name": "A", "balance": 4000, "apr": 0.2999, "minimum": NONE, "promo": {"apr": 0, "until": "2027-06"}},
        {"name": "B", "balance": 4000, "apr": 0.22, "minimum": NONE},
    ]
    assert months(Strategy.AVALANCHE, debts, monthly) <= 19
