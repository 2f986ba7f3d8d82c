"""Offers as columns of the least-cost plan: how much of which debt goes to which offer, before the first month.

An offer's debt stands among the others as if it were taken to its limit; what it opens with is for the solver to
choose, in proportion to what is moved. Units of money: minor units. Knows nothing of what an offer is called or says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.planner.equations.due_pieces import Piece

if TYPE_CHECKING:
    from agents.planner.equations.columns import LeastCost
    from agents.planner.equations.terms import Terms

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Offering:
    """The debts that may move, and those that take them over.

    Attributes:
        old, new: the places of a debt and of an offer's debt, once for each pair that may move (pair,).
        most: what may move of each pair (pair,).
        limit: what an offer takes over in all (new debt,), by the order of `made`.
        made: the places of the offers' debts (new debt,).
        share: what an offer's debt opens with for each unit moved, but for fees that are owed anyhow (new debt,).
        fee: what it costs for each unit moved, in the first month (new debt,).
        is_whole: it moves all of its debt or nothing (new debt,).
    """

    old: Array
    new: Array
    most: Array
    limit: Array
    made: Array
    share: Array
    fee: Array
    is_whole: Array

    def freed(self, terms: Terms) -> Terms:
        """The terms without what depends on the amount moved: opening fees, and flat fees that may be spared."""
        fee = terms.fee.copy()
        partial = self.made[~self.is_whole]
        fee[0, partial] = 0.0
        flat = partial[terms.share[partial] > 0]
        fee[:, flat] = 0.0
        return replace(terms, fee=fee)

    def movable(self, count: int) -> Array:
        """Debts whose first opening is not known: those that may move, and those of offers (debt,)."""
        places = np.concatenate([self.old, self.made])
        return np.isin(np.arange(count), places)


def proportional(pieces: list[list[Piece]], opening: Array, offering: Offering) -> list[list[Piece]]:
    """The pieces with those constants of offers' debts as shares of what the debt opens with."""
    changed = [list(rule) for rule in pieces]
    for place in offering.made.tolist():
        changed[place] = [_share_of(piece, float(opening[place])) for piece in pieces[place]]
    return changed


def _share_of(piece: Piece, opening: float) -> Piece:
    if not piece.is_instalment or opening == 0:
        return piece
    share = max(piece.constant - 1.0, 0.0) / opening
    return Piece(months=piece.months, interest=piece.interest, anchored=share, anchor=0, slack=1.0)


def add_moves(equations: LeastCost, offering: Offering) -> Array:
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
        rounds = (offering.share[k] != 1.0) * 1.0 / unit
        model.sums(factors[None], columns[None], lower=-rounds, upper=rounds)
        columns = np.concatenate([[open_], mine])
        _charge_fee(equations, offering, k, mine)
        limit = offering.limit[k] / unit
        lower = 0.0 if offering.is_whole[k] else -np.inf
        model.sums(np.concatenate([[-limit], np.ones(len(mine))])[None], columns[None], lower=lower, upper=0.0)
    return y


def _charge_fee(equations: LeastCost, offering: Offering, k: int, moved: Array) -> None:
    """The offer's fee in its first month: b[1] + p[0] - c[0] >= (1 + r) b[0] + fee x moved - roundings.

    The balance's own equation leaves the fee out; this one holds beside it.
    """
    if offering.is_whole[k] or offering.fee[k] == 0:
        return
    i, terms = int(offering.made[k]), equations.terms
    columns = [equations.b[1, i], equations.p[0, i], equations.c[0, i], equations.b[0, i], *moved]
    charged = -1.0 * equations.is_charged()[0, i]
    factors = [1.0, 1.0, charged, -1.0 - terms.rate[0, i], *(-offering.fee[k] for _ in moved)]
    free = terms.rate[0, i] * terms.still_charged[0, i] / equations.unit
    rounds = 2 * abs(equations.half) * len(moved) + equations.half
    equations.model.sums(np.array([factors]), np.array([columns]), lower=-(rounds + free))
