"""The smallest budget that is debt-free by a month: it works, one cent less does not, and nothing below it does."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.plans.budget_bound import least_budget
from agents.planner.plans.budget_by import budget_by
from agents.planner.plans.flat_budgets import simulate_flat, with_flat_budget
from agents.planner.plans.planning import plan
from data.answers.budget_answer import RequiredBudget
from data.answers.plan import ORDERS, Strategy
from data.errors import InvalidPortfolio
from data.money import minor_digits, to_minor
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases

EACH = st.sampled_from(ORDERS)
WITHIN = st.integers(1, 36)


def works(portfolio: Portfolio, strategy: Strategy, budget: int, by: str) -> bool:
    made = plan(with_flat_budget(portfolio, budget), strategy, schedule=False)
    return made.debt_free is not None and made.debt_free <= by and not made.missed


@given(data=st.data(), strategy=EACH, within=WITHIN)
def test_the_budget_works_and_one_cent_less_does_not(portfolios, data, strategy, within):
    portfolio = data.draw(portfolios.portfolios(most=4))
    by = month_at(month_index(portfolios.START) + within - 1)
    found = budget_by(portfolio, by, strategy)
    if found.monthly is None:
        assert found.reason
        assert found.earliest is None or found.earliest > by
        assert not works(portfolio, strategy, 10**16, by)
        return
    budget = to_minor(found.monthly, portfolio.currency)
    assert works(portfolio, strategy, budget, by)
    assert budget == 0 or not works(portfolio, strategy, budget - 1, by)
    assert found.plan.months == 0 or found.plan.debt_free is not None
    assert found.lower_bound <= found.monthly


@cases(40)
@given(data=st.data(), strategy=EACH, within=WITHIN)
def test_no_smaller_budget_works_either(portfolios, data, strategy, within):
    """Every cent from nothing on is tried here; the bound lets the answer try fewer."""
    portfolio = data.draw(small(portfolios))
    found = budget_by(portfolio, month_at(month_index(portfolios.START) + within - 1), strategy)
    if found.monthly is None:
        return
    assert found.proved
    below = np.arange(0, to_minor(found.monthly, portfolio.currency))
    results = simulate_flat(from_portfolios([with_flat_budget(portfolio, 0)]), strategy, below, within)
    assert not ((results["status"] == PAID_OFF) & (results["missed"] == 0)).any()


@st.composite
def small(draw: st.DrawFn, portfolios: Any) -> Portfolio:
    """A portfolio whose every budget can be tried: at most some 60.00 are owed."""
    portfolio = draw(portfolios.portfolios(most=3))
    content = portfolio.model_dump(mode="json", by_alias=True)
    cents = Decimal(1).scaleb(-minor_digits(portfolio.currency))
    for debt in content["debts"]:
        debt["balance"] = str((Decimal(debt["balance"]) / 1000 % 21).quantize(cents, ROUND_DOWN))
    return Portfolio.model_validate(content)


@given(data=st.data(), strategy=EACH, within=WITHIN)
def test_no_strategy_is_debt_free_in_time_with_less_than_the_bound(portfolios, data, strategy, within):
    portfolio = data.draw(portfolios.portfolios(most=4))
    bound = least_budget(portfolio, within)
    less = np.array([bound - 1, bound * 9 // 10, bound // 2, 0]).clip(0)
    results = simulate_flat(from_portfolios([with_flat_budget(portfolio, 0)]), strategy, less, within)
    paid_off = (results["status"] == PAID_OFF) & (results["missed"] == 0)
    assert bound == 0 or not paid_off.any()


@given(data=st.data(), within=WITHIN)
def test_the_bound_is_close_where_nothing_but_interest_costs(portfolios, data, within):
    portfolio = data.draw(portfolios.plain_portfolios(most=4))
    debts = [debt.model_copy(update={"minimum": NO_MINIMUM}) for debt in portfolio.debts]
    portfolio = portfolio.model_copy(update={"debts": debts})
    found = budget_by(portfolio, month_at(month_index(portfolio.start or "") + within - 1))
    assert found.monthly is not None
    assert found.monthly - found.lower_bound <= Decimal("0.01") * (2 * len(debts) + 3)


NO_MINIMUM = Portfolio.model_validate(
    {"debts": [{"name": "A", "balance": 1, "apr": 0, "minimum": {"type": "none"}}]}
).debts[0].minimum  # fmt: skip

VISA = {"name": "Visa", "balance": "1000", "apr": "0.12", "minimum": {"type": "none"}}


def test_a_level_payment_is_the_annuity_rounded_up():
    found = budget_by(portfolio_of([VISA]), "2027-11")
    assert found.monthly == Decimal("88.85")  # 1,000 x 0.01 / (1 - 1.01^-12) = 88.8488
    assert (found.proved, found.plan.months, found.earliest) == (True, 12, "2026-12")


def test_lump_sums_stay_and_the_portfolios_own_money_gives_way():
    budget = {"monthly": "1", "yearly_raise": "0.5", "lump_sums": [{"month": "2026-12", "amount": "500"}]}
    found = budget_by(portfolio_of([{**VISA, "apr": 0}], budget=budget), "2027-04")
    assert found.monthly == 100
    assert [row.payment for row in found.plan.schedule] == [600, 100, 100, 100, 100]


def test_snowball_needs_more_than_avalanche_and_both_no_less_than_the_bound():
    debts = [{**VISA, "name": "A", "apr": "0.06"}, {**VISA, "name": "B", "balance": "3000", "apr": "0.3"}]
    snowball, avalanche = (asked(debts, strategy) for strategy in (Strategy.SNOWBALL, Strategy.AVALANCHE))
    assert avalanche.lower_bound == snowball.lower_bound <= avalanche.monthly < snowball.monthly


def asked(debts: list[dict[str, Any]], strategy: Strategy) -> Any:
    return budget_by(portfolio_of(debts), "2028-11", strategy)


def test_the_optimal_strategy_needs_no_more_than_the_best_order():
    debts = [{**VISA, "name": "A", "apr": "0.06"}, {**VISA, "name": "B", "balance": "3000", "apr": "0.3"}]
    optimal, avalanche = (asked(debts, strategy) for strategy in (Strategy.OPTIMAL, Strategy.AVALANCHE))
    assert optimal.monthly <= avalanche.monthly
    assert optimal.plan.debt_free <= optimal.by
    assert optimal.strategy == "optimal"


def test_where_more_money_is_later_the_smallest_that_works_is_found_and_not_just_one():
    """With 20 a month snowball ends after 246 months, with 21 after 523 (docs/methodology.md, section 5)."""
    debts = [
        {"name": "A", "balance": "750", "apr": "0.06", "minimum": {"type": "none"}},
        {"name": "B", "balance": "875", "apr": "0.24", "minimum": {"type": "percent", "rate": "0.02", "floor": "5"}},
    ]
    found = budget_by(portfolio_of(debts), month_at(month_index("2026-12") + 245), Strategy.SNOWBALL)
    assert found.monthly is not None
    assert found.proved
    assert found.monthly <= 20
    assert not works(portfolio_of(debts), Strategy.SNOWBALL, 2100, found.by)


def test_a_loan_that_takes_nothing_above_its_minimum_says_when_it_ends():
    debt = {**VISA, "minimum": {"type": "level", "months": 12}, "prepayment": {"rate": "1"}}
    found = budget_by(portfolio_of([debt]), "2027-06")
    assert (found.monthly, found.earliest, found.plan.months) == (None, "2027-11", 12)
    assert found.reason == (
        "No budget is debt-free by 2027-06: Visa is paid off in 2027-11 at the earliest, "
        "for it takes nothing above its minimum; in all it is paid 1066.19 USD."
    )


def test_minimum_only_says_that_it_pays_no_more():
    debt = {**VISA, "minimum": {"type": "fixed", "amount": "5"}}
    found = budget_by(portfolio_of([debt]), "2027-06", Strategy.MINIMUM_ONLY)
    assert (found.monthly, found.earliest) == (None, None)
    assert "never paid off, for this strategy pays no more than minimums" in (found.reason or "")


def test_nothing_owed_needs_nothing():
    found: RequiredBudget = budget_by(portfolio_of([{**VISA, "balance": 0}]), "2026-12")
    assert (found.monthly, found.plan.months) == (0, 0)


def test_a_month_before_the_start_is_refused_at_its_field():
    with pytest.raises(InvalidPortfolio) as refused:
        budget_by(portfolio_of([VISA]), "2026-11")
    assert [error.path for error in refused.value.errors] == ["by"]


def test_what_cannot_be_planned_is_refused_as_a_plan_refuses_it():
    with pytest.raises(InvalidPortfolio) as refused:
        budget_by(portfolio_of([VISA]), "2027-11", Strategy.CUSTOM)
    assert [error.path for error in refused.value.errors] == ["custom_order"]
    with pytest.raises(InvalidPortfolio) as refused:
        budget_by(portfolio_of([VISA]).model_copy(update={"start": None}), "2027-11")
    assert [error.path for error in refused.value.errors] == ["start"]


def portfolio_of(debts: list[dict[str, Any]], **more: Any) -> Portfolio:
    return Portfolio.model_validate({"start": "2026-12", "debts": debts, **more})
