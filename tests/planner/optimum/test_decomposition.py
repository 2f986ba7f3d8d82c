"""Each debt by itself at a price of money: never above what any plan pays, and near what the best way to pay costs."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.equations.columns import RuleReading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import Solution
from agents.planner.equations.terms import terms_of
from agents.planner.kernel.layout import CLOSING, PAID_OFF, PAYMENT
from agents.planner.optimum.decomposition import decompose
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.played import best_strategy
from agents.planner.optimum.short_months import cases_of
from data.answers.plan import ORDERS
from data.portfolio.portfolio import Portfolio
from tests.benchmarks import drawn
from tests.planner.cases import cases
from tests.planner.falling_short import portfolios_and_ones_that_fall_short

PLENTY = 1e15


def equations_of(portfolio, months, *, misses_free):
    arrays = from_portfolios([portfolio])
    terms = terms_of(arrays, months, misses_free=misses_free)
    return arrays, LeastCost(arrays, terms, PLENTY, RuleReading(misses_free=misses_free))


def at_prices(equations, price):
    """What each debt costs at least at these prices, as the first round of a decomposition finds it."""
    multipliers = np.zeros(equations.model.row_count)
    multipliers[equations.of_money] = -price
    relaxed = Solution(None, 0.0, is_optimal=False, took_s=0.0, multipliers=multipliers)
    return decompose(equations, relaxed, time_limit_s=0.0).best


@cases(300)
@given(data=st.data(), order=st.sampled_from(ORDERS), months=st.integers(1, 40), misses_free=st.booleans())
def test_no_debt_of_any_plan_costs_less_than_its_least_cost_at_any_prices(portfolios, data, order, months, misses_free):
    portfolio = data.draw(portfolios_and_ones_that_fall_short(portfolios))
    if portfolio.budget is None:
        return
    arrays, equations = equations_of(portfolio, months, misses_free=misses_free)
    if not equations.terms.short.any() or simulate(arrays, [order])[0, 0]["status"] != PAID_OFF:
        return
    price = np.array(data.draw(st.lists(st.floats(0, 2), min_size=months, max_size=months)))
    found = at_prices(equations, price)
    rows = np.zeros((months, len(portfolio.debts), 6))
    played = simulate_rows(arrays, order, months)[:months]
    rows[: len(played)] = played
    owed = rows[-1, :, CLOSING]
    paid = ((1.0 + found.price) @ rows[:, :, PAYMENT] + owed) / equations.unit
    assert (found.cost <= paid + 1e-6 * np.maximum(paid, 1.0)).all()


@cases(300)
@given(data=st.data(), order=st.sampled_from(ORDERS))
def test_no_plan_costs_less_than_the_cheapest_fates_of_its_debts_in_short_months(portfolios, data, order):
    portfolio = data.draw(portfolios_and_ones_that_fall_short(portfolios))
    if portfolio.budget is None:
        return
    result = simulate(from_portfolios([portfolio]), [order])[0, 0]
    months = int(result["months"])
    if result["status"] != PAID_OFF or months == 0:
        return
    _, equations = equations_of(portfolio, months, misses_free=False)
    cases = cases_of(equations, most_s=1.0) if equations.terms.short.any() else []
    prices = st.lists(st.floats(0, 2), min_size=months, max_size=months)
    for case in cases:
        case.price(np.array(data.draw(prices)))
        case.choose(time_limit_s=5.0)
    if cases:
        assert min(case.bound for case in cases) * equations.unit <= int(result["paid"]) * (1 + 1e-6) + 1e-3


def test_a_try_that_the_clock_cuts_off_takes_nothing_from_the_bound():
    arrays = from_portfolios([drawn.hard(0)])
    terms = terms_of(arrays, 60, misses_free=False)
    case = cases_of(LeastCost(arrays, terms, PLENTY, RuleReading()), most_s=20.0)[0]
    case.price(np.full(60, 0.1))
    case.choose(time_limit_s=30.0)
    known = case.bound
    case.learn(-np.inf)
    assert 0 < known <= case.tried


def test_fates_are_not_tried_where_money_falls_short_for_a_thousand_months():
    debt = {"name": "d", "balance": "123456789012.34", "apr": "0.2499", "minimum": {"type": "fixed", "amount": "50"}}
    portfolio = {"start": "2027-01", "debts": [debt], "budget": {"monthly": "0", "mode": "extra"}}
    arrays = from_portfolios([Portfolio.model_validate(portfolio)])
    terms = terms_of(arrays, 1200, misses_free=False)
    equations = LeastCost(arrays, replace(terms, short=np.ones(1200, bool)), PLENTY, RuleReading())
    assert cases_of(equations, most_s=1.0) == []


def test_months_that_fall_short_are_decided_to_the_proof():
    found = optimum(from_portfolios([drawn.hard(0)]), ORDERS, SearchLimits(time_limit_s=20.0))
    assert found.proved


def ways_to_pay(balance, rate, due, late, more, price):
    """The cost of each way that misses a minimum, pays it or pays all, month by month, punished for good."""
    for choices in product(("miss", "pay", "close"), repeat=len(price)):
        b, cost, punished, fee = balance, 0.0, False, 0.0
        for choice, one in zip(choices, price, strict=True):
            stated = b * (1 + rate + more * punished) + fee
            paid = {"miss": 0.0, "pay": min(due, stated), "close": stated}[choice]
            missed = choice == "miss" and b > 0
            punished, fee = punished or missed, late * missed
            b, cost = stated - paid, cost + (1 + one) * paid
        yield cost + b


@pytest.mark.parametrize("seed", range(12))
def test_the_least_cost_of_a_debt_is_that_of_the_best_way_to_pay_it(seed):
    g = np.random.default_rng(seed)
    months, apr, more, late, due = 7, g.uniform(0.05, 0.3), g.uniform(0.05, 0.3), int(g.integers(10, 60)), 300
    debt = {
        **{"name": "d", "balance": "2000", "apr": round(apr, 4), "minimum": {"type": "fixed", "amount": str(due)}},
        **{"fees": {"late": str(late)}, "penalty_apr": round(apr + more, 4)},
    }
    portfolio = Portfolio.model_validate({"start": "2027-01", "debts": [debt], "budget": {"monthly": "5000"}})
    _, equations = equations_of(portfolio, months, misses_free=True)
    price = np.sort(g.uniform(0, 0.3, months))[:: g.choice([-1, 1])]
    found = at_prices(equations, price)
    rates = round(apr, 4) / 12, round(apr + more, 4) / 12
    best = min(ways_to_pay(2000.0, rates[0], due, late, rates[1] - rates[0], price))
    cost = found.cost[0] * equations.unit / 100
    assert best * 0.995 <= cost <= best + 0.001


def test_the_bound_of_free_misses_is_much_narrower_than_that_of_the_relaxation():
    arrays = from_portfolios([drawn.hard(7)])
    best = best_strategy(arrays, ORDERS)
    terms = terms_of(arrays, int(best.result["months"]) + 1, misses_free=True)
    equations = LeastCost(arrays, terms, float(best.result["paid"]), RuleReading(misses_free=True))
    relaxed = equations.model.assembled().relaxation()
    priced = decompose(equations, relaxed, time_limit_s=5.0)
    assert priced.best.bound > relaxed.bound * 1.02
    assert (
        priced.best.bound * equations.unit
        < optimum(arrays, ORDERS, SearchLimits(time_limit_s=1.0)).played.result["paid"]
    )
