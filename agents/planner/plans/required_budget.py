"""The smallest monthly budget that covers every minimum, to the cent.

It is the same each month, in place of the portfolio's own budget with its changes, raises and paydays; lump sums
stay. Found by halving: it covers every minimum, and one cent less does not.
"""

from dataclasses import replace

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import DATED
from data.answers.plan import Strategy


def required_budget(arrays: PortfolioArrays, strategy: Strategy) -> int:
    """The smallest budget of a single portfolio's debts, in minor units."""
    # No smaller budget covers the first month.
    enough = max(int(simulate(arrays, [strategy], horizon=1)[0, 0]["first_minimums"]), 1)
    low = 0
    while not _covers(arrays, strategy, enough):
        low, enough = enough, enough * 2
    while enough - low > 1:
        middle = (low + enough) // 2
        if _covers(arrays, strategy, middle):
            enough = middle
        else:
            low = middle
    return enough


def _covers(arrays: PortfolioArrays, strategy: Strategy, budget: int) -> bool:
    portfolios = arrays.portfolios.copy()
    portfolios["first_budget"], portfolios["budgets"], portfolios["extra"] = 0, 1, 0
    budgets = np.array([(budget, int(portfolios["start"][0]), -1)], DATED)
    flat = replace(arrays, portfolios=portfolios, budgets=budgets)
    return int(simulate(flat, [strategy])[0, 0]["missed"]) == 0
