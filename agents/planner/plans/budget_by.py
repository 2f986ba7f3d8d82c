"""The smallest monthly budget that is debt-free by a month, to the minor unit.

For some strategies a larger budget is sometimes later, so halving proves nothing. A budget that works is found by
halving; then every smaller one is tried, down to the bound below which no strategy works. The kernel does some hundred
thousand a second.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.schedule import FromMinor
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import HORIZON, PAID_OFF
from agents.planner.kernel.strategies import CODES
from agents.planner.plans.budget_bound import least_budget
from agents.planner.plans.flat_budgets import NO_LIMIT, simulate_flat, with_flat_budget
from agents.planner.plans.planning import plan
from data.answers.budget_answer import RequiredBudget
from data.answers.plan import Plan, Strategy
from data.arrays import Flags, Ints
from data.errors import FieldError, InvalidPortfolio
from data.month import Month, month_index
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say

WIDTH = 64  # budgets tried at once while halving
CHUNK = 8_192
MOST_DEBT_MONTHS = 400_000_000  # of trying, some seconds


def budget_by(portfolio: Portfolio, by: Month, strategy: Strategy = Strategy.AVALANCHE) -> RequiredBudget:
    """The smallest budget for the debts, the same every month, in place of the portfolio's own; lump sums stay.

    Offers are not taken. A strategy that is no order is asked as the best of the orders: what they reach, it reaches.

    Raises:
        InvalidPortfolio: it has no `start`, `by` lies before it, or the custom strategy has no order.
    """
    start = portfolio.start or ""
    if start and by < start:
        raise InvalidPortfolio(
            say("never_by_then", start=start, by=by), [FieldError("by", say("before_start", start=start), by)]
        )
    orders = [strategy] if strategy in CODES else [one for one in CODES if one != Strategy.CUSTOM]
    first = plan(with_flat_budget(portfolio, 0), orders[0], schedule=False)  # refuses what cannot be planned
    months = min(month_index(by) - month_index(first.start) + 1, HORIZON)
    found = [_Question(portfolio, one, months).answer() for one in orders]
    return _told(portfolio, by, strategy, min(found, key=lambda one: (one.budget is None, one.budget or 0)))


@dataclass(frozen=True)
class _Found:
    """What was found; `tried_from` on, every budget below was tried, and `bound` is the least that can work."""

    strategy: Strategy
    months: int
    budget: int | None
    bound: int
    tried_from: int


@dataclass(frozen=True)
class _Question:
    portfolio: Portfolio
    strategy: Strategy
    months: int

    @cached_property
    def arrays(self) -> Any:
        """The portfolio for the kernel, with its lump sums."""
        return from_portfolios([with_flat_budget(self.portfolio, 0)])

    def answer(self) -> _Found:
        """The smallest budget that works, if one does."""
        bound = self._bound()
        if not self._works(np.array([NO_LIMIT]))[0]:
            return _Found(self.strategy, self.months, None, bound, bound)
        enough = self._halved(bound)
        lowest = max(bound, enough - self._affordable())
        for low in range(lowest, enough, CHUNK):
            works = self._works(np.arange(low, min(low + CHUNK, enough)))
            if works.any():
                enough = low + int(np.argmax(works))
                break
        return _Found(self.strategy, self.months, enough, bound, lowest)

    def _works(self, budgets: Ints) -> Flags:
        results = simulate_flat(self.arrays, self.strategy, budgets, self.months)
        return (results["status"] == PAID_OFF) & (results["missed"] == 0)  # (budget,)

    def _bound(self) -> int:
        """No strategy works with less: neither in the long run, nor in the first month."""
        due = int(simulate(self.arrays, [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
        lumps, start = self.arrays.lumps, self.arrays.portfolios["start"][0]
        first = int(lumps["value"][lumps["month"] == start].sum())
        return max(least_budget(self.portfolio, self.months), due - first, 0)

    def _halved(self, low: int) -> int:
        """A budget that works, one less than which does not, or the bound."""
        # All powers of two at once, then ever finer steps between the last that fails and the first that works.
        budgets = np.append(low + 2 ** np.arange(59, dtype=np.int64), NO_LIMIT)
        budgets = np.append(low, budgets[budgets <= NO_LIMIT])
        while True:
            place = int(np.argmax(self._works(budgets)))
            if place == 0 or budgets[place] - budgets[place - 1] <= 1:
                return int(budgets[place])
            low, high = int(budgets[place - 1]), int(budgets[place])
            step = max((high - low) // WIDTH, 1)
            budgets = np.append(np.arange(low, high, step), high)

    def _affordable(self) -> int:
        return MOST_DEBT_MONTHS // (self.months * len(self.portfolio.debts))


def _told(portfolio: Portfolio, by: Month, strategy: Strategy, found: _Found) -> RequiredBudget:
    cash = FromMinor(portfolio.currency)
    budget = NO_LIMIT if found.budget is None else found.budget
    unlimited = plan(with_flat_budget(portfolio, NO_LIMIT), found.strategy)
    made = unlimited if found.budget is None else plan(with_flat_budget(portfolio, budget), strategy)
    if found.budget is not None and (made.months is None or made.months > found.months or made.missed):
        made = plan(with_flat_budget(portfolio, budget), found.strategy)  # the cheapest plan is not always the soonest
    return RequiredBudget(
        currency=portfolio.currency,
        by=by,
        strategy=strategy.value,
        monthly=None if found.budget is None else cash(found.budget),
        plan=made,
        earliest=unlimited.debt_free,
        lower_bound=cash(found.bound),
        tried_from=cash(found.tried_from),
        proved=found.tried_from == found.bound and (strategy in CODES or found.budget == found.bound),
        reason=_reason(unlimited, by, found) if found.budget is None else None,
    )


def _reason(unlimited: Plan, by: Month, found: _Found) -> str:
    last = max(unlimited.debts, key=lambda debt: debt.paid_off or "9999-12")
    when = f"is paid off in {last.paid_off} at the earliest" if last.paid_off else "is never paid off"
    why = "this strategy pays no more than minimums"
    if found.strategy != Strategy.MINIMUM_ONLY:
        why = "it takes nothing above its minimum"
    paid = f"{last.paid} {unlimited.currency}"
    return f"No budget is debt-free by {by}: {last.name} {when}, for {why}; in all it is paid {paid}."
