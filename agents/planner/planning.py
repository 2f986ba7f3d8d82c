"""One portfolio planned by one strategy, or by all of them side by side. Pure: no clock, network or database.

Knows nothing of the kernel's arrays beyond handing them on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.planner.arrays import PortfolioArrays, from_portfolios
from agents.planner.layout import PAID_OFF
from agents.planner.required_budget import required_budget
from agents.planner.schedule import Cash, to_plan
from agents.planner.simulation import simulate, simulate_rows
from data.debt import Portfolio
from data.errors import FieldError, InvalidPortfolio
from data.plan import Comparison, Plan, Strategy

BASELINES = (Strategy.MINIMUM_ONLY, Strategy.BALANCE_MATCHING)


def plan(portfolio: Portfolio, strategy: Strategy, *, schedule: bool = True) -> Plan:
    """What to pay, to whom, in which month, by one strategy; `schedule` false leaves out the rows.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    return _plans(portfolio, [strategy], schedule=schedule)[0]


def compare(
    portfolio: Portfolio, strategies: Sequence[Strategy] | None = None, *, schedule: bool = False
) -> Comparison:
    """Several strategies on the same portfolio: all of them, custom only where an order is given.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    if strategies is None:
        strategies = [one for one in Strategy if one != Strategy.CUSTOM or portfolio.custom_order]
    plans = _plans(portfolio, strategies, schedule=schedule)
    return Comparison(plans=plans, best=min(plans, key=_worth).strategy)


def _plans(portfolio: Portfolio, strategies: Sequence[Strategy], *, schedule: bool) -> list[Plan]:
    if Strategy.CUSTOM in strategies and not portfolio.custom_order:
        raise InvalidPortfolio(
            "The custom strategy needs `custom_order`: the debts' names, the first to be paid first.",
            [FieldError("custom_order", "name the debts in the order in which to pay them")],
        )
    arrays = from_portfolios([portfolio])
    results = simulate(arrays, [*strategies, *BASELINES])[0]  # (strategy,)
    making = _Making(portfolio, arrays, results[len(strategies) :], schedule)
    return [making.plan(strategy, result) for strategy, result in zip(strategies, results, strict=False)]


@dataclass(frozen=True)
class _Making:
    """What the plans of one portfolio share."""

    portfolio: Portfolio
    arrays: PortfolioArrays
    baselines: Any
    schedule: bool

    def plan(self, strategy: Strategy, result: Any) -> Plan:
        rows = simulate_rows(self.arrays, strategy, int(result["months"]))
        made = to_plan(self.portfolio, strategy, result, rows, schedule=self.schedule)
        return made.model_copy(update=self._against_others(strategy, result))

    def _against_others(self, strategy: Strategy, result: Any) -> dict[str, Any]:
        cash = Cash(self.portfolio.currency)
        update: dict[str, Any] = {}
        for field, baseline in zip(("saved_vs_minimum", "saved_vs_matching"), self.baselines, strict=True):
            if result["status"] == baseline["status"] == PAID_OFF:
                update[field] = cash(int(baseline["paid"]) - int(result["paid"]))
        if result["missed"]:
            update["required_budget"] = cash(required_budget(self.arrays, strategy))
        return update


def _worth(made: Plan) -> tuple[Any, ...]:
    """The least total paid is best, then the earlier payoff; what never ends, only among its like, by its cost."""
    if made.months is None:
        return 1, made.total_interest + made.total_fees - made.total_paid, 0
    return 0, made.total_paid, made.months
