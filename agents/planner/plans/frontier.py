"""What more money a month brings: budgets, and the months and interest each comes to.

Every point is a plan of the kernel's. Nothing is claimed between points: with some strategies more money can be later.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.schedule import FromMinor
from agents.planner.kernel.layout import HORIZON, PAID_OFF
from agents.planner.kernel.strategies import CODES
from agents.planner.plans.flat_budgets import NO_LIMIT, simulate_flat, with_flat_budget
from agents.planner.plans.planning import plan
from agents.planner.plans.required_budget import required_budget
from data.answers.budget_answer import Frontier, FrontierPoint
from data.answers.plan import Strategy
from data.arrays import Ints, Records
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

MOST_CHANGES = 40  # numbers of months whose smallest budget is looked for


def frontier(portfolio: Portfolio, strategy: Strategy = Strategy.AVALANCHE, *, points: int = 24) -> Frontier:
    """From the smallest budget that covers every minimum to the one that pays off soonest.

    `points` budgets are evenly spaced; beside them stand those at which the months change. Offers are not
    taken. A strategy that is no order is drawn as avalanche.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    order = strategy if strategy in CODES else Strategy.AVALANCHE
    plan(portfolio, order, schedule=False)  # refuses what cannot be planned
    arrays = from_portfolios([with_flat_budget(portfolio, 0)])
    ends = _ends(arrays, order)
    even = np.linspace(*ends[:2], points).round().astype(np.int64)
    budgets = np.unique(np.append(even, _changes(arrays, order, ends)))
    results = simulate_flat(arrays, order, budgets)
    start = month_index(portfolio.start or "")
    cash = FromMinor(portfolio.currency)
    return Frontier(
        currency=portfolio.currency,
        start=portfolio.start or "",
        strategy=order.value,
        points=[_point(budget, one, start, cash) for budget, one in zip(budgets.tolist(), results, strict=True)],
    )


def _ends(arrays: PortfolioArrays, strategy: Strategy) -> tuple[int, int, int]:
    """The smallest and the largest budget worth showing, and the months of the largest."""
    unlimited = simulate_flat(arrays, strategy, np.array([NO_LIMIT]))
    soonest = int(_months(unlimited)[0])
    low = required_budget(arrays, strategy)
    return low, int(_least(arrays, strategy, (low, NO_LIMIT), np.array([soonest]))[0]), soonest


def _changes(arrays: PortfolioArrays, strategy: Strategy, ends: tuple[int, int, int]) -> Ints:
    """The smallest budget for each of many numbers of months."""
    low, high, soonest = ends
    longest = int(_months(simulate_flat(arrays, strategy, np.array([low])))[0])
    # Evenly by ratio: short plans are told apart more finely than long ones.
    months = np.unique(np.geomspace(soonest, max(longest, soonest), MOST_CHANGES).round().astype(np.int64))
    return _least(arrays, strategy, (low, high), months[months <= HORIZON])


def _least(arrays: PortfolioArrays, strategy: Strategy, ends: tuple[int, int], months: Ints) -> Ints:
    """For each number of months a budget that needs no more, and one minor unit less needs more; all halved at once.

    Shapes: months (wanted,), the answer (wanted,).
    """
    low, high = np.full(len(months), ends[0]), np.full(len(months), ends[1])
    at_low = _months(simulate_flat(arrays, strategy, low)) <= months
    high = np.where(at_low, low, high)
    while (high - low > 1).any():
        middle = low + (high - low) // 2
        is_enough = _months(simulate_flat(arrays, strategy, middle)) <= months
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    return high


def _months(results: Records) -> NDArray[np.int32]:
    """Months until debt-free, at least 1; beyond the horizon where a plan never ends."""
    return np.where(results["status"] == PAID_OFF, np.maximum(results["months"], 1), HORIZON + 1)


def _point(budget: int, result: Any, start: int, cash: FromMinor) -> FrontierPoint:
    months = int(result["months"])
    ends = result["status"] == PAID_OFF
    return FrontierPoint(
        monthly=cash(budget),
        months=months if ends else None,
        debt_free=month_at(start + max(months - 1, 0)) if ends else None,
        interest=cash(int(result["interest"])),
        fees=cash(int(result["fees"])),
        total_paid=cash(int(result["paid"])),
    )
