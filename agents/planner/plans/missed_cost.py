"""What missing minimums costs: late fees, penalty rates, and the interest on both.

It is what a plan bears in interest and fees beyond the same plan if lenders charged nothing for a missed minimum, over
the plan's months.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate, simulate_targets
from agents.planner.kernel.layout import CLOSE, CLOSING, MINIMUM, OPENING, PAYMENT
from agents.planner.kernel.strategies import FREE_TARGETS
from data.answers.plan import Strategy
from data.arrays import Ints

NO_PENALTY = -1


def missed_cost(arrays: PortfolioArrays, strategy: Strategy, result: Any) -> int:
    """The cost under an order of a single portfolio's debts, in minor units."""
    months = int(result["months"])
    return _cost(result) - _cost(simulate(_forgiving(arrays, months), [strategy], horizon=months)[0, 0])


def missed_cost_of_rows(arrays: PortfolioArrays, result: Any, rows: Ints) -> int:
    """The cost of a plan that is no order: the same payments are made, what they no longer need goes on by rate.

    Shapes: rows (month, debt, 6).
    """
    paid, misses = rows[:, :, PAYMENT], rows[:, :, PAYMENT] < rows[:, :, MINIMUM]
    closes = (rows[:, :, OPENING] > 0) & (rows[:, :, CLOSING] == 0)
    # What closed a debt closes it again, though it now owes less.
    targets = np.where(closes, CLOSE, np.where(misses, -1 - paid, paid))  # (month, debt)
    spared, _ = simulate_targets(_forgiving(arrays, len(rows)), targets, FREE_TARGETS, horizon=len(rows))
    return _cost(result) - _cost(spared)


def _cost(result: Any) -> int:
    return int(result["interest"]) + int(result["fees"])


def _forgiving(arrays: PortfolioArrays, months: int) -> PortfolioArrays:
    """The portfolio without late fees and penalty rates, and with no end before those months but its last payment."""
    debts, portfolios = arrays.debts.copy(), arrays.portfolios.copy()
    debts["late_fee"], debts["penalty_rate"] = 0, NO_PENALTY
    portfolios["last_event"] = np.maximum(portfolios["last_event"], portfolios["start"] + months)
    return replace(arrays, debts=debts, portfolios=portfolios)
