"""The least-cost plan debt by debt: money has a price in each month, and each debt is paid at its least cost then.

    bound(price) = sum over debts of V[i](1 + price) - sum over months of price[t] money[t]

It holds for every price >= 0 (Lagrange), also below it in months in which all money is surely spent. The prices are
found by column generation (Dantzig and Wolfe 1960): the ways to pay found so far are mixed at least cost, the mix
prices the months, the prices find new ways; prices are smoothed between the mix's and the best so far (Wentges 1997).
Each debt's choices of what to miss are whole in it, so the bound is narrower than that of the linear relaxation. Units:
money in the equations' unit. Axes: month, debt.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import INFINITY, LinearModel, Solution
from agents.planner.kernel.pricing import (
    CONSTANT,
    FEE,
    INTEREST,
    MAY_CLOSE,
    MAY_MISS,
    MAY_PAY,
    MOST,
    OF_OPENING,
    OPENING,
    PENALTY,
    PRICE,
    RATE,
    SLOPE,
    STATEMENT,
    least_cost,
)
from data.arrays import Flags, Floats, Ints

CELLS = 300  # of balances
MOST_PUNISHED = 24  # months told apart; of longer punishments the rest is left out
CELLS_A_SECOND = 4e7  # about as many as a core prices: a limit that depends on no clock
MOST_ROUNDS = 60
PAID, MISSED, CLOSED = range(3)  # what becomes of a debt in a month
NEAR = 1e-4  # of the bound, between it and the cost of the mix
SMOOTH, SMOOTHEST, LEAST_SMOOTH = 0.8, 0.9, 0.2


@dataclass(frozen=True)
class Priced:
    """What each debt costs at least at some prices: sum of (1 + price) p + b[T] >= cost.

    Shapes: price (month,), cost (debt,).
    """

    price: Floats
    cost: Floats
    bound: float


@dataclass(frozen=True)
class Decomposed:
    """The best prices found, and how much of the best mix misses each minimum (month, debt)."""

    best: Priced
    missed: Floats
    took_s: float


@dataclass(frozen=True)
class _Way:
    """One way to pay a debt.

    Shapes: paid, missed (month,).
    """

    debt: int
    paid: Floats
    missed: Floats
    cost: float


def add_prices(equations: LeastCost, priced: Priced) -> None:
    """State for each debt that it costs no less at these prices: sum of (1 + price) p + b[T] >= V."""
    factors = np.tile(np.append(1.0 + priced.price, 1.0), (len(priced.cost), 1))
    columns = np.vstack([equations.p, equations.b[-1:]]).T
    equations.model.sums(factors, columns, lower=priced.cost)


def decompose(equations: LeastCost, relaxed: Solution, *, time_limit_s: float) -> Decomposed:
    """The bound from the best prices found, beginning with those of the relaxation."""
    multipliers = relaxed.multipliers
    # The relaxation's own multipliers of the money rows are prices already.
    price = np.zeros_like(equations.money) if multipliers is None else -multipliers[equations.of_money]
    return _Decomposition(equations).run(price, time_limit_s)


class _Decomposition:
    """The prices so far, and the ways to pay that they have found."""

    def __init__(self, equations: LeastCost) -> None:
        self.money, self.is_spent = equations.money, equations.surely_short
        self.debts = [PricingProblem(equations, i) for i in range(equations.cap.shape[1])]
        terms = equations.terms
        dearest = float(np.prod(1.0 + (terms.rate + terms.penalty.clip(0)).max(axis=1)))
        self.dearest = min(max(2.0 * dearest, 2.0), 50.0)  # no price need be above it
        self.ways: list[_Way] = []
        self.cost, self.price, self.shares, self.took_s = np.inf, np.zeros_like(self.money), np.zeros(0), 0.0

    def run(self, price: Floats, time_limit_s: float) -> Decomposed:
        """Price, mix and price again, until mix and bound meet."""
        best = self._price(self._allowed(price))
        smooth = SMOOTH
        self._mix()
        for _ in range(MOST_ROUNDS):
            if self.cost - best.bound <= NEAR * abs(best.bound) or self.took_s >= time_limit_s:
                break
            priced = self._price(self._allowed(smooth * best.price + (1.0 - smooth) * self.price))
            is_better = priced.bound > best.bound
            # Bolder after each gain, more careful after each miss (smoothing keeps prices from swinging).
            smooth = min(smooth + 0.03, SMOOTHEST) if is_better else max(smooth - 0.1, LEAST_SMOOTH)
            best = priced if is_better else best
            self._mix()
        return Decomposed(best, self._missed(), self.took_s)

    def _allowed(self, price: Floats) -> Floats:
        return np.clip(price, np.where(self.is_spent, -1.0, 0.0), self.dearest)

    def _price(self, price: Floats) -> Priced:
        found = [debt.price(1.0 + price, place) for place, debt in enumerate(self.debts)]
        self.ways += [way for _, way in found]
        self.took_s += sum(debt.work_s for debt in self.debts)
        cost = np.array([cost for cost, _ in found])
        return Priced(price, cost, float(cost.sum() - price @ self.money))

    def _mix(self) -> None:
        """The cheapest mix of the ways found that the money pays for, and what one more unit of it would save."""
        model = LinearModel()
        share = model.columns((len(self.ways),), cost=[way.cost for way in self.ways])
        months = self.money.shape
        lacking = model.columns(months, upper=INFINITY, cost=self.dearest)
        spare = model.columns(months, upper=np.where(self.is_spent, INFINITY, 0.0), cost=self.dearest)
        paid = np.stack([way.paid for way in self.ways], axis=1)  # (T, way)
        factors = np.hstack([paid, np.full((len(paid), 1), -1.0), np.ones((len(paid), 1))])
        columns = np.hstack([np.broadcast_to(share, paid.shape), lacking[:, None], spare[:, None]])
        model.sums(factors, columns, lower=np.where(self.is_spent, self.money, -INFINITY), upper=self.money)
        debt = np.array([way.debt for way in self.ways])
        for i in range(len(self.debts)):
            model.sums(1.0, share[None, debt == i], lower=1.0, upper=1.0)
        mix = model.assembled().relaxation()
        self.took_s += mix.took_s
        if mix.values is not None and mix.multipliers is not None:
            self.cost, self.price = mix.bound, -mix.multipliers[: len(self.money)]
            self.shares = mix.values[share]

    def _missed(self) -> Floats:
        missed = np.zeros((len(self.money), len(self.debts)))
        for way, share in zip(self.ways, self.shares, strict=False):  # no shares where nothing could be mixed
            missed[:, way.debt] += share * way.missed
        return missed


class PricingProblem:
    """One debt as its pricing wants it.

    Attributes:
        may_miss: months in which its minimum may be missed (month,).
    """

    def __init__(self, equations: LeastCost, i: int) -> None:
        e, terms = equations, equations.terms
        horizon = len(e.money)
        self.months = np.zeros((horizon, 9))
        self.months[:, RATE], self.months[:, PENALTY] = terms.rate[:, i], terms.penalty[:, i]
        # Balances that matter lie below twice the first one; the line above them rises on.
        self.months[:, FEE] = terms.fee[:, i] / e.unit - e.half
        self.months[:, [MAY_PAY, MAY_CLOSE]] = 1.0
        self.months[:, MOST] = np.where(e.surely_short, e.due[:, i], np.inf)
        self.due, self.may_miss = e.due[:, i], terms.short & (e.due[:, i] > 0)
        self.months[:, MAY_MISS] = self.may_miss
        self.pieces = np.stack(list(_pieces(e, i)), axis=1)  # (T, piece, 4)
        lasts, is_punished = int(e.debts["penalty_months"][i]), bool(terms.penalty[:, i].any())
        for_good = is_punished and lasts >= horizon
        kinds = 3 if for_good else min(lasts, MOST_PUNISHED) + 1 if is_punished else 2
        opening = float(e.before[0, i])
        top = min(max(float(e.cap[:, i].max()), opening), 2.0 * opening)
        # A hair wider than the top, so that the top itself lies in the last cell.
        self.debt = np.array([opening, terms.late[i] / e.unit, max(top * 1.0001 / CELLS, 1e-9), float(for_good)])
        self.cells = np.empty((horizon + 1, kinds, CELLS, 2))
        self.least = np.empty((kinds, CELLS, 2))
        self.path = np.empty((horizon + 1, 2))
        self.reached = np.zeros((horizon + 1, kinds), np.bool_)

    def fares(self, months: Ints, is_short: Flags, fate: Ints) -> None:
        """Keep to what becomes of it in these months (of those,): paid and open after it, missed, or closed by then."""
        self.months[:, [MAY_MISS, MAY_PAY, MAY_CLOSE]] = 0.0, 1.0, 1.0
        self.months[:, MOST] = np.inf
        self.months[months[is_short], MOST] = self.due[months[is_short]]
        self.months[months[fate == MISSED], MAY_MISS] = 1.0
        self.months[months[fate != PAID], MAY_PAY] = 0.0
        self.months[: int(months[fate != CLOSED].max(initial=-1)) + 1, MAY_CLOSE] = 0.0

    @property
    def work_s(self) -> float:
        """What pricing it once takes about, on no clock."""
        return int(self.reached.sum()) * CELLS / CELLS_A_SECOND

    def price(self, price: Floats, place: int) -> tuple[float, _Way]:
        """The least cost at these prices of a unit of money (month,), and a way that costs about as much."""
        if self.debt[OPENING] <= 0.0:
            return 0.0, _Way(place, np.zeros(len(price)), np.zeros(len(price)), 0.0)
        self.months[:, PRICE] = price
        slope = 1.0
        growth = 1.0 + self.months[:, RATE] + np.minimum(self.months[:, PENALTY], 0.0)
        for t in range(len(price) - 1, -1, -1):
            self.months[t, SLOPE] = slope  # of the months after this one
            slope = min(price[t], slope) * growth[t]
        cost = least_cost(self.months, self.pieces, self.debt, self.reached, self.cells, self.least, self.path)
        paid, missed = self.path.T.copy()
        return cost, _Way(place, paid[:-1], missed[:-1], float(paid.sum()))


def _pieces(equations: LeastCost, i: int) -> Iterator[Floats]:
    """The pieces of a debt's rule (month, 4); a piece of endless size where the whole is due."""
    months = np.arange(len(equations.money))
    for piece in equations.pieces[i]:
        if not piece.anchored:
            rows = np.zeros((len(months), 4))
            rows[:, STATEMENT], rows[:, OF_OPENING], rows[:, INTEREST] = piece.statement, piece.opening, piece.interest
            constant = (piece.constant - np.asarray(piece.slack)) / equations.unit
            rows[:, CONSTANT] = np.where(piece.months, constant, -np.inf)
            yield rows
    whole = np.zeros((len(months), 4))
    whole[:, CONSTANT] = np.where(months >= equations.whole_from[i], np.inf, -np.inf)
    yield whole
