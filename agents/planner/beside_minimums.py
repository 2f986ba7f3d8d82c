"""Money beside the minimums: the budget that pays exactly what is due each month, and a lump sum in some.

So a borrower without a budget of their own prepays: every instalment as it falls due, and the lump sum on top, after
which the instalments may be smaller or fewer.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agents.planner.arrays import from_portfolios
from agents.planner.layout import DATED, MINIMUM
from agents.planner.simulation import simulate, simulate_rows
from data.budget import Budget, BudgetChange, LumpSum
from data.debt import Portfolio
from data.money import from_minor
from data.month import month_at, month_index
from data.plan import Strategy
from data.value import Money

Array = np.ndarray[Any, Any]


def budget_beside_minimums(portfolio: Portfolio, lumps: Sequence[LumpSum], strategy: Strategy) -> Budget:
    """The budget whose money is, in each month, the minimums due in it, and the lump sums on top.

    What is due depends on what was paid before. So the minimums without the lump sums are a first guess, and each walk
    through the months puts at least the first wrong month right, until a walk finds what it was given.
    """
    start = month_index(portfolio.start or "")
    budget = Budget(monthly=Money(0), lump_sums=list(lumps))
    arrays = from_portfolios([portfolio.model_copy(update={"budget": budget})])
    months = int(simulate(arrays, [Strategy.MINIMUM_ONLY])[0, 0]["months"])
    due = _minimums(arrays, Strategy.MINIMUM_ONLY, months)
    while True:
        portfolios = arrays.portfolios.copy()
        portfolios["budgets"] = len(due)
        budgets = np.zeros(len(due), DATED)
        budgets["value"], budgets["month"], budgets["debt"] = due, start + np.arange(len(due)), -1
        found = _minimums(replace(arrays, portfolios=portfolios, budgets=budgets), strategy, months)
        if (found == due).all():
            break
        due = found
    amounts = [Money(from_minor(int(one), portfolio.currency)) for one in due]
    changes = [BudgetChange(from_=month_at(start + t), monthly=amount) for t, amount in enumerate(amounts) if t]
    return budget.model_copy(update={"monthly": amounts[0] if amounts else Money(0), "changes": changes})


def _minimums(arrays: Any, strategy: Strategy, months: int) -> Array:
    return simulate_rows(arrays, strategy, months)[:, :, MINIMUM].sum(axis=1)  # (month,)
