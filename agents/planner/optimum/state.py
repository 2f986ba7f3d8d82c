"""The state of a hunt for the least-cost plan: the best plan and the best bound so far, and what changes them.

What a solver finds is wanted: the kernel plays it in cents, and only what it plays counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import Assembled, Solution
from agents.planner.equations.terms import terms_of
from agents.planner.optimum.cents import InCents
from agents.planner.optimum.played import PROVED_GAP, Played, start_of, wanted_by
from agents.planner.optimum.posed import Asked, Posed
from data.arrays import Floats

SOLVER_GAP = 2e-5  # well below what is called proved
SOLVER_ERROR = 1e-6  # of a bound found by branching: the solver's tolerances
WORD = 3e-5  # of what is paid: within that a plan is what was found
LEAST_S = 0.001  # that a solver is taken to need, so that every search ends
LONG = 120  # months looked at where no strategy ends
LONGER = 12  # months more at least, where a solution leaves something unpaid after the last
FAR_ABOVE = 100  # times what is owed: where no strategy ends, no plan of interest costs so much
CAREFULLY = ((-1.0, 0.0), (-0.25, 0.0), (0.0, 0.5), (0.0, 2.0))
"""How far roundings go against the client where decisions are made to close in cents, and minor units kept a debt."""


@dataclass(frozen=True)
class Known:
    """What is known before a hunt.

    Attributes:
        below: a plan; those that cost no less are not looked for.
        enough: a plan that costs no more, but for roundings, is good enough.
        is_open: which debts are open in a plan to begin with, as `Columns.z` (month + 1, debt).
    """

    below: Played
    enough: float
    is_open: Floats | None = None


class Hunt:
    """One search: the best plan so far, the best bound so far, and what is known of the way between them.

    Attributes:
        is_told: a plan that ends is known, and its cost is the ceiling.
        cents: by how much the bound would be higher if nothing were rounded.
        values: the cheapest solution in whole numbers, of the equations as posed.
        left_s: time, by the solver's clock.
    """

    def __init__(self, asked: Asked, best: Played, known: Known | None = None) -> None:
        self.asked, self.best, self.known = asked, best, known
        self.told = best if known is None else min(best, known.below, key=lambda played: played.worth)
        self.is_told = self.told.ends
        self.bound, self.cents = asked.owed, 0.0  # what is owed must be paid
        self.values: Floats | None = None
        self.left_s = asked.search.time_limit_s
        # One month more than the best plan: a cheaper one may end a little later.
        self.posed = self._pose(int(self.told.result["months"]) + 1 if self.is_told else LONG)

    @property
    def value(self) -> float:
        """What the cheapest solution costs, in minor units."""
        return np.inf if self.values is None else self.posed.cost_of(self.values)

    def relax(self) -> Solution:
        """The equations without whole numbers, over as many months as their solution needs."""
        relaxed = self._relaxed()
        while self.is_told and self.posed.leaves(relaxed.values) and self.lengthen():
            relaxed = self._relaxed()
        self.cents = self._cents(relaxed)
        self.play(self.posed.equations, relaxed.values)
        return relaxed

    def branch(self, limit_s: float, *, options: dict[str, Any] | None = None) -> None:
        """Branch on everything, from the best so far, for so long at most."""
        found = self.solved(self.posed.model, self._start(), limit_s, options=options)
        self.learn(found.bound * (1 - SOLVER_ERROR))
        self.keep(found.values)

    def solved(
        self, model: Assembled, start: Floats | None, limit_s: float, *, options: dict[str, Any] | None = None
    ) -> Solution:
        """What the solver finds, its time being spent."""
        found = model.solve(start, time_limit_s=limit_s, gap=SOLVER_GAP, options=options)
        self.left_s -= max(found.took_s, LEAST_S)
        return found

    def keep(self, values: Floats | None) -> None:
        """Play what was found and remember it, where it is the cheapest yet.

        The same decisions with every rounding against the client close in cents what they close in the equations.
        """
        if values is None or self.posed.cost_of(values) >= self.value - 1e-6 * self.posed.equations.unit:
            return
        self.values = values
        self.play(self.posed.equations, values)
        self.play_decided(values)

    def begin(self, is_open: Floats) -> None:
        """Play what costs least with these debts open (month + 1, debt), as far as it is known."""
        values, z = np.zeros(self.posed.equations.model.count), self.posed.equations.z
        months = min(len(z), len(is_open))
        values[z[:months]] = is_open[:months]
        for places in self.posed.equations.chosen:
            values[places] = np.nan  # for the solver to find
        self.play_decided(values)

    def play_decided(self, values: Floats) -> None:
        """Play what costs least with the whole numbers of a solution, so that it holds in cents.

        Every rounding goes against the client, or a little of each month's money is kept back for those that do.
        """
        for rounding, cents in CAREFULLY:
            if self.is_near():
                return
            strict = self.posed.equations_at(rounding)
            held = self.posed.model.whole & ~np.isnan(values)
            fixed = strict.model.assembled().with_fixed(held, np.rint(values))
            kept = fixed.with_less(strict.of_money, cents * len(self.asked.arrays.debts) / strict.unit)
            self.play(strict, kept.relaxation(time_limit_s=self.asked.search.time_limit_s).values)
            if self.values is not None and self.keeps_its_word():
                return

    def play(self, equations: LeastCost, values: Floats | None) -> None:
        """Let the kernel play a solution."""
        if values is not None:
            in_cents = InCents(self.asked.arrays, self.asked.code, none_missed=self.asked.search.none_missed)
            played = in_cents.play(wanted_by(equations, values))
            self.best = min(self.best, played, key=lambda one: one.worth)

    def learn(self, bound: float) -> None:
        """No plan costs less, in the equations' unit; one beyond their caps costs the ceiling at least."""
        # A thousandth of a minor unit less, past the errors of floats.
        self.bound = max(self.bound, min(bound * self.posed.equations.unit, self.posed.ceiling) - 1e-3)

    def goes_on(self) -> bool:
        """True while there is time, and something to gain."""
        return self.is_told and self.left_s > 0 and not self.is_near()

    def is_near(self) -> bool:
        """True where plan and bound have met, but for what roundings explain."""
        paid = int(self.best.result["paid"])
        # Never so much that a gap above what is called proved would pass.
        explained = min(1.5 * self.cents, 0.8 * PROVED_GAP * paid)
        least = max(self.bound, self.known.enough if self.known else 0.0)
        is_near = self.best.ends and paid - least <= max(SOLVER_GAP * paid, explained)
        return is_near or (self.is_told and self.bound >= self.posed.ceiling * (1 - SOLVER_GAP))  # none is cheaper

    def keeps_its_word(self) -> bool:
        """True where the best plan costs what the cheapest solution says, but for roundings."""
        paid = int(self.best.result["paid"])
        return self.best.ends and paid - self.value <= max(2 * self.cents, WORD * paid)

    def lengthen(self) -> bool:
        """Pose it over more months; False where there can be no more."""
        months = self.posed.terms.months
        longer = min(months + max(months // 2, LONGER), self.asked.most_months)
        if longer > months:
            # Other equations: their values would not fit.
            self.posed, self.values = self._pose(longer), None
        return longer > months

    def _pose(self, months: int) -> Posed:
        arrays, search, months = self.asked.arrays, self.asked.search, min(months, self.asked.most_months)
        terms = terms_of(arrays, months, misses_free=search.misses_free, none_missed=search.none_missed)
        ceiling = float(self.told.result["paid"]) if self.is_told else self.asked.owed * FAR_ABOVE
        return Posed(self.asked, terms, ceiling)

    def _relaxed(self) -> Solution:
        relaxed = self.posed.model.relaxation(time_limit_s=max(self.left_s, LEAST_S))
        self.left_s -= relaxed.took_s
        self.learn(relaxed.bound * (1 - 1e-9))
        return relaxed

    def _start(self) -> Floats | None:
        """The best so far, for the solver to begin with."""
        if self.values is not None:
            return self.values
        values = start_of(self.posed.equations, self.best.rows)
        for places in self.posed.equations.chosen:
            values[places] = np.nan  # for the solver to find
        return values

    def _cents(self, relaxed: Solution) -> float:
        """By how much the bound would be higher if nothing were rounded; roundings cost a plan no more than that."""
        if relaxed.multipliers is None:
            return 0.0
        exact = self.posed.equations_at(0.0)
        bound = exact.model.assembled().dual_bound(relaxed.multipliers)
        return max(bound - relaxed.bound, 0.0) * exact.unit
