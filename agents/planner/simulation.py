"""The kernel as a function: arrays and strategies in, results or rows out.

Knows nothing of plans or of the wire.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.planner.arrays import PortfolioArrays
from agents.planner.layout import HORIZON, RESULT, STATE
from agents.planner.simulate import run
from agents.planner.strategies import strategy_codes
from data.plan import Strategy

Array = np.ndarray[Any, Any]
NO_ROWS = np.empty((0, 0, 6), np.int64)


def simulate(arrays: PortfolioArrays, strategies: Sequence[Strategy], *, horizon: int = HORIZON) -> Array:
    """What each strategy comes to on each portfolio, as `layout.RESULT` records.

    Shapes: (portfolio, strategy).
    """
    return _run(arrays, strategies, NO_ROWS, horizon)


def simulate_rows(arrays: PortfolioArrays, strategy: Strategy, months: int) -> Array:
    """The rows of a single portfolio's plan: opening, interest, fees, minimum, payment, closing.

    Shapes: (month, debt, 6).
    """
    rows = np.zeros((months, arrays.most_debts, 6), np.int64)
    _run(arrays, [strategy], rows, months)
    return rows


def _run(arrays: PortfolioArrays, strategies: Sequence[Strategy], rows: Array, horizon: int) -> Array:
    results = np.zeros((len(arrays.portfolios), len(strategies)), RESULT)
    debts = arrays.most_debts
    run(
        arrays.portfolios,
        arrays.debts,
        arrays.rules,
        arrays.steps,
        arrays.budgets,
        arrays.lumps,
        strategy_codes(strategies),
        horizon,
        np.empty((2, debts), STATE),
        np.empty(debts, np.uint64),
        results,
        rows,
    )
    return results
