"""The optimal plan of a portfolio with its offers: which to take, how much, and what to pay from then on.

Knows nothing of equations; only what taking an offer changes, and where the best plan stands.
"""

from dataclasses import dataclass

from agents.planner.arrays import PortfolioArrays
from agents.planner.optimum import Optimum, optimum
from agents.planner.search import Search
from data.debt import Portfolio
from data.plan import ORDERS, OfferTaken, Strategy


@dataclass(frozen=True)
class OptimalPlan:
    """The best plan found, the portfolio that it pays, offers taken, and which those are."""

    optimum: Optimum
    portfolio: Portfolio
    offers_taken: list[OfferTaken]


def optimal_plan(portfolio: Portfolio, arrays: PortfolioArrays, search: Search) -> OptimalPlan:
    """The least-cost plan, never worse than any order that the portfolio can be paid by."""
    orders = [order for order in ORDERS if order is not Strategy.CUSTOM or portfolio.custom_order]
    return OptimalPlan(optimum(arrays, orders, search), portfolio, [])
