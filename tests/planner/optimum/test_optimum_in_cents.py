"""The optimum keeps its word in cents: what the solver found is what is played, and no small move makes it cheaper."""

from itertools import permutations

import numpy as np
import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate_targets
from agents.planner.equations.columns import RuleReading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.terms import terms_of
from agents.planner.kernel.layout import CLOSE, CLOSING, MINIMUM, PAYMENT
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.played import best_strategy, start_of
from data.answers.plan import ORDERS, Strategy
from data.portfolio.portfolio import Portfolio
from tests.benchmarks.drawn_rules import deferred, with_charges, with_fees

WITHOUT_CUSTOM = [order for order in ORDERS if order is not Strategy.CUSTOM]
PATIENT = SearchLimits(time_limit_s=60.0)  # it stops for another reason, however slow the machine
AMOUNTS = (1, 3, 10, 30, 100)  # minor units
PORTFOLIOS = [
    *((deferred, seed) for seed in (3, 4, 14, 41, 72, 79, 200, 201)),
    *((with_fees, seed) for seed in (46, 200, 201)),
    *((with_charges, seed) for seed in (2, 9, 201)),
]
named = pytest.mark.parametrize(
    ("draw", "seed"), PORTFOLIOS, ids=[f"{draw.__name__} {seed}" for draw, seed in PORTFOLIOS]
)


def found(draw, seed):
    arrays = from_portfolios([draw(seed)])
    return arrays, optimum(arrays, WITHOUT_CUSTOM, PATIENT)


@named
def test_what_is_played_is_what_was_found_but_for_roundings_and_is_proved(draw, seed):
    _, best = found(draw, seed)
    paid = int(best.played.result["paid"])
    assert best.proved
    assert best.bound <= paid <= (best.value if np.isfinite(best.value) else best.bound) + max(best.cents, 3e-5 * paid)


@named
def test_no_move_of_a_dollar_in_an_earlier_month_makes_the_optimum_cheaper(draw, seed):
    """Every pair of debts in every month, by re-simulation; as told, by more than roundings explain."""
    arrays, best = found(draw, seed)
    rows, paid = best.played.rows, int(best.played.result["paid"])
    least = paid
    for t in range(len(rows)):
        for one, other in permutations(range(rows.shape[1]), 2):
            spare = int(rows[t, one, PAYMENT] - rows[t, one, MINIMUM])
            for amount in {min(amount, spare) for amount in AMOUNTS if spare > 0 and rows[t, other, CLOSING] > 0}:
                targets = np.where(rows[:, :, CLOSING] == 0, CLOSE, rows[:, :, PAYMENT])
                targets[t] = rows[t, :, PAYMENT]
                targets[t, one] -= amount
                targets[t, other] += amount
                result, _ = simulate_targets(arrays, targets)
                least = min(least, int(result["paid"]))
    assert paid - least <= best.cents


def test_what_is_closed_rounds_nothing():
    """At roundings against the client a plan that closes one debt before another still satisfies the equations."""
    debts = [
        {
            "name": "a",
            "balance": "400",
            "apr": "0.2",
            "minimum": {"type": "interest_plus", "rate": "0.01", "floor": "25"},
        },
        {"name": "b", "balance": "900", "apr": "0.1", "minimum": {"type": "percent", "rate": "0.02", "floor": "25"}},
    ]
    portfolio = Portfolio.model_validate({"start": "2027-01", "debts": debts, "budget": {"monthly": "200"}})
    arrays = from_portfolios([portfolio])
    order = best_strategy(arrays, WITHOUT_CUSTOM)
    months, paid = int(order.result["months"]) + 1, float(order.result["paid"])
    equations = LeastCost(arrays, terms_of(arrays, months), paid * 1.1, RuleReading(rounding=-1.0))
    model = equations.model.assembled()
    strict = model.with_fixed(model.whole, start_of(equations, order.rows)).relaxation()
    assert strict.values is not None
    assert strict.values @ model.cost * equations.unit <= paid + months * len(debts)
