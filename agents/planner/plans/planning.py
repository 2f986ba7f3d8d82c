"""One portfolio planned by one strategy, or by all of them side by side. Pure: no clock, network or database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.schedule import FromMinor, to_plan
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.ignored import ignored_fields
from agents.planner.plans.missed_cost import missed_cost, missed_cost_of_rows
from agents.planner.plans.recommended import recommended, worth
from agents.planner.plans.required_budget import required_budget
from data.answers.plan import ORDERS, Comparison, Plan, Strategy
from data.errors import FieldError, InvalidPortfolio
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say

BASELINES = (Strategy.MINIMUM_ONLY, Strategy.BALANCE_MATCHING)
DEFAULT_SEARCH = SearchLimits()


def plan(
    portfolio: Portfolio, strategy: Strategy, *, schedule: bool = True, search: SearchLimits = DEFAULT_SEARCH
) -> Plan:
    """What to pay, to whom, in which month, by one strategy; `schedule` false leaves out the rows.

    `optimal` has a bound, and may take the portfolio's offers; `search` is what it may do.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    return _plans(portfolio, [strategy], schedule=schedule, search=search)[0]


def compare(
    portfolio: Portfolio,
    strategies: Sequence[Strategy] | None = None,
    *,
    schedule: bool | Collection[Strategy] = False,
    search: SearchLimits = DEFAULT_SEARCH,
) -> Comparison:
    """Several strategies on the same portfolio: all of them, custom only where an order is given.

    `schedule` says which plans have their rows: all, none, or those of some strategies.

    With `optimal` among them, every plan has the bound, its gap to it, and what it pays above the optimal plan.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    if strategies is None:
        strategies = [one for one in Strategy if one != Strategy.CUSTOM or portfolio.custom_order]
    plans = _plans(portfolio, strategies, schedule=schedule, search=search)
    best = min(plans, key=worth)
    optimal = next((made for made in plans if made.strategy == Strategy.OPTIMAL), None)
    if optimal is None:
        return Comparison(plans=plans, best=best.strategy, recommended=recommended(plans))
    return Comparison(
        plans=[_against_optimal(made, optimal) for made in plans],
        best=best.strategy,
        recommended=recommended(plans),
        bound=optimal.bound,
    )


def _plans(
    portfolio: Portfolio, strategies: Sequence[Strategy], *, schedule: bool | Collection[Strategy], search: SearchLimits
) -> list[Plan]:
    if Strategy.CUSTOM in strategies and not portfolio.custom_order:
        raise InvalidPortfolio(say("custom_needs_order"), [FieldError("custom_order", say("order_missing"))])
    arrays = from_portfolios([portfolio])
    orders = [strategy for strategy in strategies if strategy is not Strategy.OPTIMAL]
    # The baselines come last, whichever strategies are asked for.
    results = simulate(arrays, [*orders, *BASELINES])[0]  # (strategy,)
    shown = schedule if not isinstance(schedule, bool) else tuple(Strategy) if schedule else ()
    making = _Making(portfolio, arrays, results[len(orders) :], shown)
    plans = {order: making.plan(order, result) for order, result in zip(orders, results, strict=False)}
    if len(orders) < len(strategies):
        plans[Strategy.OPTIMAL] = making.optimal(search)
    return [plans[strategy] for strategy in strategies]


@dataclass(frozen=True)
class _Making:
    """What the plans of one portfolio share."""

    portfolio: Portfolio
    arrays: PortfolioArrays
    baselines: Any
    shown: Collection[Strategy]

    def plan(self, strategy: Strategy, result: Any) -> Plan:
        rows = simulate_rows(self.arrays, strategy, int(result["months"]))
        made = to_plan(self.portfolio, strategy, result, rows, schedule=strategy in self.shown)
        update = self._against_others([strategy], result)
        update["ignored"] = ignored_fields(self.portfolio, strategy, made.debt_free)
        if result["missed"]:
            update["missed_cost"] = FromMinor(self.portfolio.currency)(missed_cost(self.arrays, strategy, result))
        return made.model_copy(update=update)

    def optimal(self, search: SearchLimits) -> Plan:
        from agents.planner.optimum.optimal_plan import optimal_plan  # noqa: PLC0415 (a solver that orders need not wait for)

        found = optimal_plan(self.portfolio, self.arrays, search)
        result = found.optimum.played.result
        rows, is_shown = found.optimum.played.rows, Strategy.OPTIMAL in self.shown
        made = to_plan(found.portfolio, Strategy.OPTIMAL, result, rows, schedule=is_shown)
        cash = FromMinor(self.portfolio.currency)
        update = {
            "bound": cash(found.optimum.bound),
            "gap": found.optimum.gap,
            "proved": found.optimum.proved,
            "offers_taken": found.offers_taken,
            "ignored": ignored_fields(self.portfolio, Strategy.OPTIMAL, made.debt_free),
        }
        if result["missed"]:
            update["missed_cost"] = cash(missed_cost_of_rows(from_portfolios([found.portfolio]), result, rows))
        return made.model_copy(update=update | self._against_others(ORDERS, result))

    def _against_others(self, strategies: Sequence[Strategy], result: Any) -> dict[str, Any]:
        cash = FromMinor(self.portfolio.currency)
        update: dict[str, Any] = {}
        for field, baseline in zip(("saved_vs_minimum", "saved_vs_matching"), self.baselines, strict=True):
            if result["status"] == baseline["status"] == PAID_OFF:
                update[field] = cash(int(baseline["paid"]) - int(result["paid"]))
        if result["missed"]:
            update["required_budget"] = cash(min(required_budget(self.arrays, one) for one in strategies))
        return update


def _against_optimal(made: Plan, optimal: Plan) -> Plan:
    """The plan with the bound, its gap, and what it pays above the optimal one."""
    update: dict[str, Any] = {"bound": optimal.bound}
    if made.months is not None and made is not optimal and optimal.bound is not None:
        update["gap"] = float((made.total_paid - optimal.bound) / made.total_paid) if made.total_paid else 0.0
        # What costs no more than the proved plan is as good as proved.
        update["proved"] = made.total_paid <= optimal.total_paid and optimal.proved
    if made.months is not None and optimal.months is not None:
        update["above_optimum"] = made.total_paid - optimal.total_paid
    return made.model_copy(update=update)
