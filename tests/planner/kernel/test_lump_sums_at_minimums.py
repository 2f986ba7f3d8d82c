"""Minimums only, and the money that the client gives on top of them: lump sums are paid, a larger budget is not."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agents.planner.plans.planning import compare, plan
from agents.planner.what_if.what_if import what_if
from data.answers.plan import Strategy
from data.answers.what_if import Changes
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases

CARD = {"name": "Card", "balance": "2000", "apr": "0.24", "minimum": {"type": "fixed", "amount": "50"}}
LOAN = {"name": "Loan", "balance": "500", "apr": "0.06", "minimum": {"type": "fixed", "amount": "50"}}


def portfolio_of(*lumps, monthly="300", debts=(LOAN, CARD)):
    budget = None if monthly is None else {"monthly": monthly, "lump_sums": list(lumps)}
    return Portfolio.model_validate({"start": "2027-01", "debts": list(debts), "budget": budget})


def paid_in(month, portfolio):
    made = plan(portfolio, Strategy.MINIMUM_ONLY)
    return {row.debt: row.payment for row in made.schedule if row.month == month}


def test_a_lump_sum_goes_to_the_debt_it_is_aimed_at():
    lump = {"month": "2027-02", "amount": "100", "debt": "Loan"}
    assert paid_in("2027-02", portfolio_of(lump)) == {"Loan": 150, "Card": 50}


def test_a_general_lump_sum_goes_to_the_highest_rate():
    assert paid_in("2027-02", portfolio_of({"month": "2027-02", "amount": "100"})) == {"Loan": 50, "Card": 150}


def test_what_the_aim_cannot_take_goes_on_and_the_month_after_is_as_ever():
    portfolio = portfolio_of({"month": "2027-01", "amount": "600", "debt": "Loan"})
    assert paid_in("2027-01", portfolio) == {"Loan": Decimal("502.50"), "Card": Decimal("197.50")}
    assert paid_in("2027-02", portfolio) == {"Card": 50}


def test_a_lump_sum_fills_up_the_minimums_first():
    portfolio = portfolio_of({"month": "2027-01", "amount": "70", "debt": "Card"}, monthly="40")
    assert paid_in("2027-01", portfolio) == {"Loan": 50, "Card": 60}


def test_what_is_saved_is_told_against_minimums_with_the_same_lump_sums():
    portfolio = portfolio_of({"month": "2027-02", "amount": "900"})
    plans = {made.strategy: made for made in compare(portfolio).plans}
    without = plan(portfolio_of(), Strategy.MINIMUM_ONLY)
    assert plans["minimum_only"].total_interest < without.total_interest
    for made in plans.values():
        assert made.saved_vs_minimum == plans["minimum_only"].total_paid - made.total_paid


def test_a_what_if_of_money_once_does_the_same_with_and_without_a_budget():
    for monthly in ("100", None):
        for change in ({"type": "prepay", "debt": "Card"}, {"type": "lump_sum"}):
            said = TypeAdapter(Changes).validate_python([{**change, "month": "2027-02", "amount": "100"}])
            found = what_if(portfolio_of(monthly=monthly), said, Strategy.MINIMUM_ONLY)
            paid = {row.debt: row.payment for row in found.after.schedule if row.month == "2027-02"}
            assert paid == {"Loan": 50, "Card": 150}
            assert found.difference.interest < 0


@cases(150)
@given(data=st.data())
def test_above_the_minimums_of_a_month_its_lump_sums_and_no_more(portfolios, data):
    portfolio = data.draw(portfolios.portfolios())
    made = plan(portfolio, Strategy.MINIMUM_ONLY)
    brought = dict.fromkeys([row.month for row in made.schedule], Decimal(0))
    for lump in portfolio.budget.lump_sums if portfolio.budget else ():
        brought[lump.month] = brought.get(lump.month, Decimal(0)) + lump.amount
    above = dict.fromkeys(brought, Decimal(0))
    for row in made.schedule:
        above[row.month] += row.payment - row.minimum
    assert all(above[month] <= brought[month] for month in brought)


def test_a_plan_names_every_field_that_its_strategy_does_not_look_at():
    offer = {"type": "consolidation", "name": "Loan 2", "amount": "900", "apr": "0.1", "months": 12}
    late = {"month": "2040-01", "amount": "5"}
    portfolio = portfolio_of({"month": "2027-02", "amount": "900"}, late).model_dump(mode="json", by_alias=True)
    portfolio |= {"offers": [offer], "custom_order": ["Card"]}
    told = {
        made.strategy: [(one.path, one.code) for one in made.ignored]
        for made in compare(Portfolio.model_validate(portfolio)).plans
    }
    of_orders = [
        ("budget.lump_sums.1", "after_debt_free"),
        ("offers", "optimal_only"),
        ("custom_order", "custom_only"),
    ]
    assert told["avalanche"] == told["balance_matching"] == of_orders
    assert told["minimum_only"] == [("budget", "minimums_only"), *of_orders]
    assert told["custom"] == of_orders[:2]
    assert told["optimal"] == [of_orders[0], of_orders[2]]


def test_a_what_if_of_the_budget_says_that_minimums_do_not_follow_it():
    said = TypeAdapter(Changes).validate_python(
        [{"type": "budget", "by": "200"}, {"type": "lump_sum", "month": "2027-02", "amount": "1"}]
    )
    found = what_if(portfolio_of(), said, Strategy.MINIMUM_ONLY)
    assert [(one.path, one.code) for one in found.ignored] == [("changes.0", "minimums_only")]
    assert what_if(portfolio_of(), said, Strategy.AVALANCHE).ignored == []
    nobodys = what_if(portfolio_of(monthly=None), said[1:], Strategy.MINIMUM_ONLY)
    assert (nobodys.ignored, nobodys.after.ignored) == ([], [])
