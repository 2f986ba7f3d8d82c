"""The columns of the least-cost plan's equations, and every bound on them that is known before any is solved.

Units: money in `unit` minor units. Axes: month, debt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.equations.due_pieces import Piece, adds_up, due_whole_from
from agents.planner.equations.least_owed import least_owed
from agents.planner.equations.linear_model import LinearModel
from agents.planner.equations.terms import Terms
from data.arrays import Flags, Floats, Ints

Term = tuple[Any, Ints]
HALF = 0.5  # minor units that one rounding may go either way
LOOSE = 1.01  # how much wider caps are where roundings go against the client, which the kernel's own do not


@dataclass(frozen=True, kw_only=True)
class RuleReading:
    """How the equations read the rules.

    Attributes:
        rounding: 1 lets every rounding go the client's way, as the bound needs it; -1 against; 0 is exact.
        misses_free: a minimum may be missed in any month, at its price.
        protect_secured: where minimums are missed, secured debts come first.
    """

    rounding: float = 1.0
    misses_free: bool = False
    protect_secured: bool = True


@dataclass(frozen=True)
class Given:
    """What the equations are told.

    Attributes:
        pieces: of every debt's rule.
        moves: debts whose first opening is for the solver to choose (debt,).
        ceiling: plans that cost as much or more need not satisfy them.
    """

    arrays: PortfolioArrays
    terms: Terms
    pieces: list[list[Piece]]
    moves: Flags
    ceiling: float
    reading: RuleReading


class Columns:
    """The columns of one portfolio.

    Attributes:
        b: what is owed before the first month (row 0) and after each month (month + 1, debt).
        p: what is paid (month, debt).
        z: 1 where something is owed, as b (month + 1, debt).
        m: 1 where a minimum is missed (month, debt); s: 1 where the money falls short of the minimums (month,).
        w: 1 while a debt's penalty rate is in force; y: what it owes then, as b; q: what is paid on it then, as p.
        c: charges on what is paid above the minimum (month, debt).
        back: deferred interest that falls due, where `falls_due` is 1 (month, debt).
    """

    def __init__(self, given: Given) -> None:
        arrays = given.arrays
        self.debts, self.terms, self.reading = arrays.debts, given.terms, given.reading
        self.pieces, self.moves = given.pieces, given.moves
        self.adds_up = [adds_up(arrays, i) for i in range(len(arrays.debts))]
        self.whole_from = due_whole_from(arrays)
        self.start = int(arrays.portfolios["start"][0])
        self._scale(given.ceiling)
        self.model = LinearModel()
        self._columns()
        self.falls_due, self.back = self._deferred()

    def _scale(self, ceiling: float) -> None:
        """Every bound on balances and payments, in units of money."""
        terms, reading = self.terms, self.reading
        # A unit in which the largest amounts are around ten thousand: the solver's tolerances are absolute.
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

    def _columns(self) -> None:
        months, count = self.cap.shape
        model, terms, opening = self.model, self.terms, self.before[0]
        nothing = np.zeros((months, count))
        self.open_half = self.half * self.costs_while_open()  # of debts that are known to be open or not (debt,)
        # What is left open at the end is counted without its interest, which only lowers the bound.
        cost = np.vstack([nothing, np.ones(count)])  # what is owed in the end must be paid some time
        top = np.vstack([opening, self.cap])
        bottom = np.vstack([np.where(self.moves, 0.0, opening), nothing])
        self.b = model.columns((months + 1, count), lower=bottom, upper=top, cost=cost)
        self.p = model.columns((months, count), upper=self.most_paid, cost=1.0)
        first = (opening > 0) * 1.0
        whole = np.vstack([self.moves & self.costs_while_open(), nothing + self.costs_while_open()])
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

    def costs_while_open(self) -> Flags:
        """Debts that cost or want something while they are open, however little is owed (debt,)."""
        wants = np.array([any(p.constant or p.anchored for p in pieces) for pieces in self.pieces])
        return wants | (self.terms.fee > 0).any(axis=0) | (self.terms.deadline >= 0)

    def can_be_penalised(self) -> Flags:
        """Months that follow one in which a minimum may have been missed (month, debt)."""
        return self.after_a_miss()[:, None] & (self.terms.penalty != 0)

    def after_a_miss(self) -> Flags:
        """Months before which a minimum may have been missed (month,)."""
        return np.concatenate([[False], np.logical_or.accumulate(self.terms.short)[:-1]])

    def is_charged(self) -> Flags:
        """Where paying above the minimum costs a charge (month, debt)."""
        month = np.arange(len(self.money))[:, None] + self.start
        return (self.debts["prepayment_rate"] > 0) & (month <= self.debts["prepayment_until"])

    def _deferred(self) -> tuple[Floats, Ints]:
        """Where deferred interest falls due, and its columns (month, debt)."""
        months, count = self.cap.shape
        falls_due = np.zeros((months, count))
        back = np.zeros((months, count), np.int64)
        for i in np.flatnonzero((self.terms.deadline >= 0) & (self.terms.deadline + 1 < months)):
            last = int(self.terms.deadline[i])
            # One minor unit more than can be put off: roundings.
            ever = float(self.terms.deferred[: last + 1, i] @ self.before[: last + 1, i]) + 1.0 / self.unit
            falls_due[last + 1, i] = 1.0
            back[last + 1, i] = self.model.columns((1,), upper=ever)[0]
        return falls_due, back

    def _value(self, i: int, piece: Piece, t: Ints) -> Iterator[Term]:
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

    def sum_of_pieces(self, i: int, t: Ints) -> Iterator[Term]:
        """All pieces of a rule in months t, but for their constants."""
        for piece in self.pieces[i]:
            yield from self._value(i, replace(piece, constant=0.0), t)

    def constants(self, i: int) -> float:
        """Constants and roundings of all pieces of a rule."""
        return sum(piece.constant / self.unit + abs(self.half) for piece in self.pieces[i])
