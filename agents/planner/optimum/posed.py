"""What a hunt is asked, and that as equations over so many months."""

from dataclasses import dataclass
from functools import cached_property

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.equations.columns import RuleReading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import Assembled
from agents.planner.equations.terms import Terms
from agents.planner.kernel.strategies import FREE_TARGETS, TARGETS, UNPROTECTED_TARGETS
from agents.planner.optimum.limits import SearchLimits
from data.arrays import Floats

MOST_CELLS = 6_000  # months x debts in one set of equations; later months are taken at their cheapest
UNPAID = 1e-5  # of the ceiling: what may be left after the last month


@dataclass(frozen=True)
class Asked:
    """What is asked of a hunt."""

    arrays: PortfolioArrays
    search: SearchLimits

    @property
    def owed(self) -> float:
        """What must be paid at least, in minor units."""
        return float(self.arrays.debts["balance"].sum())

    @property
    def code(self) -> int:
        """How the kernel plays targets."""
        if self.search.misses_free:
            return FREE_TARGETS
        return TARGETS if self.search.protect_secured else UNPROTECTED_TARGETS

    @property
    def most_months(self) -> int:
        """No equations span more."""
        return max(MOST_CELLS // len(self.arrays.debts), 1)


@dataclass(frozen=True)
class Posed:
    """What is asked as equations over so many months; plans that cost `ceiling` or more need not satisfy them."""

    asked: Asked
    terms: Terms
    ceiling: float

    def equations_at(self, rounding: float) -> LeastCost:
        """The equations with roundings read so."""
        search, asked = self.asked.search, self.asked
        reading = RuleReading(rounding=rounding, misses_free=search.misses_free, protect_secured=search.protect_secured)
        return LeastCost(asked.arrays, self.terms, self.ceiling, reading)

    @cached_property
    def equations(self) -> LeastCost:
        """The equations whose optimum is a bound."""
        return self.equations_at(1.0)

    @cached_property
    def model(self) -> Assembled:
        """They as one matrix, as they stand when it is first asked for."""
        return self.equations.model.assembled()

    def knowing_more(self) -> "Posed":
        """The same after more was stated of its equations."""
        posed = Posed(self.asked, self.terms, self.ceiling)
        # Put in place of the cached property, so that what was stated since is kept.
        posed.__dict__["equations"] = self.equations
        return posed

    def cost_of(self, values: Floats) -> float:
        """What a solution costs, in minor units."""
        return float(self.model.cost @ values) * self.equations.unit

    def leaves(self, values: Floats | None) -> bool:
        """True where a solution owes something after the last month, whose interest is not counted."""
        if values is None:
            return False
        return float(values[self.equations.b[-1]].sum()) * self.equations.unit > UNPAID * self.ceiling
