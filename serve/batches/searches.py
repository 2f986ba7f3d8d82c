"""The results of each strategy on many portfolios: the orders all at once, the optimal plan by one search each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import RESULT
from agents.planner.optimum.limits import SearchLimits
from data.answers.plan import Strategy
from serve.batches.strategies import BATCH_STRATEGIES

BATCH_SEARCH = SearchLimits(time_limit_s=1.0)
"""Most portfolios take some hundredths of a second; one that is not proved after a second keeps the gap it has."""

NO_GAP = -1  # of a plan that never ends
BOUND = np.dtype([("bound", "i8"), ("gap", "i8"), ("proved", "?")])
"""What is known of an optimal plan: the bound in minor units, the gap in 10^-6 rounded up, or NO_GAP."""


@dataclass(frozen=True)
class StrategyResults:
    """The results of each strategy on each portfolio.

    Shapes: results (portfolio, strategy) `layout.RESULT`, bounds (portfolio,) `BOUND`, zeros where nothing was sought.
    """

    results: Any
    bounds: Any


def outcomes(arrays: PortfolioArrays, strategies: Sequence[Strategy]) -> StrategyResults:
    """The results of each strategy; the same for a portfolio whichever others are beside it."""
    count = len(arrays.portfolios)
    bounds = np.zeros(count, BOUND)
    if Strategy.OPTIMAL not in strategies:
        return StrategyResults(simulate(arrays, strategies), bounds)
    results = np.zeros((count, len(strategies)), RESULT)
    is_order = [strategy is not Strategy.OPTIMAL for strategy in strategies]
    results[:, is_order] = simulate(arrays, [strategy for strategy in strategies if strategy is not Strategy.OPTIMAL])
    optimal = list(strategies).index(Strategy.OPTIMAL)
    # One by one: the search is not of arrays, and each has its own second.
    for place in range(count):
        results[place, optimal], bounds[place] = _searched(single(arrays, place))
    return StrategyResults(results, bounds)


def single(arrays: PortfolioArrays, place: int) -> PortfolioArrays:
    """One of many portfolios, by itself: its own debts; rules, steps and budgets are found by their ranges."""
    portfolio = arrays.portfolios[place : place + 1].copy()
    first, count = int(portfolio["first_debt"][0]), int(portfolio["debts"][0])
    portfolio["first_debt"] = 0
    return replace(arrays, portfolios=portfolio, debts=arrays.debts[first : first + count])


def _searched(arrays: PortfolioArrays) -> tuple[Any, tuple[int, int, bool]]:
    from agents.planner.optimum.hunt import optimum  # noqa: PLC0415 (a solver that orders need not wait for)

    found = optimum(arrays, BATCH_STRATEGIES, BATCH_SEARCH)
    result = found.played.result
    paid = int(result["paid"])
    # Rounded up, so that a gap is never shown smaller than it is.
    gap = -(-(paid - found.bound) * 10**6 // paid) if paid else 0
    return result, (found.bound, NO_GAP if found.gap is None else gap, found.proved)
