"""What any plan costs at least that may take offers, and what the cheapest in the equations would take.

Knows nothing of how a plan is played, nor of what an offer is called or says.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.planner.least_cost import LeastCost, Reading
from agents.planner.offer_equations import Everything
from agents.planner.optimum import FAR_ABOVE, LONG, MOST_CELLS, SOLVER_ERROR, SOLVER_GAP, Played, start_of
from agents.planner.search import Search
from agents.planner.terms import terms_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Relaxed:
    """What the equations with offers tell: a bound, and amounts to try (pair,), None where none were found."""

    bound: float
    amounts: Array | None = None


class OfferBound:
    """The equations of a portfolio with its offers; plans that cost as much as `best` need not satisfy them.

    Attributes:
        cents: by how much roundings can move the bound, once it was relaxed.
    """

    def __init__(self, everything: Everything, search: Search, best: Played) -> None:
        self.everything, self.search, self.best, self.cents = everything, search, best, 0.0
        arrays = everything.arrays
        self.ends = best.worth[0] == 0
        months = int(best.result["months"]) + 1 if self.ends else LONG
        self.months = max(min(months, MOST_CELLS // len(arrays.debts)), 1)
        owed = float(arrays.debts["balance"].sum())
        self.ceiling = float(best.result["paid"]) if self.ends else owed * FAR_ABOVE
        free, none = search.misses_free, search.none_missed
        self.terms = terms_of(arrays, self.months, misses_free=free, none_missed=none)
        self.equations = self._equations(1.0)
        self.model = self.equations.model.assembled()

    def _equations(self, rounding: float) -> LeastCost:
        search = self.search
        reading = Reading(rounding=rounding, misses_free=search.misses_free, protect_secured=search.protect_secured)
        return LeastCost(self.everything.arrays, self.terms, self.ceiling, reading, self.everything.offering)

    def relax(self) -> Relaxed:
        """The bound without whole numbers."""
        found = self.model.relaxation(time_limit_s=self.search.time_limit_s)
        if found.multipliers is not None:
            exact = self._equations(0.0)
            bound = exact.model.assembled().dual_bound(found.multipliers)
            self.cents = max(bound - found.bound, 0.0) * exact.unit
        return Relaxed(self._bound(found.bound * (1 - 1e-9)), self._amounts(found.values))

    def branch(self, rows: Array, *, time_limit_s: float) -> Relaxed:
        """The bound with whole numbers, beginning with a plan as rows of all debts (month, debt, 6)."""
        start = start_of(self.equations, rows)
        found = self.model.solve(start, time_limit_s=time_limit_s, gap=SOLVER_GAP)
        return Relaxed(self._bound(found.bound * (1 - SOLVER_ERROR)), self._amounts(found.values))

    def _bound(self, bound: float) -> float:
        """A plan beyond the equations' caps costs the ceiling at least."""
        return min(bound * self.equations.unit, self.ceiling) - 1e-3

    def _amounts(self, values: Array | None) -> Array | None:
        return None if values is None else values[self.equations.moved] * self.equations.unit
