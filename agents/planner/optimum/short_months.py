"""What becomes of each debt in the months that may fall short, decided for all debts at once, from their least costs.

In each such month a debt is paid (its minimum, and it stays open), missed, or closed by the end of it; in each of some
months the money falls short, in the others it does not (a case). At prices of money (`decomposition.py`), with V the
least cost of a debt that so fares, no plan of the case costs less than

    least over fates of max over prices of sum of V[i](price, fate[i]) - sum of price[t] money[t],
    where sum of minimums of those paid <= money in each of the months, and some minimum is missed in each short one

Each choice is tried in the equations, whose multipliers give the next prices (Benders 1962; with Lagrangian cuts).
Units: money in the equations' unit. Axes: month, debt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import INFINITY, Assembled, LinearModel
from agents.planner.kernel.pricing import NEVER
from agents.planner.optimum.decomposition import CELLS, CELLS_A_SECOND, CLOSED, MISSED, PAID, PricingProblem
from data.arrays import Flags, Floats, Ints

MOST_LACKING = 50.0  # no unit of money need be worth more


@dataclass
class ShortMonthsCase:
    """In which months money falls short, and what is known of plans in which it does in these.

    Attributes:
        months: those that may fall short; is_short: whether they do, as told here.
        fates: all ways in which a debt may fare (fate, month of those).
        choice: the cheapest fate of each debt that was not tried, by its place in `fates` (debt,); None: there is none.
        bound: no plan of the case that was not tried costs less; tried: nor one that was.
    """

    equations: LeastCost
    debts: list[PricingProblem]
    months: Ints
    is_short: Flags
    bound: float = 0.0
    tried: float = INFINITY
    choice: Ints | None = None
    costs: list[tuple[Floats, float]] = field(default_factory=list[tuple[Floats, float]])
    excluded: list[Ints] = field(default_factory=list[Ints])

    def __post_init__(self) -> None:
        self.fates = np.array(list(_fates(self.is_short)))
        self.allowed = np.stack([self._allowed(i) for i in range(len(self.debts))])  # (D, fate)
        self.is_spent = np.zeros(len(self.equations.money), bool)
        self.is_spent[self.months[self.is_short]] = True
        self.minimum = np.stack([_minimum(self.equations, i)[self.months] for i in range(len(self.debts))], axis=1)

    def _allowed(self, i: int) -> Flags:
        e = self.equations
        stays_open = e.least[self.months + 1, i] * e.unit >= 1.0
        missable = self.debts[i].may_miss[self.months]
        return ~(((self.fates == CLOSED) & stays_open) | ((self.fates == MISSED) & ~missable)).any(axis=1)

    def price(self, price: Floats) -> float:
        """Learn what each debt costs at least in each of its fates, at these prices (month,); the time it took."""
        took_s = 0.0
        price = np.clip(price, np.where(self.is_spent, -1.0, 0.0), MOST_LACKING)
        cost = np.full(self.allowed.shape, NEVER)
        for i, debt in enumerate(self.debts):
            for place in np.flatnonzero(self.allowed[i]):
                debt.fares(self.months, self.is_short, self.fates[place])
                cost[i, place] = debt.price(1.0 + price, i)[0]
                took_s += debt.work_s
        self.costs.append((cost, float(price @ self.equations.money)))
        return took_s

    def choose(self, *, time_limit_s: float) -> float:
        """Choose the cheapest fates that were not tried, and learn their bound; the time it took."""
        model, (count, size) = LinearModel(), self.allowed.shape
        # Fates that cost as much as what is not allowed cannot happen at all.
        possible = self.allowed & (self.costs[0][0] < NEVER / 100)
        x = model.columns((count, size), upper=possible, whole=True)
        total = model.columns((1,), upper=INFINITY, cost=1.0)
        model.sums(1.0, x, lower=1.0, upper=1.0)
        flat = x.reshape(1, -1)
        for k, t in enumerate(self.months):
            paid = np.outer(self.minimum[k], self.fates[:, k] == PAID).reshape(1, -1)
            # A hair more money, for the solver's tolerances.
            model.sums(paid, flat, upper=self.equations.money[t] + 1e-6)
            if self.is_short[k]:
                model.sums(np.tile(self.fates[:, k] == MISSED, count)[None] * 1.0, flat, lower=1.0)
        for cost, money in self.costs:
            factors = np.append(-np.where(possible, cost, 0.0).ravel(), 1.0)
            model.sums(factors[None], np.append(flat[0], total)[None], lower=-money)
        for fates in self.excluded:
            # No-good cut: not all debts may fare again as in a choice that was tried.
            model.sums(1.0, x[np.arange(count), fates][None], upper=count - 1.0)
        found = model.assembled().solve(None, time_limit_s=time_limit_s, gap=1e-6)
        self.bound = max(self.bound, found.bound)
        self.choice = None if found.values is None else found.values[x].argmax(axis=1)
        return found.took_s

    def chosen(self, model: Assembled) -> Assembled:
        """The equations with every debt faring as chosen."""
        e, fates = self.equations, self.fates[self.choice]  # (D, month)
        held, values = np.zeros(model.whole.size, bool), np.zeros(model.whole.size)
        held[e.m], held[e.s], held[e.z[self.months + 1]] = True, True, True
        values[e.m[self.months]] = (fates == MISSED).T
        values[e.s] = self.is_spent
        values[e.z[self.months + 1]] = (fates != CLOSED).T
        return model.with_fixed(held, values)

    def learn(self, bound: float) -> None:
        """The choice was tried: no plan with these fates costs less."""
        if self.choice is not None:
            # It was among what `choose` bounded; a try that the clock cut off may know less than that.
            self.tried = min(self.tried, max(bound, self.bound))
            self.excluded.append(self.choice)


def cases_of(equations: LeastCost, *, most_s: float) -> list[ShortMonthsCase]:
    """Every case; none where pricing all their fates once would take longer than that."""
    months = np.flatnonzero(equations.terms.short)
    sure = equations.surely_short[months]
    unsure, count = int((~sure).sum()), len(equations.debts)
    ways = 2 ** (len(months) + 1 + unsure) * count  # a whole number, however many months there are
    if ways * equations.terms.months * CELLS > most_s * CELLS_A_SECOND:
        return []
    debts = [PricingProblem(equations, i) for i in range(count)]
    cases: list[ShortMonthsCase] = []
    for told in product((False, True), repeat=unsure):
        is_short = sure.copy()
        is_short[~sure] = told
        cases.append(ShortMonthsCase(equations, debts, months, is_short))
    return cases


def _fates(is_short: Flags) -> Iterator[tuple[int, ...]]:
    """Paid or missed month by month, missed only where money falls short, and closed from some month on."""
    for still_open in range(len(is_short) + 1):
        ways = [(PAID, MISSED) if short else (PAID,) for short in is_short[:still_open]]
        for way in product(*ways):
            yield way + (CLOSED,) * (len(is_short) - still_open)


def _minimum(equations: LeastCost, i: int) -> Floats:
    """What a debt gets at least in a month whose minimum is paid, and after which it is open (month,)."""
    least = equations.least_due[:, i].copy()
    for piece in equations.pieces[i]:
        if not piece.anchored:
            least = np.maximum(
                least, np.where(piece.months, piece.constant - np.asarray(piece.slack), 0) / equations.unit
            )
    return least
