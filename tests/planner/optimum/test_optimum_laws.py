"""What holds for every optimum: its bound is true, its plan is played by the kernel, and no order does better."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.equations.columns import RuleReading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.terms import terms_of
from agents.planner.kernel.layout import CLOSING, FEES, MINIMUM, PAID_OFF, PAYMENT
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.played import start_of
from data.answers.plan import ORDERS, Strategy
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases
from tests.planner.falling_short import portfolios_and_ones_that_fall_short

MONTHS = 40
NEAR = 1e-4  # units within which balances and payments are held, for the solver's tolerances
QUICK = SearchLimits(time_limit_s=0.5)


def as_columns(equations: LeastCost, rows):
    """The plan's balances and payments, and its whole columns, as values of the equations' columns."""
    values = start_of(equations, rows)
    months = len(equations.money)
    known = np.zeros((months, *rows.shape[1:]))
    known[: len(rows)] = rows[:months]
    terms = equations.terms
    after = (
        terms.usual - terms.path[:, :, CLOSING]
    )  # fees of flat-fee loans that are owed anyhow, until they are charged
    above = (known[:, :, PAYMENT] - known[:, :, MINIMUM]).clip(0)
    prepaid = np.floor(above * equations.debts["prepayment_rate"] / 1e12 + 0.5) * equations.is_charged()
    at_once = (after > 0) & (known[:, :, FEES] - terms.fee - prepaid >= terms.still_charged)
    is_open = (known[:, :, CLOSING] > 0) & ~np.logical_or.accumulate(at_once, axis=0)
    values[equations.p] = known[:, :, PAYMENT] / equations.unit
    values[equations.b[0]] = equations.terms.opening / equations.unit
    values[equations.b[1:]] = (known[:, :, CLOSING] + np.where(is_open, after, 0.0)) / equations.unit
    return values


@cases(300)
@given(data=st.data(), order=st.sampled_from(ORDERS), horizon=st.integers(1, MONTHS), misses_free=st.booleans())
def test_every_plan_of_the_kernel_satisfies_the_equations_at_no_more_than_it_costs(
    portfolios, data, order, horizon, misses_free
):
    """So the optimum of the equations is a lower bound."""
    portfolio = data.draw(portfolios_and_ones_that_fall_short(portfolios))
    arrays = from_portfolios([portfolio])
    if portfolio.budget is None:
        return
    result = simulate(arrays, [order])[0, 0]
    if result["status"] != PAID_OFF or result["months"] == 0:
        return
    assert_the_plan_satisfies_the_equations(arrays, order, horizon, misses_free=misses_free)


def assert_the_plan_satisfies_the_equations(arrays, order, horizon, *, misses_free=False):
    result = simulate(arrays, [order])[0, 0]
    rows = simulate_rows(arrays, order, int(result["months"]))
    terms = terms_of(arrays, horizon, misses_free=misses_free)
    equations = LeastCost(arrays, terms, float(result["paid"]), RuleReading(misses_free=misses_free))
    model = equations.model.assembled()
    values = as_columns(equations, rows)
    lower, upper = model.lower.copy(), model.upper.copy()
    for part, near in ((equations.b, NEAR), (equations.p, NEAR), (equations.z, 0), (equations.m, 0), (equations.s, 0)):
        lower[part], upper[part] = values[part] - near, values[part] + near
    relaxed = replace(model, lower=lower, upper=upper).relaxation()
    assert relaxed.values is not None
    assert model.cost @ values * equations.unit <= int(result["paid"]) * (1 + 1e-9) + 1e-3


def test_a_fee_that_only_a_debt_with_a_missed_minimum_bears_is_part_of_what_it_can_owe():
    """By its minimum the card would be closed in the first month; two misses keep it open for its annual fee."""
    card = {
        **{"name": "card", "kind": "credit_card", "balance": "0.01", "apr": "0", "fees": {"annual": "1"}},
        "minimum": {"type": "fixed", "amount": "0.01"},
    }
    paydays = {"every": "weekly", "first": "2027-01-01", "amount": "0.02"}
    portfolio = {"start": "2026-11", "debts": [card], "budget": {"monthly": "0", "paydays": paydays}}
    arrays = from_portfolios([Portfolio.model_validate(portfolio)])
    assert simulate(arrays, [Strategy.SNOWBALL])[0, 0]["missed"] == 2
    assert_the_plan_satisfies_the_equations(arrays, Strategy.SNOWBALL, 3)


def test_interest_put_off_that_only_a_missed_minimum_makes_due_is_part_of_what_a_debt_can_owe():
    """By its minimums the card would be closed just in time."""
    card = {
        **{"name": "card", "kind": "credit_card", "balance": "1000", "apr": "0.24"},
        "minimum": {"type": "fixed", "amount": "100"},
        "promo": {"apr": "0", "until": "2027-08", "deferred_interest": True},
    }
    changes = [{"from": "2027-01", "monthly": "0"}, {"from": "2027-02", "monthly": "100"}]
    portfolio = {"start": "2026-11", "debts": [card], "budget": {"monthly": "100", "changes": changes}}
    arrays = from_portfolios([Portfolio.model_validate(portfolio)])
    assert simulate(arrays, [Strategy.AVALANCHE])[0, 0]["interest"] > 100_00
    assert_the_plan_satisfies_the_equations(arrays, Strategy.AVALANCHE, 20)


@cases(150)
@given(data=st.data())
def test_the_bound_is_below_every_plan_and_the_optimum_is_never_worse_than_any_order(portfolios, data):
    portfolio = data.draw(portfolios_and_ones_that_fall_short(portfolios))
    arrays = from_portfolios([portfolio])
    found = optimum(arrays, ORDERS, QUICK)
    results = simulate(arrays, ORDERS)[0]
    ended = [(int(one["paid"]), int(one["months"])) for one in results if one["status"] == PAID_OFF]
    assert all(found.bound <= paid for paid, _ in ended)
    if ended:
        best = found.played.result
        assert best["status"] == PAID_OFF
        assert (int(best["paid"]), int(best["months"])) <= min(ended)
        assert found.bound <= int(best["paid"])
