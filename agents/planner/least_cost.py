"""The least-cost plan as equations: payments, closings, and which debts are open, month by month.

Every plan that the kernel can play satisfies them, in cents and with all its roundings, at no more than it costs there:
their optimum is a lower bound. Each rounding goes the client's way by at most half a minor unit; what is not linear is
left out or taken at its cheapest. docs/methodology.md, section 8, has the equations and says why each holds.
Units: money in `unit` minor units. Axes: month, debt. Knows nothing of solvers or of how a plan is read back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays import PortfolioArrays
from agents.planner.due_pieces import Piece, adds_up, due_whole_from, pieces_of
from agents.planner.least_owed import least_owed
from agents.planner.linear_model import LinearModel
from agents.planner.terms import Terms

Array = np.ndarray[Any, Any]
Term = tuple[Any, Array]
HALF = 0.5  # minor units that one rounding may go either way
LOOSE = 1.01


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
    """

    def __init__(self, arrays: PortfolioArrays, terms: Terms, ceiling: float, reading: Reading) -> None:
        self.debts, self.terms, self.reading = arrays.debts, terms, reading
        self.pieces = pieces_of(arrays, terms)
        self.adds_up = [adds_up(arrays, i) for i in range(len(arrays.debts))]
        self.whole_from = due_whole_from(arrays)
        self.start = int(arrays.portfolios["start"][0])
        self.unit = 10.0 ** max(np.floor(np.log10(max(terms.opening.sum(), 1.0))) - 4, 0)
        self.half = HALF * reading.rounding / self.unit
        self.loose = loose = (
            1.0 if reading.rounding >= 0 else LOOSE
        )  # caps hold for roundings as they come, not for worse ones
        self.cap, self.due = (np.minimum(most, ceiling) * loose / self.unit for most in (terms.cap, terms.due))
        self.money = np.minimum(terms.money, ceiling) / self.unit
        self.before = np.vstack([terms.opening / self.unit, self.cap[:-1]])  # caps of what a month opens with (T, D)
        least, most, least_due = least_owed(terms, self.pieces, misses_free=reading.misses_free)
        self.least_due = least_due / self.unit
        self.least = np.vstack([terms.opening, least / loose]) / self.unit  # (T + 1, D)
        self.most_paid = np.minimum(most, ceiling) / self.unit
        self.model = LinearModel()
        self._columns(least_due)
        self.falls_due, self.back = self._deferred()
        self._charges()
        self._penalties()
        self._balances()
        self._openness()
        self._minimums()
        if not reading.misses_free:
            self._shortfalls()

    def _columns(self, least_due: Array) -> None:
        months, count = self.cap.shape
        model, terms, opening = self.model, self.terms, self.before[0]
        nothing = np.zeros((months, count))
        cost = np.vstack([nothing, np.ones(count)])  # what is owed in the end must be paid some time
        top = np.vstack([opening, self.cap])
        self.b = model.columns((months + 1, count), lower=np.vstack([opening, nothing]), upper=top, cost=cost)
        self.p = model.columns((months, count), upper=self.most_paid, cost=1.0)
        first = (opening > 0) * 1.0
        whole = np.vstack([0 * first, nothing + self._costs_while_open()])
        lower, upper = (self.least * self.unit >= 1.0) * 1.0, np.vstack([first, self.cap > 0])
        self.z = model.columns((months + 1, count), lower=lower, upper=upper, whole=whole)
        short = terms.short[:, None] & (self.due > 0)
        self.m = model.columns((months, count), upper=short, whole=short)
        surely = terms.short & (least_due.sum(axis=1) >= terms.money + 1.0) & (not self.reading.misses_free)
        self.s = model.columns((months,), lower=surely, upper=terms.short, whole=terms.short)
        can = self._can_be_penalised()
        self.w = model.columns((months, count), upper=can)
        self.y = model.columns((months, count), upper=np.where(can, self.before, 0.0))
        self.q = model.columns((months, count), upper=np.where(can, self.most_paid, 0.0))
        self.c = model.columns((months, count), upper=np.where(self._is_charged(), self.money[:, None], 0.0))

    def _costs_while_open(self) -> Array:
        """Debts that cost or want something while they are open, however little is owed (debt,)."""
        wants = np.array([any(p.constant or p.anchored for p in pieces) for pieces in self.pieces])
        return wants | (self.terms.fee > 0).any(axis=0) | (self.terms.deadline >= 0)

    def _can_be_penalised(self) -> Array:
        """Months that follow one in which a minimum may have been missed (month, debt)."""
        return self._after_a_miss()[:, None] & (self.terms.penalty != 0)

    def _after_a_miss(self) -> Array:
        return np.concatenate([[False], np.logical_or.accumulate(self.terms.short)[:-1]])

    def _is_charged(self) -> Array:
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
            *((1.0, self.b[1:]), (1.0, self.p), (-1.0 * self._is_charged(), self.c)),
            *((-1.0 - terms.rate, self.b[:-1]), (-terms.penalty * self._can_be_penalised(), self.y)),
            *((-terms.fee / self.unit, self.z[:-1]), (-late, _lagged_places(self.m))),
            (-1.0 * self.falls_due, self.back),
            lower=-(rounds * self.half + free),
        )
        self.model.sums(1.0, self.p, upper=self.money)

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

    def _penalties(self) -> None:
        """A debt whose penalty rate is in force owes y; y = b w, told by what follows from b's own equation times w.

        y[t+1] >= (1 + r + more) y[t] + late m[t-1] - q[t] - cap left[t] + least come[t]
        w[t+1] = w[t] + come[t] - left[t]
        least w <= y <= cap w; b - y <= cap (1 - w); q <= p, q <= most w; w[t] >= m of each month that is still punished
        """
        on = np.argwhere(self._can_be_penalised())
        if len(on) == 0:
            return
        t, i = on[:, 0], on[:, 1]
        rows, w, y, q = self.model.rows, self.w[t, i], self.y[t, i], self.q[t, i]
        most, least = self.before[t, i], self.least[t, i]
        rows((1.0, y), (-most, w), upper=0.0)
        rows((1.0, y), (-least, w), lower=0.0)
        rows((1.0, self.b[t, i]), (-1.0, y), (most, w), upper=most)
        rows((1.0, q), (-1.0, self.p[t, i]), upper=0.0)
        rows((1.0, q), (-self.most_paid[t, i], w), upper=0.0)
        rows((1.0, w), (-1.0, self.m[t - 1, i]), lower=0.0)
        self._punished(t, i)
        self._penalised_balances()

    def _punished(self, t: Array, i: Array) -> None:
        lasts = self.debts["penalty_months"][i]
        for_good = lasts >= len(self.money)
        for back in range(2, int(lasts[~for_good].max(initial=0)) + 1):
            far = ~for_good & (lasts >= back) & (t >= back)
            self.model.rows((1.0, self.w[t[far], i[far]]), (-1.0, self.m[t[far] - back, i[far]]), lower=0.0)
        self.model.rows(
            (1.0, self.w[t[for_good], i[for_good]]), (-1.0, self.w[t[for_good] - 1, i[for_good]]), lower=0.0
        )

    def _penalised_balances(self) -> None:
        can, terms = self._can_be_penalised(), self.terms
        t, i = np.nonzero(can[1:])  # w[t + 1] may be 1
        come = self.model.columns(t.shape)
        left = self.model.columns(t.shape)
        self.model.rows(
            (1.0, self.w[t + 1, i]), (-1.0 * can[t, i], self.w[t, i]), (-1.0, come), (1.0, left), lower=0.0, upper=0.0
        )
        growth = 1.0 + terms.rate[t, i] + terms.penalty[t, i]
        late = np.where((t > 0) & terms.short[t - 1], terms.late[i] / self.unit, 0.0)
        self.model.rows(
            *((1.0, self.y[t + 1, i]), (-growth * can[t, i], self.y[t, i]), (1.0 * can[t, i], self.q[t, i])),
            *((-late, self.m[t - 1, i]), (self.cap[t, i], left), (-self.least[t + 1, i], come)),
            lower=-self.half,
        )

    def _openness(self) -> None:
        """b[t] <= cap z[t]; what is closed stays closed: z[t+1] <= z[t]."""
        needed = np.flatnonzero(self._costs_while_open())
        self.model.rows((1.0, self.b[1:, needed]), (-self.cap[:, needed], self.z[1:, needed]), upper=0.0)
        self.model.rows((1.0, self.z[1:, needed]), (-1.0, self.z[:-1, needed]), upper=0.0)
        short = np.flatnonzero(self.terms.short)
        if len(short) == 0:
            return
        usual = np.minimum(self.terms.usual * self.loose / self.unit, self.cap)
        for i in np.flatnonzero(~self.terms.is_recast).tolist():
            grown = self.more_by_miss(short, i)  # (T, S)
            months = np.arange(len(self.money))
            columns = np.hstack([self.b[1:, [i]], self.z[1:, [i]], np.broadcast_to(self.m[short, i], grown.shape)])
            self.model.sums(np.hstack([np.ones((len(months), 1)), -usual[:, [i]], -grown]), columns, upper=0.0)

    def more_by_miss(self, short: Array, i: int) -> Array:
        """How much more than on the path of minimums a debt can owe after each month, for each miss before.

        Shapes: (month, miss).
        """
        terms = self.terms
        more = np.zeros((len(self.money) + 1, len(short)))
        lasts = self.debts["penalty_months"][i]
        for t in range(len(self.money)):
            punished = (short < t) & (t - short <= lasts)
            more[t + 1] = (1.0 + terms.rate[t, i]) * more[t] + punished * max(terms.penalty[t, i], 0) * self.before[
                t, i
            ]
            more[t + 1] += (short == t - 1) * terms.late[i] / self.unit + (short == t) * self.due[t, i]
            more[t + 1] += (short <= t) / self.unit  # two balances round apart by a minor unit at most
        return more[1:]

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
        on = self._can_be_penalised()[t, i]
        if (
            piece.constant and not piece.statement and on.any()
        ):  # the same of what bears its own rate, and of what does not
            t = t[on]
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
            yield -piece.statement * self._is_charged()[t, i], self.c[t, i]
        opening = np.broadcast_to(piece.opening, piece.months.shape)[t] + piece.interest * self.terms.rate[t, i]
        yield opening, self.b[t, i]
        yield piece.interest * self.terms.penalty[t, i] * self._can_be_penalised()[t, i], self.y[t, i]
        yield piece.interest * self.falls_due[t, i], self.back[t, i]
        yield piece.constant / self.unit, self.z[t + 1, i]

    def _charges(self) -> None:
        """C >= rate (p - due) - half, the due being at most its cap, and at most the sum of the rule's pieces."""
        for i in np.flatnonzero(self._is_charged().any(axis=0)).tolist():
            rate = min(self.debts["prepayment_rate"][i] / 1e12, 1.0)
            t = np.flatnonzero(self._is_charged()[:, i] & (np.arange(len(self.money)) < self.whole_from[i]))
            self.model.rows((1.0, self.c[t, i]), (-rate, self.p[t, i]), lower=-rate * self.due[t, i] - self.half)
            if self.adds_up[i]:
                due = [(rate * factor, place) for factor, place in self._sum_of_pieces(i, t)]
                most = rate * self._constants(i) + self.half
                self.model.rows((1.0, self.c[t, i]), (-rate, self.p[t, i]), *due, lower=-most)

    def _sum_of_pieces(self, i: int, t: Array) -> Iterator[Term]:
        for piece in self.pieces[i]:
            yield from self._value(i, replace(piece, constant=0.0), t)

    def _constants(self, i: int) -> float:
        """Constants and roundings of all pieces of a rule."""
        return sum(piece.constant / self.unit + abs(self.half) for piece in self.pieces[i])

    def _shortfalls(self) -> None:
        """In a month that falls short all the money goes to minimums, none gets more, and secured debts come first.

        d <= what is due; p <= d + money (1 - s); sum of d >= money s; sum of p >= money s; m <= s <= sum of m
        m[secured] + p[other] / money <= 1
        """
        t = np.flatnonzero(self.terms.short)
        if len(t) == 0:
            return
        count = self.cap.shape[1]
        d = self.model.columns((len(t), count), upper=self.due[t])
        p, m, s = self.p[t], self.m[t], self.s[t]
        charged = -1.0 * self._is_charged()[t]
        self.model.rows((1.0, d), (-1.0, self.b[t + 1]), (-1.0, p), (-charged, self.c[t]), upper=0.0)
        most = self.money[t]
        self.model.rows((1.0, p), (-1.0, d), (most[:, None], s[:, None]), upper=most[:, None])
        self.model.sums(np.hstack([np.ones((len(t), count)), -most[:, None]]), np.hstack([d, s[:, None]]), lower=0.0)
        self.model.sums(np.hstack([np.ones((len(t), count)), -most[:, None]]), np.hstack([p, s[:, None]]), lower=0.0)
        self.model.rows((1.0, m), (-1.0, s[:, None]), upper=0.0)
        self.model.sums(
            np.hstack([np.ones((len(t), count)), -np.ones((len(t), 1))]), np.hstack([m, s[:, None]]), lower=0.0
        )
        for i in range(count):
            self._due_at_most(i, t, d[:, i])
        if self.reading.protect_secured:
            secured = np.flatnonzero(self.debts["secured"])
            others = np.flatnonzero(self.debts["secured"] == 0)
            for i in secured:
                self.model.rows((1.0, p[:, others]), (most[:, None], m[:, [i]]), upper=most[:, None])

    def _due_at_most(self, i: int, t: Array, due: Array) -> None:
        """D <= the sum of the rule's pieces, in months in which the whole statement is not due."""
        early = t < self.whole_from[i]
        if self.adds_up[i] and early.any():
            wanted = [(-factor, place) for factor, place in self._sum_of_pieces(i, t[early])]
            self.model.rows((1.0, due[early]), *wanted, upper=self._constants(i))


def _lagged(values: Array) -> Array:
    """The values of the month before; false in the first."""
    return np.vstack([np.zeros_like(values[:1]), values[:-1]])


def _lagged_places(columns: Array) -> Array:
    return np.vstack([columns[:1], columns[:-1]])
