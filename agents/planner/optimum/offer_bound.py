"""What any plan costs at least that may take offers, and what the cheapest plans in the equations would take.

Branch and bound over the offers: each is taken, refused, or still open. An offer that moves a whole debt and is taken
leaves an ordinary portfolio; what is refused leaves the equations; so little is left that is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from agents.planner.equations.columns import RuleReading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import Solution
from agents.planner.equations.terms import terms_of
from agents.planner.offers.taking import Move, Taking, is_whole, sources_of
from agents.planner.optimum.hunt import FROM_STARTS
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.offer_equations import everything_of
from agents.planner.optimum.played import Played, start_of
from agents.planner.optimum.posed import MOST_CELLS
from agents.planner.optimum.state import FAR_ABOVE, LONG, SOLVER_ERROR
from data.arrays import Floats
from data.money import to_minor
from data.portfolio.portfolio import Portfolio

DECIDED = 1e-6
NEAR = 5e-5  # half of what is called proved
KEPT_BACK = 1.0  # minor units a debt and month


@dataclass(frozen=True)
class OfferPlan:
    """A plan, and the portfolio after the moves that it pays."""

    played: Played
    portfolio: Portfolio


@dataclass(frozen=True)
class Choice:
    """Which offers are taken and which refused, by name; the others are open."""

    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


class Node:
    """The equations of one choice; plans that cost as much as `best` need not satisfy them.

    Attributes:
        bound: no plan of the choice costs less than that, or than `best`.
        cents: by how much roundings can move the bound.
        enough: what the cheapest solution costs, once it was branched on; before that the bound.
        undecided: an open offer that the cheapest solution takes in part, None where there is none.
        is_done: true once it was branched on.
    """

    def __init__(self, taking: Taking, choice: Choice, search: SearchLimits, best: Played) -> None:
        self.choice, self.search = choice, search
        self.taken = list(_whole_moves(taking, choice))
        gone = choice.refused | {move.offer for move in self.taken}
        offers = [offer for offer in taking.portfolio.offers if offer.name not in gone]
        self.everything = everything_of(taking, offers, self.taken)
        ends, count = best.ends, len(self.everything.arrays.debts)
        owed = float(self.everything.arrays.debts["balance"].sum())
        self.ceiling = float(best.result["paid"]) if ends else owed * FAR_ABOVE
        months = max(min(int(best.result["months"]) + 1 if ends else LONG, MOST_CELLS // count), 1)
        free, none = search.misses_free, search.none_missed
        self.terms = terms_of(self.everything.arrays, months, misses_free=free, none_missed=none)
        self.equations = self._equations(1.0)
        self.model = self.equations.model.assembled()
        self.bound, self.cents, self.is_done, self.undecided = 0.0, 0.0, False, None
        self.exact = self._equations(0.0)
        found = self.model.relaxation(time_limit_s=search.time_limit_s)
        if found.multipliers is not None:
            bound = self.exact.model.assembled().dual_bound(found.multipliers)
            self.cents = max(bound - found.bound, 0.0) * self.exact.unit
        self._learn(found, 1e-9)

    def _equations(self, rounding: float) -> LeastCost:
        search, offering = self.search, self.everything.offering
        reading = RuleReading(rounding=rounding, misses_free=search.misses_free, protect_secured=search.protect_secured)
        arrays = self.everything.arrays
        equations = LeastCost(arrays, self.terms, self.ceiling, reading, offering if len(offering.old) else None)
        taken = [k for k, offer in enumerate(self.everything.offers) if offer.name in self.choice.taken]
        if taken:
            equations.model.rows((1.0, equations.z[0, offering.made[taken]]), lower=1.0)
        return equations

    def branch(self, best: OfferPlan, time_limit_s: float) -> float:
        """Decide on all whole numbers, beginning with a plan if it is of this choice; the time it took."""
        cutoff = min(self.ceiling, float(best.played.result["paid"])) / self.equations.unit
        found = self.model.solve(
            self._start(best), time_limit_s=time_limit_s, gap=NEAR, cutoff=cutoff, options=FROM_STARTS
        )
        self._learn(found, SOLVER_ERROR)
        self.is_done = True
        return found.took_s

    def _start(self, best: OfferPlan) -> Floats | None:
        names = [*self.everything.debts, *(offer.name for offer in self.everything.offers)]
        own = [debt.name for debt in best.portfolio.debts]
        if not set(names) >= set(own) or not set(own) >= {move.offer for move in self.taken}:
            return None
        rows = best.played.rows
        every = np.zeros((len(rows), len(names), rows.shape[2]), np.int64)
        every[:, [names.index(name) for name in own]] = rows
        values = start_of(self.equations, every)
        for places in self.equations.chosen:
            values[places] = np.nan  # for the solver to find
        return values

    def _learn(self, found: Solution, error: float) -> None:
        bound = found.bound * self.equations.unit * (1 - error)
        self.bound = max(self.bound, min(bound, self.ceiling) - 1e-3)
        self.values, self.undecided, self.enough = found.values, None, self.bound
        if found.values is not None:
            self.enough = max(self.bound, float(self.model.cost @ found.values) * self.equations.unit)
        if found.values is not None and self.equations.moved is not None:
            taken = found.values[self.equations.z[0, self.everything.offering.made]]
            parts = (taken > DECIDED) & (taken < 1 - DECIDED) & self.everything.offering.is_whole
            if parts.any():
                self.undecided = self.everything.offers[int(parts.argmax())].name

    def choices(self) -> Iterator[Choice]:
        """The undecided offer taken, and refused."""
        assert self.undecided is not None
        one = {self.undecided}
        yield replace(self.choice, taken=self.choice.taken | one)
        yield replace(self.choice, refused=self.choice.refused | one)

    def is_open(self, after: Portfolio) -> Floats | None:
        """Which debts of the portfolio after the moves are open in the solution; none is known before branching."""
        if self.values is None or not self.is_done:
            return None
        names = [*self.everything.debts, *(offer.name for offer in self.everything.offers)]
        z = np.rint(self.values[self.equations.z])
        return z[:, [names.index(debt.name) for debt in after.debts]]

    def moves(self) -> Iterator[list[Move]]:
        """What the cheapest solution moves: plainly, as it is, and with a little of each month's money kept back."""
        if self.values is None:
            return
        if self.equations.moved is None:
            yield self.taken
            return
        for plain in (True, False):
            yield [*self.taken, *self._moved(self.equations, self.values, plain=plain)]
        held = self.model.whole if self.is_done else np.zeros_like(self.model.whole)
        fixed = self.exact.model.assembled().with_fixed(held, np.rint(self.values))
        less = KEPT_BACK * len(self.everything.arrays.debts) / self.exact.unit
        values = fixed.with_less(self.exact.of_money, less).relaxation(time_limit_s=self.search.time_limit_s).values
        if values is not None:
            yield [*self.taken, *self._moved(self.exact, values, plain=False)]

    def _moved(self, equations: LeastCost, values: Floats, *, plain: bool) -> list[Move]:
        amounts = [] if equations.moved is None else values[equations.moved] * equations.unit
        return self.everything.moves_of(np.asarray(amounts), plain=plain)


def _whole_moves(taking: Taking, choice: Choice) -> Iterator[Move]:
    portfolio = taking.portfolio
    for offer in portfolio.offers:
        if offer.name in choice.taken and is_whole(offer):
            (debt,) = sources_of(offer, portfolio)
            yield Move(offer.name, debt.name, to_minor(debt.balance, portfolio.currency))
