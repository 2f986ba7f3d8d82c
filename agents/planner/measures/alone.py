"""One debt of a portfolio on its own: paying its minimums only, or the same amount every month."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import DATED, MINIMUM, PAYMENT
from data.answers.plan import Strategy
from data.arrays import Ints, Records
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio

MOST_PAID = 10**18


def debts_alone(portfolio: Portfolio, debts: Sequence[Debt]) -> list[Portfolio]:
    """A portfolio of each debt alone, without a budget."""
    bare = {"budget": None, "offers": [], "custom_order": None}
    return [portfolio.model_copy(update={**bare, "debts": [debt]}) for debt in debts]


def minimum_results(portfolio: Portfolio, debts: Sequence[Debt], *, months: int | None = None) -> Records:
    """The result of paying only the minimums on each debt, over some months or to its end, as `layout.RESULT` records.

    Shapes: (debt,).
    """
    horizon = {} if months is None else {"horizon": months}
    return simulate(from_portfolios(debts_alone(portfolio, debts)), [Strategy.MINIMUM_ONLY], **horizon)[:, 0]


@dataclass(frozen=True)
class DebtAlone:
    """A debt alone, as the kernel reads it."""

    debt: Debt
    arrays: PortfolioArrays

    @classmethod
    def of(cls, portfolio: Portfolio, debt: Debt) -> "DebtAlone":
        """The debt of a portfolio that has its `start` set."""
        return cls(debt, from_portfolios(debts_alone(portfolio, [debt])))

    def by_minimums(self, months: int) -> Ints:
        """The rows of some months in which the minimum is paid.

        Shapes: (month, 6).
        """
        return simulate_rows(self._for_all(months), Strategy.MINIMUM_ONLY, months)[:, 0]

    def by_payment(self, monthly: int, months: int) -> Ints:
        """The rows of some months in which the same amount of minor units is there.

        Shapes: (month, 6).
        """
        return _rows(self._paying(months), monthly, months)

    def smallest_payment(self, months: int, is_enough: Callable[[Ints], bool]) -> int | None:
        """The least that, paid every month without missing a minimum, makes the rows of those months enough.

        Found by halving: it is enough, and one minor unit less is not. None where no amount is.
        """
        paying = self._paying(months)

        def suffices(monthly: int) -> bool:
            rows = _rows(paying, monthly, months)
            return bool((rows[:, PAYMENT] >= rows[:, MINIMUM]).all()) and is_enough(rows)

        # Upwards in large steps until it is enough, then halved down to one minor unit.
        low, enough = 0, max(int(self.arrays.debts["balance"][0]), 1)
        while not suffices(enough):
            if enough > MOST_PAID:
                return None
            low, enough = enough, enough * 4
        while enough - low > 1:
            middle = (low + enough) // 2
            low, enough = (low, middle) if suffices(middle) else (middle, enough)
        return enough

    def _paying(self, months: int) -> PortfolioArrays:
        """The arrays with a budget that is the same every month, still to be set."""
        paying = self._for_all(months, first_budget=0, budgets=1)
        return replace(paying, budgets=np.array([(0, int(paying.portfolios["start"][0]), -1)], DATED))

    def _for_all(self, months: int, **fields: int) -> PortfolioArrays:
        """The arrays with these fields of the portfolio, and no end before those months, however certain it is."""
        portfolios = self.arrays.portfolios.copy()
        for name, value in fields.items():
            portfolios[name] = value
        portfolios["last_event"] = np.maximum(portfolios["last_event"], portfolios["start"] + months)
        return replace(self.arrays, portfolios=portfolios)


def _rows(paying: PortfolioArrays, monthly: int, months: int) -> Ints:
    paying.budgets["value"] = monthly
    return simulate_rows(paying, Strategy.AVALANCHE, months)[:, 0]
