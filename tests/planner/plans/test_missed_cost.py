"""What missing minimums costs: late fees and penalty rates, and the interest on both."""

from decimal import Decimal
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.plans.missed_cost import missed_cost, missed_cost_of_rows
from agents.planner.plans.planning import plan
from data.answers.plan import ORDERS, Strategy
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio

BUDGET = {"monthly": "50", "changes": [{"from": "2027-01", "monthly": "500"}]}
CARD = {"name": "Visa", "balance": "1000", "apr": 0.12, "minimum": {"type": "fixed", "amount": "100"}}


def short(**fields: object) -> Portfolio:
    return Portfolio.model_validate({"start": "2026-12", "budget": BUDGET, "debts": [{**CARD, **fields}]})


def forgiven(debt: Debt) -> Debt:
    fees = debt.fees.model_copy(update={"late": Decimal(0)})
    return debt.model_copy(update={"fees": fees, "penalty_apr": None, "penalty_months": None})


@pytest.mark.parametrize("strategy", [Strategy.AVALANCHE, Strategy.OPTIMAL])
def test_one_late_fee_costs_itself_and_its_interest_until_payoff(strategy: Strategy):
    """It bears 0.40 in the month after it is charged; 14.70 more are then left for a fourth month, and bear 0.15."""
    made = plan(short(fees={"late": "40"}), strategy)
    usual = plan(short(), strategy)
    assert made.missed_cost == Decimal("40.55")
    assert made.missed_cost == made.total_interest + made.total_fees - usual.total_interest - usual.total_fees


@pytest.mark.parametrize("strategy", [Strategy.AVALANCHE, Strategy.OPTIMAL])
def test_a_penalty_rate_costs_its_surplus(strategy: Strategy):
    """A month at 24 % in place of 12 %: a hundredth of the 960.00 that is open, and interest on it."""
    cost = plan(short(penalty_apr=0.24, penalty_months=1), strategy).missed_cost
    assert cost is not None
    assert Decimal("9.60") <= cost <= Decimal("9.80")


def test_where_lenders_charge_nothing_for_it_missing_costs_nothing():
    assert plan(short(), Strategy.AVALANCHE).missed_cost == 0


def test_a_plan_that_misses_nothing_has_no_such_cost():
    assert plan(short(minimum={"type": "none"}, fees={"late": "40"}), Strategy.AVALANCHE).missed_cost is None


def test_of_a_plan_that_never_ends_the_cost_is_that_of_its_months():
    debts = [{**CARD, "fees": {"late": "5"}}]
    endless = Portfolio.model_validate({"start": "2026-12", "budget": {"monthly": "5"}, "debts": debts})
    made = plan(endless, Strategy.AVALANCHE)
    assert made.months is None
    assert made.missed_cost is not None
    assert made.missed_cost >= 5 * (len(made.schedule) - 1)


@given(st.data(), st.sampled_from(ORDERS))
def test_it_is_the_difference_to_the_same_plan_without_late_fees_and_penalty_rates(
    reference: ModuleType, portfolios: ModuleType, data: st.DataObject, strategy: Strategy
):
    portfolio = data.draw(portfolios.portfolios(most=3))
    arrays = from_portfolios([portfolio])
    result = simulate(arrays, [strategy], horizon=60)[0, 0]
    spared = portfolio.model_copy(update={"debts": [forgiven(debt) for debt in portfolio.debts]})
    run = reference.Reference(spared, strategy).run(int(result["months"]))
    cost = int(result["interest"]) + int(result["fees"])
    assert missed_cost(arrays, strategy, result) == cost - run.total("interest") - run.total("fees")


@given(st.data())
def test_payments_made_again_cost_the_same_where_lenders_charge_nothing(portfolios: ModuleType, data: st.DataObject):
    portfolio = data.draw(portfolios.portfolios(most=3))
    spared = portfolio.model_copy(update={"debts": [forgiven(debt) for debt in portfolio.debts]})
    arrays = from_portfolios([spared])
    result = simulate(arrays, [Strategy.AVALANCHE], horizon=60)[0, 0]
    rows = simulate_rows(arrays, Strategy.AVALANCHE, int(result["months"]))
    assert missed_cost_of_rows(arrays, result, rows) == 0
