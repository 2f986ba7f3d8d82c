"""Offers as columns of the least-cost plan: how much of which debt goes to which offer, before the first month.

An offer's debt stands among the others as if it were taken to its limit; what it opens with is for the solver to
choose, in proportion to what is moved. Units of money: minor units.
"""

from dataclasses import dataclass, replace

import numpy as np

from agents.planner.equations.columns import Columns
from agents.planner.equations.due_pieces import Piece
from agents.planner.equations.terms import Terms
from data.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Offering:
    """The debts that may move, and those that take them over.

    Attributes:
        old, new: the places of a debt and of an offer's debt, once for each pair that may move (pair,).
        most: what may move of each pair (pair,).
        limit: what an offer takes over in all (new debt,), by the order of `made`.
        made: the places of the offers' debts (new debt,).
        share: what an offer's debt opens with for each unit moved, but for fees that are owed anyhow (new debt,).
        fee: what a unit moved costs in the first month, less `spared` of each pair (pair,).
        charge: the part of the fee that the old lender charges (pair,).
        is_whole: it moves all of its debt or nothing (new debt,).
        is_settled: its debt must be paid when it is due (new debt,).
        term: the month by whose end a loan is repaid, of other debts none (new debt,).
        flat_months: how many fees on the amount moved an instalment plan charges, 0 where there are none (new debt,).
        is_refunded: whether prepaying spares them (new debt,).
    """

    old: Ints
    new: Ints
    most: Floats
    limit: Floats
    made: Ints
    share: Floats
    fee: Floats
    charge: Floats
    spared: Floats
    is_whole: Flags
    is_settled: Flags
    term: Ints
    flat_months: Ints
    is_refunded: Flags

    def freed(self, terms: Terms) -> Terms:
        """The terms without what depends on the amount moved.

        That is opening fees, flat fees that may be spared, and those that a debt which may move owes in any case.
        """
        fee, opening, cap = terms.fee.copy(), terms.opening.copy(), terms.cap.copy()
        usual, still_charged = terms.usual.copy(), terms.still_charged.copy()
        partial = self.made[~self.is_whole]
        fee[0, partial] = 0.0
        fee[:, self.made[self.is_refunded]] = 0.0
        for i in np.unique(self.old):
            to_come = still_charged[:, i].copy()
            after = np.append(to_come[1:], 0.0)
            opening[i] -= to_come[0]
            cap[:, i], usual[:, i] = cap[:, i] - after, usual[:, i] - after
            fee[:, i] += to_come - after
            still_charged[:, i] = 0.0
        for k in np.flatnonzero(~self.is_whole).tolist():
            more = self.charged(k) * (1.0 + terms.rate[:, self.made[k]]).cumprod()
            # From the term on nothing may be left, whatever was charged.
            more[int(self.term[k]) - 1 :] = 0.0  # then the whole is due
            cap[:, self.made[k]] += more
            usual[:, self.made[k]] += more
        return replace(terms, fee=fee, opening=opening, cap=cap, usual=usual, still_charged=still_charged)

    def charged(self, k: int) -> float:
        """The most that old lenders may charge for what an offer takes over, which no path of minimums knows."""
        mine = self.new == self.made[k]
        return (
            float(self.charge[mine].max() * self.limit[k] + self.spared[mine].sum()) if self.charge[mine].any() else 0.0
        )

    def movable(self, count: int) -> Flags:
        """Debts whose first opening is not known: those that may move, and those of offers (debt,)."""
        places = np.concatenate([self.old, self.made])
        return np.isin(np.arange(count), places)


def proportional(pieces: list[list[Piece]], opening: Floats, offering: Offering) -> list[list[Piece]]:
    """The pieces with those constants of offers' debts as shares of what the debt opens with."""
    changed = [list(rule) for rule in pieces]
    for k in np.flatnonzero(~offering.is_whole).tolist():
        place = offering.made[k]
        changed[place] = [_share_of(piece, float(opening[place]), offering.flat_months[k]) for piece in pieces[place]]
    return changed


def _share_of(piece: Piece, opening: float, flat_months: int) -> Piece:
    """An instalment as a share of the opening, which the roundings of flat fees may put off by one a month and more."""
    if not piece.is_instalment or opening == 0:
        return piece
    share = max(piece.constant - 1.0, 0.0) / opening
    slack = 1.0 + share * flat_months * (1.0 + flat_months / 100)
    return replace(piece, constant=0.0, anchored=share, anchor=0, slack=slack)


def add_moves(equations: Columns, offering: Offering) -> Ints:
    """b[0] = balance - moved, b[0] of an offer = share x moved; moved <= limit z[0]; whole ones move all or nothing.

    Returns the columns of what is moved (pair,).
    """
    model, unit, terms = equations.model, equations.unit, equations.terms
    y = model.columns(offering.most.shape, upper=offering.most / unit)
    for i in np.unique(offering.old).tolist():
        mine = y[offering.old == i]
        opening = terms.opening[i] / unit
        columns = np.concatenate([[equations.b[0, i]], mine])
        model.sums(np.ones((1, len(columns))), columns[None], lower=opening, upper=opening)
    for k, place in enumerate(offering.made.tolist()):
        mine = y[offering.new == place]
        open_ = equations.z[0, place]
        columns = np.concatenate([[equations.b[0, place]], mine])
        factors = np.concatenate([[1.0], np.full(len(mine), -terms.opening[place] / offering.limit[k])])
        rounds = _opening_rounds(terms, offering, k) / unit
        model.sums(factors[None], columns[None], lower=-rounds, upper=rounds)
        columns = np.concatenate([[open_], mine])
        _charge_fee(equations, offering, k, mine)
        if all(piece.is_instalment for piece in equations.pieces[place]) and not offering.is_whole[k]:
            _keep_proportion(equations, offering, k, mine)
        limit = offering.limit[k] / unit
        lower = 0.0 if offering.is_whole[k] else -np.inf
        model.sums(np.concatenate([[-limit], np.ones(len(mine))])[None], columns[None], lower=lower, upper=0.0)
    model.rows((1.0, equations.m[:, offering.made[offering.is_settled]]), upper=0.0)  # else it would not be forgiven
    return y


def _opening_rounds(terms: Terms, offering: Offering, k: int) -> float:
    """By how many minor units what an offer's debt opens with may be off its share of what is moved.

    Flat fees that are owed in any case are rounded once a month, each by a half and at the limit too; and as a part of
    the amount is rounded, the plan may end n / (2 x part) of its n months sooner, which is f n^2 / 2 in fees.
    """
    months, place = offering.flat_months[k], offering.made[k]
    if not months or offering.is_refunded[k]:
        return float(offering.share[k] != 1.0)
    return float(months + terms.share[place] / offering.limit[k] * months**2 / 2)


def _charge_fee(equations: Columns, offering: Offering, k: int, moved: Ints) -> None:
    """The offer's fee in its first month: b[1] + p[0] - c[0] >= (1 + r) b[0] + fee x moved - roundings.

    The balance's own equation leaves the fee out; this one holds beside it.
    """
    mine = offering.new == offering.made[k]
    if offering.is_whole[k] or not offering.fee[mine].any():
        return
    i, terms = int(offering.made[k]), equations.terms
    columns = [equations.b[1, i], equations.p[0, i], equations.c[0, i], equations.b[0, i], *moved]
    charged = -1.0 * equations.is_charged()[0, i]
    factors = [1.0, 1.0, charged, -1.0 - terms.rate[0, i], *-offering.fee[mine]]
    free = terms.rate[0, i] * terms.still_charged[0, i] / equations.unit
    rounds = float(offering.spared[mine].sum()) / equations.unit + equations.half
    equations.model.sums(np.array([factors]), np.array([columns]), lower=-(rounds + free))


def _keep_proportion(equations: Columns, offering: Offering, k: int, moved: Ints) -> None:
    """A loan's instalments, balances and flat fees in proportion to u[t], what was moved if it is open, else 0.

    moved - limit (1 - z[t]) <= u[t] <= limit z[t],  u[t+1] <= u[t] <= moved,  b[t] <= cap[t] / limit u[t] + roundings
    p[t] >= share u[t+1] - roundings,  b[t+1] + p[t] >= (1 + r) b[t] + f u[t] - roundings, f being refunded flat fees
    """
    model, unit, i, terms = equations.model, equations.unit, int(offering.made[k]), equations.terms
    months, limit = len(equations.money), offering.limit[k] / unit
    t, z, b, p = np.arange(months), equations.z[:, i], equations.b[:, i], equations.p[:, i]
    u = model.columns((months + 1,), upper=limit)
    y = [np.broadcast_to(column, u.shape) for column in moved]
    model.rows((1.0, u), (-limit, z), upper=0.0)
    model.rows((1.0, u), *((-1.0, column) for column in y), upper=0.0)
    model.rows((1.0, u), *((-1.0, column) for column in y), (-limit, z), lower=-limit)
    model.rows((1.0, u[1:]), (-1.0, u[:-1]), upper=0.0)
    off = _apart(terms.rate[:, i], offering, k) * 2 * abs(equations.half)
    model.rows((1.0, b[1:]), (-equations.cap[:, i] / limit, u[1:]), (-off, z[1:]), upper=0.0)
    opening = terms.opening[i] / offering.limit[k]
    for piece in equations.pieces[i]:
        slack = np.broadcast_to(piece.slack, t.shape) * 2 * equations.half
        model.rows((1.0, p), (-piece.anchored * opening, u[1:]), (slack * 1.0, z[1:]), lower=0.0)
    if offering.is_refunded[k]:
        fee = terms.share[i] / offering.limit[k] * (t < offering.flat_months[k])
        model.rows((1.0, b[1:]), (1.0, p), (-1.0, b[:-1]), (-fee, u[:-1]), lower=-2 * abs(equations.half))


def _apart(rate: Floats, offering: Offering, k: int) -> Floats:
    """By how many minor units a balance may be off its share of that at the limit (month,).

    Interest and the instalment are rounded on both sides, each flat fee to come too; old lenders' charges go by steps.
    """
    mine = offering.new == offering.made[k]
    off, found = float(offering.spared[mine].sum()) if offering.charge[mine].any() else 0.0, np.zeros(len(rate))
    for t, growth in enumerate(1.0 + rate):
        off = off * growth + 2.0
        found[t] = off
    owed_anyhow = 0 if offering.is_refunded[k] else offering.flat_months[k]
    return found + np.maximum(owed_anyhow - np.arange(len(rate)), 0)
