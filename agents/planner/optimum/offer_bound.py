"""What any plan costs at least that may take offers, and what the cheapest plans in the equations would take.

Branch and bound over the offers: each is taken, refused, or still open. An offer that moves a whole debt and is taken
leaves an ordinary portfolio; what is refused leaves the equations; so little is left that is not known. Knows nothing
of how a plan is played.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.equations.columns import LeastCost, Reading
from agents.planner.equations.linear_model import Solution
from agents.planner.equations.terms import terms_of
from agents.planner.offers.taking import Move, Taking, is_whole, sources_of
from agents.planner.optimum.hunt import MOST_CELLS, SOLVER_ERROR, SOLVER_GAP
from agents.planner.optimum.limits import Search
from agents.planner.optimum.offer_equations import everything_of
from data.money import to_minor

Array = np.ndarray[Any, Any]
DECIDED = 1e-6


@dataclass(frozen=True)
class Choice:
    """Which offers are taken and which refused, by name; the others are open."""

    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


class Node:
    """The equations of one choice; plans that cost as much as the ceiling need not satisfy them.

    Attributes:
        bound: no plan of the choice costs less, up to the ceiling; cents: by how much roundings can move that.
        moves: what the cheapest solution moves.
        undecided: an open offer that the solution takes in part, None where there is none.
    """

    def __init__(self, taking: Taking, choice: Choice, search: Search, ceiling: tuple[float, int]) -> None:
        self.taking, self.choice, self.search = taking, choice, search
        self.ceiling, months = ceiling
        portfolio = taking.portfolio
        self.whole = list(_whole_moves(taking, choice))
        gone = choice.refused | {move.offer for move in self.whole}
        offers = [offer for offer in portfolio.offers if offer.name not in gone]
        self.everything = everything_of(taking, offers, self.whole)
        self.months = max(min(months, MOST_CELLS // len(self.everything.arrays.debts)), 1)
        self.terms = terms_of(
            self.everything.arrays, self.months, misses_free=search.misses_free, none_missed=search.none_missed
        )
        self.equations = self._equations(1.0)
        self.model = self.equations.model.assembled()
        self.bound, self.cents, self.moves = 0.0, 0.0, list[Move]()
        self.undecided: str | None = None
        self.is_done = False
        self._relax()

    def _equations(self, rounding: float) -> LeastCost:
        search, offering = self.search, self.everything.offering
        reading = Reading(rounding=rounding, misses_free=search.misses_free, protect_secured=search.protect_secured)
        arrays = self.everything.arrays
        equations = LeastCost(arrays, self.terms, self.ceiling, reading, offering if len(offering.old) else None)
        taken = [k for k, offer in enumerate(self.everything.offers) if offer.name in self.choice.taken]
        if taken:
            equations.model.rows((1.0, equations.z[0, offering.made[taken]]), lower=1.0)
        return equations

    def _relax(self) -> None:
        found = self.model.relaxation(time_limit_s=self.search.time_limit_s)
        if found.multipliers is not None:
            exact = self._equations(0.0)
            bound = exact.model.assembled().dual_bound(found.multipliers)
            self.cents = max(bound - found.bound, 0.0) * exact.unit
        self._learn(found, 1e-9)

    def branch(self, time_limit_s: float) -> float:
        cutoff = self.ceiling / self.equations.unit
        found = self.model.solve(None, time_limit_s=time_limit_s, gap=SOLVER_GAP, cutoff=cutoff)
        self._learn(found, SOLVER_ERROR)
        self.is_done = True
        return found.took_s

    def _learn(self, found: Solution, error: float) -> None:
        bound = found.bound * self.equations.unit * (1 - error)
        self.bound = max(self.bound, min(bound, self.ceiling) - 1e-3)
        self.values = found.values
        self.undecided = None
        if found.values is not None and self.equations.moved is not None:
            self.amounts = found.values[self.equations.moved] * self.equations.unit
            taken = found.values[self.equations.z[0, self.everything.offering.made]]
            for k, offer in enumerate(self.everything.offers):
                if DECIDED < taken[k] < 1 - DECIDED and is_whole(offer):
                    self.undecided = offer.name
                    break

    def choices(self) -> Iterator[Choice]:
        assert self.undecided is not None
        one = {self.undecided}
        yield replace(self.choice, taken=self.choice.taken | one)
        yield replace(self.choice, refused=self.choice.refused | one)

    def moves_found(self) -> Iterator[list[Move]]:
        if self.values is None:
            return
        if self.equations.moved is None:
            yield self.whole
            return
        for plain in (True, False):
            yield [*self.whole, *self.everything.moves_of(self.amounts, plain=plain)]


def _whole_moves(taking: Taking, choice: Choice) -> Iterator[Move]:
    portfolio = taking.portfolio
    for offer in portfolio.offers:
        if offer.name in choice.taken and is_whole(offer):
            (debt,) = sources_of(offer, portfolio)
            yield Move(offer.name, debt.name, to_minor(debt.balance, portfolio.currency))
