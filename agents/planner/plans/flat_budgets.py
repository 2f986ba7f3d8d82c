"""One portfolio under many budgets, each the same every month; lump sums stay. One kernel call for all of them."""

from dataclasses import replace

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import DATED, HORIZON
from data.answers.plan import Strategy
from data.arrays import Ints, Records
from data.money import from_minor
from data.portfolio.budget import Budget
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Money

NO_LIMIT = 10**18  # minor units: more than any debts come to


def simulate_flat(arrays: PortfolioArrays, strategy: Strategy, budgets: Ints, horizon: int = HORIZON) -> Records:
    """The result of a strategy with each budget, as `layout.RESULT` records.

    Units: minor units. Shapes: budgets (budget,), the answer (budget,).
    """
    count = len(budgets)
    portfolios = np.repeat(arrays.portfolios[:1], count)  # (budget,)
    portfolios["first_budget"], portfolios["budgets"], portfolios["extra"] = np.arange(count), 1, 0
    flat = np.zeros(count, DATED)
    flat["value"], flat["month"], flat["debt"] = budgets, arrays.portfolios["start"][0], -1
    return simulate(replace(arrays, portfolios=portfolios, budgets=flat), [strategy], horizon=horizon)[:, 0]


def with_flat_budget(portfolio: Portfolio, budget: int) -> Portfolio:
    """The portfolio with this budget every month, in minor units, in place of its own; lump sums stay, offers go."""
    lumps = [] if portfolio.budget is None else portfolio.budget.lump_sums
    # Not validated: the amount may pass what a client may state.
    flat = Budget.model_construct(
        monthly=Money(from_minor(budget, portfolio.currency)),
        mode="total",
        changes=[],
        lump_sums=lumps,
        yearly_raise=Money(0),
        paydays=None,
    )
    return portfolio.model_copy(update={"budget": flat, "offers": []})
