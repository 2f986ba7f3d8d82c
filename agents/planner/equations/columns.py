"""The least-cost plan as equations: payments, closings, and which debts are open, month by month.

Every plan that the kernel can play satisfies them, in cents and with all its roundings, at no more than it costs there:
their optimum is a lower bound. Each rounding goes the client's way by at most half a minor unit; what is not linear is
left out or taken at its cheapest. docs/methodology.md, section 12, has the equations and says why each holds.
Units: money in `unit` minor units. Axes: month, debt. Knows nothing of solvers or of how a plan is read back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.equations.due_pieces import Piece, adds_up, due_whole_from, pieces_of
from agents.planner.equations.least_owed import least_owed
from agents.planner.equations.linear_model import LinearModel
from agents.planner.equations.missed_minimums import add_caps_after_misses, add_lacking, add_penalties, add_shortfalls
from agents.planner.equations.offering import Offering, add_moves, proportional
from agents.planner.equations.terms import Terms

Array = np.ndarray[Any, Any]
Term = tuple[Any, Array]
HALF = 0.5  # minor units that one rounding may go either way
LOOSE = 1.01  # how much wider caps are where roundings go against the client, which the kernel's own do not


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the equations read the rules.

    Attributes:
        rounding: 1 lets every rounding go the client's way, as the bound needs it; -1 against; 0 is exact.
        misses_free: a minimum may be missed in any month, at its price.
        protect_secured: where minimums are missed, secured debts come first.
    """

    rounding: float = 1.0
    misses_free: bool = False
    protect_secured: bool = True


class LeastCost:
    """The equations of one portfolio; plans that cost `ceiling` or more need not satisfy them.

    Attributes:
        b: what is owed before the first month (row 0) and after each month (month + 1, debt).
        p: what is paid (month, debt).
        z: 1 where something is owed, as b (month + 1, debt).
        m: 1 where a minimum is missed (month, debt); s: 1 where the money falls short of the minimums (month,).
        w: 1 while a debt's penalty rate is in force; y: what it owes then, as b; q: what is paid on it then, as p.
        c: charges on what is paid above the minimum (month, debt).
        moved: what goes to offers before the first month (pair,), None where there are none.
    """

    def __init__(
        self,
        arrays: PortfolioArrays,
        terms: Terms,
        ceiling: float,
        reading: Reading,
        offering: Offering | None = None,
    ) -> None:
        self.debts, self.terms, self.reading = arrays.debts, terms, reading
        self.pieces = pieces_of(arrays, terms)
        self.moves = np.zeros(len(arrays.debts), bool) if offering is None else offering.movable(len(arrays.debts))
        if offering is not None:
            self.pieces = proportional(self.pieces, terms.opening, offering)
            self.terms = terms = offering.freed(terms)
        self.adds_up = [adds_up(arrays, i) for i in range(len(arrays.debts))]
        self.whole_from = due_whole_from(arrays)
        self.start = int(arrays.portfolios["start"][0])
        self._scale(ceiling)
        self.model = LinearModel()
        self._state_all(offering)

    def _scale(self, ceiling: float) -> None:
        """Every bound on balances and payments, in units of money."""
        terms, reading = self.terms, self.reading
        self.unit = 10.0 ** max(np.floor(np.log10(max(terms.opening.sum(), 1.0))) - 4, 0)
        self.half = HALF * reading.rounding / self.unit
        self.loose = loose = 1.0 if reading.rounding >= 0 else LOOSE  # caps hold for no worse roundings than there are
        self.cap, self.due = (np.minimum(most, ceiling) * loose / self.unit for most in (terms.cap, terms.due))
        self.money = np.minimum(terms.money, ceiling) / self.unit
        self.before = np.vstack([terms.opening / self.unit, self.cap[:-1]])  # caps of what a month opens with (T, D)
        known = np.where(self.moves, 0.0, terms.opening)  # what a debt opens with at least
        least, most, least_due = least_owed(terms, self.pieces, known, misses_free=reading.misses_free)
        self.least_due = least_due / self.unit
        self.least = np.vstack([known, least / loose]) / self.unit  # (T + 1, D)
        self.most_paid = np.minimum(most, ceiling) / self.unit

    def _state_all(self, offering: Offering | None) -> None:
        """Every equation, in an order in which each finds its columns."""
        self._columns()
        self.falls_due, self.back = self._deferred()
        self._charges()
        self._balances()
        self._openness()
        self._minimums()
        add_penalties(self)
        add_caps_after_misses(self)
        add_lacking(self)
        self.of_spending = np.zeros(0, np.int64) if self.reading.misses_free else add_shortfalls(self)
        self.moved = None if offering is None else add_moves(self, offering)

    def _columns(self) -> None:
        months, count = self.cap.shape
        model, terms, opening = self.model, self.terms, self.before[0]
        nothing = np.zeros((months, count))
        cost = np.vstack([nothing, np.ones(count)])  # what is owed in the end must be paid some time
        top = np.vstack([opening, self.cap])
        bottom = np.vstack([np.where(self.moves, 0.0, opening), nothing])
        self.b = model.columns((months + 1, count), lower=bottom, upper=top, cost=cost)
        self.p = model.columns((months, count), upper=self.most_paid, cost=1.0)
        first = (opening > 0) * 1.0
        whole = np.vstack([self.moves & self._costs_while_open(), nothing + self._costs_while_open()])
        lower, upper = (self.least * self.unit >= 1.0) * 1.0, np.vstack([first, self.cap > 0])
        self.z = model.columns((months + 1, count), lower=lower, upper=upper, whole=whole)
        short = terms.short[:, None] & (self.due > 0)
        self.m = model.columns((months, count), upper=short, whole=short)
        falls_short = self.least_due.sum(axis=1) * self.unit >= terms.money + 1.0
        self.surely_short = terms.short & falls_short & (not self.reading.misses_free)
        self.s = model.columns((months,), lower=self.surely_short, upper=terms.short, whole=terms.short)
        can = self.can_be_penalised()
        self.w = model.columns((months, count), upper=can)
        self.y = model.columns((months, count), upper=np.where(can, self.before, 0.0))
        self.q = model.columns((months, count), upper=np.where(can, self.most_paid, 0.0))
        self.c = model.columns((months, count), upper=np.where(self.is_charged(), self.money[:, None], 0.0))

    def _costs_while_open(self) -> Array:
        """Debts that cost or want something while they are open, however little is owed (debt,)."""
        wants = np.array([any(p.constant or p.anchored for p in pieces) for pieces in self.pieces])
        return wants | (self.terms.fee > 0).any(axis=0) | (self.terms.deadline >= 0)

    def can_be_penalised(self) -> Array:
        """Months that follow one in which a minimum may have been missed (month, debt)."""
        return self._after_a_miss()[:, None] & (self.terms.penalty != 0)

    def _after_a_miss(self) -> Array:
        return np.concatenate([[False], np.logical_or.accumulate(self.terms.short)[:-1]])

    def is_charged(self) -> Array:
        """Where paying above the minimum costs a charge (month, debt)."""
        month = np.arange(len(self.money))[:, None] + self.start
        return (self.debts["prepayment_rate"] > 0) & (month <= self.debts["prepayment_until"])

    def _balances(self) -> None:
        """Closing + payment >= opening + interest + fees + charges, and all payments <= money.

        b[t+1] + p[t] - c[t] >= (1 + r[t]) b[t] + more[t] y[t] + fee[t] z[t] + late m[t-1] + deferred[t] - half
        sum over debts of p[t] <= money[t]
        """
        terms = self.terms
        late = np.where(_lagged(terms.short[:, None] & (self.due > 0)), terms.late / self.unit, 0.0)
        rounds = (terms.rate > 0) | (terms.penalty != 0)
        free = terms.rate * terms.still_charged / self.unit  # fees to come bear no interest
        self.model.rows(
            *((1.0, self.b[1:]), (1.0, self.p), (-1.0 * self.is_charged(), self.c)),
            *((-1.0 - terms.rate, self.b[:-1]), (-terms.penalty * self.can_be_penalised(), self.y)),
            *((-terms.fee / self.unit, self.z[:-1]), (-late, _lagged_places(self.m))),
            (-1.0 * self.falls_due, self.back),
            lower=-(rounds * self.half + free),
        )
        self.of_money = self.model.sums(1.0, self.p, upper=self.money)

    def _deferred(self) -> tuple[Array, Array]:
        """Deferred interest falls due in the month after its deadline if the debt is open then.

        back >= sum of d[t] b[t] - most (1 - z[deadline + 1]) - half, charged in month deadline + 1
        """
        months, count = self.cap.shape
        falls_due = np.zeros((months, count))
        back = np.zeros((months, count), np.int64)
        for i in np.flatnonzero((self.terms.deadline >= 0) & (self.terms.deadline + 1 < months)):
            last = int(self.terms.deadline[i])
            counted = self.terms.deferred[: last + 1, i].copy()
            ever = float(counted @ self.before[: last + 1, i]) + 1.0 / self.unit
            if self.debts["penalty_rate"][i] >= 0:  # months at a penalty rate add nothing
                counted[self._after_a_miss()[: last + 1]] = 0.0
            most = float(counted @ self.before[: last + 1, i])
            place = self.model.columns((1,), upper=ever)
            columns = np.concatenate([place, [self.z[last + 1, i]], self.b[: last + 1, i]])
            free = float(counted @ self.terms.still_charged[: last + 1, i]) / self.unit
            factors = np.concatenate([[1.0, -most], -counted])
            self.model.sums(factors[None], columns[None], lower=-most - self.half - free)
            falls_due[last + 1, i], back[last + 1, i] = 1.0, place[0]
        return falls_due, back

    def _openness(self) -> None:
        """b[t] <= cap z[t]; what is closed stays closed: z[t+1] <= z[t]."""
        needed = np.flatnonzero(self._costs_while_open())
        self.model.rows((1.0, self.b[1:, needed]), (-self.cap[:, needed], self.z[1:, needed]), upper=0.0)
        self.model.rows((1.0, self.z[1:, needed]), (-1.0, self.z[:-1, needed]), upper=0.0)
        moved = np.flatnonzero(self.moves)
        self.model.rows((1.0, self.b[0, moved]), (-self.before[0, moved], self.z[0, moved]), upper=0.0)

    def _minimums(self) -> None:
        """p[t] >= each piece of the rule, unless the minimum is missed: p[t] >= piece - due m[t]."""
        for i, pieces in enumerate(self.pieces):
            for piece in pieces:
                self._minimum(i, piece)
            late = np.flatnonzero(self.terms.short & (np.arange(len(self.money)) >= self.whole_from[i]))
            self.model.rows((1.0, self.b[late + 1, i]), (-self.cap[late, i], self.m[late, i]), upper=0.0)

    def _minimum(self, i: int, piece: Piece) -> None:
        t = np.flatnonzero(piece.months)
        slack = np.broadcast_to(piece.slack, piece.months.shape)[t] * self.half / HALF
        wanted = [(-factor, place) for factor, place in self._value(i, piece, t)]
        missable = (self._forgone(i, piece)[t], self.m[t, i])
        if piece.anchored:  # share b[anchor] - most (1 - z[t+1])
            most = piece.anchored * self.before[piece.anchor, i]
            wanted += [(-piece.anchored, np.broadcast_to(self.b[piece.anchor, i], t.shape)), (-most, self.z[t + 1, i])]
            slack = slack + most
        self.model.rows((1.0, self.p[t, i]), *wanted, missable, lower=-slack)
        on = self.can_be_penalised()[t, i]
        if piece.constant and not piece.statement and on.any():
            t = t[on]  # the same of what bears its own rate, and of what does not
            least = piece.constant / self.unit
            kept = [(1.0, self.p[t, i]), (-1.0, self.q[t, i]), (-least, self.z[t + 1, i]), (least, self.w[t, i])]
            miss = (self._forgone(i, piece)[t], self.m[t, i])
            self.model.rows(*kept, miss, lower=0.0)
            self.model.rows((1.0, self.q[t, i]), (-least, self.w[t, i]), (-least, self.z[t + 1, i]), miss, lower=-least)

    def _forgone(self, i: int, piece: Piece) -> Array:
        """The most that a piece can ask for, in months in which it may be missed (month,)."""
        constant = piece.constant / self.unit
        alone = not piece.statement and not np.any(piece.opening) and not piece.interest
        most = np.maximum(self.due[:, i], constant) if alone else self.due[:, i] + constant
        return most * self.terms.short

    def _value(self, i: int, piece: Piece, t: Array) -> Iterator[Term]:
        """S statement + opening b[t] + interest + constant z[t+1], the statement being b[t+1] + p[t] - c[t]."""
        if piece.statement:
            yield piece.statement, self.b[t + 1, i]
            yield piece.statement, self.p[t, i]
            yield -piece.statement * self.is_charged()[t, i], self.c[t, i]
        opening = np.broadcast_to(piece.opening, piece.months.shape)[t] + piece.interest * self.terms.rate[t, i]
        yield opening, self.b[t, i]
        yield piece.interest * self.terms.penalty[t, i] * self.can_be_penalised()[t, i], self.y[t, i]
        yield piece.interest * self.falls_due[t, i], self.back[t, i]
        yield piece.constant / self.unit, self.z[t + 1, i]

    def _charges(self) -> None:
        """Charges: c >= rate (p - due) - half, the due being at most its cap and at most the sum of the pieces."""
        for i in np.flatnonzero(self.is_charged().any(axis=0)).tolist():
            rate = min(self.debts["prepayment_rate"][i] / 1e12, 1.0)
            t = np.flatnonzero(self.is_charged()[:, i] & (np.arange(len(self.money)) < self.whole_from[i]))
            self.model.rows((1.0, self.c[t, i]), (-rate, self.p[t, i]), lower=-rate * self.due[t, i] - self.half)
            if self.adds_up[i]:
                due = [(rate * factor, place) for factor, place in self.sum_of_pieces(i, t)]
                most = rate * self.constants(i) + self.half
                self.model.rows((1.0, self.c[t, i]), (-rate, self.p[t, i]), *due, lower=-most)

    def sum_of_pieces(self, i: int, t: Array) -> Iterator[Term]:
        """All pieces of a rule in months t, but for their constants."""
        for piece in self.pieces[i]:
            yield from self._value(i, replace(piece, constant=0.0), t)

    def constants(self, i: int) -> float:
        """Constants and roundings of all pieces of a rule."""
        return sum(piece.constant / self.unit + abs(self.half) for piece in self.pieces[i])


def _lagged(values: Array) -> Array:
    """The values of the month before; false in the first."""
    return np.vstack([np.zeros_like(values[:1]), values[:-1]])


def _lagged_places(columns: Array) -> Array:
    return np.vstack([columns[:1], columns[:-1]])
