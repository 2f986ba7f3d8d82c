"""The least-cost plan as equations: payments, closings, and which debts are open, month by month.

Every plan that the kernel can play satisfies them, in cents and with all its roundings, at no more than it costs there:
their optimum is a lower bound. Each rounding goes the client's way by at most half a minor unit; what is not linear is
left out or taken at its cheapest. docs/methodology.md, section 12, has the equations and says why each holds. Units:
money in `unit` minor units. Axes: month, debt.
"""

from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.equations.columns import HALF, Columns, Given, RuleReading, Term
from agents.planner.equations.due_pieces import Piece, pieces_of
from agents.planner.equations.missed_minimums import add_caps_after_misses, add_lacking, add_penalties, add_shortfalls
from agents.planner.equations.offering import Offering, add_moves, proportional
from agents.planner.equations.terms import Terms
from data.arrays import Flags, Floats, Ints


class LeastCost(Columns):
    """The equations of one portfolio; plans that cost `ceiling` or more need not satisfy them.

    Attributes:
        of_money: the rows that no more is paid than there is (month,); of_spending: that all of it is (short month,).
        chosen: whole columns that say which piece of a rule is the largest, which a plan's balances decide.
        moved: what goes to offers before the first month (pair,), None where there are none.
    """

    def __init__(
        self,
        arrays: PortfolioArrays,
        terms: Terms,
        ceiling: float,
        reading: RuleReading,
        offering: Offering | None = None,
    ) -> None:
        pieces, moves = pieces_of(arrays, terms), np.zeros(len(arrays.debts), bool)
        if offering is not None:
            pieces, moves = proportional(pieces, terms.opening, offering), offering.movable(len(moves))
            terms = offering.freed(terms)
        super().__init__(Given(arrays, terms, pieces, moves, ceiling, reading))
        self.chosen: list[Ints] = []
        self._put_off()
        self._charges()
        self._balances()
        self._openness()
        self._minimums()
        add_penalties(self)
        add_caps_after_misses(self)
        add_lacking(self)
        self.of_spending = np.zeros(0, np.int64) if reading.misses_free else add_shortfalls(self)
        self.moved = None if offering is None else add_moves(self, offering)

    def _put_off(self) -> None:
        """Deferred interest falls due in the month after its deadline if the debt is open then.

        back >= sum of d[t] b[t] - most (1 - z[deadline + 1]) - half, charged in month deadline + 1
        """
        for i, after in np.argwhere(self.falls_due.T > 0):
            counted = self.terms.deferred[:after, i].copy()
            if self.debts["penalty_rate"][i] >= 0:  # months at a penalty rate add nothing
                counted[self.after_a_miss()[:after]] = 0.0
            most = float(counted @ self.before[:after, i])
            columns = np.concatenate([[self.back[after, i], self.z[after, i]], self.b[:after, i]])
            free = float(counted @ self.terms.still_charged[:after, i]) / self.unit
            factors = np.concatenate([[1.0, -most], -counted])
            self.model.sums(factors[None], columns[None], lower=-most - self.half - free)

    def _charges(self) -> None:
        """Charges: c >= rate (p - due) - half; the due is at most its cap, the sum of its pieces, and their chord."""
        for i in np.flatnonzero(self.is_charged().any(axis=0)).tolist():
            rate = min(self.debts["prepayment_rate"][i] / 1e12, 1.0)
            t = np.flatnonzero(self.is_charged()[:, i] & (np.arange(len(self.money)) < self.whole_from[i]))
            self._charge(i, t, rate, [], rate * self.due[t, i])
            if self.adds_up[i] and self.pieces[i]:
                due = [(rate * factor, place) for factor, place in self.sum_of_pieces(i, t)]
                self._charge(i, t, rate, due, rate * self.constants(i))
                self._charge_by_chord(i, t, rate)

    def _charge(self, i: int, t: Ints, rate: float, due: list[Term], constant: Any) -> None:
        """State c - rate p + due >= -constant, but for a rounding while the debt is open."""
        rounding, open_ = self.half - self.open_half[i], (self.open_half[i], self.z[t, i])
        self.model.rows((1.0, self.c[t, i]), (-rate, self.p[t, i]), *due, open_, lower=-constant - rounding)

    def _charge_by_chord(self, i: int, t: Ints, rate: float) -> None:
        """The largest of the pieces is convex in the opening balance, so no due is above the chord between its bounds.

        Where the balance decides which piece is the largest, that is a whole decision u, one for each piece k:
        due <= piece k + most (1 - u[k]), sum of u >= 1. Where a miss or interest put off may have raised the statement
        nothing is stated.
        """
        t = t[~self.after_a_miss()[t] & (self.falls_due[t, i] == 0)]
        low, high = self.least[t, i], np.maximum(self.before[t, i], self.least[t, i] + 1.0 / self.unit)
        slope, constant = self._asked(i, t)  # (K, T) each
        at_low, at_high = slope * low + constant, slope * high + constant
        chord = (at_high.max(axis=0) - at_low.max(axis=0)) / (high - low)
        self._charge(i, t, rate, [(rate * chord, self.b[t, i])], rate * (at_low.max(axis=0) - chord * low))
        first, last = at_low.argmax(axis=0), at_high.argmax(axis=0)
        known = (first == last) & (first == np.arange(len(slope))[:, None])  # (K, T)
        largest = self.model.columns(slope.shape, lower=known, upper=known | (first != last), whole=True)
        self.chosen.append(largest.ravel())
        self.model.sums(1.0, largest.T, lower=1.0)
        for k, mine in enumerate(largest):
            most = np.maximum(at_low.max(axis=0) - at_low[k], at_high.max(axis=0) - at_high[k])
            due = [(rate * slope[k], self.b[t, i]), (-rate * most, mine)]
            self._charge(i, t, rate, due, rate * (constant[k] + most))

    def _asked(self, i: int, t: Ints) -> tuple[Floats, Floats]:
        """The most that each piece asks for in months t: slope x opening balance + constant.

        Shapes: (piece, month) each.
        """
        rate, half = self.terms.rate[t, i], HALF / self.unit
        slope, constant = np.zeros((2, len(self.pieces[i]), len(t)))
        for k, piece in enumerate(self.pieces[i]):
            of_opening = np.broadcast_to(piece.opening, piece.months.shape)[t]
            slope[k] = piece.statement * (1.0 + rate) + of_opening + piece.interest * rate
            constant[k] = piece.statement * (half + self.terms.fee[t, i] / self.unit) + piece.interest * half
            constant[k] += piece.constant / self.unit + half
        return slope, constant

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
            *((-1.0 * self.falls_due, self.back), (self.open_half * rounds, self.z[:-1])),
            lower=-(rounds * (self.half - self.open_half) + free),
        )
        self.of_money = self.model.sums(1.0, self.p, upper=self.money)

    def _openness(self) -> None:
        """b[t] <= cap z[t]; what is closed stays closed: z[t+1] <= z[t]."""
        needed = np.flatnonzero(self.costs_while_open())
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
        most = 0.0
        if piece.anchored:  # share b[anchor] - most (1 - z[t+1])
            most = piece.anchored * self.before[piece.anchor, i]
            wanted += [(-piece.anchored, np.broadcast_to(self.b[piece.anchor, i], t.shape)), (-most, self.z[t + 1, i])]
        open_slack = slack if self.open_half[i] else 0.0 * slack
        wanted += [(open_slack, self.z[t, i])]
        self.model.rows((1.0, self.p[t, i]), *wanted, missable, lower=-(slack - open_slack + most))
        on = self.can_be_penalised()[t, i]
        if piece.constant and not piece.statement and on.any():
            t = t[on]  # the same of what bears its own rate, and of what does not
            least = piece.constant / self.unit
            kept = [(1.0, self.p[t, i]), (-1.0, self.q[t, i]), (-least, self.z[t + 1, i]), (least, self.w[t, i])]
            miss = (self._forgone(i, piece)[t], self.m[t, i])
            self.model.rows(*kept, miss, lower=0.0)
            self.model.rows((1.0, self.q[t, i]), (-least, self.w[t, i]), (-least, self.z[t + 1, i]), miss, lower=-least)

    def _forgone(self, i: int, piece: Piece) -> Floats:
        """The most that a piece can ask for, in months in which it may be missed (month,)."""
        constant = piece.constant / self.unit
        alone = not piece.statement and not np.any(piece.opening) and not piece.interest
        most = np.maximum(self.due[:, i], constant) if alone else self.due[:, i] + constant
        return most * self.terms.short


def _lagged(values: Flags) -> Flags:
    """The values of the month before; false in the first."""
    return np.vstack([np.zeros_like(values[:1]), values[:-1]])


def _lagged_places(columns: Ints) -> Ints:
    return np.vstack([columns[:1], columns[:-1]])
