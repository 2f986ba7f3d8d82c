"""Money beside the minimums: the budget that pays exactly what is due each month, and a lump sum in some.

So a borrower without a budget of their own prepays: every instalment as it falls due, and the lump sum on top, after
which the instalments may be smaller or fewer.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agents.planner.arrays.budgets import budget_of_path
from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.simulation import simulate_rows
from agents.planner.kernel.layout import CLOSING, DATED, HORIZON, MINIMUM
from agents.planner.kernel.strategies import CODES
from data.answers.plan import Strategy
from data.arrays import Ints
from data.money import from_minor
from data.month import month_index
from data.portfolio.budget import Budget, LumpSum
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Money

SOME_MONTHS = 64


def budget_beside_minimums(portfolio: Portfolio, lumps: Sequence[LumpSum], strategy: Strategy) -> Budget:
    """The budget whose money is, in each month, the minimums due in it, and the lump sums on top.

    What is due depends on what was paid before. So the minimums without the lump sums are a first guess, and each walk
    through the months puts at least the first wrong month right, until a walk finds what it was given. A strategy that
    is no order walks as avalanche.
    """
    order = strategy if strategy in CODES else Strategy.AVALANCHE
    start = month_index(portfolio.start or "")
    budget = Budget(monthly=Money(0), lump_sums=list(lumps))
    alone = from_portfolios([portfolio.model_copy(update={"budget": None})])
    with_lumps = from_portfolios([portfolio.model_copy(update={"budget": budget})])
    months, due, owed = 0, np.zeros(0, np.int64), True
    while months < HORIZON and owed:
        # Twice as many months each time: most debts end within the first.
        months = min(max(2 * months, SOME_MONTHS), HORIZON)
        guess, _ = _minimums(alone, Strategy.MINIMUM_ONLY, months)  # (month,)
        guess[: len(due)] = due
        due, owed = _settled(with_lumps, order, guess, start)
    path = [(start + t, from_minor(amount, portfolio.currency)) for t, amount in enumerate(due.tolist())]
    return budget_of_path(path, lumps)


def _settled(arrays: PortfolioArrays, strategy: Strategy, due: Ints, start: int) -> tuple[Ints, bool]:
    """The minimums that a walk finds once it has been given them, and whether anything is owed after them."""
    portfolios = arrays.portfolios.copy()
    portfolios["budgets"], portfolios["last_event"] = len(due), start + len(due)
    while True:
        budgets = np.zeros(len(due), DATED)
        budgets["value"], budgets["month"], budgets["debt"] = due, start + np.arange(len(due)), -1
        found, owed = _minimums(replace(arrays, portfolios=portfolios, budgets=budgets), strategy, len(due))
        if (found == due).all():
            return due, owed
        due = found


def _minimums(arrays: PortfolioArrays, strategy: Strategy, months: int) -> tuple[Ints, bool]:
    rows = simulate_rows(arrays, strategy, months)  # (month, debt, 6)
    return rows[:, :, MINIMUM].sum(axis=1), bool(rows[-1, :, CLOSING].any())
