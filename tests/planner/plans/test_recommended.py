"""Which plan is recommended: the cheapest, or an order that is simple to keep and costs hardly more."""

from decimal import Decimal

import pytest

from agents.planner.plans.planning import compare
from agents.planner.plans.recommended import WORTHWHILE, recommended
from data.answers.plan import Plan, Strategy
from data.portfolio.portfolio import Portfolio
from tests.agents.cases import DEFERRED, NEVER_PAID_OFF, NO_BUDGET, SIX_DEBTS


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {plan.strategy: plan for plan in compare(Portfolio.model_validate(DEFERRED)).plans}


def paying(plan: Plan, total_paid: Decimal) -> Plan:
    return plan.model_copy(update={"total_paid": total_paid})


def test_the_optimal_plan_is_recommended_where_it_saves_more_than_half_a_percent_of_the_cost(plans: dict[str, Plan]):
    optimal = plans["optimal"]
    most = WORTHWHILE * (optimal.total_interest + optimal.total_fees)
    for above, wanted in ((Decimal(0), "avalanche"), (most, "avalanche"), (most + Decimal("0.01"), "optimal")):
        assert recommended([paying(plans["avalanche"], optimal.total_paid + above), optimal]) == wanted


def test_the_cheapest_order_is_recommended_where_it_is_as_good(plans: dict[str, Plan]):
    paid = plans["optimal"].total_paid
    orders = [paying(plans["snowball"], paid + Decimal("0.01")), paying(plans["avalanche"], paid + Decimal("0.02"))]
    assert recommended([*orders, plans["optimal"]]) is Strategy.SNOWBALL


@pytest.mark.parametrize("values", [NEVER_PAID_OFF, NO_BUDGET])
def test_minimums_only_is_recommended_only_where_there_is_nothing_else(values: dict):
    portfolio = Portfolio.model_validate(values)
    orders = [Strategy.MINIMUM_ONLY, Strategy.SNOWBALL, Strategy.AVALANCHE]
    found = compare(portfolio, orders)
    assert found.recommended == recommended(found.plans) != Strategy.MINIMUM_ONLY
    assert compare(portfolio, [Strategy.MINIMUM_ONLY]).recommended == Strategy.MINIMUM_ONLY


def test_what_ends_is_recommended_before_what_never_does(plans: dict[str, Plan]):
    endless = {"months": None, "debt_free": None}
    assert recommended([plans["avalanche"].model_copy(update=endless), plans["optimal"]]) is Strategy.OPTIMAL
    assert recommended([plans["avalanche"], plans["optimal"].model_copy(update=endless)]) is Strategy.AVALANCHE
    assert recommended([plans["optimal"]]) is Strategy.OPTIMAL


def test_an_order_that_is_optimal_to_the_cent_is_recommended():
    assert compare(Portfolio.model_validate(SIX_DEBTS)).recommended == Strategy.AVALANCHE
