"""The kernel as a function: arrays and strategies in, results or rows out."""

from collections.abc import Sequence

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.kernel.layout import HORIZON, RESULT, STATE
from agents.planner.kernel.simulate import run
from agents.planner.kernel.strategies import TARGETS, Codes, strategy_codes
from data.answers.plan import Strategy
from data.arrays import Ints, Records

NO_ROWS = np.empty((0, 0, 6), np.int64)
NO_MONTHS = np.empty((1, 0), np.int64)
NO_TARGETS = np.empty((0, 0), np.int64)


def simulate(arrays: PortfolioArrays, strategies: Sequence[Strategy], *, horizon: int = HORIZON) -> Records:
    """The result of each strategy on each portfolio, as `layout.RESULT` records.

    Shapes: (portfolio, strategy).
    """
    return _run(arrays, strategy_codes(strategies), horizon=horizon)


def simulate_rows(arrays: PortfolioArrays, strategy: Strategy, months: int) -> Ints:
    """The rows of a single portfolio's plan: opening, interest, fees, minimum, payment, closing.

    Shapes: (month, debt, 6).
    """
    rows = np.zeros((months, arrays.most_debts, 6), np.int64)
    _run(arrays, strategy_codes([strategy]), horizon=months, rows=rows)
    return rows


def simulate_owed(
    arrays: PortfolioArrays, strategy: Strategy, months: int, *, horizon: int | None = None
) -> tuple[Records, Ints]:
    """What a strategy comes to on each portfolio, and what each still owes in each of so many months.

    The plans go on to the horizon, by default for as many months as are shown.
    Shapes: results (portfolio,), owed (portfolio, month).
    """
    owed = np.zeros((len(arrays.portfolios), months), np.int64)
    results = _run(arrays, strategy_codes([strategy]), horizon=months if horizon is None else horizon, owed=owed)
    return results[:, 0], owed


def simulate_targets(
    arrays: PortfolioArrays, targets: Ints, code: int = TARGETS, *, horizon: int = HORIZON
) -> tuple[np.void, Ints]:
    """A single portfolio paid by given amounts: its `layout.RESULT` record, and its rows.

    Units: minor units, `layout.CLOSE` for all that a debt takes, -1 - amount for a minimum that may be missed.
    Shapes: targets (month, debt), rows (month, debt, 6); after the targets' last month every debt gets its minimum, and
    what is left in order of rate.
    """
    targets = np.ascontiguousarray(targets, np.int64)
    codes = np.array([code], np.int8)
    # The first run finds how many months there are, the second writes them down.
    result = _run(arrays, codes, horizon=horizon, targets=targets)[0, 0]
    rows = np.zeros((int(result["months"]), arrays.most_debts, 6), np.int64)
    _run(arrays, codes, horizon=len(rows), rows=rows, targets=targets)
    return result, rows


def _run(  # noqa: PLR0913 (what the kernel writes into)
    arrays: PortfolioArrays,
    codes: Codes,
    *,
    horizon: int,
    rows: Ints = NO_ROWS,
    owed: Ints = NO_MONTHS,
    targets: Ints = NO_TARGETS,
) -> Records:
    results = np.zeros((len(arrays.portfolios), len(codes)), RESULT)
    debts = arrays.most_debts
    run(
        arrays.portfolios,
        arrays.debts,
        arrays.rules,
        arrays.steps,
        arrays.budgets,
        arrays.lumps,
        arrays.shifts,
        codes,
        horizon,
        # One place more than debts: free room for changing their order.
        np.empty((2, debts + 1), STATE),
        results,
        rows,
        owed,
        targets,
    )
    return results
