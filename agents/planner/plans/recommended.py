"""Which of several plans to recommend: the cheapest, unless an order that is simple to keep costs hardly more.

An order is a rule that a client can keep in mind; the optimal plan has amounts of its own for every month.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from data.answers.plan import Plan, Strategy

WORTHWHILE = Decimal("0.005")
"""An order that costs at most so much more, of the optimal plan's interest and fees, is as good as the optimal plan."""


def worth(made: Plan) -> tuple[Any, ...]:
    """The least total paid is best, then the earlier payoff; what never ends, only among its like, by its cost."""
    if made.months is None:
        return 1, made.total_interest + made.total_fees - made.total_paid, 0
    return 0, made.total_paid, made.months


def recommended(plans: Sequence[Plan]) -> Strategy:
    """The optimal plan where it is worth its trouble, else the order that costs least.

    Never minimums only, which would leave other money idle, unless there is nothing else.
    """
    orders = {Strategy(made.strategy): made for made in plans}
    optimal = orders.pop(Strategy.OPTIMAL, None)
    order = _best_order(orders)
    if optimal is None or order is None:
        return order or Strategy.OPTIMAL
    if optimal.months is None or orders[order].months is None:
        return order if optimal.months is None else Strategy.OPTIMAL
    saved = orders[order].total_paid - optimal.total_paid
    is_worthwhile = saved > WORTHWHILE * (optimal.total_interest + optimal.total_fees)
    return Strategy.OPTIMAL if is_worthwhile else order


def _best_order(orders: Mapping[Strategy, Plan]) -> Strategy | None:
    """The cheapest; beside minimums only that cost the same, avalanche, which puts money that comes later to use."""
    if not orders:
        return None
    best = min(orders, key=lambda name: worth(orders[name]))
    others = [name for name in orders if name is not Strategy.MINIMUM_ONLY]
    if best is not Strategy.MINIMUM_ONLY or not others:
        return best
    return Strategy.AVALANCHE if Strategy.AVALANCHE in others else min(others, key=lambda name: worth(orders[name]))
